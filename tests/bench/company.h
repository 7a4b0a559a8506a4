// The company that the benchmark runs: campaigns that each have a team, a scoring policy that every lead passes, and
// its leads.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tandem/marketing/v1/service.pb.h"

namespace tandem::bench {

// A command that has to be given before the first lead, in this order.
struct Definition {
  std::string service;
  std::string method;  // "DefineTeam"
  std::shared_ptr<const google::protobuf::Message> command;
};

// `teams` teams of four without limits of capacity or time, and a campaign for each.
std::vector<Definition> company_definitions(uint32_t teams);

// The n-th lead of a run: a person of its own, of one of the campaigns.
marketing::v1::CaptureLead lead_of(const std::string& run, uint64_t n, uint32_t teams);

}  // namespace tandem::bench
