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

Status check_identity(const StoreIdentity& identity, std::string_view installation, uint32_t shards) {
  if (installation.empty()) return {};
  if (installation != identity.installation) return other_installation(identity, std::string(installation));
  if (shards != identity.shards) return other_shards(identity, shards);
  return {};
}

}  // namespace tandem::store
