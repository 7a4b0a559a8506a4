// Rows that an import refused: counted by reason, and written to a CSV file with line number, field and reason in front
// of the row as it was, in the delimiter and encoding of its source, so that it can be mended there and imported again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "services/cli/import/csv.h"
#include "shared/base/result.h"

namespace tandem::cli {

class Rejections {
 public:
  explicit Rejections(const CsvTable& table) : table_(table) {}

  // `row` is its position in the table. Once for each row.
  void add(size_t row, const std::vector<Violation>& violations);
  bool has(size_t row) const { return rows_.contains(row); }
  uint64_t count() const { return rows_.size(); }
  // How many by what was wrong first: "email is not an address"; what stood in the cells is left out.
  std::map<std::string, uint64_t> by_reason() const;

  // In the order of the rows. Without any the file is removed: it would be an older run's.
  Status write(const std::filesystem::path& file) const;

 private:
  const CsvTable& table_;
  std::map<size_t, std::vector<Violation>> rows_;
};

// Takes out of a table what write() puts in front of the rows, and notes that it was there: a file of refused rows is
// then like any other, and its own refused rows have these columns once.
void drop_rejection_columns(CsvTable& table);

// Where the table's refused rows go: "leads.rejected.csv" for "leads.csv". `other`: what is imported with it. Where
// that is a file of rows that were refused before, somebody may be mending what was refused of this one in the same
// run, so it gets a name of the next round: "deals.rejected.rejected.csv" for "deals.csv" with "leads.rejected.csv".
std::filesystem::path rejected_file(const std::filesystem::path& folder, const CsvTable& table,
                                    const CsvTable* other = nullptr);

}  // namespace tandem::cli
