// Dead letters: for people, a copy of every parked command on `tandem.<service>.dead-letters`. Parking itself is an
// event of the service's own log, and that is what counts; the copy is best effort: written by the relay when it
// publishes the event, maybe twice, lost if the producer dies or its queue is full just then.
#pragma once

#include <string_view>

namespace tandem::bus {

inline constexpr std::string_view kCommandParked = "tandem.exchange.v1.CommandParked";

inline bool is_dead_letter(std::string_view event_type) { return event_type == kCommandParked; }

}  // namespace tandem::bus
