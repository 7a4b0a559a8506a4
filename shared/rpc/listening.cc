#include "shared/rpc/listening.h"

#include <grpcpp/generic/async_generic_service.h>

#include <string>

#include "shared/base/text.h"

namespace tandem::rpc {
namespace {

// Requests above the limit are to be refused in our words, with what the limit is; far above it gRPC refuses itself.
constexpr size_t kHeadroom = 4;

int milliseconds_of(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

}  // namespace

Status check_loopback(std::string_view address) {
  const size_t colon = address.rfind(':');
  const std::string_view host = address.substr(0, colon);
  const auto port = colon == std::string_view::npos ? std::nullopt : parse_integer(address.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) {
    return invalid("address", "\"" + std::string(address) + "\" is not host:port",
                   "write 127.0.0.1:50051, for example");
  }
  const bool loopback = host == "localhost" || host == "[::1]" ||
                        (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
  if (!loopback) {
    return invalid("address", "\"" + std::string(address) + "\" can be reached from other machines",
                   "callers are not authenticated (auth: none), so bind to 127.0.0.1, [::1] or localhost");
  }
  return {};
}

Result<Listening> listen(const ServerOptions& options, grpc::AsyncGenericService& service) {
  TANDEM_RETURN_IF_ERROR(check_loopback(options.address));
  Listening listening;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &listening.port);
  // Otherwise a second server on the same port would silently share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, milliseconds_of(options.max_connection_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, milliseconds_of(options.max_connection_age_grace));
  // A client that vanished without a word is noticed.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_request_bytes * kHeadroom));
  builder.RegisterAsyncGenericService(&service);
  listening.queue = builder.AddCompletionQueue();
  listening.server = builder.BuildAndStart();
  if (!listening.server || listening.port == 0) {
    if (listening.server) listening.server->Shutdown();
    listening.queue->Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (listening.queue->Next(&tag, &ok)) {
    }
    return make_error(Code::kUnavailable, "address", "\"" + options.address + "\" cannot be listened on",
                      "see whether another process has the port");
  }
  return listening;
}

}  // namespace tandem::rpc
