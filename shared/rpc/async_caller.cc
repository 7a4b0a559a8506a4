#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <set>
#include <utility>
#include <vector>

#include "shared/rpc/client.h"
#include "shared/rpc/client_wire.h"
#include "shared/rpc/deadline.h"
#include "shared/rpc/errors.h"
#include "shared/rpc/wire.h"

namespace tandem::rpc {
namespace {

using google::protobuf::Message;

struct Pending {
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> call;
  grpc::ByteBuffer answer;
  grpc::Status status;
  std::unique_ptr<Message> response;
  AsyncCaller::OnAnswer on_answer;
};

}  // namespace

class AsyncCaller::Impl {
 public:
  Impl(const std::string& address, int connections) {
    for (int i = 0; i < connections; ++i)
      stubs_.push_back(std::make_unique<grpc::GenericStub>(make_channel(address, i)));
  }

  ~Impl() {
    for (Pending* pending : pending_) pending->context.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) delete static_cast<Pending*>(tag);
  }

  void start(const std::string& method, const Message& request, const Message& prototype, const CallOptions& options,
             OnAnswer on_answer) {
    auto* pending = new Pending;
    pending_.insert(pending);
    pending->response.reset(prototype.New());
    pending->on_answer = std::move(on_answer);
    prepare(pending->context, options, std::chrono::system_clock::now() + options.deadline);
    grpc::GenericStub& stub = *stubs_[next_++ % stubs_.size()];
    pending->call = stub.PrepareUnaryCall(&pending->context, path_of_method(method), to_buffer(request), &queue_);
    pending->call->StartCall();
    pending->call->Finish(&pending->answer, &pending->status, pending);
  }

  size_t poll(std::chrono::steady_clock::time_point deadline) {
    size_t answers = 0;
    void* tag = nullptr;
    bool ok = false;
    while (queue_.AsyncNext(&tag, &ok, answers == 0 ? grpc_deadline(deadline) : gpr_inf_past(GPR_CLOCK_MONOTONIC)) ==
           grpc::CompletionQueue::GOT_EVENT) {
      ++answers;
      const std::unique_ptr<Pending> pending(static_cast<Pending*>(tag));
      pending_.erase(pending.get());
      give(*pending);
    }
    return answers;
  }

  size_t in_flight() const { return pending_.size(); }

 private:
  static void give(Pending& pending) {
    if (!pending.status.ok()) return pending.on_answer(from_grpc_status(pending.status));
    if (const Status read = read_answer(pending.answer, *pending.response); !read.ok()) {
      return pending.on_answer(read.error());
    }
    pending.on_answer(std::move(pending.response));
  }

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  size_t next_ = 0;
  std::set<Pending*> pending_;
};

AsyncCaller::AsyncCaller(const std::string& address, int connections)
    : impl_(std::make_unique<Impl>(address, connections)) {}
AsyncCaller::~AsyncCaller() = default;

void AsyncCaller::start(const std::string& method, const Message& request, const Message& response_prototype,
                        const CallOptions& options, OnAnswer on_answer) {
  impl_->start(method, request, response_prototype, options, std::move(on_answer));
}

size_t AsyncCaller::poll(std::chrono::steady_clock::time_point deadline) { return impl_->poll(deadline); }
size_t AsyncCaller::in_flight() const { return impl_->in_flight(); }

}  // namespace tandem::rpc
