// Reading aggregates: one by its id, or lists of them, filtered, ordered and paged, over the Store port.
//
// A list's work is bounded: a call looks at no more than QueryOptions::scan_budget index entries. A page may therefore
// come back with fewer items than were asked for, or with none, and still have a next token; only an empty token ends
// the list. What is added, removed or moved in the order while somebody pages may be missed or seen twice; everything
// else is seen once.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "shared/aggregate/aggregate.h"
#include "shared/aggregate/store.h"
#include "shared/base/result.h"

namespace tandem {

class Filter;
struct MergedEntry;

struct ListQuery {
  // A conjunction of comparisons, a subset of AIP-160: `status = QUALIFIED AND facts.value.minor_units >= 100000`. See
  // filter.h. Empty = everything.
  std::string filter{};
  // "asc" (or empty) or "desc" of the aggregates' natural order.
  std::string order_by{};
  // 1 to 1,000; 0 = 100.
  int32_t page_size = 0;
  // Of the previous page, with the same filter and order; empty = from the beginning.
  std::string page_token{};
};

struct Page {
  std::vector<std::unique_ptr<google::protobuf::Message>> items;
  // Empty: that was all.
  std::string next_page_token;
};

struct QueryOptions {
  uint32_t shards = 16;
  // Signs page tokens, so that none can be made up or carried into another list. The same for all replicas of a
  // service.
  std::string token_key{};
  // Index entries that one call may look at.
  uint32_t scan_budget = 2000;
};

class Queries {
 public:
  using Message = google::protobuf::Message;

  // Both must outlive it.
  Queries(const Registry& registry, Store& store, QueryOptions options);

  // The state. NOT_FOUND if no event was ever applied to it.
  Result<std::unique_ptr<Message>> get(const AggregateRef& ref);
  // Several in one pipeline; one result for each, in order.
  std::vector<Result<std::unique_ptr<Message>>> get(std::span<const AggregateRef> refs);

  // INVALID_ARGUMENT naming filter, order_by, page_size or page_token.
  Result<Page> list(const AggregateType& type, const ListQuery& query);

  const Registry& registry() const { return registry_; }

 private:
  // Loads the entries and adds what matches to the page until it is full; how many entries were looked at.
  Result<size_t> take(const AggregateType& type, const Filter& filter, std::span<const MergedEntry> entries,
                      size_t page_size, Page& page);
  Status all_serve();

  const Registry& registry_;
  Store& store_;
  QueryOptions options_;
};

}  // namespace tandem
