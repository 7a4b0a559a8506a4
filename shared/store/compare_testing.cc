#include "shared/store/compare_testing.h"

#include <gtest/gtest.h>

#include "tandem/type/v1/type.pb.h"

namespace tandem::store::testing {
namespace {

std::map<std::string, std::pair<std::string, uint64_t>> replies_of(const MemoryShard& shard) {
  std::map<std::string, std::pair<std::string, uint64_t>> replies;
  for (const auto& [id, request] : shard.requests) {
    if (request.reply.n == 0) continue;
    type::v1::CommandResult result;
    EXPECT_TRUE(result.ParseFromString(request.reply.bytes));
    result.mutable_position()->clear_generation();
    replies[id] = {request.reply.fingerprint + result.SerializeAsString(), request.reply.n};
  }
  return replies;
}

std::map<std::string, std::set<std::string>> filled(const std::map<std::string, std::set<std::string>>& indexes) {
  std::map<std::string, std::set<std::string>> filled = indexes;
  std::erase_if(filled, [](const auto& index) { return index.second.empty(); });
  return filled;
}

}  // namespace

void expect_same_data(const MemoryWorld::Shards& a, const MemoryWorld::Shards& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [shard, left] : a) {
    SCOPED_TRACE("shard " + std::to_string(shard));
    const MemoryShard& right = b.at(shard);
    EXPECT_EQ(left.last_number, right.last_number);
    EXPECT_EQ(left.aggregates, right.aggregates);
    EXPECT_EQ(filled(left.indexes), filled(right.indexes));
    EXPECT_EQ(left.timers, right.timers);
    EXPECT_EQ(left.marks, right.marks);
    EXPECT_EQ(replies_of(left), replies_of(right));
  }
}

}  // namespace tandem::store::testing
