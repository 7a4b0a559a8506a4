// For tests of stores: commits in a line.
#pragma once

#include <string>

#include "shared/aggregate/healing.h"
#include "shared/aggregate/store.h"

namespace tandem::store::testing {

// A version token of 16 characters for a number.
std::string version(int number);

// An event on lead "a" in shard 0, generation 1: from version(before) (0 = does not exist) to version(after).
Commit event(int before, int after);
// The same with a request id; the fingerprint is "print", the reply "reply".
Commit request(const std::string& id, int before, int after);
// Nothing to do, on a lead that does not exist; the mark of marketing/0 moves.
Commit nothing(MarkValue expected, MarkValue to);

// Lets a shard serve, in the generation after its last, without a log: what is unpublished stays so. A failure of the
// test if the healing does not answer within some seconds.
uint64_t reconcile(Healing& healing, uint32_t shard);

}  // namespace tandem::store::testing
