#include <google/protobuf/timestamp.pb.h>

#include <set>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/filter.h"
#include "shared/base/text.h"

namespace tandem {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using CppType = FieldDescriptor::CppType;

bool is_timestamp(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Timestamp::descriptor();
}

// Every path that leads to something comparable, for suggestions.
void collect_paths(const Descriptor& type, const std::string& prefix, int depth, std::vector<std::string>& paths) {
  for (int i = 0; i < type.field_count() && paths.size() < 500; ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = prefix + field.name();
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || is_timestamp(field)) {
      paths.push_back(path);
    } else if (depth > 0) {
      collect_paths(*field.message_type(), path + ".", depth - 1, paths);
    }
  }
}

Error unknown_path(const Descriptor& state, const std::string& path) {
  std::vector<std::string> paths;
  collect_paths(state, "", 3, paths);
  return invalid("filter", "names \"" + path + "\", which is no field of " + state.name(), did_you_mean(path, paths));
}

Result<std::vector<const FieldDescriptor*>> resolve(const Descriptor& state, const std::string& path) {
  std::vector<const FieldDescriptor*> fields;
  const Descriptor* type = &state;
  for (const std::string& name : split(path, '.')) {
    const FieldDescriptor* field = type ? type->FindFieldByName(name) : nullptr;
    if (!field) return unknown_path(state, path);
    fields.push_back(field);
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !is_timestamp(*field);
    type = is_message ? field->message_type() : nullptr;
  }
  if (type) {
    std::vector<std::string> paths;
    collect_paths(*type, path + ".", 1, paths);
    return invalid("filter", "compares \"" + path + "\", which has several parts",
                   paths.empty() ? "compare another field" : "compare one of: " + join(paths, ", "));
  }
  return fields;
}

Result<int64_t> parse_enum(const EnumDescriptor& type, const std::string& path, std::string_view text) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    names.push_back(enum_label(type, value.number()));
    if (text == value.name() || text == names.back()) return int64_t{value.number()};
  }
  return invalid("filter",
                 "compares \"" + path + "\" with \"" + std::string(text) + "\", which is not one of its values",
                 did_you_mean(text, names));
}

Error not_a(const std::string& path, std::string_view text, const std::string& what, const std::string& remedy) {
  return invalid("filter", "compares \"" + path + "\" with \"" + std::string(text) + "\", which is not " + what,
                 remedy);
}

Result<FilterCondition::Value> parse_value(const FieldDescriptor& field, const std::string& path,
                                           std::string_view text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      if (text == "true") return FilterCondition::Value(true);
      if (text == "false") return FilterCondition::Value(false);
      return not_a(path, text, "a truth value", "write true or false");
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      if (const auto number = parse_integer(text)) return FilterCondition::Value(*number);
      return not_a(path, text, "a whole number", "write digits; of money, minor units (cents)");
    case FieldDescriptor::CPPTYPE_ENUM: {
      TANDEM_ASSIGN_OR_RETURN(const int64_t number, parse_enum(*field.enum_type(), path, text));
      return FilterCondition::Value(number);
    }
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_STRING) return FilterCondition::Value(std::string(text));
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (const auto instant = parse_instant(text); instant.ok()) return FilterCondition::Value(*instant);
      return not_a(path, text, "a time", "write RFC 3339, for example 2026-10-05T13:00:00Z");
    default:
      break;
  }
  return invalid("filter", "compares \"" + path + "\", which cannot be compared", "compare another field");
}

template <class A, class B>
bool compare(const A& a, FilterOperator op, const B& b) {
  switch (op) {
    case FilterOperator::kEqual:
      return a == b;
    case FilterOperator::kNotEqual:
      return a != b;
    case FilterOperator::kLess:
      return a < b;
    case FilterOperator::kLessOrEqual:
      return a <= b;
    case FilterOperator::kGreater:
      return a > b;
    case FilterOperator::kGreaterOrEqual:
      return a >= b;
  }
  return false;
}

