#include "shared/rpc/client.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <thread>

#include "shared/base/ports.h"
#include "shared/rpc/client_wire.h"
#include "shared/rpc/errors.h"
#include "shared/rpc/wire.h"

namespace tandem::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using std::chrono::milliseconds;
using SystemTime = std::chrono::system_clock::time_point;

constexpr milliseconds kFirstBackOff{20};
constexpr milliseconds kLongestBackOff{1000};

bool has_request_id(const Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("request_id");
  return field && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated() &&
         !request.GetReflection()->GetString(request, field).empty();
}

// A queue of its own for each call: polled by the caller's thread, so nothing sleeps in between.
Status call_once(const std::shared_ptr<grpc::Channel>& channel, const std::string& path, const Message& request,
                 Message& response, const CallOptions& options, SystemTime deadline) {
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  prepare(context, options, deadline);
  grpc::GenericStub stub(channel);
  const grpc::ByteBuffer message = to_buffer(request);
  const auto call = stub.PrepareUnaryCall(&context, path, message, &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, &queue);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  queue.Shutdown();
  if (!status.ok()) return from_grpc_status(status);
  return read_answer(answer, response);
}

}  // namespace

bool passes(Code code) {
  return code == Code::kUnavailable || code == Code::kAborted || code == Code::kResourceExhausted ||
         code == Code::kDeadlineExceeded;
}

std::shared_ptr<grpc::Channel> make_channel(const std::string& address, int number) {
  grpc::ChannelArguments arguments;
  // Channels with equal arguments share a connection.
  arguments.SetInt("tandem.connection", number);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  // In truth how long an attempt to connect may take: a busy server, or TLS, needs more than a moment.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetMaxReceiveMessageSize(-1);
  // Of an address that names several: all that answer, by turns.
  arguments.SetLoadBalancingPolicyName("round_robin");
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

std::string path_of_method(const std::string& method) {
  const size_t dot = method.rfind('.');
  if (dot == std::string::npos) return "/" + method;
  return "/" + method.substr(0, dot) + "/" + method.substr(dot + 1);
}

void prepare(grpc::ClientContext& context, const CallOptions& options, SystemTime deadline) {
  context.set_deadline(deadline);
  if (!options.caller.empty()) context.AddMetadata("tandem-caller", options.caller);
  if (!options.role.empty()) context.AddMetadata("tandem-role", options.role);
  if (!options.traceparent.empty()) context.AddMetadata("traceparent", options.traceparent);
}

Status read_answer(grpc::ByteBuffer& buffer, Message& answer) {
  if (from_buffer(buffer, answer)) return {};
  return make_error(Code::kInternal, "the answer is not a valid " + answer.GetDescriptor()->full_name());
}

Client::Client(const std::string& address) : address_(address), channel_(make_channel(address)) {}

Status Client::call(const std::string& method, const Message& request, Message& response, const CallOptions& options) {
  const SystemTime deadline = std::chrono::system_clock::now() + options.deadline;
  const std::string path = path_of_method(method);
  const bool repeatable = has_request_id(request);
  SystemChance chance;
  milliseconds longest = kFirstBackOff;
  while (true) {
    Status status = call_once(channel_, path, request, response, options, deadline);
    if (status.code() != Code::kUnavailable || !repeatable) return status;
    // Half of it at least, the rest by chance, so that callers do not come back all at once.
    const milliseconds pause = longest / 2 + milliseconds(below(chance, static_cast<uint64_t>(longest.count()) / 2));
    if (std::chrono::system_clock::now() + pause >= deadline) return status;
    std::this_thread::sleep_for(pause);
    longest = std::min(2 * longest, kLongestBackOff);
  }
}

Status Client::wait_until_connected(milliseconds patience) {
  if (channel_->WaitForConnected(std::chrono::system_clock::now() + patience)) return {};
  return make_error(Code::kUnavailable, "nothing answers at " + address_ + "; see whether the service runs there");
}

}  // namespace tandem::rpc
