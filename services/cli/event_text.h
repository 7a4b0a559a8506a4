// Events of the log, for people and as JSON.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "shared/bus/subscription.h"

namespace tandem::cli {

// "DealWon" of "tandem.sales.v1.DealWon".
std::string short_type(const std::string& full_name);
// The event's message; null if this program does not know the type, or the payload is damaged.
std::unique_ptr<google::protobuf::Message> event_message(const bus::ConsumedEvent& event);

// One line: when, where it stands, what, of what, and its plain fields without personal data.
std::string event_line(const bus::ConsumedEvent& event);
// All of it, personal data included.
nlohmann::ordered_json event_json(const bus::ConsumedEvent& event);

// Which events are wanted; an empty list wants all.
struct EventFilter {
  std::vector<std::string> types;  // short or full, any case
  std::vector<std::string> subjects;
  bool wants(const bus::ConsumedEvent& event) const;
};

}  // namespace tandem::cli
