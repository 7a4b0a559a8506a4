// grpc.reflection.v1 and v1alpha, which have the same messages: what the server offers, from the descriptors that are
// linked in. The stock plugin knows registered services only, and ours all go through one generic service.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grpc/reflection/v1/reflection.pb.h"
#include "shared/rpc/call.h"

namespace tandem::rpc {

class ReflectionHandler : public Handler {
 public:
  // `services` are those that are listed; they must outlive it.
  explicit ReflectionHandler(const std::vector<std::string>& services) : services_(services) {}

  void on_message(Call& call, grpc::ByteBuffer& message) override;
  void on_half_close(Call& call) override { call.finish(grpc::Status::OK); }
  void on_written(Call& call) override { call.read(); }

  grpc::reflection::v1::ServerReflectionResponse respond(const grpc::reflection::v1::ServerReflectionRequest& request);

 private:
  const std::vector<std::string>& services_;
  // Files that went out on this stream: the protocol sends each once.
  std::set<std::string> sent_;
};

}  // namespace tandem::rpc
