// Sales' gRPC methods: which command goes to which aggregate, and what is read.
#include <string>

#include "services/sales/assignment.h"
#include "services/sales/opportunity.h"
#include "services/sales/pipeline.h"
#include "services/sales/service.h"
#include "services/sales/team.h"
#include "shared/base/ids.h"

namespace tandem::sales {
namespace {

std::string opened_id(const v1::OpenDeal& c, const RequestInfo& info) {
  return c.opportunity().empty() ? derive_id(Opportunity::kType, {"request", info.request_id}) : c.opportunity();
}

// Every command that names its opportunity.
constexpr auto kOpportunity = [](const auto& c) { return c.opportunity(); };
constexpr auto kTeam = [](const auto& c) { return c.team(); };
constexpr auto kAssignment = [](const auto& c) { return c.assignment(); };

}  // namespace

Api api() {
  Api a("tandem.sales.v1.SalesService");
  a.command<Team, v1::DefineTeam>("DefineTeam", kTeam);
  a.command<Team, v1::SetLeave>("SetLeave", kTeam);
  a.command<Team, v1::AssignQueuedLead>("AssignQueuedLead", kTeam);
  a.get<Team>("GetTeam");
  a.list<Team>("ListTeams");

  a.command<Assignment, v1::AcceptLead>("AcceptLead", kAssignment);
  a.command<Assignment, v1::DeclineLead>("DeclineLead", kAssignment);
  a.get<Assignment>("GetAssignment");
  a.list<Assignment>("ListAssignments");

  a.command<Pipeline, v1::DefinePipeline>("DefinePipeline", [](const auto& c) { return c.pipeline(); });
  a.get<Pipeline>("GetPipeline");
  a.list<Pipeline>("ListPipelines");

  a.command<Opportunity, v1::OpenDeal>("OpenDeal", opened_id);
  a.command<Opportunity, v1::OpenDeal>("OpenDeals", opened_id);
  a.command<Opportunity, v1::MoveStage>("MoveStage", kOpportunity);
  a.command<Opportunity, v1::WinDeal>("WinDeal", kOpportunity);
  a.command<Opportunity, v1::WinDeal>("WinDeals", kOpportunity);
  a.command<Opportunity, v1::LoseDeal>("LoseDeal", kOpportunity);
  a.command<Opportunity, v1::LoseDeal>("LoseDeals", kOpportunity);
  a.command<Opportunity, v1::ReverseDeal>("ReverseDeal", kOpportunity);
  a.get<Opportunity>("GetOpportunity");
  a.list<Opportunity>("ListOpportunities");
  return a;
}

}  // namespace tandem::sales
