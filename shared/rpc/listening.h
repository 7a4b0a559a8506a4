// Opens a server's port.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string_view>

#include "shared/base/result.h"
#include "shared/rpc/server.h"

namespace tandem::rpc {

struct Listening {
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

// INVALID_ARGUMENT if the address is not one of the machine's own loopback; UNAVAILABLE if it cannot be had.
Result<Listening> listen(const ServerOptions& options, grpc::AsyncGenericService& service);

// "127.0.0.1:50051", "localhost:0", "[::1]:0".
Status check_loopback(std::string_view address);

}  // namespace tandem::rpc
