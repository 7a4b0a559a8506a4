#include "services/cli/import/rejections.h"

#include <algorithm>
#include <fstream>
#include <string_view>

#include "shared/base/text.h"

namespace tandem::cli {
namespace {

// In front of the source's columns, which may have any other names.
const std::vector<std::string> kAddedColumns = {"tandem_line", "tandem_field", "tandem_reason"};

constexpr std::string_view kRejected = ".rejected";

// How often the rows of the file were refused before. Its name says so, unless it was given another one.
size_t rounds_of(const CsvTable& table) {
  if (!table.refused_before) return 0;
  size_t rounds = 0;
  for (auto name = std::filesystem::path(table.file).stem(); name.extension() == kRejected; name = name.stem())
    ++rounds;
  return std::max<size_t>(rounds, 1);
}

std::string in_words(const Violation& violation) {
  return violation.reason + (violation.remedy.empty() ? "" : "; " + violation.remedy);
}

// Without what stood in the cell: "\"x@\" has no domain" and "is not a time: 31-31-2020" are one kind each.
std::string kind_of(const Violation& violation) {
  std::string text;
  bool quoted = false;
  for (const char c : violation.reason) {
    if (c == '"') {
      quoted = !quoted;
    } else if (!quoted) {
      text += c;
    }
  }
  text = std::string(trim(text.substr(0, text.find(':'))));
  return violation.field.empty() ? text : violation.field + " " + text;
}

}  // namespace

void Rejections::add(size_t row, const std::vector<Violation>& violations) { rows_.emplace(row, violations); }

std::map<std::string, uint64_t> Rejections::by_reason() const {
  std::map<std::string, uint64_t> counts;
  for (const auto& [row, violations] : rows_) counts[kind_of(violations.front())]++;
  return counts;
}

Status Rejections::write(const std::filesystem::path& file) const {
  std::error_code error;
  if (rows_.empty()) {
    std::filesystem::remove(file, error);
    return {};
  }
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  std::vector<std::string> header = kAddedColumns;
  header.insert(header.end(), table_.columns.begin(), table_.columns.end());
  out << csv_line(header, table_.options);
  for (const auto& [row, violations] : rows_) {
    std::vector<std::string> fields;
    std::vector<std::string> reasons;
    for (const Violation& violation : violations) {
      fields.push_back(violation.field);
      reasons.push_back(violations.size() == 1 || violation.field.empty()
                            ? in_words(violation)
                            : violation.field + " " + in_words(violation));
    }
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
    const CsvRow& source = table_.rows.at(row);
    std::vector<std::string> cells = {std::to_string(source.line), join(fields, ", "), join(reasons, "; ")};
    cells.insert(cells.end(), source.cells.begin(), source.cells.end());
    out << csv_line(cells, table_.options);
  }
  out.close();
  if (out) return {};
  return make_error(Code::kUnavailable, file.string(), "cannot be written", "check the folder, or name another file");
}

void drop_rejection_columns(CsvTable& table) {
  for (const std::string& column : kAddedColumns) {
    const int at = table.find(column);
    if (at < 0) continue;
    table.refused_before = true;
    table.columns.erase(table.columns.begin() + at);
    for (CsvRow& row : table.rows) {
      // A row with too few cells may end before it.
      if (row.cells.size() > static_cast<size_t>(at)) row.cells.erase(row.cells.begin() + at);
    }
  }
}

std::filesystem::path rejected_file(const std::filesystem::path& folder, const CsvTable& table, const CsvTable* other) {
  std::string name = std::filesystem::path(table.file).stem().string();
  const size_t rounds = other ? rounds_of(*other) : 0;
  for (size_t round = rounds_of(table); round < rounds; ++round) name += kRejected;
  return folder / name.append(kRejected).append(".csv");
}

}  // namespace tandem::cli
