// Who waits for PUBLISHED: answers that are due when the relay says that their event is in the log and trimmed.
//
// An answer waits for its event's number in its generation. When the shard turns out to be in another one, the number
// means another event, or none: then it has to be asked again by its request id.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "shared/base/teeth.h"
#include "shared/bus/relay.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::runtime {

template <class Asked>
class PublishedWait {
 public:
  struct News {
    std::vector<Asked> published;
    std::vector<Asked> again;  // to be looked up by their request ids
  };

  explicit PublishedWait(bus::Relay& relay) : relay_(relay) {}

  // For event `number` of a shard; `generation` is the one that was in force when it was learnt, maybe a later one than
  // the event's own. True: it waits. False: it is published already, and `asked` was left alone.
  bool add(uint32_t shard, uint64_t generation, uint64_t number, Asked& asked) {
    // Counted before the relay is asked: what it says from now on is heard.
    count_++;
    if (relay_.await(shard, generation, number)) {
      count_--;
      return false;
    }
    waiting_.emplace(std::pair(shard, number), Waiting{generation, std::move(asked)});
    return true;
  }

  // Everything of the shard up to n is published in this generation.
  News published(uint32_t shard, uint64_t generation, uint64_t n) {
    News news;
    auto from = waiting_.lower_bound({shard, 0});
    while (from != waiting_.end() && from->first.first == shard) {
      const bool same = TANDEM_TOOTH(kW06) || from->second.generation == generation;
      if (same && from->first.second > n) {
        ++from;
        continue;
      }
      (same ? news.published : news.again).push_back(std::move(from->second.asked));
      count_--;
      from = waiting_.erase(from);
    }
    return news;
  }

  // Takes out those for which `expired(asked)` is true.
  template <class F>
  std::vector<Asked> take_if(F expired) {
    std::vector<Asked> taken;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      if (!expired(std::as_const(it->second.asked))) {
        ++it;
        continue;
      }
      taken.push_back(std::move(it->second.asked));
      count_--;
      it = waiting_.erase(it);
    }
    return taken;
  }

  // Any thread: whether published() has anything to do.
  bool any() const { return count_ > 0; }

 private:
  struct Waiting {
    uint64_t generation = 0;
    Asked asked;
  };

  bus::Relay& relay_;
  std::multimap<std::pair<uint32_t, uint64_t>, Waiting> waiting_;  // by shard and number
  std::atomic<size_t> count_{0};
};

}  // namespace tandem::runtime
