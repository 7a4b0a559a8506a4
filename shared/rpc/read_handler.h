// Calls that read: Get, List, and what the runtime itself offers. They queue, so that commands come first; all Gets
// that wait are one pipeline.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>

#include "shared/aggregate/query.h"
#include "shared/rpc/core.h"
#include "shared/rpc/intake.h"

namespace tandem::rpc {

class ReadHandler : public Handler {
 public:
  ReadHandler(Core& core, const Method& method, RequestHead head);

  void on_message(Call& call, grpc::ByteBuffer& message) override;
  void on_half_close(Call& call) override;
  void on_over(Call& call) override;

  const Method& method() const { return method_; }
  const CallerInfo& caller() const { return head_.caller; }
  const google::protobuf::Message& request() const { return *request_; }
  bool expired(std::chrono::system_clock::time_point now) const { return head_.deadline <= now; }
  void answer(const Result<std::unique_ptr<google::protobuf::Message>>& result);

 private:
  Core& core_;
  const Method& method_;
  RequestHead head_;
  Call* call_ = nullptr;
  std::shared_ptr<google::protobuf::Message> request_;
  uint64_t ticket_ = 0;
};

class ReadQueue {
 public:
  explicit ReadQueue(Queries& queries) : queries_(queries) {}

  uint64_t add(ReadHandler& read);
  void remove(uint64_t ticket) { waiting_.erase(ticket); }
  bool empty() const { return waiting_.empty(); }
  // In their order until the time is over; at least one step. How many.
  size_t run(std::chrono::microseconds budget);
  void answer_all(const Error& error);

 private:
  using Message = google::protobuf::Message;

  ReadHandler& take_first();
  size_t run_gets();
  Result<std::unique_ptr<Message>> list(const ReadHandler& read);
  Result<std::unique_ptr<Message>> other(const ReadHandler& read);

  Queries& queries_;
  uint64_t last_ticket_ = 0;
  std::map<uint64_t, ReadHandler*> waiting_;
};

}  // namespace tandem::rpc
