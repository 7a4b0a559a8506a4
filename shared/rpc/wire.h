// Messages to and from gRPC's byte buffers.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>

#include "shared/base/result.h"

namespace tandem::rpc {

grpc::ByteBuffer to_buffer(const google::protobuf::Message& message);

// False if the bytes are not a message of that type.
bool from_buffer(grpc::ByteBuffer& buffer, google::protobuf::Message& message);

// A request: INVALID_ARGUMENT if it has more than `max_bytes`, or cannot be decoded.
Result<std::shared_ptr<google::protobuf::Message>> parse_request(grpc::ByteBuffer& buffer,
                                                                 const google::protobuf::Message& prototype,
                                                                 size_t max_bytes);

}  // namespace tandem::rpc
