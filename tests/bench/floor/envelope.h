// What the floor writes around an event: what caused it and which lead it is of, filled up to the size of the product's
// envelope. 1 byte event, 16 bytes lead, filling; the relay adds 8 bytes of number when it publishes.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/bench/plan.h"

namespace tandem::bench {

inline constexpr size_t kLeadBytes = 16;
inline constexpr char kEnvelopeHeader[] = "tandem";

// The outbox record: 4 bytes length of the envelope, the envelope, the payload.
inline std::string outbox_record(const Step& step, std::string_view lead) {
  const auto length = static_cast<uint32_t>(step.envelope_bytes);
  std::string record(sizeof length + step.envelope_bytes + step.payload_bytes, 'x');
  std::memcpy(record.data(), &length, sizeof length);
  record[sizeof length] = static_cast<char>(step.makes);
  record.replace(sizeof length + 1, kLeadBytes, lead);
  return record;
}

struct OutboxParts {
  std::string_view envelope;
  std::string_view payload;
};

inline OutboxParts parts_of(std::string_view record) {
  uint32_t length = 0;
  std::memcpy(&length, record.data(), sizeof length);
  return {record.substr(sizeof length, length), record.substr(sizeof length + length)};
}

inline std::string_view lead_of(std::string_view envelope) { return envelope.substr(1, kLeadBytes); }

}  // namespace tandem::bench
