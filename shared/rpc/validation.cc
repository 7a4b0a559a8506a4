#include "shared/rpc/validation.h"

#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "shared/rpc/formats.h"
#include "shared/rpc/validation_plan.h"

namespace tandem::rpc {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Seconds of 0001-01-01 and of 10000-01-01.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kEndSecond = 253'402'300'800;

// Walks a message by its plan. The path is only written out where something is wrong.
class Validation {
 public:
  void message(const Message& message, const ValidationPlan& plan, const std::string& prefix) {
    const Reflection& reflection = *message.GetReflection();
    for (const auto* oneof : plan.required_oneofs) {
      if (!reflection.HasOneof(message, oneof)) {
        add(prefix + oneof->name(), "is missing", "set one of: " + members(*oneof));
      }
    }
    for (const FieldPlan& field : plan.fields) {
      if (violations_.size() >= kMaxViolations) return;
      if (field.field->is_repeated()) {
        repeated(message, reflection, field, prefix);
      } else {
        single(message, reflection, field, prefix);
      }
    }
  }

  std::vector<Violation> take() && { return std::move(violations_); }

 private:
  void add(std::string path, std::string reason, std::string remedy) {
    if (violations_.size() < kMaxViolations) {
      violations_.push_back({std::move(path), std::move(reason), std::move(remedy)});
    }
  }

  static std::string members(const google::protobuf::OneofDescriptor& oneof) {
    std::vector<std::string> names;
    for (int i = 0; i < oneof.field_count(); ++i) names.push_back(oneof.field(i)->name());
    return join(names, ", ");
  }

  void repeated(const Message& message, const Reflection& reflection, const FieldPlan& plan,
                const std::string& prefix) {
    const int size = reflection.FieldSize(message, plan.field);
    const auto items = static_cast<uint32_t>(size);
    const std::string& name = plan.field->name();
    if (items == 0 && (plan.required || plan.min_items > 0)) {
      add(prefix + name, "is empty", "give at least " + std::to_string(std::max(plan.min_items, 1u)));
    } else if (items < plan.min_items) {
      add(prefix + name, "has only " + std::to_string(items), "give at least " + std::to_string(plan.min_items));
    } else if (items > plan.max_items) {
      add(prefix + name, "has " + std::to_string(items) + " items", "give at most " + std::to_string(plan.max_items));
      return;
    }
    for (int i = 0; i < size && violations_.size() < kMaxViolations; ++i) {
      value(message, reflection, plan, prefix, i);
    }
  }

  void single(const Message& message, const Reflection& reflection, const FieldPlan& plan, const std::string& prefix) {
    const FieldDescriptor& field = *plan.field;
    // Without presence HasField says whether it is not the default: zero, empty, UNSPECIFIED.
    if (reflection.HasField(message, &field)) {
      value(message, reflection, plan, prefix, -1);
    } else if (plan.required && must_be_set(plan)) {
      add(prefix + field.name(), "is missing", missing_remedy(field));
    }
  }

  // Of a field that is at its default.
  static bool must_be_set(const FieldPlan& plan) {
    if (plan.field->has_presence()) return true;
    switch (plan.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
      case FieldDescriptor::CPPTYPE_ENUM:
        return true;
      case FieldDescriptor::CPPTYPE_BOOL:
        return false;
      default:
        return !plan.bounded || plan.min > 0 || plan.max < 0;
    }
  }

  static std::string missing_remedy(const FieldDescriptor& field) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return "use one of: " + values_of(*field.enum_type());
    return "give it";
  }

  static std::string values_of(const EnumDescriptor& type) {
    std::vector<std::string> names;
    for (int i = 0; i < type.value_count() && names.size() < 12; ++i) {
      if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
    }
    return join(names, ", ");
  }

  static std::string path_of(const FieldPlan& plan, const std::string& prefix, int index) {
    std::string path = prefix + plan.field->name();
    return index < 0 ? path : path + "[" + std::to_string(index) + "]";
  }

