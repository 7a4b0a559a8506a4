// What every command of `tandem` works with: the options that all share, where the services are, and calls to them.
//
// An installation is a folder (see up.h). Its endpoints.json says where the services, the bus and Redis are.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/cli/output.h"
#include "shared/base/result.h"
#include "shared/base/services.h"
#include "shared/bus/kafka_log.h"
#include "shared/rpc/client.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::cli {

// The content of endpoints.json.
struct Endpoints {
  struct Service {
    std::string grpc;   // host:port
    std::string admin;  // host:port of /metrics and /healthz
  };

  std::string installation;
  std::string bus;    // "embedded" or "kafka"
  std::string kafka;  // bootstrap servers
  std::string redis;  // host:port,...
  uint32_t shards = 0;
  // By process: "sales", and further replicas "sales.2", "sales.3".
  std::map<std::string, Service> services;
  bool own_broker = false;  // the broker is a part of the installation, and ends with it
};

// NOT_FOUND if the folder has none (nothing is up there); DATA_LOSS if it is damaged.
Result<Endpoints> read_endpoints(const std::filesystem::path& folder);
// Written beside it and renamed, so that a reader never sees half of it.
Status write_endpoints(const std::filesystem::path& folder, const Endpoints& endpoints);

// $TANDEM_HOME, else ~/.tandem/demo.
std::filesystem::path default_folder();
// Where an installation's identity key is, in its folder.
inline constexpr char kIdentityKeyFile[] = "identity.key";
// The installation's identity key: FAILED_PRECONDITION where it is not at hand (a remote installation).
Result<std::string> read_identity_key(const std::filesystem::path& folder);

// Method names in full, "tandem.sales.v1.SalesService.AcceptLead"; the service is the second word of it.
inline constexpr char kMarketing[] = "tandem.marketing.v1.MarketingService.";
inline constexpr char kSales[] = "tandem.sales.v1.SalesService.";
inline constexpr char kCrm[] = "tandem.crm.v1.CrmService.";
inline constexpr char kIncentives[] = "tandem.incentives.v1.IncentivesService.";
inline constexpr char kAdmin[] = "tandem.runtime.v1.AdminService.";

inline std::string marketing_method(const char* name) { return std::string(kMarketing) + name; }
inline std::string sales_method(const char* name) { return std::string(kSales) + name; }
inline std::string crm_method(const char* name) { return std::string(kCrm) + name; }
inline std::string incentives_method(const char* name) { return std::string(kIncentives) + name; }

class Session {
 public:
  // Results go to `out`, everything else (progress, notes, errors) to `err`.
  Session(std::ostream& out, std::ostream& err);

  // Bound to the options --folder, --output, --caller, --role and --deadline.
  std::filesystem::path folder;
  Format output = Format::kTable;
  std::string caller;  // default: the login name
  std::string role;    // empty: none is stated
  double deadline_seconds = 10;

  std::ostream& out() { return out_; }
  std::ostream& err() { return err_; }

  // Read once. The error says what to do: `tandem up`.
  Result<const Endpoints*> endpoints();
  // To a service ("sales"): each call goes to one of its replicas that is there. Made when it is first asked for.
  Result<rpc::Client*> client(const std::string& service);
  // To one process of endpoints().
  rpc::Client& client_at(const std::string& address);
  rpc::CallOptions call_options() const;
  // For Tail and the like.
  Result<bus::KafkaOptions> kafka_options();

  // Of the service that the method's name says.
  template <class Resp>
  Result<Resp> call(const std::string& method, const google::protobuf::Message& request) {
    Resp response;
    TANDEM_RETURN_IF_ERROR(call(service_of(method), method, request, response));
    return response;
  }
  // For methods that every service has: AdminService.
  template <class Resp>
  Result<Resp> call_at(const std::string& service, const std::string& method,
                       const google::protobuf::Message& request) {
    Resp response;
    TANDEM_RETURN_IF_ERROR(call(service, method, request, response));
    return response;
  }
  Status call(const std::string& service, const std::string& method, const google::protobuf::Message& request,
              google::protobuf::Message& response);

  // Every page of a List method, one after the other, until `visit` says false.
  template <class Resp>
  Status pages(const std::string& method, type::v1::ListRequest request, const std::function<bool(Resp&)>& visit) {
    for (;;) {
      TANDEM_ASSIGN_OR_RETURN(Resp page, call<Resp>(method, request));
      request.set_page_token(page.next_page_token());
      if (!visit(page) || request.page_token().empty()) return {};
    }
  }

  // An error of how the command was called, as against one of what it did: exit status 2 instead of 1. `field` is as
  // the user wrote it: "--period", "FILE".
  Error usage(std::string field, std::string reason, std::string remedy);
  bool is_usage_error() const { return usage_; }

  static std::string service_of(const std::string& method);
  // Different every time.
  static std::string draw_request_id();

 private:
  std::ostream& out_;
  std::ostream& err_;
  bool usage_ = false;
  std::unique_ptr<Endpoints> endpoints_;
  std::map<std::string, std::unique_ptr<rpc::Client>> clients_;  // by address
};

}  // namespace tandem::cli