// `index` is the element of a repeated field, -1 of another.
FilterCondition::Value value_of(const Message& message, const FieldDescriptor& f, int index) {
  const Reflection& r = *message.GetReflection();
  const bool one = index < 0;
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return one ? r.GetBool(message, &f) : r.GetRepeatedBool(message, &f, index);
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{one ? r.GetInt32(message, &f) : r.GetRepeatedInt32(message, &f, index)};
    case FieldDescriptor::CPPTYPE_INT64:
      return int64_t{one ? r.GetInt64(message, &f) : r.GetRepeatedInt64(message, &f, index)};
    case FieldDescriptor::CPPTYPE_UINT32:
      return int64_t{one ? r.GetUInt32(message, &f) : r.GetRepeatedUInt32(message, &f, index)};
    case FieldDescriptor::CPPTYPE_UINT64:
      // Beyond int64 there is nothing to compare with: the largest stands for all of it.
      return int64_t(
          std::min<uint64_t>(one ? r.GetUInt64(message, &f) : r.GetRepeatedUInt64(message, &f, index), INT64_MAX));
    case FieldDescriptor::CPPTYPE_ENUM:
      return int64_t{one ? r.GetEnumValue(message, &f) : r.GetRepeatedEnumValue(message, &f, index)};
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return to_instant(static_cast<const google::protobuf::Timestamp&>(
          one ? r.GetMessage(message, &f) : r.GetRepeatedMessage(message, &f, index)));
    default:
      return one ? r.GetString(message, &f) : r.GetRepeatedString(message, &f, index);
  }
}

}  // namespace

Result<FilterCondition> FilterCondition::make(const Descriptor& state, std::string path, FilterOperator op,
                                              std::string_view value) {
  FilterCondition condition;
  TANDEM_ASSIGN_OR_RETURN(condition.fields_, resolve(state, path));
  const FieldDescriptor& field = *condition.fields_.back();
  TANDEM_ASSIGN_OR_RETURN(condition.value_, parse_value(field, path, value));
  const bool ordered =
      field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL && field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM;
  if (!ordered && op != FilterOperator::kEqual && op != FilterOperator::kNotEqual) {
    return invalid("filter", "orders \"" + path + "\", which has no order", "use = or !=");
  }
  condition.path_ = std::move(path);
  condition.op_ = op;
  return condition;
}

bool FilterCondition::matches(const Message& state) const { return matches(state, 0); }

bool FilterCondition::matches(const Message& message, size_t depth) const {
  const FieldDescriptor& field = *fields_[depth];
  const Reflection& reflection = *message.GetReflection();
  const bool last = depth + 1 == fields_.size();
  if (!field.is_repeated()) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !reflection.HasField(message, &field)) return false;
    return last ? matches_field(message, field, -1) : matches(reflection.GetMessage(message, &field), depth + 1);
  }
  const int size = reflection.FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    if (last ? matches_field(message, field, i)
             : matches(reflection.GetRepeatedMessage(message, &field, i), depth + 1)) {
      return true;
    }
  }
  return false;
}

bool FilterCondition::matches_field(const Message& message, const FieldDescriptor& field, int index) const {
  return compare(value_of(message, field, index), op_, value_);
}

std::string FilterCondition::index_value() const {
  const FieldDescriptor& field = *fields_.back();
  if (const auto* number = std::get_if<int64_t>(&value_)) {
    const bool is_enum = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    return is_enum ? enum_label(*field.enum_type(), static_cast<int>(*number)) : std::to_string(*number);
  }
  if (const auto* truth = std::get_if<bool>(&value_)) return *truth ? "true" : "false";
  if (const auto* instant = std::get_if<Instant>(&value_)) return format_instant(*instant);
  return std::get<std::string>(value_);
}

void FilterCondition::fill(Message& state) const {
  Message* message = &state;
  for (size_t i = 0; i + 1 < fields_.size(); ++i) {
    const Reflection& r = *message->GetReflection();
    const FieldDescriptor* f = fields_[i];
    message = f->is_repeated() ? r.AddMessage(message, f) : r.MutableMessage(message, f);
  }
  const FieldDescriptor* f = fields_.back();
  const Reflection& r = *message->GetReflection();
  // Strings and enums are what indexes are made of; a probe with another type finds no index, and reads everything.
  if (f->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    const auto& text = std::get<std::string>(value_);
    f->is_repeated() ? r.AddString(message, f, text) : r.SetString(message, f, text);
  } else if (f->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const int number = static_cast<int>(std::get<int64_t>(value_));
    f->is_repeated() ? r.AddEnumValue(message, f, number) : r.SetEnumValue(message, f, number);
  } else if (f->cpp_type() == FieldDescriptor::CPPTYPE_BOOL && !f->is_repeated()) {
    r.SetBool(message, f, std::get<bool>(value_));
  }
}

}  // namespace tandem
