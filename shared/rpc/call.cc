#include "shared/rpc/call.h"

#include <utility>

namespace tandem::rpc {

Call::Call(CallHost& host, grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue) : host_(host) {
  // Comes back exactly once, but only if the call begins; so it is not counted in under_way_.
  context_.AsyncNotifyWhenDone(&over_tag_);
  service.RequestCall(&context_, &stream_, &queue, &queue, begin(accepted_));
}

Call::Tag* Call::begin(Tag& tag) {
  ++under_way_;
  return &tag;
}

void Call::proceed(Event event, bool ok) {
  if (event != Event::kOver) --under_way_;
  switch (event) {
    case Event::kAccepted:
      if (!ok) return host_.on_retired(this, false);
      host_.on_accepted(*this);
      break;
    case Event::kRead:
      reading_ = false;
      if (over_ || finish_begun_ || !handler_) break;
      ok ? handler_->on_message(*this, incoming_) : handler_->on_half_close(*this);
      break;
    case Event::kWritten:
      on_written(ok);
      break;
    case Event::kFinished:
      break;
    case Event::kOver:
      over_ = true;
      queue_.clear();
      if (handler_) handler_->on_over(*this);
      break;
  }
  if (over_ && under_way_ == 0) host_.on_retired(this, true);
}

void Call::on_written(bool ok) {
  writing_ = false;
  if (!ok) {
    // The client is gone; kOver says so to the handler.
    broken_ = true;
    queue_.clear();
    return;
  }
  pump();
  if (queued() == 0 && !over_ && !finish_begun_ && handler_) handler_->on_written(*this);
}

void Call::read() {
  if (reading_ || over_ || finish_begun_) return;
  reading_ = true;
  stream_.Read(&incoming_, begin(read_));
}

void Call::write(grpc::ByteBuffer message) {
  if (over_ || broken_ || status_) return;
  queue_.push_back(std::move(message));
  pump();
}

void Call::finish(grpc::Status status) {
  if (status_) return;
  status_ = std::move(status);
  pump();
}

void Call::write_and_finish(grpc::ByteBuffer message) {
  if (over_ || broken_ || status_) return;
  queue_.push_back(std::move(message));
  finish(grpc::Status::OK);
}

void Call::pump() {
  if (writing_ || over_ || broken_ || finish_begun_) return;
  if (queue_.empty()) {
    if (!status_) return;
    finish_begun_ = true;
    write_began_ = std::chrono::steady_clock::now();
    stream_.Finish(*status_, begin(finished_));
    return;
  }
  grpc::WriteOptions options;
  // More follows at once: let the transport put them together.
  if (queue_.size() > 1) options.set_buffer_hint();
  const grpc::ByteBuffer message = queue_.front();  // a reference to the same slices
  queue_.pop_front();
  write_began_ = std::chrono::steady_clock::now();
  if (queue_.empty() && status_ && status_->ok()) {
    finish_begun_ = true;
    stream_.WriteAndFinish(message, options, *status_, begin(finished_));
    return;
  }
  writing_ = true;
  stream_.Write(message, options, begin(written_));
}

std::optional<std::chrono::steady_clock::time_point> Call::writing_since() const {
  if (over_ || !(writing_ || finish_begun_)) return std::nullopt;
  return write_began_;
}

}  // namespace tandem::rpc
