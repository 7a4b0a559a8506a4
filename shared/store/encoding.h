// How keys and small values are written in Redis. The in-memory twin sorts by the same encodings, so that both list in
// the same order. Part of the stored format: changing anything here needs a new version of functions.lua.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "shared/aggregate/store.h"

namespace tandem::store {

// Length of a version token; the first bytes of an aggregate's value are its version.
inline constexpr size_t kVersionLength = 16;

// order + 0x1f + id. Ids must not contain 0x1f, and nothing should contain control characters: they would sort before
// the separator.
std::string index_member(std::string_view order, std::string_view id);
IndexEntry parse_index_member(std::string_view member);

// type + 0x1f + id + 0x1f + name.
std::string timer_member(const TimerKey& timer);
TimerKey parse_timer_member(std::string_view member);
// Microseconds since 1970 as a sorted set can hold them, in a double: exact until the year 2255, then rounded up, so
// that a timer never fires early.
int64_t timer_score(Instant due);
// As a sorted set writes it, maybe with an exponent.
std::optional<int64_t> parse_score(std::string_view text);

// In front of a source in the meta hash, in the carried marks and in outbox entries.
inline constexpr std::string_view kMarkField = "m:";
// A source_name(). None if it is not one.
std::optional<Source> parse_source(std::string_view text);
// "n,k".
std::string mark_text(const MarkValue& mark);
std::optional<MarkValue> parse_mark(std::string_view text);
// "offset,generation,n".
std::string place_text(const Place& place);
std::optional<Place> parse_place(std::string_view source, std::string_view text);

// A decimal number and nothing else.
std::optional<uint64_t> parse_number(std::string_view text);

// What is stored under a request id: "<n>:<length of the fingerprint>:<fingerprint><reply>". Without the number, which
// the commit function puts in front.
std::string reply_text(const Commit& commit);
std::optional<Reply> parse_reply(std::string_view stored);
// The whole of it, with the number.
std::string stored_reply(const Reply& reply);
// An aggregate's value.
Stored parse_stored(std::string_view value);

// What a list of changes comes to: where an entry is named twice, the last word counts.
using IndexEdits = std::map<std::string, std::map<std::string, bool>>;  // index -> member -> add
using TimerEdits = std::map<std::string, std::optional<int64_t>>;       // member -> score; absent = remove
IndexEdits index_edits(std::span<const IndexChange> changes);
TimerEdits timer_edits(std::span<const TimerChange> changes);

// Changes of timers, and of indexes, that one commit may make: what one call of Redis' variadic commands can take.
inline constexpr size_t kMaxChanges = 1000;
// Throws std::invalid_argument for a commit that no engine may make (a version of another length, no record, too many
// changes): a bug.
void check_commit(const Commit& commit);

}  // namespace tandem::store
