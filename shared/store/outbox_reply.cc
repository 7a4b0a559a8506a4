#include "shared/store/outbox_reply.h"

#include <algorithm>

#include "shared/store/encoding.h"

namespace tandem::store {

namespace {

// Of [id "n-0", [t, micros, r, record, v, version, m:<source>, "n,k", ...]].
struct EntryFields {
  uint64_t n = 0;
  std::span<redisReply* const> fields;
};

std::optional<EntryFields> parse_entry(const redisReply& reply) {
  auto parts = elements_of(reply);
  if (parts.size() != 2) return std::nullopt;
  std::string_view id = text_of(*parts[0]);
  auto n = parse_number(id.substr(0, id.find('-')));
  auto fields = elements_of(*parts[1]);
  if (!n || fields.size() < 6) return std::nullopt;
  return EntryFields{*n, fields};
}

}  // namespace

std::optional<OutboxEntry> parse_outbox_entry(const redisReply& reply) {
  const auto parsed = parse_entry(reply);
  if (!parsed) return std::nullopt;
  const auto& fields = parsed->fields;
  OutboxEntry entry{parsed->n, std::string(text_of(*fields[3])), {}};
  for (size_t i = 6; i + 1 < fields.size(); i += 2) {
    auto source = parse_source(text_of(*fields[i]).substr(kMarkField.size()));
    auto mark = parse_mark(text_of(*fields[i + 1]));
    if (!source || !mark) return std::nullopt;
    entry.carried_marks.emplace_back(*source, *mark);
  }
  std::sort(entry.carried_marks.begin(), entry.carried_marks.end());
  return entry;
}

std::optional<UnpublishedEvent> parse_unpublished(const redisReply& reply) {
  const auto parsed = parse_entry(reply);
  if (!parsed) return std::nullopt;
  return UnpublishedEvent{parsed->n, std::string(text_of(*parsed->fields[5]))};
}

Result<std::vector<std::pair<Source, MarkValue>>> parse_marks(const redisReply& meta) {
  auto fields = elements_of(meta);
  std::vector<std::pair<Source, MarkValue>> marks;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    std::string_view name = text_of(*fields[i]);
    if (!name.starts_with(kMarkField)) continue;
    auto source = parse_source(name.substr(kMarkField.size()));
    auto mark = parse_mark(text_of(*fields[i + 1]));
    if (!source || !mark) return unexpected_reply(*fields[i]);
    marks.emplace_back(*source, *mark);
  }
  std::sort(marks.begin(), marks.end());
  return marks;
}

}  // namespace tandem::store
