#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <utility>

#include "shared/rpc/fake_service_testing.h"

namespace tandem::rpc::testing {
namespace {

type::v1::CommandResult result_of(const std::string& subject) {
  type::v1::CommandResult result;
  result.set_subject(subject);
  result.set_unchanged(true);
  return result;
}

}  // namespace

FakeService::FakeService(ServerOptions options, Decide decide) : decide_(std::move(decide)) {
  world.open_all();
  if (options.fingerprint_key.empty()) options.fingerprint_key = "the key of the test";
  auto server = Server::start(definition_, queries_, chance, std::move(options));
  if (!server.ok()) ADD_FAILURE() << to_line(server.error());
  server_ = std::move(server).value();
  server_->set_serving(true);
  thread_ = std::thread([this] { loop(); });
}

FakeService::~FakeService() {
  stop_loop();
  server_->shutdown(std::chrono::milliseconds(0));
}

std::optional<Result<type::v1::CommandResult>> FakeService::accept(const IncomingCommand& command) {
  return result_of(command.target.id);
}

void FakeService::loop() {
  while (running_) {
    auto commands = server_->poll(std::chrono::steady_clock::now() + std::chrono::seconds(1), 256);
    for (IncomingCommand& command : commands) {
      auto outcome = decide_(command);
      const AnswerToken token = command.token;
      const std::lock_guard lock(mutex_);
      seen_.push_back(std::move(command));
      if (outcome) {
        server_->answer(token, std::move(*outcome));
      } else {
        held_.push_back(token);
      }
    }
    std::function<void()> work;
    {
      const std::lock_guard lock(mutex_);
      std::swap(work, work_);
    }
    if (work) work();
  }
}

void FakeService::on_loop(std::function<void()> work) {
  std::promise<void> done;
  {
    const std::lock_guard lock(mutex_);
    work_ = [&] {
      work();
      done.set_value();
    };
  }
  server_->wake();
  done.get_future().wait();
}

void FakeService::stop_loop() {
  if (!thread_.joinable()) return;
  running_ = false;
  server_->wake();
  thread_.join();
}

std::vector<IncomingCommand> FakeService::seen() {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void FakeService::release() {
  on_loop([this] {
    std::vector<AnswerToken> tokens;
    {
      const std::lock_guard lock(mutex_);
      std::swap(tokens, held_);
    }
    for (const AnswerToken token : tokens) server_->answer(token, result_of("released"));
  });
}

void FakeService::put(const mv1::Lead& lead) {
  exchange::v1::StoredAggregate stored;
  stored.set_state(serialize(lead));
  Commit commit;
  commit.shard = shard_of("lead", lead.lead(), kShards);
  commit.generation = 1;
  commit.aggregate = {"lead", lead.lead()};
  commit.change = Commit::Change{"0123456789abcdef", serialize(stored), "record",
                                 index_changes("lead", lead.lead(), std::nullopt, FakeLead::indexes(lead))};
  const auto outcomes = store.commit(std::span(&commit, 1), clock.now());
  EXPECT_EQ(outcomes.at(0).status, CommitOutcome::Status::kCommitted);
}

}  // namespace tandem::rpc::testing
