#include "shared/aggregate/convert.h"

#include <cctype>
#include <chrono>
#include <cstdint>
#include <utility>

#include "shared/base/violations.h"

namespace tandem {

Instant to_instant(const google::protobuf::Timestamp& timestamp) {
  return from_micros(timestamp.seconds() * 1'000'000 + timestamp.nanos() / 1'000);
}

google::protobuf::Timestamp to_timestamp(Instant instant) {
  // Seconds round down, also before 1970: nanos are never negative.
  const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds.time_since_epoch().count());
  timestamp.set_nanos(static_cast<int32_t>(std::chrono::nanoseconds(instant - seconds).count()));
  return timestamp;
}

Money to_money(const type::v1::Money& money) { return {money.minor_units(), money.currency()}; }

type::v1::Money to_proto(const Money& money) {
  type::v1::Money proto;
  proto.set_minor_units(money.minor);
  proto.set_currency(money.currency);
  return proto;
}

std::optional<Error> wrong_amount(const type::v1::Money& money, const std::string& field) {
  Violations wrong;
  if (auto known = currency_exponent(money.currency()); !known.ok()) {
    wrong.add(with_field(std::move(known).error(), field + ".currency"));
  }
  if (money.minor_units() < 0) wrong.add(invalid(field + ".minor_units", "is negative", "use zero or more"));
  return wrong.take_any();
}

std::string enum_label(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return std::to_string(number);
  std::string prefix;  // of the type's name: LeadStatus is LEAD_STATUS_
  for (const char c : type.name()) {
    if (std::isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  prefix += '_';
  const std::string& name = value->name();
  return name.compare(0, prefix.size(), prefix) == 0 ? name.substr(prefix.size()) : name;
}

}  // namespace tandem
