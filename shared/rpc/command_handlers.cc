#include "shared/rpc/command_handlers.h"

#include <utility>

#include "shared/rpc/errors.h"
#include "shared/rpc/wire.h"

namespace tandem::rpc {

CommandHandler::CommandHandler(Core& core, const Method& method, RequestHead head)
    : core_(core), method_(method), head_(std::move(head)) {
  if (!head_.has_deadline) head_.deadline = std::chrono::system_clock::now() + core.options.default_deadline;
}

void CommandHandler::on_message(Call& call, grpc::ByteBuffer& message) {
  call_ = &call;
  if (core_.draining) return refuse(core_, call, going_away());
  if (core_.desk.full()) {
    ++core_.counters.overloaded;
    return refuse(core_, call, overloaded(core_));
  }
  auto request = parse_request(message, *method_.input, core_.options.max_request_bytes);
  if (!request.ok()) return refuse(core_, call, request.error());
  auto command = make_command(method_, std::move(*request), head_, core_.options.fingerprint_key, core_.chance);
  if (!command.ok()) return refuse(core_, call, command.error());
  token_ = core_.desk.submit(std::move(*command), *this, 0);
}

void CommandHandler::on_half_close(Call& call) {
  refuse(core_, call, invalid("request", "is missing", "send one message"));
}

void CommandHandler::on_over(Call&) { core_.desk.forget(token_); }

void CommandHandler::on_answer(AnswerToken, uint64_t, const Result<type::v1::CommandResult>& result) {
  if (result.ok()) {
    call_->write_and_finish(to_buffer(*result));
  } else {
    call_->finish(to_grpc_status(result.error()));
  }
}

CommandStreamHandler::CommandStreamHandler(Core& core, Call& call, const Method& method, RequestHead head)
    : core_(core), call_(call), method_(method), head_(std::move(head)) {
  core_.streams.insert(this);
}

CommandStreamHandler::~CommandStreamHandler() { core_.streams.erase(this); }

void CommandStreamHandler::on_message(Call&, grpc::ByteBuffer& message) {
  const uint64_t row = rows_++;
  const Result<AnswerToken> token = take(message, row);
  if (token.ok()) {
    in_flight_.insert(*token);
  } else {
    ++core_.counters.refused;
    respond(row, token.error());
  }
  go_on();
}

Result<AnswerToken> CommandStreamHandler::take(grpc::ByteBuffer& message, uint64_t row) {
  if (core_.draining) return going_away();
  TANDEM_ASSIGN_OR_RETURN(auto request, parse_request(message, *method_.input, core_.options.max_request_bytes));
  TANDEM_ASSIGN_OR_RETURN(IncomingCommand command, make_command(method_, std::move(request), head_,
                                                                core_.options.fingerprint_key, core_.chance));
  return core_.desk.submit(std::move(command), *this, row);
}

void CommandStreamHandler::on_half_close(Call&) {
  half_closed_ = true;
  go_on();
}

void CommandStreamHandler::on_written(Call&) { go_on(); }

void CommandStreamHandler::on_over(Call&) {
  over_ = true;
  core_.streams.erase(this);
  core_.desk.leave(*this);
  for (const AnswerToken token : in_flight_) core_.desk.forget(token);
  in_flight_.clear();
}

void CommandStreamHandler::drain() { go_on(); }

void CommandStreamHandler::on_answer(AnswerToken token, uint64_t row, const Result<type::v1::CommandResult>& result) {
  in_flight_.erase(token);
  respond(row, result);
  go_on();
}

void CommandStreamHandler::respond(uint64_t row, const Result<type::v1::CommandResult>& result) {
  type::v1::StreamResult answer;
  answer.set_index(row);
  if (result.ok()) {
    *answer.mutable_result() = *result;
  } else {
    *answer.mutable_error() = to_rpc_status(result.error());
  }
  call_.write(to_buffer(answer));
}

void CommandStreamHandler::go_on() {
  if (over_ || call_.finishing()) return;
  if (half_closed_ || core_.draining) {
    if (in_flight_.empty()) call_.finish(half_closed_ ? grpc::Status::OK : to_grpc_status(going_away()));
    return;
  }
  // Answered, but not taken by the client: that counts too, or a client that never reads would fill the memory.
  if (in_flight_.size() + call_.queued() >= core_.options.stream_window) return;
  if (core_.desk.full()) return core_.desk.call_when_room(*this);
  call_.read();
}

}  // namespace tandem::rpc
