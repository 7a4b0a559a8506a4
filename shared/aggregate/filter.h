// Filters of lists: a subset of AIP-160, parsed against the descriptor of a state, so that what is no field, or cannot
// be compared, is refused before anything is read.
//
//   filter     = [condition *("AND" condition)]
//   condition  = path operator value
//   path       = field *("." field)
//   operator   = "=" / "!=" / "<" / "<=" / ">" / ">="
//   value      = word / quoted ("..." or '...', with \ before a quote or a backslash)
//
// Strings compare byte by byte, enums (= and != only) by a value's name with or without the type's prefix, booleans
// (= and != only) as true and false, times as RFC 3339, integers as such; money is compared by its parts
// (`amount.minor_units`). A repeated field, or one inside a repeated message, matches if any element does. What lies in
// a message that is not there, a time for instance, matches nothing.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem {

enum class FilterOperator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// One comparison, typed.
class FilterCondition {
 public:
  using Value = std::variant<bool, int64_t, std::string, Instant>;

  // INVALID_ARGUMENT on "filter".
  static Result<FilterCondition> make(const google::protobuf::Descriptor& state, std::string path, FilterOperator op,
                                      std::string_view value);

  bool matches(const google::protobuf::Message& state) const;

  const std::string& path() const { return path_; }
  FilterOperator op() const { return op_; }
  // The value as indexes have it: an enum by its label.
  std::string index_value() const;
  // Makes the field have the value, so that one can see how such a state would be indexed.
  void fill(google::protobuf::Message& state) const;

 private:
  bool matches(const google::protobuf::Message& message, size_t depth) const;
  bool matches_field(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                     int index) const;

  std::string path_;
  std::vector<const google::protobuf::FieldDescriptor*> fields_;
  FilterOperator op_ = FilterOperator::kEqual;
  Value value_;  // of an enum: its number
};

class Filter {
 public:
  static constexpr size_t kMaxConditions = 20;

  // INVALID_ARGUMENT on "filter", with what is wrong and the nearest name that would be right.
  static Result<Filter> parse(std::string_view text, const google::protobuf::Descriptor& state);

  bool matches(const google::protobuf::Message& state) const;
  const std::vector<FilterCondition>& conditions() const { return conditions_; }

 private:
  std::vector<FilterCondition> conditions_;
};

}  // namespace tandem
