#include "services/cli/demo/setup.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "services/cli/apply/apply.h"
#include "services/cli/embed/campaigns.yaml.h"
#include "services/cli/embed/pipeline.yaml.h"
#include "services/cli/embed/plans.yaml.h"
#include "services/cli/embed/scoring.yaml.h"
#include "services/cli/embed/team.yaml.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ports.h"
#include "shared/base/text.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

constexpr char kAcceptWithin[] = "accept_within_minutes:";
constexpr char kAcceptAtOnce[] = "accept_within_seconds: 8";

struct Spend {
  const char* campaign;
  int64_t minor;  // EUR
};
constexpr std::array<Spend, 6> kSpending = {{{"spring-webinar", 7'450'00},
                                             {"search", 16'320'50},
                                             {"trade-fair", 38'900'00},
                                             {"cold-mail", 4'120'75},
                                             {"professionals", 11'080'00},
                                             {"community", 1'960'40}}};

// The sample's line about the time to accept, replaced.
std::string hurried(std::string_view team) {
  std::string text;
  for (const std::string& line : split(team, '\n'))
    text += (line.starts_with(kAcceptWithin) ? kAcceptAtOnce : line) + "\n";
  return text;
}

Status apply(Session& session, const std::string& name, std::string_view text) {
  std::vector<Applied> applied;
  return apply_files(session, {{name, std::string(text)}}, {}, {}, applied);
}

Status record_spending(Session& session, const std::string& run) {
  for (const Spend& spend : kSpending) {
    marketing::v1::RecordSpend command;
    command.set_request_id("demo-" + run + "-spend-" + spend.campaign);
    command.set_campaign(spend.campaign);
    *command.mutable_amount() = to_proto({spend.minor, "EUR"});
    TANDEM_RETURN_IF_ERROR(session.call<type::v1::CommandResult>(std::string(kMarketing) + "RecordSpend", command));
  }
  return {};
}

Status approve_and_pay(Session& session, const std::string& run, const incentives::v1::Statement& statement) {
  incentives::v1::ApproveStatement approve;
  approve.set_request_id("demo-" + run + "-approve-" + statement.statement());
  approve.set_statement(statement.statement());
  *approve.mutable_expected_total() = statement.total();
  TANDEM_RETURN_IF_ERROR(session.call<type::v1::CommandResult>(std::string(kIncentives) + "ApproveStatement", approve));
  incentives::v1::PayStatement pay;
  pay.set_request_id("demo-" + run + "-pay-" + statement.statement());
  pay.set_statement(statement.statement());
  pay.set_payment_reference("payroll-" + statement.period());
  TANDEM_RETURN_IF_ERROR(session.call<type::v1::CommandResult>(std::string(kIncentives) + "PayStatement", pay));
  return {};
}

}  // namespace

Zone company_zone() { return find_zone("Europe/Berlin").value_or(Zone()); }

Period current_period() { return period_of(SystemClock().now(), PeriodKind::kMonth, company_zone()); }

Status set_company_up(Session& session, const std::string& run) {
  TANDEM_RETURN_IF_ERROR(apply(session, "pipeline.yaml", kPipelineYaml));
  TANDEM_RETURN_IF_ERROR(apply(session, "plans.yaml", kPlansYaml));
  TANDEM_RETURN_IF_ERROR(apply(session, "team.yaml", hurried(kTeamYaml)));
  TANDEM_RETURN_IF_ERROR(apply(session, "campaigns.yaml", kCampaignsYaml));
  TANDEM_RETURN_IF_ERROR(apply(session, "scoring.yaml", kScoringYaml));
  return record_spending(session, run);
}

Status back_to_normal(Session& session) { return apply(session, "team.yaml", kTeamYaml); }

std::set<std::string> payees_of(const sales::v1::Team& team) {
  std::set<std::string> payees{team.definition().manager()};
  for (const auto& member : team.definition().members()) payees.insert(member.member());
  return payees;
}

Result<PaidOut> pay_statements(Session& session, const std::string& run, const Period& period,
                               const std::set<std::string>& payees) {
  type::v1::ListRequest request;
  request.set_filter("period = \"" + period.to_string() + "\" AND status = OPEN");
  std::vector<incentives::v1::Statement> open;
  TANDEM_RETURN_IF_ERROR(session.pages<incentives::v1::ListStatementsResult>(
      std::string(kIncentives) + "ListStatements", request, [&](const incentives::v1::ListStatementsResult& page) {
        for (const auto& statement : page.statements()) {
          if (payees.contains(statement.payee()) && statement.currency() == kDemoCurrency) open.push_back(statement);
        }
        return true;
      }));
  PaidOut paid;
  for (const auto& statement : open) {
    TANDEM_RETURN_IF_ERROR(approve_and_pay(session, run, statement));
    ++paid.statements;
    paid.minor += std::max<int64_t>(0, statement.total().minor_units());
  }
  return paid;
}

Result<TakenBack> take_back_late(Session& session, const std::string& run, const Period& period, uint64_t most) {
  type::v1::ListRequest request;
  request.set_filter("status = WON AND team = \"" + std::string(kDemoTeam) + "\"");
  std::vector<sales::v1::Opportunity> deals;
  const Zone zone = company_zone();
  TANDEM_RETURN_IF_ERROR(session.pages<sales::v1::ListOpportunitiesResult>(
      std::string(kSales) + "ListOpportunities", request, [&](const sales::v1::ListOpportunitiesResult& page) {
        for (const auto& deal : page.opportunities()) {
          if (deals.size() >= most) return false;
          const bool of_period = period.contains(to_instant(deal.closed_at()), zone);
          if (of_period && deal.reversals().empty() && deal.amount().minor_units() > 0) deals.push_back(deal);
        }
        return deals.size() < most;
      }));
  TakenBack taken;
  for (const auto& deal : deals) {
    sales::v1::ReverseDeal command;
    command.set_request_id("demo-" + run + "-late-" + deal.opportunity());
    command.set_opportunity(deal.opportunity());
    command.set_reason("the customer withdrew, after the commission was paid");
    TANDEM_RETURN_IF_ERROR(session.call<type::v1::CommandResult>(std::string(kSales) + "ReverseDeal", command));
    ++taken.deals;
    taken.minor += deal.amount().minor_units();
  }
  return taken;
}

}  // namespace tandem::cli
