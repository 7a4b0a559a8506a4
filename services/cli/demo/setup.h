// Nordlicht GmbH: how it is set up, and what its manager does at the end of the month. All of it by the services' own
// commands.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "tandem/sales/v1/resources.pb.h"

namespace tandem::cli {

inline constexpr char kDemoTeam[] = "nordlicht";
inline constexpr char kDemoCurrency[] = "EUR";

// Pipeline, plans, team, campaigns and scoring as deploy/samples has them, with spending on the campaigns; but for the
// demonstration a lead must be accepted within seconds. `run`: part of the request ids.
Status set_company_up(Session& session, const std::string& run);
// The team as the sample has it: a lead must be accepted within working hours.
Status back_to_normal(Session& session);

struct PaidOut {
  uint64_t statements = 0;
  int64_t minor = 0;  // EUR
};
// The team's members and its manager.
std::set<std::string> payees_of(const sales::v1::Team& team);
// Approves and pays their open statements of a period, and nobody else's.
Result<PaidOut> pay_statements(Session& session, const std::string& run, const Period& period,
                               const std::set<std::string>& payees);

struct TakenBack {
  uint64_t deals = 0;
  int64_t minor = 0;
};
// Takes back up to `most` deals that the team won in the period, which has been paid: what they earned is taken back
// from the open statements.
Result<TakenBack> take_back_late(Session& session, const std::string& run, const Period& period, uint64_t most);

// The zone and the kind of period of the plans.
Zone company_zone();
Period current_period();

}  // namespace tandem::cli
