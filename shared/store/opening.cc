#include "shared/store/opening.h"

namespace tandem::store {

Error other_installation(const StoreIdentity& identity, const std::string& found) {
  return make_error(Code::kFailedPrecondition, "installation",
                    "is \"" + identity.installation + "\", but the data of service " + identity.service +
                        " in Redis belongs to installation \"" + found + "\"",
                    "point this service to its own Redis, or give it that installation's id");
}

Error other_shards(const StoreIdentity& identity, uint64_t found) {
  return make_error(Code::kFailedPrecondition, "shards",
                    "is " + std::to_string(identity.shards) + ", but the data of service " + identity.service +
                        " in Redis was made with " + std::to_string(found),
                    "set shards to " + std::to_string(found) + "; the number is fixed at installation");
}

Error wrong_generation(uint32_t shard, uint64_t generation) {
  return make_error(Code::kFailedPrecondition, "generation",
                    "of shard " + std::to_string(shard) + " is not " + std::to_string(generation) + " (any more)",
                    "load the shard's generation again");
}

Error data_gone(const StoreIdentity& identity, const std::string& where) {
  return make_error(Code::kUnavailable, "redis",
                    "at " + where + " has no data of service " + identity.service + " any more, though it had",
                    "bring its append-only file back and restart Redis; nothing is written until then");
}

Error data_behind(const StoreIdentity& identity, const std::string& where, uint64_t last, uint64_t expected) {
  return make_error(Code::kUnavailable, "redis",
                    "at " + where + " has lost commits of service " + identity.service + ": its last event is number " +
                        std::to_string(last) + ", but number " + std::to_string(expected) + " had been stored",
                    "bring its newest append-only file back and restart Redis; nothing is written until then");
}

}  // namespace tandem::store
