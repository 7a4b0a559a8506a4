// CSV files as other systems write them: RFC 4180, parsed by libcsv in its strict mode. A byte order mark, CRLF, LF or
// CR, quotes, and line breaks within quotes are taken; blanks belong to their cell; blank lines are skipped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace tandem::cli {

struct CsvOptions {
  char delimiter = ',';
  bool latin1 = false;  // the file is ISO 8859-1; else it must be UTF-8
};

struct CsvRow {
  uint64_t line = 0;  // where it begins, from 1
  // As many as there are columns, unless the row is ragged.
  std::vector<std::string> cells;
};

struct CsvTable {
  std::string file;                  // for messages
  CsvOptions options;                // how it was read
  std::vector<std::string> columns;  // the first row, blanks around removed
  std::vector<CsvRow> rows;
  bool refused_before = false;  // the file is one of rows that an import refused: rejections.h

  // Position of a column; -1 if there is none.
  int find(std::string_view column) const;
};

// INVALID_ARGUMENT, with "file:line", for what is not CSV or not in the encoding (then with the byte too): nothing of
// such a file can be trusted. A ragged row is no such error: it is the caller's to refuse.
Result<CsvTable> parse_csv(const std::string& file, std::string_view text, const CsvOptions& options);
// NOT_FOUND if it cannot be read.
Result<CsvTable> read_csv(const std::filesystem::path& file, const CsvOptions& options);
Result<std::string> read_whole_file(const std::filesystem::path& file);

// One line of a CSV file, with its line end; quotes where they are needed. In ISO 8859-1, letters that it does not have
// become question marks.
std::string csv_line(std::span<const std::string> cells, const CsvOptions& options);

}  // namespace tandem::cli
