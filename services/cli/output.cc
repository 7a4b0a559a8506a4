#include "services/cli/output.h"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/times.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

bool is_money(const Message& message) { return message.GetDescriptor() == type::v1::Money::descriptor(); }

bool is_time(const Message& message) { return message.GetDescriptor() == google::protobuf::Timestamp::descriptor(); }

// Money and times are values of one word; none for other messages.
std::optional<std::string> as_value(const Message& message) {
  if (is_money(message)) return format_money(to_money(static_cast<const type::v1::Money&>(message)));
  if (is_time(message)) return readable_time(to_instant(static_cast<const google::protobuf::Timestamp&>(message)));
  return std::nullopt;
}

// One value of a field: of a repeated one, that at `index`.
std::string value_text(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& r = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(many ? r.GetRepeatedInt32(message, &field, index) : r.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(many ? r.GetRepeatedInt64(message, &field, index) : r.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(many ? r.GetRepeatedUInt32(message, &field, index) : r.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(many ? r.GetRepeatedUInt64(message, &field, index) : r.GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? r.GetRepeatedBool(message, &field, index) : r.GetBool(message, &field)) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = many ? r.GetRepeatedEnumValue(message, &field, index) : r.GetEnumValue(message, &field);
      return number == 0 ? "" : to_lower(enum_label(*field.enum_type(), number));
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? r.GetRepeatedString(message, &field, index) : r.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return as_value(many ? r.GetRepeatedMessage(message, &field, index) : r.GetMessage(message, &field)).value_or("");
    default:
      return "";  // floating point: the contracts have none
  }
}

bool is_plain_message(const Message& message, const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return false;
  const Message& prototype = *message.GetReflection()->GetMessageFactory()->GetPrototype(field.message_type());
  return !is_money(prototype) && !is_time(prototype);
}

std::string field_text(const Message& message, const FieldDescriptor& field) {
  if (!field.is_repeated()) {
    if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) return "";
    return value_text(message, field, 0);
  }
  const int size = message.GetReflection()->FieldSize(message, &field);
  if (is_plain_message(message, field)) return std::to_string(size) + (size == 1 ? " item" : " items");
  std::vector<std::string> values;
  for (int i = 0; i < size; ++i) values.push_back(value_text(message, field, i));
  return join(values, ", ");
}

void emit(YAML::Emitter& out, const ordered_json& value) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [name, item] : value.items()) {
      out << YAML::Key << name << YAML::Value;
      emit(out, item);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << YAML::BeginSeq;
    for (const ordered_json& item : value) emit(out, item);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    // What would be read as something else than a text (a number, yes, a date) keeps its quotes.
    out << YAML::DoubleQuoted << value.get<std::string>();
  } else {
    out << value.dump();
  }
}

// Lines of a message for people: "  name: value".
void describe(std::ostream& out, const Message& message, size_t indent) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  const std::string blank(indent, ' ');
  for (const FieldDescriptor* field : fields) {
    if (field->type() == FieldDescriptor::TYPE_FIXED64) continue;  // hashes: nothing for people
    if (!is_plain_message(message, *field)) {
      out << blank << field->name() << ": " << field_text(message, *field) << "\n";
    } else if (!field->is_repeated()) {
      out << blank << field->name() << ":\n";
      describe(out, message.GetReflection()->GetMessage(message, field), indent + 2);
    } else {
      for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
        out << blank << field->name() << "[" << i << "]:\n";
        describe(out, message.GetReflection()->GetRepeatedMessage(message, field, i), indent + 2);
      }
    }
  }
}

size_t width_of(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; });
}

const FieldDescriptor* field_of(const Message& message, std::string_view name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  if (!field) std::abort();  // a column that no message of this type has
  return field;
}

Table::Align align_of(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = field_of(message, path.substr(0, dot));
  if (dot != std::string_view::npos) {
    return align_of(message.GetReflection()->GetMessage(message, field), path.substr(dot + 1));
  }
  const bool number = field->cpp_type() <= FieldDescriptor::CPPTYPE_UINT64;
  const bool money = field->message_type() == type::v1::Money::descriptor();
  return !field->is_repeated() && (number || money) ? Table::Align::kRight : Table::Align::kLeft;
}

}  // namespace

std::string to_json(const Message& message, bool indent) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return "{}";
  // Printed anew: protobuf's own layout differs between its versions.
  return ordered_json::parse(text).dump(indent ? 2 : -1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string to_yaml(const Message& message) {
  YAML::Emitter out;
  emit(out, ordered_json::parse(to_json(message, false)));
  return std::string(out.c_str()) + "\n";
}

std::string readable(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = field_of(message, path.substr(0, dot));
  if (dot == std::string_view::npos) return field_text(message, *field);
  return readable(message.GetReflection()->GetMessage(message, field), path.substr(dot + 1));
}

Table::Table(std::vector<std::string> titles, std::vector<Align> align)
    : titles_(std::move(titles)), align_(std::move(align)) {
  align_.resize(titles_.size(), Align::kLeft);
}

void Table::add(std::vector<std::string> cells) {
  cells.resize(titles_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::to_string() const {
  std::vector<size_t> widths;
  for (const std::string& title : titles_) widths.push_back(width_of(title));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  const auto add_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string blank(widths[i] - width_of(row[i]), ' ');
      line += (i ? "  " : "") + (align_[i] == Align::kRight ? blank + row[i] : row[i] + blank);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add_row(titles_);
  for (const auto& row : rows_) add_row(row);
  return text;
}

Table to_table(const std::vector<const Message*>& rows, const std::vector<Column>& columns) {
  std::vector<std::string> titles;
  std::vector<Table::Align> align;
  for (const Column& column : columns) {
    titles.push_back(column.title);
    align.push_back(rows.empty() ? Table::Align::kLeft : align_of(*rows.front(), column.path));
  }
  Table table(titles, align);
  for (const Message* row : rows) {
    std::vector<std::string> cells;
    for (const Column& column : columns) cells.push_back(readable(*row, column.path));
    table.add(std::move(cells));
  }
  return table;
}

void print(std::ostream& out, Format format, const Message& message) {
  if (format == Format::kJson) {
    out << to_json(message) << "\n";
  } else if (format == Format::kYaml) {
    out << to_yaml(message);
  } else {
    describe(out, message, 0);
  }
}

void print_json(std::ostream& out, Format format, const ordered_json& value) {
  if (format == Format::kYaml) {
    YAML::Emitter yaml;
    emit(yaml, value);
    out << yaml.c_str() << "\n";
  } else {
    out << value.dump(2, ' ', false, ordered_json::error_handler_t::replace) << "\n";
  }
}

std::string with_commas(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

}  // namespace tandem::cli
