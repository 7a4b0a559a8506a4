// Calls that bring commands: one, or a stream of them.
#pragma once

#include <cstdint>
#include <unordered_set>

#include "shared/rpc/core.h"
#include "shared/rpc/intake.h"

namespace tandem::rpc {

class CommandHandler : public Handler, private CommandGiver {
 public:
  CommandHandler(Core& core, const Method& method, RequestHead head);

  void on_message(Call& call, grpc::ByteBuffer& message) override;
  void on_half_close(Call& call) override;
  void on_over(Call& call) override;

 private:
  void on_answer(AnswerToken token, uint64_t row, const Result<type::v1::CommandResult>& result) override;

  Core& core_;
  const Method& method_;
  RequestHead head_;
  Call* call_ = nullptr;
  AnswerToken token_ = 0;
};

// Many rows are in flight; an answer each, as it comes. While the window is full, or the server is, nothing is read, so
// that the client's flow control holds it back.
class CommandStreamHandler : public Handler, private CommandGiver {
 public:
  CommandStreamHandler(Core& core, Call& call, const Method& method, RequestHead head);
  ~CommandStreamHandler() override;

  void on_message(Call& call, grpc::ByteBuffer& message) override;
  void on_half_close(Call& call) override;
  void on_written(Call& call) override;
  void on_over(Call& call) override;

  // Takes no more rows, and ends when those taken are answered.
  void drain();

 private:
  void on_answer(AnswerToken token, uint64_t row, const Result<type::v1::CommandResult>& result) override;
  void on_room() override { go_on(); }
  Result<AnswerToken> take(grpc::ByteBuffer& message, uint64_t row);
  void respond(uint64_t row, const Result<type::v1::CommandResult>& result);
  // Reads the next row if there is room, or ends the call if it is time.
  void go_on();

  Core& core_;
  Call& call_;
  const Method& method_;
  RequestHead head_;
  uint64_t rows_ = 0;
  std::unordered_set<AnswerToken> in_flight_;
  bool half_closed_ = false;
  bool over_ = false;
};

}  // namespace tandem::rpc
