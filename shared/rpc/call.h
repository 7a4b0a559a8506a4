// One gRPC call as the completion queue sees it: at most one read and one write under way, answers queued behind, its
// end after the last of them. What the call is about is its Handler's business.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace tandem::rpc {

class Call;

class Handler {
 public:
  virtual ~Handler() = default;
  virtual void on_message(Call& call, grpc::ByteBuffer& message) = 0;
  // The client sends no more, or is gone.
  virtual void on_half_close(Call& call) = 0;
  // What was queued is written.
  virtual void on_written(Call&) {}
  // The call is over, whoever ended it. Nothing of it may be used afterwards.
  virtual void on_over(Call&) {}
};

// Who owns the calls.
class CallHost {
 public:
  virtual ~CallHost() = default;
  // A client called. A handler must be set, or the call finished.
  virtual void on_accepted(Call& call) = 0;
  // Nothing will come of it any more: delete it. `accepted` is false if it never was a call.
  virtual void on_retired(Call* call, bool accepted) = 0;
};

class Call {
 public:
  enum class Event { kAccepted, kRead, kWritten, kFinished, kOver };
  // What comes back from the completion queue.
  struct Tag {
    Call* call = nullptr;
    Event event = Event::kAccepted;
  };

  // Waits for a client to call. It belongs to the host from then on.
  Call(CallHost& host, grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Of a tag that came back.
  void proceed(Event event, bool ok);

  void set_handler(std::unique_ptr<Handler> handler) { handler_ = std::move(handler); }
  const grpc::GenericServerContext& context() const { return context_; }

  // Asks for the next message, unless that was done already.
  void read();
  void write(grpc::ByteBuffer message);
  // After what is queued. Only the first counts.
  void finish(grpc::Status status);
  // A message and the end of the call, OK, in one step.
  void write_and_finish(grpc::ByteBuffer message);
  // At once, whatever the client does.
  void cancel() { context_.TryCancel(); }

  // Messages that are not written yet.
  size_t queued() const { return queue_.size() + (writing_ ? 1 : 0); }
  bool finishing() const { return status_.has_value(); }
  // Since when a write, or the end, has been under way.
  std::optional<std::chrono::steady_clock::time_point> writing_since() const;

 private:
  Tag* begin(Tag& tag);
  void on_written(bool ok);
  void pump();

  CallHost& host_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  Tag accepted_{this, Event::kAccepted}, read_{this, Event::kRead}, written_{this, Event::kWritten},
      finished_{this, Event::kFinished}, over_tag_{this, Event::kOver};
  std::unique_ptr<Handler> handler_;
  grpc::ByteBuffer incoming_;
  std::deque<grpc::ByteBuffer> queue_;
  std::optional<grpc::Status> status_;
  std::chrono::steady_clock::time_point write_began_;
  int under_way_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool finish_begun_ = false;
  bool broken_ = false;
  bool over_ = false;
};

}  // namespace tandem::rpc
