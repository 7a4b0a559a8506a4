// Entries of an outbox, and inbox marks, as Redis gives them.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/aggregate/store.h"
#include "shared/store/redis_command.h"

namespace tandem::store {

// None if it is not one.
std::optional<OutboxEntry> parse_outbox_entry(const redisReply& reply);
std::optional<UnpublishedEvent> parse_unpublished(const redisReply& reply);
// All marks of a meta hash, sorted.
Result<std::vector<std::pair<Source, MarkValue>>> parse_marks(const redisReply& meta);

}  // namespace tandem::store
