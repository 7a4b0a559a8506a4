// A service's gRPC methods as a table, without gRPC: which command goes to which aggregate, and what is read.
//
//   Api api(const InstallationKeys& keys) {
//     Api a("tandem.sales.v1.SalesService");
//     a.command<Assignment, v1::AcceptLead>("AcceptLead", [](const auto& c) { return c.assignment(); });
//     a.get<Assignment>("GetAssignment");     // request: one string field, the id; answer: the state
//     a.list<Assignment>("ListAssignments");  // request: tandem.type.v1.ListRequest; answer: states, next_page_token
//     return a;
//   }
//
// A command method's answer is tandem.type.v1.CommandResult; one that streams both ways takes a stream of commands and
// answers each with a StreamResult. Roles, validation, request ids, deadlines and acknowledgement are the runtime's.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "shared/aggregate/context.h"
#include "shared/base/result.h"

namespace tandem {

// What an api may know of a request besides its message.
struct RequestInfo {
  // Never empty: drawn by the server if the caller gave none.
  std::string request_id;
};

struct ApiMethod {
  enum class Kind { kCommand, kGet, kList };
  Kind kind = Kind::kCommand;
  std::string aggregate_type;
  // Of kCommand: the id of the aggregate that decides.
  std::function<Result<std::string>(const google::protobuf::Message& command, const RequestInfo&)> target;
};

class Api {
 public:
  explicit Api(std::string service) : service_(std::move(service)) {}

  // `id` takes (const C&) or (const C&, const RequestInfo&) and returns std::string or Result<std::string>.
  template <class A, class C, class F>
  Api& command(std::string method, F id) {
    ApiMethod m{ApiMethod::Kind::kCommand, std::string(A::kType), {}};
    m.target = [id = std::move(id)](const google::protobuf::Message& command,
                                    const RequestInfo& info) -> Result<std::string> {
      const auto& typed = static_cast<const C&>(command);
      if constexpr (requires { id(typed, info); }) {
        return id(typed, info);
      } else {
        return id(typed);
      }
    };
    methods_.emplace(std::move(method), std::move(m));
    return *this;
  }

  template <class A>
  Api& get(std::string method) {
    methods_.emplace(std::move(method), ApiMethod{ApiMethod::Kind::kGet, std::string(A::kType), {}});
    return *this;
  }

  template <class A>
  Api& list(std::string method) {
    methods_.emplace(std::move(method), ApiMethod{ApiMethod::Kind::kList, std::string(A::kType), {}});
    return *this;
  }

  // Full name of the protobuf service.
  const std::string& service() const { return service_; }
  // By the method's short name.
  const std::map<std::string, ApiMethod>& methods() const { return methods_; }

 private:
  std::string service_;
  std::map<std::string, ApiMethod> methods_;
};

}  // namespace tandem
