#include "shared/rpc/policy.h"

#include <algorithm>
#include <set>
#include <utility>

#include "shared/base/text.h"
#include "tandem/policy/v1/policy.pb.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kAny[] = "any";

std::string path_of(const MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

const FieldDescriptor* find_field(const Descriptor& type, const std::string& name, FieldDescriptor::CppType kind) {
  const FieldDescriptor* field = type.FindFieldByName(name);
  return field && field->cpp_type() == kind && !field->is_repeated() ? field : nullptr;
}

// Makes the methods of one service, and collects what is wrong with them.
class Builder {
 public:
  Builder(const Registry& registry, Error& problems) : registry_(registry), problems_(problems) {}

  void problem(const std::string& where, std::string reason, std::string remedy) {
    problems_.violations.push_back({where, std::move(reason), std::move(remedy)});
  }

  const ServiceDescriptor* find_service(const std::string& name) {
    const auto* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    if (!service) problem(name, "is no service of the contracts", "compare the Api's name with the .proto");
    return service;
  }

  // Names of the code that the contract does not have.
  template <class Methods>
  void check_names(const ServiceDescriptor& service, const Methods& methods) {
    std::vector<std::string> known;
    for (int i = 0; i < service.method_count(); ++i) known.push_back(service.method(i)->name());
    for (const auto& [name, unused] : methods) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      problem(service.full_name() + "." + name, "is no method of the contract", did_you_mean(name, known));
    }
  }

  // What the contract says of any method.
  Method describe(const MethodDescriptor& descriptor) {
    Method method;
    method.descriptor = &descriptor;
    method.path = path_of(descriptor);
    method.input = MessageFactory::generated_factory()->GetPrototype(descriptor.input_type());
    method.output = MessageFactory::generated_factory()->GetPrototype(descriptor.output_type());
    const auto& policy = descriptor.options().GetExtension(policy::v1::method);
    method.roles.assign(policy.roles().begin(), policy.roles().end());
    if (method.roles.empty()) {
      problem(descriptor.full_name(), "has no roles", "say who may call it: option (tandem.policy.v1.method).roles");
    }
    return method;
  }

  void as_command(Method& method, bool may_stream) {
    const MethodDescriptor& d = *method.descriptor;
    const bool stream = d.client_streaming() && d.server_streaming();
    if ((d.client_streaming() || d.server_streaming()) && !(stream && may_stream)) {
      problem(d.full_name(), "streams one way", "a command streams both ways or not at all");
    }
    method.kind = stream ? Method::Kind::kCommandStream : Method::Kind::kCommand;
    const Descriptor* answer = stream ? type::v1::StreamResult::descriptor() : type::v1::CommandResult::descriptor();
    if (d.output_type() != answer) {
      problem(d.full_name(), "answers " + d.output_type()->full_name(), "let it answer " + answer->full_name());
    }
    const Descriptor& input = *d.input_type();
    method.request_id = find_field(input, "request_id", FieldDescriptor::CPPTYPE_STRING);
    if (!method.request_id) {
      problem(d.full_name(), "takes a command without request_id", "add: string request_id = 1");
    }
    method.occurred_at = find_field(input, "occurred_at", FieldDescriptor::CPPTYPE_MESSAGE);
    method.acknowledgement = find_field(input, "acknowledgement", FieldDescriptor::CPPTYPE_ENUM);
    method.validate_only = find_field(input, "validate_only", FieldDescriptor::CPPTYPE_BOOL);
  }

  void as_get(Method& method, const AggregateType* type) {
    const MethodDescriptor& d = *method.descriptor;
    method.kind = Method::Kind::kGet;
    no_streams(d);
    const Descriptor& input = *d.input_type();
    if (input.field_count() == 1)
      method.id = find_field(input, input.field(0)->name(), FieldDescriptor::CPPTYPE_STRING);
    if (!method.id) problem(d.full_name(), "takes " + input.full_name(), "let it take one string field, the id");
    if (type && d.output_type() != type->state_prototype->GetDescriptor()) {
      problem(d.full_name(), "answers " + d.output_type()->full_name(),
              "let it answer the state, " + type->state_prototype->GetDescriptor()->full_name());
    }
  }

  void as_list(Method& method, const AggregateType* type) {
    const MethodDescriptor& d = *method.descriptor;
    method.kind = Method::Kind::kList;
    no_streams(d);
    if (d.input_type() != type::v1::ListRequest::descriptor()) {
      problem(d.full_name(), "takes " + d.input_type()->full_name(), "let it take tandem.type.v1.ListRequest");
    }
    const Descriptor& output = *d.output_type();
    method.next_page_token = find_field(output, "next_page_token", FieldDescriptor::CPPTYPE_STRING);
    for (int i = 0; type && i < output.field_count(); ++i) {
      const FieldDescriptor* field = output.field(i);
      if (field->is_repeated() && field->message_type() == type->state_prototype->GetDescriptor()) method.items = field;
    }
    if (type && (!method.items || !method.next_page_token)) {
      problem(d.full_name(), "answers " + output.full_name(),
              "let it answer repeated states and string next_page_token");
    }
  }

  void no_streams(const MethodDescriptor& d) {
    if (d.client_streaming() || d.server_streaming()) problem(d.full_name(), "streams", "a read does not");
  }

  const AggregateType* find_type(const Method& method) {
    const AggregateType* type = registry_.find(method.aggregate_type);
    if (!type) {
      problem(method.descriptor->full_name(),
              "is for the aggregate \"" + method.aggregate_type + "\", which is unknown", "add it to the registry");
    }
    return type;
  }

  Method from_api(const MethodDescriptor& descriptor, const ApiMethod& api) {
    Method method = describe(descriptor);
    method.aggregate_type = api.aggregate_type;
    const AggregateType* type = find_type(method);
    if (api.kind == ApiMethod::Kind::kGet) {
      as_get(method, type);
    } else if (api.kind == ApiMethod::Kind::kList) {
      as_list(method, type);
    } else {
      as_command(method, true);
      require_command_fields(method);
      const auto& input = descriptor.input_type()->full_name();
      if (type && !type->commands.contains(input)) {
        problem(descriptor.full_name(), "takes " + input + ", which \"" + type->name + "\" does not decide",
                "add it to the aggregate's Commands");
      }
      method.target = [api](const Message& message, const RequestInfo& info) -> Result<AggregateRef> {
        TANDEM_ASSIGN_OR_RETURN(std::string id, api.target(message, info));
        return AggregateRef{api.aggregate_type, std::move(id)};
      };
    }
    return method;
  }

  void require_command_fields(const Method& method) {
    if (!method.occurred_at || method.occurred_at->message_type()->full_name() != "google.protobuf.Timestamp") {
      problem(method.descriptor->full_name(), "takes a command without occurred_at",
              "add: google.protobuf.Timestamp occurred_at = 2");
    }
    if (!method.acknowledgement || method.acknowledgement->enum_type() != type::v1::Acknowledgement_descriptor()) {
      problem(method.descriptor->full_name(), "takes a command without acknowledgement",
              "add: tandem.type.v1.Acknowledgement acknowledgement = 3");
    }
  }

  Method from_extra(const MethodDescriptor& descriptor, const ExtraMethod& extra) {
    Method method = describe(descriptor);
    if (extra.target) {
      as_command(method, false);
      method.target = [target = extra.target](const Message& message, const RequestInfo&) { return target(message); };
    } else {
      method.kind = Method::Kind::kExtraRead;
      method.read = extra.read;
      no_streams(descriptor);
      if (!extra.read) problem(descriptor.full_name(), "has no function", "set target or read");
    }
    return method;
  }

 private:
  const Registry& registry_;
  Error& problems_;
};

}  // namespace

