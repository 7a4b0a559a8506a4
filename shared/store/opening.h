// What is said when a shard's data is not what it should be; the same words for both implementations.
#pragma once

#include <cstdint>
#include <string>

#include "shared/base/result.h"
#include "shared/store/identity.h"

namespace tandem::store {

// FAILED_PRECONDITION: the data belongs to another installation.
Error other_installation(const StoreIdentity& identity, const std::string& found);
// FAILED_PRECONDITION: the data was made with another number of shards.
Error other_shards(const StoreIdentity& identity, uint64_t found);
// FAILED_PRECONDITION: the shard is in another generation than the caller's.
Error wrong_generation(uint32_t shard, uint64_t generation);
// UNAVAILABLE: this process has seen data in the shard, and now there is none.
Error data_gone(const StoreIdentity& identity, const std::string& where);
// UNAVAILABLE: the shard's last event is `last`, but `expected` had been stored, or even published.
Error data_behind(const StoreIdentity& identity, const std::string& where, uint64_t last, uint64_t expected);

}  // namespace tandem::store
