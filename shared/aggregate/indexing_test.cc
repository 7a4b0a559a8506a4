#include "shared/aggregate/indexing.h"

#include <gtest/gtest.h>

#include "shared/aggregate/page_token.h"

namespace tandem {
namespace {

std::vector<std::string> lines(const std::vector<IndexChange>& changes) {
  std::vector<std::string> lines;
  for (const auto& c : changes) lines.push_back((c.add ? "+" : "-") + c.index + " " + c.order + " " + c.id);
  return lines;
}

TEST(Indexing, NamesIndexes) {
  EXPECT_EQ(index_name("lead"), "lead");
  EXPECT_EQ(index_name("lead", "status", "QUALIFIED"), "lead:status=QUALIFIED");
}

TEST(Indexing, ChangesOnlyWhatChanged) {
  const Indexes before{"1", {{"status", "NEW"}, {"team", "north"}, {"team", "north"}}};
  const Indexes after{"1", {{"status", "QUALIFIED"}, {"team", "north"}}};
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines(index_changes("lead", "a", std::nullopt, before)),
            (Lines{"+lead 1 a", "+lead:status=NEW 1 a", "+lead:team=north 1 a"}));
  EXPECT_EQ(lines(index_changes("lead", "a", before, after)),
            (Lines{"-lead:status=NEW 1 a", "+lead:status=QUALIFIED 1 a"}));
  EXPECT_EQ(lines(index_changes("lead", "a", after, after)), Lines{});
  EXPECT_EQ(lines(index_changes("lead", "a", Indexes{"1", {}}, Indexes{"2", {}})), (Lines{"-lead 1 a", "+lead 2 a"}));
  EXPECT_EQ(lines(index_changes("lead", "a", Indexes{"1", {}}, std::nullopt)), (Lines{"-lead 1 a"}));
}

TEST(PageToken, OpensForItsListOnly) {
  for (const IndexEntry& entry :
       {IndexEntry{"2025", "lead-1"}, IndexEntry{"", ""}, IndexEntry{std::string(300, 'x'), "ä"}}) {
    const std::string token = seal_page_token("key", "lead\nasc\n", entry);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    const auto opened = open_page_token("key", "lead\nasc\n", token);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(*opened, entry);
    EXPECT_FALSE(open_page_token("key", "lead\ndesc\n", token).ok());
    EXPECT_FALSE(open_page_token("other", "lead\nasc\n", token).ok());
  }
}

TEST(PageToken, CannotBeChanged) {
  const std::string token = seal_page_token("key", "scope", {"2025", "lead-1"});
  for (size_t i = 0; i + 1 < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto opened = open_page_token("key", "scope", changed);
    ASSERT_FALSE(opened.ok()) << i;
    EXPECT_EQ(opened.error().violations.at(0).field, "page_token");
    EXPECT_FALSE(open_page_token("key", "scope", token.substr(0, i)).ok());
  }
  EXPECT_FALSE(open_page_token("key", "scope", "no token!").ok());
}

}  // namespace
}  // namespace tandem
