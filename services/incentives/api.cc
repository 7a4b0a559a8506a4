#include "services/incentives/api.h"

#include "services/incentives/entry.h"
#include "services/incentives/ledger.h"
#include "services/incentives/plan.h"
#include "services/incentives/statement.h"

namespace tandem::incentives {

Api api() {
  Api a("tandem.incentives.v1.IncentivesService");
  a.command<Plan, v1::PublishPlan>("PublishPlan", [](const auto& c) { return c.plan(); });
  a.command<Statement, v1::ApproveStatement>("ApproveStatement", [](const auto& c) { return c.statement(); });
  a.command<Statement, v1::PayStatement>("PayStatement", [](const auto& c) { return c.statement(); });
  a.get<Plan>("GetPlan").list<Plan>("ListPlans");
  a.get<Ledger>("GetLedger").list<Ledger>("ListLedgers");
  a.get<Statement>("GetStatement").list<Statement>("ListStatements");
  a.get<Entry>("GetEntry").list<Entry>("ListEntries");
  return a;
}

}  // namespace tandem::incentives