Status Method::authorize(const CallerInfo& caller) const {
  if (caller.role.empty()) return {};
  for (const std::string& role : roles) {
    if (role == kAny || role == caller.role) return {};
  }
  return make_error(Code::kPermissionDenied, "tandem-role",
                    "\"" + caller.role + "\" may not call " + descriptor->name(),
                    "one of these may: " + join(roles, ", "));
}

Result<MethodTable> MethodTable::build(const Api& api, const Registry& registry,
                                       const std::vector<ExtraService>& extras) {
  MethodTable table;
  Error problems{Code::kFailedPrecondition, "contract and code do not agree", {}, {}};
  Builder builder(registry, problems);
  const auto add_service = [&](const std::string& name, const auto& methods, const auto& make) {
    const ServiceDescriptor* service = builder.find_service(name);
    if (!service) return;
    table.services_.push_back(name);
    builder.check_names(*service, methods);
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& descriptor = *service->method(i);
      const auto found = methods.find(descriptor.name());
      if (found == methods.end()) {
        builder.problem(descriptor.full_name(), "is in the contract, but nothing serves it", "add it to the Api");
      } else {
        table.methods_.emplace(path_of(descriptor), make(descriptor, found->second));
      }
    }
  };
  add_service(api.service(), api.methods(), [&](const auto& d, const ApiMethod& m) { return builder.from_api(d, m); });
  for (const ExtraService& extra : extras) {
    add_service(extra.service, extra.methods,
                [&](const auto& d, const ExtraMethod& m) { return builder.from_extra(d, m); });
  }
  if (problems.violations.empty()) return table;
  for (const Violation& v : problems.violations)
    problems.message += "; " + v.field + " " + v.reason + " (" + v.remedy + ")";
  return problems;
}

const Method* MethodTable::find(std::string_view path) const {
  const auto found = methods_.find(std::string(path));
  return found == methods_.end() ? nullptr : &found->second;
}

Error MethodTable::unknown(std::string_view path) const {
  std::vector<std::string> paths;
  for (const auto& [known, method] : methods_) paths.push_back(known.substr(1));
  std::sort(paths.begin(), paths.end());
  const std::string name(path.substr(path.starts_with('/') ? 1 : 0));
  const auto nearest = nearest_name(name, paths);
  return make_error(Code::kUnimplemented, "method", "\"" + name + "\" does not exist",
                    nearest ? "did you mean \"" + *nearest + "\"?" : "known services are: " + join(services_, ", "));
}

}  // namespace tandem::rpc
