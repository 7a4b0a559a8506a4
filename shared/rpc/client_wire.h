// What all kinds of clients share. Internal to the client.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <memory>
#include <string>

#include "shared/base/result.h"
#include "shared/rpc/client.h"

namespace tandem::rpc {

std::shared_ptr<grpc::Channel> make_channel(const std::string& address, int number = 0);

// "tandem.sales.v1.SalesService.AcceptLead" as "/tandem.sales.v1.SalesService/AcceptLead".
std::string path_of_method(const std::string& method);

void prepare(grpc::ClientContext& context, const CallOptions& options, std::chrono::system_clock::time_point deadline);

// Of an answer that came with status OK: INTERNAL if it is not what the contract says.
Status read_answer(grpc::ByteBuffer& buffer, google::protobuf::Message& answer);

}  // namespace tandem::rpc
