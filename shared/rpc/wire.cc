#include "shared/rpc/wire.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <string>

namespace tandem::rpc {

using google::protobuf::Message;

grpc::ByteBuffer to_buffer(const Message& message) {
  grpc::ByteBuffer buffer;
  bool own = false;
  // Fails only where a message is larger than 2 GB.
  const grpc::Status status = grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, &buffer, &own);
  if (!status.ok()) buffer.Clear();
  return buffer;
}

bool from_buffer(grpc::ByteBuffer& buffer, Message& message) {
  return grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&buffer, &message).ok();
}

Result<std::shared_ptr<Message>> parse_request(grpc::ByteBuffer& buffer, const Message& prototype, size_t max_bytes) {
  if (buffer.Length() > max_bytes) {
    return invalid("request", "has " + std::to_string(buffer.Length()) + " bytes",
                   "send at most " + std::to_string(max_bytes) + ", or split it");
  }
  std::shared_ptr<Message> message(prototype.New());
  if (!from_buffer(buffer, *message)) {
    return invalid("request", "is not a valid " + message->GetDescriptor()->full_name(),
                   "encode it by the contract, strings in UTF-8");
  }
  return message;
}

}  // namespace tandem::rpc
