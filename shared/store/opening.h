// What is said when a shard's data is not what it should be; the same words for both implementations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/store/identity.h"

namespace tandem::store {

// FAILED_PRECONDITION: the data belongs to another installation.
Error other_installation(const StoreIdentity& identity, const std::string& found);
// FAILED_PRECONDITION: the data was made with another number of shards.
Error other_shards(const StoreIdentity& identity, uint64_t found);
// FAILED_PRECONDITION: the shard is in another generation than the caller's.
Error wrong_generation(uint32_t shard, uint64_t generation);
// One of the two, for what was found; OK where nothing was (an empty installation), or it is ours.
Status check_identity(const StoreIdentity& identity, std::string_view installation, uint32_t shards);

}  // namespace tandem::store
