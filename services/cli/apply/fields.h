// Fields of protobuf messages from text, by reflection: for options of commands and for YAML files. So a new field of a
// contract needs no code here.
//
//   text                as it is                         numbers       1234, with underscores too: 50_000
//   enums               by the short name, any case      truth         true, false, and YAML's other words
//   Money               EUR 1,000.00                     ..._minor_units   1234, or EUR 12.34
//   Timestamp           a date, or RFC 3339              ..._bp        2500, or 25 %
//   WorkingInterval     Mon-Fri 09:00-12:00, 13:00-17:30 (becomes several)
//   WorkingHours        the same, and a time zone after it: Mon-Fri 09:00-17:30 Europe/Berlin
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem::cli {

struct TextContext {
  Zone zone;             // of dates, and of working hours that name none
  std::string currency;  // not empty: ..._minor_units may be given in no other
};

// True for messages that can be written as one text: Money, Timestamp, WorkingInterval, WorkingHours.
bool has_text_form(const google::protobuf::Descriptor& type);

// Every spelling that YAML has for a truth, 1.2 and 1.1, in any case: true, yes, on, y; false, no, off, n.
// INVALID_ARGUMENT for anything else; the violation's field is left empty.
Result<bool> parse_truth(std::string_view text);

// "25 %", or "25": 2500 basis points, exactly or not at all.
std::optional<int64_t> parse_percent(std::string_view text);

// Appends where the field is repeated. INVALID_ARGUMENT: the violation's field is left empty.
Status set_field(google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field,
                 std::string_view text, const TextContext& context);
// By a path of names: "person.email". A path that the type does not have is a bug of the caller and aborts.
Status set_path(google::protobuf::Message& message, std::string_view path, std::string_view text,
                const TextContext& context);

}  // namespace tandem::cli
