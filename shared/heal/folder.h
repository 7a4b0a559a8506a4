// From events of the log to what a shard of the store holds: state, version, indexes, timers, marks, parked commands,
// request ids with their replies. It folds with the engine's own code (Instance), so that the store after a fold is,
// byte for byte, what the commits had made of it.
//
// What the log does not say does not come back: request ids of rejections and of nothing-to-do, places, and that a
// timer has fired and led to nothing (it fires again).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/aggregate/healing.h"
#include "shared/aggregate/instance.h"
#include "shared/bus/envelope.h"

namespace tandem::heal {

class Folder {
 public:
  // The store's aggregates, as they are before the first event that is given to fold(); one answer for each.
  using Load = std::function<Result<std::vector<Stored>>(std::span<const AggregateRef>)>;

  enum class Memory {
    kSome,  // what was not folded for long is loaded again
    // Nothing is forgotten or loaded, the store being empty before; fold() gives marks and request ids only: find()
    // has the aggregates, and what is derived from them.
    kAll,
  };

  // `registry` must outlive it.
  explicit Folder(const Registry& registry, Memory memory = Memory::kSome) : registry_(registry), memory_(memory) {}

  // Of events of one shard that follow each other, at least one, without request ids that are forgotten by `now`.
  // DATA_LOSS in words for one that these rules do not know, or whose payload is damaged; then, and after an error of
  // `load`, the folder is of no use any more.
  Result<FoldedEvents> fold(std::span<const bus::EventRecord> events, const Load& load, Instant now);

  // Those in memory. Null if it is not there.
  const Instance* find(const AggregateRef& ref) const;
  std::vector<AggregateRef> aggregates() const;

 private:
  struct Changes;
  struct Hash {
    size_t operator()(const AggregateRef& ref) const {
      return std::hash<std::string>()(ref.id) * 31 + std::hash<std::string>()(ref.type);
    }
  };

  Status bring(std::span<const bus::EventRecord> events, const Load& load);
  Status apply(const bus::EventRecord& event, Changes& changes);
  Status fold_only(const bus::EventRecord& event);
  Status say_effects(const bus::EventRecord& event, Changes& changes);
  // Good until the next call.
  Result<const google::protobuf::Message*> parse(const bus::EventRecord& event);

  const Registry& registry_;
  const Memory memory_;
  std::unordered_map<AggregateRef, Instance, Hash> instances_;
  // A message for each type of event, used again and again: making one costs as much as reading it.
  std::unordered_map<const google::protobuf::Message*, std::unique_ptr<google::protobuf::Message>> parsed_;
};

}  // namespace tandem::heal
