// The methods of a service, from the descriptors: who may call, what goes in and out, and what the service's Api says
// of them. Building the table is the check that contract and code agree: a service whose table cannot be built does not
// start, and the error says all that is wrong.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/aggregate/aggregate.h"
#include "shared/aggregate/api.h"
#include "shared/base/result.h"

namespace tandem::rpc {

// A method that is not in a service's Api, for what the runtime itself offers (parked commands, status). Set one of the
// two functions.
struct ExtraMethod {
  using Message = google::protobuf::Message;
  // A command: which aggregate decides. It arrives as an IncomingCommand with this method's name; its answer is a
  // CommandResult.
  std::function<Result<AggregateRef>(const Message& request)> target;
  // A read: the answer, a message of the method's output type. Called by the thread that polls; must not take long.
  std::function<Result<std::unique_ptr<Message>>(const Message& request, const CallerInfo& caller)> read;
};

// All methods of one protobuf service, by short name.
struct ExtraService {
  std::string service;  // full name
  std::map<std::string, ExtraMethod> methods;
};

struct Method {
  enum class Kind { kCommand, kCommandStream, kGet, kList, kExtraRead };

  Kind kind = Kind::kCommand;
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  std::string path;                                  // as gRPC has it: "/tandem.sales.v1.SalesService/AcceptLead"
  const google::protobuf::Message* input = nullptr;  // prototypes
  const google::protobuf::Message* output = nullptr;
  std::vector<std::string> roles;
  std::string aggregate_type;
  std::function<Result<AggregateRef>(const google::protobuf::Message&, const RequestInfo&)> target;  // commands
  std::function<Result<std::unique_ptr<google::protobuf::Message>>(const google::protobuf::Message&, const CallerInfo&)>
      read;  // kExtraRead

  // Of commands. occurred_at may be missing where an extra method has none.
  const google::protobuf::FieldDescriptor* request_id = nullptr;
  const google::protobuf::FieldDescriptor* occurred_at = nullptr;
  const google::protobuf::FieldDescriptor* acknowledgement = nullptr;
  const google::protobuf::FieldDescriptor* validate_only = nullptr;  // missing where a command has no dry run
  // Of kGet: the field with the id. Of kList: where the answer's states and token go.
  const google::protobuf::FieldDescriptor* id = nullptr;
  const google::protobuf::FieldDescriptor* items = nullptr;
  const google::protobuf::FieldDescriptor* next_page_token = nullptr;

  // PERMISSION_DENIED, naming the roles, for a role that is not among them. No role = allowed: callers are not
  // authenticated yet, and only the own machine can reach the server.
  Status authorize(const CallerInfo& caller) const;
};

class MethodTable {
 public:
  // FAILED_PRECONDITION with everything that is wrong, a violation each.
  static Result<MethodTable> build(const Api& api, const Registry& registry,
                                   const std::vector<ExtraService>& extras = {});

  // By gRPC's path; nullptr if there is none.
  const Method* find(std::string_view path) const;
  // UNIMPLEMENTED with the nearest names.
  Error unknown(std::string_view path) const;

  const std::vector<std::string>& services() const { return services_; }
  size_t size() const { return methods_.size(); }

 private:
  std::unordered_map<std::string, Method> methods_;
  std::vector<std::string> services_;
};

}  // namespace tandem::rpc
