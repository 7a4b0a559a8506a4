#include "shared/rpc/dispatcher.h"

#include <algorithm>
#include <utility>

#include "shared/rpc/command_handlers.h"
#include "shared/rpc/errors.h"
#include "shared/rpc/read_handler.h"
#include "shared/rpc/reflection.h"

namespace tandem::rpc {
namespace {

constexpr char kHealth[] = "grpc.health.v1.Health";
constexpr char kReflection[] = "grpc.reflection.v1.ServerReflection";
constexpr char kReflectionAlpha[] = "grpc.reflection.v1alpha.ServerReflection";

}  // namespace

void refuse(Core& core, Call& call, const Error& error) {
  ++core.counters.refused;
  call.finish(to_grpc_status(error));
}

Error overloaded(const Core& core) {
  Error error = make_error(Code::kResourceExhausted, "too many commands wait here (" +
                                                         std::to_string(core.desk.waiting()) + "); try again later");
  error.retry_after = core.options.retry_after;
  return error;
}

Error going_away() {
  return make_error(Code::kUnavailable, "the server is going away; send it again with the same request_id");
}

std::vector<std::string> Dispatcher::all_services(const MethodTable& table) {
  std::vector<std::string> services = table.services();
  services.insert(services.end(), {kHealth, kReflection, kReflectionAlpha});
  std::sort(services.begin(), services.end());
  return services;
}

Dispatcher::Dispatcher(Core& core, Health& health) : core_(core), services_(all_services(core.table)) {
  const auto reflection = [this] { return std::make_unique<ReflectionHandler>(services_); };
  const auto path = [](const char* service, const char* method) { return "/" + std::string(service) + "/" + method; };
  standard_[path(kHealth, "Check")] = [&health] { return health.check(); };
  standard_[path(kHealth, "Watch")] = [&health] { return health.watch(); };
  standard_[path(kReflection, "ServerReflectionInfo")] = reflection;
  standard_[path(kReflectionAlpha, "ServerReflectionInfo")] = reflection;
}

void Dispatcher::begin(Call& call) {
  const std::string& path = call.context().method();
  if (const auto found = standard_.find(path); found != standard_.end()) {
    call.set_handler(found->second());
    return call.read();
  }
  if (core_.draining) return refuse(core_, call, going_away());
  const Method* method = core_.table.find(path);
  if (!method) return refuse(core_, call, core_.table.unknown(path));
  Error error;
  std::unique_ptr<Handler> handler = handler_for(call, *method, error);
  if (!handler) return refuse(core_, call, error);
  call.set_handler(std::move(handler));
  call.read();
}

std::unique_ptr<Handler> Dispatcher::handler_for(Call& call, const Method& method, Error& error) {
  Result<RequestHead> head = read_head(call.context());
  if (!head.ok()) {
    error = head.error();
    return nullptr;
  }
  if (const Status allowed = method.authorize(head->caller); !allowed.ok()) {
    error = allowed.error();
    return nullptr;
  }
  switch (method.kind) {
    case Method::Kind::kCommand:
      return std::make_unique<CommandHandler>(core_, method, std::move(*head));
    case Method::Kind::kCommandStream:
      return std::make_unique<CommandStreamHandler>(core_, call, method, std::move(*head));
    default:
      return std::make_unique<ReadHandler>(core_, method, std::move(*head));
  }
}

}  // namespace tandem::rpc
