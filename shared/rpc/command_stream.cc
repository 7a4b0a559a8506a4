#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <unordered_set>
#include <utility>

#include "shared/rpc/client.h"
#include "shared/rpc/client_wire.h"
#include "shared/rpc/errors.h"
#include "shared/rpc/wire.h"

namespace tandem::rpc {

// Each row's write is waited for, which takes as long as the client's own flow control holds it; answers are read
// beside.
class CommandStream::Impl {
 public:
  Impl(Client& client, const std::string& method, const CallOptions& options, size_t window, OnAnswer on_answer)
      : channel_(client.channel()), window_(window), on_answer_(std::move(on_answer)) {
    prepare(context_, options, std::chrono::system_clock::now() + options.deadline);
    grpc::GenericStub stub(channel_);
    stream_ = stub.PrepareCall(&context_, path_of_method(method), &queue_);
    stream_->StartCall(tag(Event::kStarted));
    wait(started_);
    read();
  }

  ~Impl() {
    if (!finished_) {
      context_.TryCancel();
      broken_ = true;
      // Whoever lets go of a stream without finish() does not ask how it went.
      (void)end();
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  Status send(const google::protobuf::Message& command) {
    while (!broken_ && unanswered_.size() >= window_) step();
    if (broken_) return why_broken();
    const grpc::ByteBuffer row = to_buffer(command);
    unanswered_.insert(sent_++);
    written_ = false;
    stream_->Write(row, tag(Event::kWritten));
    wait(written_);
    return broken_ ? why_broken() : Status();
  }

  Status finish() {
    if (finished_) return result_;
    if (!broken_) {
      written_ = false;
      stream_->WritesDone(tag(Event::kWritten));
      wait(written_);
    }
    // The server ends the stream when all rows are answered.
    while (reading_) step();
    return end();
  }

  uint64_t sent() const { return sent_; }
  uint64_t answered() const { return sent_ - unanswered_.size(); }

 private:
  enum class Event : intptr_t { kStarted = 1, kWritten, kRead, kFinished };

  static void* tag(Event event) { return reinterpret_cast<void*>(static_cast<intptr_t>(event)); }

  void read() {
    if (broken_) return;
    reading_ = true;
    stream_->Read(&incoming_, tag(Event::kRead));
  }

  void wait(bool& happened) {
    while (!happened) step();
  }

  void step() {
    void* which = nullptr;
    bool ok = false;
    if (!queue_.Next(&which, &ok)) return;
    switch (static_cast<Event>(reinterpret_cast<intptr_t>(which))) {
      case Event::kStarted:
        started_ = true;
        broken_ = !ok;
        break;
      case Event::kWritten:
        written_ = true;
        broken_ = broken_ || !ok;
        break;
      case Event::kRead:
        reading_ = false;
        broken_ = broken_ || !ok;
        if (ok) take_answer();
        break;
      case Event::kFinished:
        finish_came_ = true;
        break;
    }
  }

  void take_answer() {
    type::v1::StreamResult answer;
    if (!from_buffer(incoming_, answer) || unanswered_.erase(answer.index()) == 0) {
      // Not by the contract: nothing that follows can be trusted.
      context_.TryCancel();
      broken_ = true;
      return;
    }
    if (answer.has_error()) {
      on_answer_(answer.index(), from_rpc_status(answer.error()));
    } else {
      on_answer_(answer.index(), std::move(*answer.mutable_result()));
    }
    read();
  }

  Status why_broken() {
    Status status = end();
    return status.ok() ? make_error(Code::kInternal, "the server ended the stream before all rows were sent") : status;
  }

  // The status of the whole, once nothing is under way.
  Status end() {
    if (finished_) return result_;
    while (reading_) step();
    grpc::Status status;
    stream_->Finish(&status, tag(Event::kFinished));
    wait(finish_came_);
    finished_ = true;
    if (!status.ok()) {
      result_ = from_grpc_status(status);
    } else if (!unanswered_.empty()) {
      result_ = make_error(Code::kInternal, std::to_string(unanswered_.size()) + " rows got no answer");
    }
    return result_;
  }

  std::shared_ptr<grpc::Channel> channel_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer incoming_;
  size_t window_;
  OnAnswer on_answer_;
  std::unordered_set<uint64_t> unanswered_;
  uint64_t sent_ = 0;
  bool started_ = false;
  bool written_ = true;
  bool reading_ = false;
  bool finish_came_ = false;
  bool finished_ = false;
  // Nothing more can be sent; what was answered may still be under way.
  bool broken_ = false;
  Status result_;
};

CommandStream::CommandStream(Client& client, const std::string& method, const CallOptions& options, size_t window,
                             OnAnswer on_answer)
    : impl_(std::make_unique<Impl>(client, method, options, window, std::move(on_answer))) {}
CommandStream::~CommandStream() = default;

Status CommandStream::send(const google::protobuf::Message& command) { return impl_->send(command); }
Status CommandStream::finish() { return impl_->finish(); }
uint64_t CommandStream::sent() const { return impl_->sent(); }
uint64_t CommandStream::answered() const { return impl_->answered(); }

}  // namespace tandem::rpc
