// Redis alone: the commit function called for random aggregates among few and many, on data that was put there before.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <random>

#include "tests/bench/driver/experiments.h"
#include "tests/bench/driver/statistics.h"
#include "tests/bench/driver/usage.h"
#include "tests/bench/floor/redis.h"
#include "tests/support/redis_server.h"

namespace tandem::bench {
namespace {

constexpr uint32_t kShards = 16;
constexpr size_t kStateBytes = 440;
constexpr size_t kRecordBytes = 650;
constexpr size_t kReplyBytes = 190;
constexpr uint64_t kPipeline = 256;
constexpr uint64_t kFilledAtOnce = 20'000;
constexpr int kRounds = 5;

// States, and an index with an entry for each; by a script, since ten million would take long to send. They are not
// written to the append-only file, which need not bring them back.
constexpr char kFill[] = R"(
  redis.set_repl(redis.REPL_NONE)
  local state = string.rep('0', 16) .. string.rep('s', tonumber(ARGV[3]))
  for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
    redis.call('SET', KEYS[1] .. i, state)
    redis.call('ZADD', KEYS[2], 0, string.format('%016d', i))
  end
  return 1)";

std::string key(uint32_t shard, const std::string& name) { return shard_key("cost", shard, name); }

// 16 digits, as long as a version is.
std::string digits(uint64_t n) {
  std::string text = std::to_string(n);
  return std::string(16 - text.size(), '0') + text;
}

class CommitCost {
 public:
  explicit CommitCost(uint64_t aggregates)
      : server_({"--auto-aof-rewrite-percentage", "0"}), redis_(server_.port()), each_(aggregates / kShards) {
    open_shards(redis_, "cost", kShards);
    for (uint32_t shard = 0; shard < kShards; ++shard) {
      for (uint64_t from = 0; from < each_; from += kFilledAtOnce) {
        redis_.call({"EVAL", kFill, "2", key(shard, "s:lead/"), key(shard, "i:lead"), std::to_string(from),
                     std::to_string(std::min(from + kFilledAtOnce, each_) - 1), std::to_string(kStateBytes)});
      }
    }
  }

  // Microseconds of Redis' CPU for one commit.
  double run(uint64_t commits) {
    const double before = cpu_seconds(server_.pid());
    for (uint64_t done = 0; done < commits; done += kPipeline) {
      redis_.append({"MULTI"});
      for (uint64_t i = 0; i < kPipeline; ++i) append_commit();
      redis_.append({"EXEC"});
      redis_.flush();
      for (uint64_t i = 0; i < kPipeline + 1; ++i) redis_.read();
      const Reply all = redis_.read();
      for (size_t i = 0; i < all->elements; ++i) {
        if (all->element[i]->type != REDIS_REPLY_INTEGER) fail("a commit was refused");
      }
    }
    return (cpu_seconds(server_.pid()) - before) * 1e6 / static_cast<double>(commits);
  }

  double megabytes() const { return resident_megabytes(server_.pid()); }

 private:
  // An event of an aggregate that is there: its entry leaves its place in the index and gets another.
  void append_commit() {
    const auto shard = static_cast<uint32_t>(random_() % kShards);
    const std::string aggregate = std::to_string(random_() % each_);
    const std::string state = key(shard, "s:lead/" + aggregate);
    std::string& version = versions_.try_emplace(state, digits(0)).first->second;
    const std::string next = digits(++n_);
    redis_.append({"FCALL",
                   "tandem_v2_commit",
                   "7",
                   key(shard, "meta"),
                   key(shard, "carried"),
                   state,
                   key(shard, "out"),
                   key(shard, "timers"),
                   key(shard, "r:" + next),
                   key(shard, "i:lead"),
                   "1",
                   kInstance,
                   std::string(kReplyBytes, 'r'),
                   "",
                   "",
                   "",
                   version,
                   next + std::string(kStateBytes, 's'),
                   "1",
                   std::string(kRecordBytes, 'x'),
                   "0",
                   "0",
                   "1",
                   "2",
                   digits(random_() % each_),
                   "0",
                   next});
    version = next;
  }

  testing::RedisServer server_;
  Redis redis_;
  const uint64_t each_;
  std::mt19937_64 random_{1};
  std::map<std::string, std::string> versions_;  // of those written since the filling
  uint64_t n_ = 1'000'000'000;
};

}  // namespace

Status commit_cost(const BenchOptions& options, Findings& findings, std::ostream& out) {
  const std::vector<uint64_t> sizes =
      options.quick ? std::vector<uint64_t>{10'000, 100'000} : std::vector<uint64_t>{10'000, 1'000'000, 10'000'000};
  const uint64_t commits = options.quick ? 5'120 : 25'600;
  out << "Redis' CPU for one commit of an aggregate that is there, with an index of all of them, medians of " << kRounds
      << " rounds of " << with_commas(static_cast<double>(commits)) << ".\n\n";
  out << "| aggregates | µs a commit | against the first | Redis' memory, MB |\n|---|---|---|---|\n";
  double first = 0;
  double worst = 0;
  for (const uint64_t size : sizes) {
    std::cerr << "  " << with_commas(static_cast<double>(size)) << " aggregates" << std::endl;
    CommitCost cost(size);
    cost.run(commits);
    std::vector<double> rounds;
    for (int i = 0; i < kRounds; ++i) rounds.push_back(cost.run(commits));
    const Summary measured = summarize(rounds);
    if (first == 0) first = measured.median;
    worst = std::max(worst, measured.median / first);
    out << "| " << with_commas(static_cast<double>(size)) << " | " << fixed(measured.median, 1) << " ("
        << fixed(measured.low, 1) << "–" << fixed(measured.high, 1) << ") | " << fixed(measured.median / first, 2)
        << " | " << with_commas(cost.megabytes()) << " |\n";
  }
  out << "\nGoal: flat within 20 %: " << verdict(worst <= 1.2) << ".\n";
  findings["commit_cost_us"] = first;
  findings["commit_cost_worst_ratio"] = worst;
  return {};
}

}  // namespace tandem::bench
