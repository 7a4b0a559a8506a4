#include "services/cli/import/csv.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tandem::cli {
namespace {

using Cells = std::vector<std::string>;

CsvTable table_of(std::string_view text, const CsvOptions& options = {}) {
  auto table = parse_csv("f.csv", text, options);
  EXPECT_TRUE(table.ok()) << (table.ok() ? "" : to_line(table.error()));
  return table.ok() ? *std::move(table) : CsvTable();
}

std::string problem_of(std::string_view text, const CsvOptions& options = {}) {
  const auto table = parse_csv("f.csv", text, options);
  if (table.ok()) return "";
  const Violation& violation = table.error().violations.at(0);
  return violation.field + " " + violation.reason;
}

TEST(Csv, ReadsRowsAndWhereTheyBegin) {
  const auto table = table_of("id,name\n1,Ada\n2,Ben\n");
  EXPECT_EQ(table.columns, (Cells{"id", "name"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].cells, (Cells{"1", "Ada"}));
  EXPECT_EQ(table.rows[1].line, 3u);
  EXPECT_EQ(table.find("name"), 1);
  EXPECT_EQ(table.find("Name"), -1);
}

TEST(Csv, TakesAByteOrderMarkAndEveryKindOfLineEnd) {
  for (const char* text :
       {"\xEF\xBB\xBFid,name\r\n1,Ada\r\n2,Ben", "id,name\r1,Ada\r2,Ben\r", "id,name\n1,Ada\n2,Ben"}) {
    const auto table = table_of(text);
    EXPECT_EQ(table.columns, (Cells{"id", "name"}));
    ASSERT_EQ(table.rows.size(), 2u);
    EXPECT_EQ(table.rows[1].cells, (Cells{"2", "Ben"}));
    EXPECT_EQ(table.rows[1].line, 3u);
  }
}

TEST(Csv, QuotesHoldDelimitersQuotesAndLineBreaks) {
  const auto table = table_of("id,text\n1,\"a, \"\"b\"\"\n\nc\"\n2,\"\"\n");
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].cells, (Cells{"1", "a, \"b\"\n\nc"}));
  EXPECT_EQ(table.rows[0].line, 2u);
  EXPECT_EQ(table.rows[1].cells, (Cells{"2", ""}));
  EXPECT_EQ(table.rows[1].line, 5u);
}

TEST(Csv, EmptyCellsAndBlanksAreKeptBlankLinesAreNot) {
  const auto table = table_of("a,b,c\n\n ,,x \n\n");
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].cells, (Cells{" ", "", "x "}));
  EXPECT_EQ(table.rows[0].line, 3u);
}

TEST(Csv, RaggedRowsAreTheCallersToRefuse) {
  const auto table = table_of("a,b\n1\n1,2,3\n");
  EXPECT_EQ(table.rows.at(0).cells.size(), 1u);
  EXPECT_EQ(table.rows.at(1).cells.size(), 3u);
}

TEST(Csv, AnotherDelimiter) {
  const CsvOptions options{.delimiter = ';'};
  EXPECT_EQ(table_of("a;b\n1,5;2\n", options).rows.at(0).cells, (Cells{"1,5", "2"}));
}

TEST(Csv, SaysWhereItIsNotUtf8AndTakesLatin1) {
  const std::string text = "id,name\n1,Ada\n2,C\xE9line\n";
  EXPECT_EQ(problem_of(text), "f.csv:3 is not UTF-8 at byte 4 (0xE9)");
  EXPECT_EQ(table_of(text, {.latin1 = true}).rows.at(1).cells, (Cells{"2", "C\xC3\xA9line"}));
}

TEST(Csv, SaysWhatIsNotCsv) {
  EXPECT_EQ(problem_of(""), "f.csv is empty");
  EXPECT_EQ(problem_of("a,b\n1,\"open\n2,3\n"), "f.csv:2 opens a quote that is never closed");
  EXPECT_NE(problem_of("a,b\n1,x\"y\n").find("f.csv:2 is not CSV"), std::string::npos);
  EXPECT_NE(problem_of("a,b\n1,\"x\"y\n").find("f.csv:2 is not CSV"), std::string::npos);
  EXPECT_NE(problem_of(std::string_view("PK\x03\x04\0\0", 6)).find("zero byte"), std::string::npos);
  EXPECT_EQ(problem_of("\xFF\xFE"
                       "a,b\n"),
            "f.csv:1 is UTF-16");
  EXPECT_EQ(problem_of("a,b,a\n1,2,3\n"), "f.csv:1 names the column \"a\" twice");
}

TEST(Csv, WhatIsWrittenIsReadAgain) {
  const Cells names = {"1", "2", "3", "4", "5", "6"};
  const Cells cells = {"", "plain", "a,b", "\"quoted\"; so", "two\nlines", "C\xC3\xA9line"};
  for (const CsvOptions& options : {CsvOptions{}, CsvOptions{.delimiter = ';'}, CsvOptions{.latin1 = true}}) {
    const auto table = table_of(csv_line(names, options) + csv_line(cells, options), options);
    EXPECT_EQ(table.columns, names);
    EXPECT_EQ(table.rows.at(0).cells, cells);
  }
}

}  // namespace
}  // namespace tandem::cli
