// Refused rows, mended and imported again.
#include "services/cli/import/rejections.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace tandem::cli {
namespace {

class RejectionsTest : public ::testing::Test {
 protected:
  ~RejectionsTest() override {
    std::error_code error;
    std::filesystem::remove(file_, error);
  }

  // All rows of the text, refused.
  std::string refuse(const CsvTable& table) {
    Rejections rejections(table);
    for (size_t row = 0; row < table.rows.size(); ++row) {
      rejections.add(row, {{"name", "\"x, y; \xC5\x81\" is not known", "write \"Z\""}});
    }
    EXPECT_TRUE(rejections.write(file_).ok());
    return read_whole_file(file_).value();
  }

  CsvTable read_again(const CsvOptions& options) {
    auto table = read_csv(file_, options);
    EXPECT_TRUE(table.ok()) << to_line(table.error());
    if (!table.ok()) return {};
    drop_rejection_columns(*table);
    return *std::move(table);
  }

  const std::filesystem::path file_ = ::testing::TempDir() + "rejections_test_" +
                                      ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv";
};

TEST_F(RejectionsTest, AreWrittenInTheSourcesDelimiterAndEncodingAndReadAgain) {
  const CsvOptions options{.delimiter = ';', .latin1 = true};
  const auto table = parse_csv("f.csv", "id;name\n1;C\xE9line\n2;\"a;b\"\n", options).value();
  const std::string text = refuse(table);
  EXPECT_TRUE(text.starts_with("tandem_line;tandem_field;tandem_reason;id;name\n")) << text;
  EXPECT_NE(text.find(";1;C\xE9line\n"), std::string::npos) << text;
  const auto again = read_again(options);
  EXPECT_EQ(again.columns, table.columns);
  ASSERT_EQ(again.rows.size(), 2u);
  EXPECT_EQ(again.rows[0].cells, table.rows[0].cells);
  EXPECT_EQ(again.rows[1].cells, table.rows[1].cells);
}

TEST_F(RejectionsTest, TheSourceMayHaveColumnsForLineFieldAndReason) {
  const auto table = parse_csv("f.csv", "line,field,reason\n1,2,3\n", {}).value();
  refuse(table);
  const auto again = read_again({});
  EXPECT_EQ(again.columns, table.columns);
  EXPECT_EQ(again.rows.at(0).cells, table.rows.at(0).cells);
}

TEST_F(RejectionsTest, WhatIsImportedWithAMendedFileDoesNotWriteOverTheOneBesideIt) {
  auto leads = parse_csv("leads.csv", "id\n", {}).value();
  auto deals = parse_csv("deals.csv", "id\n", {}).value();
  EXPECT_EQ(rejected_file("r", deals, &leads), "r/deals.rejected.csv");
  leads = parse_csv("leads.rejected.csv", "tandem_line,tandem_field,tandem_reason,id\n", {}).value();
  drop_rejection_columns(leads);
  EXPECT_EQ(rejected_file("r", leads, &deals), "r/leads.rejected.rejected.csv");
  EXPECT_EQ(rejected_file("r", deals, &leads), "r/deals.rejected.rejected.csv");
  leads.file = "leads.rejected.rejected.csv";
  EXPECT_EQ(rejected_file("r", deals, &leads), "r/deals.rejected.rejected.rejected.csv");
  leads.file = "mended.csv";
  EXPECT_EQ(rejected_file("r", leads, &deals), "r/mended.rejected.csv");
  EXPECT_EQ(rejected_file("r", deals, &leads), "r/deals.rejected.rejected.csv");
}

TEST_F(RejectionsTest, RefusedASecondTimeTheyHaveTheAddedColumnsOnce) {
  const auto table = parse_csv("f.csv", "id,name\n1,a\n2\n", {}).value();
  const std::string first = refuse(table);
  const auto again = read_again({});
  EXPECT_EQ(again.rows.at(1).cells, table.rows.at(1).cells) << "a ragged row is as it was";
  EXPECT_EQ(refuse(again), first);
}

}  // namespace
}  // namespace tandem::cli
