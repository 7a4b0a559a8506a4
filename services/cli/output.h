// What `tandem` prints: protobuf messages as JSON, YAML or tables for people. In tables money is "EUR 1,234.50", a time
// "2026-10-05 13:00:00Z", an enum its value's short name in small letters.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::cli {

enum class Format { kTable, kJson, kYaml };

// With the field names of the .proto, fields that are not set left out. `indent`: several lines, else one.
std::string to_json(const google::protobuf::Message& message, bool indent = true);
// The same content as to_json.
std::string to_yaml(const google::protobuf::Message& message);

// A field for people, by its path: "definition.name", "amount", "score.points". A repeated field is its values with
// commas between, or their number where they are messages: "3 items". Empty if it is not set; a path that the type does
// not have is a bug of the caller and aborts.
std::string readable(const google::protobuf::Message& message, std::string_view path);

// A column of a list: its title, and which field stands in it. Numbers and money are aligned right.
struct Column {
  std::string title;
  std::string path;
};

// A table of text. Columns are as wide as they must be; wide characters count by code point.
class Table {
 public:
  enum class Align { kLeft, kRight };
  explicit Table(std::vector<std::string> titles, std::vector<Align> align = {});
  // As many cells as there are titles.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::string to_string() const;

 private:
  std::vector<std::string> titles_;
  std::vector<Align> align_;
  std::vector<std::vector<std::string>> rows_;
};

Table to_table(const std::vector<const google::protobuf::Message*>& rows, const std::vector<Column>& columns);

// One message: in a table one line a field, nested ones indented.
void print(std::ostream& out, Format format, const google::protobuf::Message& message);

// Anything else, as JSON or YAML.
void print_json(std::ostream& out, Format format, const nlohmann::ordered_json& value);

// "1,234,567".
std::string with_commas(uint64_t number);

}  // namespace tandem::cli
