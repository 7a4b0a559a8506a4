#include "shared/base/ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace tandem {
namespace {

TEST(Hash, Sha256OfTheStandard) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, HmacOfRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  // No key and an empty key are the same, also after another key was used.
  EXPECT_EQ(to_hex(hmac_sha256({}, "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

// The expected values were computed apart from this code. They are stored in every installation: if one of these fails,
// the code is wrong, not the test.
TEST(StableHash, Golden) {
  EXPECT_EQ(stable_hash(""), 0xefd01f60ba992926ULL);
  EXPECT_EQ(stable_hash("a"), 0x82a2a958a9bece5bULL);
  EXPECT_EQ(stable_hash("tandem"), 0x0055fd64538ced97ULL);
  EXPECT_EQ(stable_hash("lead-9c1e"), 0x09c56733a475fdbcULL);
  EXPECT_EQ(stable_hash({"Lead", "lead-9c1e"}), 0xaddcebe17f4b418cULL);
}

TEST(DeriveId, Golden) {
  EXPECT_EQ(derive_id("lead", {"ana@example.com"}), "lead-69rc0b2ckebr632t678x");
  EXPECT_EQ(derive_id("opportunity", {"tandem.sales", "3", "17"}), "opportunity-b0xxd0qrm37yc9zz7301");
  EXPECT_EQ(derive_id("x", {}), "x-z4dh9sxvx965qyge39r4");
  EXPECT_EQ(keyed_id("lead", "installation key", {"ana@example.com"}), "lead-xd8bsk5b1rzwvb81swmx");
}

TEST(ShardOf, Golden) {
  std::vector<std::uint32_t> shards;
  for (int i = 0; i < 8; ++i) shards.push_back(shard_of("Lead", "lead-" + std::to_string(i), 16));
  EXPECT_THAT(shards, testing::ElementsAre(7, 7, 14, 0, 10, 13, 10, 6));
  EXPECT_EQ(shard_of("Team", "lead-0", 16), 14u);
  EXPECT_EQ(shard_of("Team", "anything", 1), 0u);
}

TEST(StableHash, PartsAreKeptApart) {
  EXPECT_NE(stable_hash({"ab", "c"}), stable_hash({"a", "bc"}));
  EXPECT_NE(stable_hash({"ab", ""}), stable_hash({"ab"}));
  EXPECT_NE(derive_id("k", {"ab", "c"}), derive_id("k", {"a", "bc"}));
  EXPECT_NE(derive_id("k", {"a"}), derive_id("k", {"a", ""}));
  // The kind is hashed too: the parts of two kinds do not share their characters.
  EXPECT_NE(derive_id("deal", {"a"}).substr(5), derive_id("lead", {"a"}).substr(5));
}

TEST(KeyedId, DependsOnTheKey) {
  EXPECT_NE(keyed_id("lead", "key one", {"a"}), keyed_id("lead", "key two", {"a"}));
  EXPECT_NE(keyed_id("lead", "key one", {"a"}), derive_id("lead", {"a"}));
  EXPECT_EQ(keyed_id("lead", "key one", {"a"}), keyed_id("lead", "key one", {"a"}));
}

TEST(DeriveId, DoesNotCollide) {
  std::set<std::string> ids;
  for (int i = 0; i < 5'000; ++i) ids.insert(derive_id("lead", {std::to_string(i)}));
  EXPECT_EQ(ids.size(), 5'000u);
  EXPECT_THAT(*ids.begin(), testing::MatchesRegex("lead-[0-9a-z]{20}"));
}

TEST(ShardOf, SpreadsEvenly) {
  for (const std::uint32_t shards : {16u, 12u}) {
    std::vector<int> counts(shards);
    for (int i = 0; i < 8'000; ++i) ++counts[shard_of("Lead", derive_id("lead", {std::to_string(i)}), shards)];
    const int mean = 8'000 / static_cast<int>(shards);
    EXPECT_THAT(counts, testing::Each(testing::AllOf(testing::Gt(mean * 8 / 10), testing::Lt(mean * 12 / 10))));
  }
}

TEST(ShardOfDeathTest, NeedsAShard) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(shard_of("Lead", "x", 0), "0 shards");
}

}  // namespace
}  // namespace tandem
