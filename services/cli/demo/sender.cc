#include "services/cli/demo/sender.h"

#include <algorithm>
#include <utility>

namespace tandem::cli {
namespace {

constexpr int kSendTries = 20;
constexpr std::chrono::milliseconds kFirstSendPause{20};
constexpr std::chrono::milliseconds kLongestSendPause{1'000};

}  // namespace

void CommandSender::send(const std::string& method, std::shared_ptr<const google::protobuf::Message> command,
                         const rpc::CallOptions& options, OnResult on_result) {
  ++in_flight_;
  start(std::make_shared<Call>(Call{method, std::move(command), options, std::move(on_result)}));
}

void CommandSender::start(const std::shared_ptr<Call>& call) {
  ++call->tries;
  caller_.call<type::v1::CommandResult>(
      call->method, *call->command, call->options,
      [this, call](Result<type::v1::CommandResult> result) { receive(call, std::move(result)); });
}

void CommandSender::receive(const std::shared_ptr<Call>& call, Result<type::v1::CommandResult> result) {
  if (!result.ok() && rpc::passes(result.code()) && call->tries < kSendTries) {
    const auto pause = std::min(kLongestSendPause, kFirstSendPause * (1 << std::min(call->tries - 1, 6)));
    call->due = Clock::now() + result.error().retry_after.value_or(pause);
    ++tried_again_[to_line(result.error())];
    waiting_.push(call);
    return;
  }
  --in_flight_;
  call->on_result(std::move(result));
}

void CommandSender::poll(Clock::time_point deadline) {
  while (!waiting_.empty() && waiting_.top()->due <= Clock::now()) {
    const auto call = waiting_.top();
    waiting_.pop();
    start(call);
  }
  if (!waiting_.empty()) deadline = std::min(deadline, waiting_.top()->due);
  caller_.poll(deadline);
}

}  // namespace tandem::cli
