#include "shared/runtime/loop.h"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "shared/runtime/admin_rpc.h"

namespace tandem::runtime {

Command Loop::to_command(const rpc::IncomingCommand& incoming) {
  Command command;
  command.target = incoming.target;
  command.message = incoming.message;
  command.cause.mutable_request()->set_request_id(incoming.request_id);
  command.cause.mutable_request()->set_fingerprint(incoming.fingerprint);
  command.occurred_at = incoming.occurred_at;
  command.caller = incoming.caller;
  command.traceparent = incoming.traceparent;
  command.validate_only = incoming.validate_only;
  command.unpark = unpark_of(*incoming.message);
  if (command.unpark) command.message = nullptr;
  return command;
}

void Loop::turn(std::chrono::milliseconds patience) {
  using std::chrono::steady_clock;
  auto deadline = steady_clock::now() + patience;
  if (!again_.empty() || worker_.busy()) {
    deadline = steady_clock::now();
  } else {
    const auto until_step = worker_.next_step() - clock_.tick();
    deadline = std::min(deadline, steady_clock::now() + std::max(until_step, decltype(until_step)::zero()));
  }
  std::vector<rpc::IncomingCommand> incoming = gather(deadline);
  mailbox_.run();
  incoming.insert(incoming.end(), std::make_move_iterator(again_.begin()), std::make_move_iterator(again_.end()));
  again_.clear();
  std::vector<Command> commands;
  commands.reserve(incoming.size());
  for (const rpc::IncomingCommand& c : incoming) commands.push_back(to_command(c));
  std::vector<Outcome> outcomes = worker_.step(std::move(commands));
  for (size_t i = 0; i < incoming.size(); i++) answer(std::move(incoming[i]), std::move(outcomes[i]));
  give_up_expired();
}

// What is there by the deadline; and while the service is busy, what comes until the linger is over.
std::vector<rpc::IncomingCommand> Loop::gather(std::chrono::steady_clock::time_point deadline) {
  std::vector<rpc::IncomingCommand> incoming = server_.poll(deadline, worker_.batch());
  const bool work = !incoming.empty() || worker_.busy();
  if (linger_.count() == 0 || !work) return incoming;
  const auto now = std::chrono::steady_clock::now();
  const auto until = last_batch_ + linger_;
  if (now < until && incoming.size() < worker_.batch() / 2 && worker_.waiting() < worker_.batch() / 2) {
    // Nobody polls meanwhile, so that nothing that comes wakes anybody.
    std::this_thread::sleep_until(until);
    auto more = server_.poll(until, worker_.batch() - incoming.size());
    incoming.insert(incoming.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  last_batch_ = std::chrono::steady_clock::now();
  return incoming;
}

void Loop::drain(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  server_.drain();
  while (!server_.idle() && std::chrono::steady_clock::now() < end) turn(std::chrono::milliseconds(20));
}

void Loop::answer(rpc::IncomingCommand command, Outcome outcome) {
  if (outcome.kind == Outcome::Kind::kFailed) return server_.answer(command.token, std::move(outcome.error));
  const bool wants_published = command.acknowledgement == type::v1::ACKNOWLEDGEMENT_PUBLISHED;
  if (!wants_published || outcome.result.position().number() == 0) {
    return server_.answer(command.token, std::move(outcome.result));
  }
  wait_for_published(std::move(command), std::move(outcome));
}

void Loop::wait_for_published(rpc::IncomingCommand command, Outcome outcome) {
  const type::v1::Position at = outcome.result.position();
  Waiting waiting{std::move(command), std::move(outcome.result)};
  if (!waiting_.add(at.shard(), outcome.generation, at.number(), waiting)) answer_published(std::move(waiting));
}

void Loop::answer_published(Waiting waiting) {
  waiting.result.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  server_.answer(waiting.command.token, std::move(waiting.result));
}

void Loop::published(uint32_t shard, uint64_t generation, uint64_t n) {
  auto news = waiting_.published(shard, generation, n);
  for (Waiting& waiting : news.published) answer_published(std::move(waiting));
  for (Waiting& waiting : news.again) again_.push_back(std::move(waiting.command));
}

void Loop::give_up_expired() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_expiry_) return;
  next_expiry_ = now + std::chrono::seconds(1);
  const auto wall = std::chrono::system_clock::now();
  const auto expired = waiting_.take_if([&](const Waiting& waiting) { return waiting.command.deadline <= wall; });
  for (const Waiting& waiting : expired) {
    server_.answer(waiting.command.token,
                   make_error(Code::kDeadlineExceeded,
                              "it is stored, but not published yet; send it again with the same request id"));
  }
}

}  // namespace tandem::runtime