  void value(const Message& message, const Reflection& r, const FieldPlan& plan, const std::string& prefix, int i) {
    const FieldDescriptor* f = plan.field;
    const bool one = i < 0;
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const Message& inner = one ? r.GetMessage(message, f) : r.GetRepeatedMessage(message, f, i);
        if (plan.timestamp) timestamp(inner, plan, prefix, i);
        if (plan.message) this->message(inner, *plan.message, path_of(plan, prefix, i) + ".");
        return;
      }
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        text(one ? r.GetStringReference(message, f, &scratch) : r.GetRepeatedStringReference(message, f, i, &scratch),
             plan, prefix, i);
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        return enumeration(one ? r.GetEnumValue(message, f) : r.GetRepeatedEnumValue(message, f, i), plan, prefix, i);
      case FieldDescriptor::CPPTYPE_INT32:
        return number(one ? r.GetInt32(message, f) : r.GetRepeatedInt32(message, f, i), plan, prefix, i);
      case FieldDescriptor::CPPTYPE_INT64:
        return number(one ? r.GetInt64(message, f) : r.GetRepeatedInt64(message, f, i), plan, prefix, i);
      case FieldDescriptor::CPPTYPE_UINT32:
        return number(one ? r.GetUInt32(message, f) : r.GetRepeatedUInt32(message, f, i), plan, prefix, i);
      case FieldDescriptor::CPPTYPE_UINT64:
        return number(one ? r.GetUInt64(message, f) : r.GetRepeatedUInt64(message, f, i), plan, prefix, i);
      default:
        return;
    }
  }

  template <class N>
  void number(N number, const FieldPlan& plan, const std::string& prefix, int index) {
    if (!plan.bounded) return;
    if (std::cmp_less(number, plan.min)) {
      add(path_of(plan, prefix, index), "is less than " + std::to_string(plan.min), plan.range_remedy);
    } else if (std::cmp_greater(number, plan.max)) {
      add(path_of(plan, prefix, index), "is more than " + std::to_string(plan.max), plan.range_remedy);
    }
  }

  void enumeration(int number, const FieldPlan& plan, const std::string& prefix, int index) {
    const EnumDescriptor& type = *plan.field->enum_type();
    if (!type.FindValueByNumber(number)) {
      add(path_of(plan, prefix, index), "is " + std::to_string(number) + ", which is no value of " + type.name(),
          "use one of: " + values_of(type));
    } else if (number == 0 && plan.required) {
      add(path_of(plan, prefix, index), "is not specified", "use one of: " + values_of(type));
    }
  }

  void text(const std::string& text, const FieldPlan& plan, const std::string& prefix, int index) {
    const auto wrong = [&](std::string reason, std::string remedy) {
      add(path_of(plan, prefix, index), std::move(reason), std::move(remedy));
    };
    if (text.empty()) {
      // In a list an empty string is an item that says nothing.
      if (index >= 0) wrong("is empty", "leave it out");
      return;
    }
    const bool is_text = plan.field->type() == FieldDescriptor::TYPE_STRING;
    if (is_text && !utf8_valid(text)) return wrong("is not valid UTF-8", "encode it as UTF-8");
    const size_t length = is_text ? characters(text) : text.size();
    const std::string unit = is_text ? " characters" : " bytes";
    if (length < plan.min_length) {
      wrong("has only " + std::to_string(length) + unit, "use at least " + std::to_string(plan.min_length));
    } else if (length > plan.max_length) {
      return wrong("has " + std::to_string(length) + unit, "use at most " + std::to_string(plan.max_length));
    }
    if (auto violation = check_format(plan.format, text)) {
      wrong(std::move(violation->reason), std::move(violation->remedy));
    }
  }

  static size_t characters(const std::string& text) {
    size_t count = 0;
    for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return count;
  }

  void timestamp(const Message& message, const FieldPlan& plan, const std::string& prefix, int index) {
    const auto& time = static_cast<const google::protobuf::Timestamp&>(message);
    if (time.seconds() < kFirstSecond || time.seconds() >= kEndSecond) {
      add(path_of(plan, prefix, index), "is outside the years 1 to 9999", "give seconds since 1970");
    } else if (time.nanos() < 0 || time.nanos() > 999'999'999) {
      add(path_of(plan, prefix, index), "has nanoseconds outside 0 to 999999999", "correct nanos");
    }
  }

  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> validate(const Message& message) {
  Validation validation;
  validation.message(message, validation_plan(*message.GetDescriptor()), "");
  return std::move(validation).take();
}

Status check(const Message& message) {
  std::vector<Violation> violations = validate(message);
  if (violations.empty()) return {};
  Error error{Code::kInvalidArgument, "", std::move(violations), {}};
  for (size_t i = 0; i < error.violations.size(); ++i) {
    const Violation& violation = error.violations[i];
    error.message += (i > 0 ? "; " : "") + violation.field + " " + violation.reason;
  }
  return error;
}

}  // namespace tandem::rpc
