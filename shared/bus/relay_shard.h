// What the relay knows of one shard: its lease, and what was read and not yet trimmed. Pure, for Relay.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "shared/base/time.h"

namespace tandem::bus {

struct RelayShard {
  uint32_t shard = 0;
  // The lease. After an error of the outbox it is uncertain: the token stays, and is tried again first.
  std::string token;
  bool leased = false;
  bool uncertain = false;
  bool leaving = false;  // reads no more, and lets go when all is acknowledged
  Tick renew_at{};
  // Of a lease that we do not hold: when it was first seen free.
  std::optional<Tick> free_since;

  uint64_t generation = 0;
  uint64_t trimmed = 0;
  uint64_t last_read = 0;

  struct InFlight {
    uint64_t n = 0;
    uint64_t opaque = 0;
    Instant recorded_at{};
    std::optional<uint64_t> offset;  // once acknowledged
    Tick written_at{};
  };
  std::deque<InFlight> in_flight;
  // When the log last acknowledged something of this shard to the producer in use; none: never.
  std::optional<Tick> proven_at;

  bool readable() const { return leased && !uncertain && !leaving; }
  // Forgets all that was read and every acknowledgement under way.
  void forget() {
    in_flight.clear();
    last_read = trimmed;
  }
  // How many more may be written now, if `limit` may be unacknowledged.
  uint32_t room(uint32_t limit, Tick now) const;
  // Notes an acknowledgement; false if it is of something forgotten.
  bool acknowledge(uint64_t opaque, uint64_t offset, Tick now);
  // The last of the acknowledged prefix.
  std::optional<InFlight> acknowledged() const;
  // Since when the log owes an acknowledgement and has given none for this shard; none: it owes nothing.
  std::optional<Tick> silent_since() const;
  // Everything up to n is trimmed.
  void trimmed_to(uint64_t n);
};

}  // namespace tandem::bus
