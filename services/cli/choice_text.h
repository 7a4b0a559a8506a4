// Why a salesperson was chosen for a lead, for people.
#pragma once

#include <cstdint>
#include <string>

#include "tandem/sales/v1/resources.pb.h"

namespace tandem::cli {

// "2.50": weights of the rotation in leads, from parts of a lead.
std::string in_leads(int64_t weight, int64_t lead_unit);

// The whole story of an assignment: earlier owners, everyone considered with verdict and weights before and after, and
// why the one was chosen.
std::string describe_assignment(const sales::v1::Assignment& assignment);
// A lead that waits in a team's queue.
std::string describe_queued(const sales::v1::Team& team, const sales::v1::QueuedLead& queued);

}  // namespace tandem::cli
