// Names of a shard's keys. All have the shard's hash tag, so that in a Redis Cluster they live in one slot:
//   {<prefix><service>:<shard>}:meta, :carried, :places, :out, :timers, :lease
//   {...}:s:<type>/<id>       an aggregate: 16 characters of version, then its bytes
//   {...}:r:<request id>      a request id's reply
//   {...}:i:<index>           an index
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/aggregate/context.h"

namespace tandem::store {

class RedisKeys {
 public:
  RedisKeys(std::string_view prefix, std::string_view service, uint32_t shard)
      : tag_("{" + std::string(prefix) + std::string(service) + ":" + std::to_string(shard) + "}:"),
        meta(tag_ + "meta"),
        carried(tag_ + "carried"),
        places(tag_ + "places"),
        outbox(tag_ + "out"),
        timers(tag_ + "timers"),
        lease(tag_ + "lease") {}

  std::string state(const AggregateRef& ref) const { return tag_ + "s:" + ref.type + "/" + ref.id; }
  std::string request(const std::string& request_id) const { return tag_ + "r:" + request_id; }
  std::string index(const std::string& name) const { return tag_ + "i:" + name; }

 private:
  std::string tag_;

 public:
  const std::string meta, carried, places, outbox, timers, lease;
};

}  // namespace tandem::store
