// Between the values of base and their protobuf messages.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>
#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>

#include "shared/base/money.h"
#include "shared/base/time.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem {

// Instants are whole microseconds: a timestamp's nanoseconds below that are cut.
Instant to_instant(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp to_timestamp(Instant instant);

Money to_money(const type::v1::Money& money);
type::v1::Money to_proto(const Money& money);
// All that is wrong with an amount that must have a known currency and be zero or more. `field` is its path.
std::optional<Error> wrong_amount(const type::v1::Money& money, const std::string& field);

// The name of an enum's value without the type's prefix, as filters and indexes write it: LEAD_STATUS_NEW is "NEW". A
// number that has no name is written in decimal.
std::string enum_label(const google::protobuf::EnumDescriptor& type, int number);
template <class E>
std::string enum_label(E value) {
  return enum_label(*google::protobuf::GetEnumDescriptor<E>(), static_cast<int>(value));
}

}  // namespace tandem
