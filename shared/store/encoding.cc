#include "shared/store/encoding.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace tandem::store {
namespace {

constexpr char kSeparator = '\x1f';

// Cuts the part before `separator` off the front of `text`.
std::optional<std::string_view> cut(std::string_view& text, char separator) {
  size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

std::string reply_text(const std::string& fingerprint, const std::string& reply) {
  return std::to_string(fingerprint.size()) + ":" + fingerprint + reply;
}

}  // namespace

std::string index_member(std::string_view order, std::string_view id) {
  std::string member(order);
  member += kSeparator;
  member += id;
  return member;
}

IndexEntry parse_index_member(std::string_view member) {
  size_t at = member.rfind(kSeparator);
  if (at == std::string_view::npos) return {std::string(), std::string(member)};
  return {std::string(member.substr(0, at)), std::string(member.substr(at + 1))};
}

std::string timer_member(const TimerKey& timer) {
  std::string member = timer.aggregate.type;
  member += kSeparator;
  member += timer.aggregate.id;
  member += kSeparator;
  member += timer.name;
  return member;
}

TimerKey parse_timer_member(std::string_view member) {
  auto type = cut(member, kSeparator).value_or("");
  auto id = cut(member, kSeparator).value_or("");
  return {{std::string(type), std::string(id)}, std::string(member)};
}

int64_t timer_score(Instant due) {
  int64_t micros = to_micros(due);
  auto score = static_cast<double>(micros);
  if (static_cast<int64_t>(score) < micros) score = std::nextafter(score, std::numeric_limits<double>::infinity());
  return static_cast<int64_t>(score);
}

std::optional<int64_t> parse_score(std::string_view text) {
  double score = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<int64_t>(score);
}

std::optional<Source> parse_source(std::string_view text) {
  size_t at = text.rfind('/');
  if (at == std::string_view::npos) return std::nullopt;
  auto partition = parse_number(text.substr(at + 1));
  if (!partition || *partition > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return Source{std::string(text.substr(0, at)), static_cast<uint32_t>(*partition)};
}

std::string mark_text(const MarkValue& mark) { return std::to_string(mark.n) + "," + std::to_string(mark.k); }

std::optional<MarkValue> parse_mark(std::string_view text) {
  auto n = parse_number(cut(text, ',').value_or(""));
  auto k = parse_number(text);
  if (!n || !k) return std::nullopt;
  return MarkValue{*n, *k};
}

std::string place_text(const Place& place) {
  return std::to_string(place.offset) + "," + std::to_string(place.generation) + "," + std::to_string(place.n);
}

std::optional<Place> parse_place(std::string_view source_name, std::string_view text) {
  auto source = parse_source(source_name);
  auto offset = parse_number(cut(text, ',').value_or(""));
  auto generation = parse_number(cut(text, ',').value_or(""));
  auto n = parse_number(text);
  if (!source || !offset || !generation || !n) return std::nullopt;
  return Place{*source, *offset, *generation, *n};
}

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string reply_text(const Commit& commit) { return reply_text(commit.fingerprint, commit.reply); }

std::string stored_reply(const Reply& reply) {
  return std::to_string(reply.n) + ":" + reply_text(reply.fingerprint, reply.bytes);
}

Stored parse_stored(std::string_view value) {
  return {std::string(value.substr(0, kVersionLength)),
          std::string(value.substr(std::min(value.size(), kVersionLength)))};
}

std::optional<Reply> parse_reply(std::string_view stored) {
  auto n = parse_number(cut(stored, ':').value_or(""));
  auto length = parse_number(cut(stored, ':').value_or(""));
  if (!n || !length || *length > stored.size()) return std::nullopt;
  return Reply{std::string(stored.substr(0, *length)), std::string(stored.substr(*length)), *n};
}

IndexEdits index_edits(std::span<const IndexChange> changes) {
  IndexEdits edits;
  for (const auto& change : changes) edits[change.index][index_member(change.order, change.id)] = change.add;
  return edits;
}

TimerEdits timer_edits(std::span<const TimerChange> changes) {
  TimerEdits edits;
  for (const auto& change : changes) {
    auto& score = edits[timer_member(change.timer)];
    score = change.due ? std::optional(timer_score(*change.due)) : std::nullopt;
  }
  return edits;
}

void check_commit(const Commit& commit) {
  if (commit.timers.size() > kMaxChanges || (commit.change && commit.change->indexes.size() > kMaxChanges)) {
    throw std::invalid_argument("a commit changes too many timers or index entries");
  }
  if (!commit.change) return;
  if (commit.change->version.size() != kVersionLength) {
    throw std::invalid_argument("a version token has 16 characters, not \"" + commit.change->version + "\"");
  }
  if (commit.change->outbox_record.empty()) throw std::invalid_argument("a change needs its outbox record");
}

}  // namespace tandem::store
