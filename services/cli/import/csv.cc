#include "services/cli/import/csv.h"

#include <csv.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "shared/base/text.h"

namespace tandem::cli {
namespace {

std::string at(const std::string& file, uint64_t line) { return file + ":" + std::to_string(line); }

// Position of the first byte that does not belong to well-formed UTF-8.
size_t first_bad_byte(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (!utf8_valid(text.substr(i, length))) return i;
    i += length;
  }
  return text.size();
}

std::string hex_of(char byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  return {'0', 'x', kDigits[value >> 4], kDigits[value & 15]};
}

// Feeds libcsv line by line, so that it is known where each row begins.
class Parser {
 public:
  Parser(std::string file, const CsvOptions& options) : options_(options) {
    table_.file = std::move(file);
    table_.options = options;
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL);
    csv_set_delim(&parser_, static_cast<unsigned char>(options.delimiter));
    csv_set_space_func(&parser_, [](unsigned char) { return 0; });
  }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;

  Result<CsvTable> parse(std::string_view text) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
      return invalid(at(table_.file, 1), "is UTF-16", "save it as UTF-8");
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
      const std::string_view line = text.substr(0, line_length(text));
      text.remove_prefix(line.size());
      TANDEM_RETURN_IF_ERROR(feed(line));
    }
    if (csv_fini(&parser_, &Parser::on_cell, &Parser::on_row, this) != 0) {
      return invalid(at(table_.file, row_.line), "opens a quote that is never closed", "close it, or double it: \"\"");
    }
    if (!has_header_) return invalid(table_.file, "is empty", "the first line must name the columns");
    TANDEM_RETURN_IF_ERROR(check_columns());
    return std::move(table_);
  }

 private:
  // Up to and with the line's end: LF, CRLF, or CR alone.
  static size_t line_length(std::string_view text) {
    const size_t end = text.find_first_of("\r\n");
    if (end == std::string_view::npos) return text.size();
    return text.substr(end).starts_with("\r\n") ? end + 2 : end + 1;
  }

  Status feed(std::string_view line) {
    ++line_;
    if (!in_row_) row_.line = line_;
    TANDEM_RETURN_IF_ERROR(check_bytes(line));
    const std::string converted = options_.latin1 ? latin1_to_utf8(line) : std::string(line);
    const size_t taken =
        csv_parse(&parser_, converted.data(), converted.size(), &Parser::on_cell, &Parser::on_row, this);
    // A line's end ends the row, unless a quote is open; a blank line begins none.
    in_row_ = !std::exchange(row_ended_, false) && (in_row_ || !trim(line).empty());
    if (taken == converted.size()) return {};
    return invalid(at(table_.file, line_),
                   "is not CSV: a quote stands at byte " + std::to_string(taken) +
                       " within a cell, or something after a closing one",
                   "put the whole cell in quotes, and double those inside: \"\"");
  }

  Status check_bytes(std::string_view line) const {
    if (const size_t zero = line.find('\0'); zero != std::string_view::npos) {
      return invalid(at(table_.file, line_), "has a zero byte at byte " + std::to_string(zero + 1) + ": it is not text",
                     "export it as CSV in UTF-8");
    }
    if (options_.latin1 || utf8_valid(line)) return {};
    const size_t bad = first_bad_byte(line);
    return invalid(at(table_.file, line_),
                   "is not UTF-8 at byte " + std::to_string(bad + 1) + " (" + hex_of(line[bad]) + ")",
                   "save it as UTF-8, or say --encoding latin1");
  }

  Status check_columns() const {
    std::set<std::string> seen;
    for (const std::string& column : table_.columns) {
      if (!seen.insert(column).second) {
        return invalid(at(table_.file, 1), "names the column \"" + column + "\" twice", "rename one of them");
      }
    }
    return {};
  }

  static void on_cell(void* data, size_t size, void* self) {
    static_cast<Parser*>(self)->row_.cells.emplace_back(static_cast<const char*>(data), size);
  }

  static void on_row(int, void* self) { static_cast<Parser*>(self)->end_row(); }

  void end_row() {
    row_ended_ = true;
    CsvRow row = std::exchange(row_, CsvRow{line_ + 1, {}});
    if (has_header_) {
      table_.rows.push_back(std::move(row));
      return;
    }
    has_header_ = true;
    for (const std::string& cell : row.cells) table_.columns.emplace_back(trim(cell));
  }

  const CsvOptions options_;
  csv_parser parser_;
  CsvTable table_;
  CsvRow row_;
  uint64_t line_ = 0;
  bool has_header_ = false;
  bool in_row_ = false;
  bool row_ended_ = false;
};

}  // namespace

int CsvTable::find(std::string_view column) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == column) return static_cast<int>(i);
  }
  return -1;
}

Result<CsvTable> parse_csv(const std::string& file, std::string_view text, const CsvOptions& options) {
  return Parser(file, options).parse(text);
}

Result<std::string> read_whole_file(const std::filesystem::path& file) {
  std::error_code no_file;
  if (!std::filesystem::is_regular_file(file, no_file)) {
    return make_error(Code::kNotFound, file.string(), "is not a file that can be read", "check its name");
  }
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return make_error(Code::kNotFound, file.string(), "cannot be read", std::strerror(errno));
  return std::move(text).str();
}

Result<CsvTable> read_csv(const std::filesystem::path& file, const CsvOptions& options) {
  TANDEM_ASSIGN_OR_RETURN(const std::string text, read_whole_file(file));
  return parse_csv(file.filename().string(), text, options);
}

std::string csv_line(std::span<const std::string> cells, const CsvOptions& options) {
  const std::string special = std::string("\"\r\n") + options.delimiter;
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += options.delimiter;
    const bool plain = cell.find_first_of(special) == std::string::npos;
    if (plain) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? "\"\"" : std::string(1, c);
    line += '"';
  }
  line += '\n';
  return options.latin1 ? utf8_to_latin1(line) : line;
}

}  // namespace tandem::cli
