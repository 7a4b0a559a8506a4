// The timeline: which events concern a customer, and what each says in a few words.
#pragma once

#include "shared/aggregate/reactions.h"

namespace tandem::crm {

// Adds reactions 100 and up.
void add_timeline(Reactions& reactions);

}  // namespace tandem::crm
