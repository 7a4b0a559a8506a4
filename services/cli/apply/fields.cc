#include "services/cli/apply/fields.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "services/cli/apply/working_hours_text.h"
#include "services/cli/times.h"
#include "shared/aggregate/convert.h"
#include "shared/base/money.h"
#include "shared/base/text.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

Error wrong(std::string_view text, const std::string& reason, std::string remedy) {
  return invalid("", "is " + reason + ": \"" + std::string(text) + "\"", std::move(remedy));
}

// "EUR 1,000.00".
Result<Money> money_from(std::string_view text) {
  const std::string_view trimmed = trim(text);
  const size_t blank = trimmed.find(' ');
  if (blank == std::string_view::npos) return wrong(text, "no amount of money", "write EUR 1,000.00");
  auto money = parse_money(trim(trimmed.substr(blank)), to_upper(trimmed.substr(0, blank)));
  if (!money.ok()) return with_field(std::move(money).error(), "");
  return money;
}

Result<int64_t> number_from(const FieldDescriptor& field, std::string_view text, const TextContext& context) {
  std::string digits(trim(text));
  std::erase(digits, '_');
  if (const auto number = parse_integer(digits)) return *number;
  if (field.name().ends_with("_bp")) {
    // Without the sign it would be basis points, which are whole.
    const auto points = trim(text).ends_with('%') ? parse_percent(text) : std::nullopt;
    if (points) return *points;
    return wrong(text, "neither basis points nor a percentage", "write 2500 or 25 %");
  }
  if (field.name().ends_with("_minor_units")) {
    TANDEM_ASSIGN_OR_RETURN(const Money money, money_from(text));
    if (context.currency.empty() || context.currency == money.currency) return money.minor;
    return wrong(text, "in another currency than " + context.currency, "write it in " + context.currency);
  }
  return wrong(text, "no whole number", "write digits");
}

Result<int64_t> number_between(const FieldDescriptor& field, std::string_view text, const TextContext& context,
                               int64_t least, int64_t most) {
  TANDEM_ASSIGN_OR_RETURN(const int64_t number, number_from(field, text, context));
  if (number >= least && number <= most) return number;
  return wrong(text, "out of range", "write a number from " + std::to_string(least) + " to " + std::to_string(most));
}

Result<int> enum_from(const EnumDescriptor& type, std::string_view text) {
  const std::string word = to_lower(trim(text));
  std::vector<std::string> known;
  for (int i = 0; i < type.value_count(); ++i) {
    const int number = type.value(i)->number();
    if (number == 0) continue;  // UNSPECIFIED
    known.push_back(to_lower(enum_label(type, number)));
    if (known.back() == word || to_lower(type.value(i)->name()) == word) return number;
  }
  return wrong(text, "not one of " + join(known, ", "), did_you_mean(word, known));
}

// A new or the only message of the field.
Message& message_at(Message& message, const FieldDescriptor& field) {
  const Reflection& r = *message.GetReflection();
  return field.is_repeated() ? *r.AddMessage(&message, &field) : *r.MutableMessage(&message, &field);
}

Status set_message(Message& message, const FieldDescriptor& field, std::string_view text, const TextContext& context) {
  const Descriptor* type = field.message_type();
  if (type == type::v1::Money::descriptor()) {
    TANDEM_ASSIGN_OR_RETURN(const Money money, money_from(text));
    message_at(message, field).CopyFrom(to_proto(money));
  } else if (type == google::protobuf::Timestamp::descriptor()) {
    TANDEM_ASSIGN_OR_RETURN(const Instant instant, parse_time(text, context.zone));
    message_at(message, field).CopyFrom(to_timestamp(instant));
  } else if (type == sales::v1::WorkingHours::descriptor()) {
    TANDEM_ASSIGN_OR_RETURN(const auto hours, parse_working_hours(text, context.zone.name()));
    message_at(message, field).CopyFrom(hours);
  } else if (type == sales::v1::WorkingInterval::descriptor()) {
    TANDEM_ASSIGN_OR_RETURN(const auto intervals, parse_working_intervals(text));
    for (const auto& interval : intervals) message_at(message, field).CopyFrom(interval);
  } else {
    return wrong(text, "a text where several fields belong", "write name: value below it");
  }
  return {};
}

template <class Number>
Result<Number> number(const FieldDescriptor& field, std::string_view text, const TextContext& context) {
  using Limits = std::numeric_limits<Number>;
  const auto most = static_cast<int64_t>(std::min<uint64_t>(Limits::max(), std::numeric_limits<int64_t>::max()));
  TANDEM_ASSIGN_OR_RETURN(const int64_t value, number_between(field, text, context, Limits::min(), most));
  return static_cast<Number>(value);
}

}  // namespace

bool has_text_form(const Descriptor& type) {
  return &type == type::v1::Money::descriptor() || &type == google::protobuf::Timestamp::descriptor() ||
         &type == sales::v1::WorkingHours::descriptor() || &type == sales::v1::WorkingInterval::descriptor();
}

Result<bool> parse_truth(std::string_view text) {
  const std::string word = to_lower(trim(text));
  for (const char* yes : {"true", "yes", "on", "y"}) {
    if (word == yes) return true;
  }
  for (const char* no : {"false", "no", "off", "n"}) {
    if (word == no) return false;
  }
  return wrong(text, "neither true nor false", "write true or false");
}

std::optional<int64_t> parse_percent(std::string_view text) {
  std::string_view percent = trim(text);
  if (percent.ends_with('%')) percent = trim(percent.substr(0, percent.size() - 1));
  // Hundredths of a percent are basis points.
  const auto points = parse_minor(percent, 2);
  return points.ok() ? std::optional(*points) : std::nullopt;
}

#define TANDEM_SET(Kind, ...)                               \
  {                                                         \
    TANDEM_ASSIGN_OR_RETURN(const auto value, __VA_ARGS__); \
    if (field.is_repeated()) {                              \
      r.Add##Kind(&message, &field, value);                 \
    } else {                                                \
      r.Set##Kind(&message, &field, value);                 \
    }                                                       \
    return {};                                              \
  }

Status set_field(Message& message, const FieldDescriptor& field, std::string_view text, const TextContext& context) {
  const Reflection& r = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      TANDEM_SET(Int32, number<int32_t>(field, text, context))
    case FieldDescriptor::CPPTYPE_INT64:
      TANDEM_SET(Int64, number<int64_t>(field, text, context))
    case FieldDescriptor::CPPTYPE_UINT32:
      TANDEM_SET(UInt32, number<uint32_t>(field, text, context))
    case FieldDescriptor::CPPTYPE_UINT64:
      TANDEM_SET(UInt64, number<uint64_t>(field, text, context))
    case FieldDescriptor::CPPTYPE_BOOL:
      TANDEM_SET(Bool, parse_truth(text))
    case FieldDescriptor::CPPTYPE_ENUM:
      TANDEM_SET(EnumValue, enum_from(*field.enum_type(), text))
    case FieldDescriptor::CPPTYPE_STRING:
      TANDEM_SET(String, Result<std::string>(std::string(text)))
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return set_message(message, field, text, context);
    default:
      return wrong(text, "of a type that cannot be written as text", "");
  }
}

#undef TANDEM_SET

Status set_path(Message& message, std::string_view path, std::string_view text, const TextContext& context) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (!field) std::abort();  // an option for a field that the command does not have
  if (dot == std::string_view::npos) return set_field(message, *field, text, context);
  return set_path(*message.GetReflection()->MutableMessage(&message, field), path.substr(dot + 1), text, context);
}

}  // namespace tandem::cli
