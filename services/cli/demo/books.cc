#include "services/cli/demo/books.h"

#include "services/cli/demo/setup.h"
#include "services/cli/output.h"
#include "shared/base/money.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

constexpr int kPageSize = 1000;

type::v1::ListRequest list_request(const std::string& filter = "") {
  type::v1::ListRequest request;
  request.set_page_size(kPageSize);
  request.set_filter(filter);
  return request;
}

Status count_leads(Session& session, Company& company) {
  return session.pages<marketing::v1::ListLeadsResult>(std::string(kMarketing) + "ListLeads", list_request(),
                                                       [&company](const marketing::v1::ListLeadsResult& page) {
                                                         for (const auto& lead : page.leads()) {
                                                           ++company.leads;
                                                           company.touches += lead.touch_count();
                                                           if (lead.status() == marketing::v1::LEAD_STATUS_QUALIFIED)
                                                             ++company.qualified;
                                                         }
                                                         return true;
                                                       });
}

Status count_assignments(Session& session, Company& company) {
  return session.pages<sales::v1::ListAssignmentsResult>(
      std::string(kSales) + "ListAssignments", list_request("status = ACCEPTED"),
      [&company](const sales::v1::ListAssignmentsResult& page) {
        company.accepted += static_cast<uint64_t>(page.assignments_size());
        return true;
      });
}

void count_deal(const sales::v1::Opportunity& deal, Company& company) {
  if (deal.status() == sales::v1::OPPORTUNITY_STATUS_OPEN) ++company.still_open;
  if (deal.status() != sales::v1::OPPORTUNITY_STATUS_WON && deal.status() != sales::v1::OPPORTUNITY_STATUS_REVERSED) {
    return;
  }
  ++company.won;
  ++company.won_by[deal.owner()];
  company.won_minor += deal.amount().minor_units();
  company.reversed_minor += deal.reversed().minor_units();
}

Status count_deals(Session& session, Company& company) {
  return session.pages<sales::v1::ListOpportunitiesResult>(std::string(kSales) + "ListOpportunities",
                                                           list_request("team = \"" + std::string(kDemoTeam) + "\""),
                                                           [&company](const sales::v1::ListOpportunitiesResult& page) {
                                                             for (const auto& deal : page.opportunities())
                                                               count_deal(deal, company);
                                                             return true;
                                                           });
}

void count_ledger(const incentives::v1::Ledger& ledger, Ledgers& ledgers) {
  ++ledgers.count;
  int64_t balance = 0;
  for (const auto& account : ledger.balances()) balance += account.balance().minor_units();
  if (balance != 0) ledgers.out_of_balance.push_back(ledger.ledger());
  if (ledger.currency() != kDemoCurrency) return;
  Pay& pay = ledgers.by_payee[ledger.payee()];
  for (const auto& period : ledger.periods()) {
    const int64_t commission = period.earned().minor_units() - period.clawed_back().minor_units();
    pay.commission_minor += commission;
    ledgers.commission_minor += commission;
    pay.attained_minor += period.credited().minor_units() - period.credit_taken_back().minor_units();
    pay.quota_minor += period.quota().minor_units();
  }
}

std::string euros(int64_t minor) { return format_money({minor, kDemoCurrency}); }

// Adds a sentence where two numbers that must be the same are not.
class Comparison {
 public:
  void counts(const std::string& left, uint64_t a, const std::string& right, uint64_t b) {
    if (a != b) all_.push_back(left + " " + with_commas(a) + ", but " + right + " " + with_commas(b));
  }
  void amounts(const std::string& left, int64_t a, const std::string& right, int64_t b) {
    if (a != b) all_.push_back(left + " " + euros(a) + ", but " + right + " " + euros(b));
  }
  void add(std::string text) { all_.push_back(std::move(text)); }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  std::vector<std::string> all_;
};

}  // namespace

Result<Company> count_company(Session& session) {
  Company company;
  TANDEM_RETURN_IF_ERROR(count_leads(session, company));
  TANDEM_RETURN_IF_ERROR(count_assignments(session, company));
  TANDEM_RETURN_IF_ERROR(count_deals(session, company));
  return company;
}

Result<Ledgers> count_ledgers(Session& session) {
  Ledgers ledgers;
  TANDEM_RETURN_IF_ERROR(
      session.pages<incentives::v1::ListLedgersResult>(std::string(kIncentives) + "ListLedgers", list_request(),
                                                       [&ledgers](const incentives::v1::ListLedgersResult& page) {
                                                         for (const auto& ledger : page.ledgers())
                                                           count_ledger(ledger, ledgers);
                                                         return true;
                                                       }));
  TANDEM_RETURN_IF_ERROR(session.pages<incentives::v1::ListStatementsResult>(
      std::string(kIncentives) + "ListStatements", list_request(),
      [&ledgers](const incentives::v1::ListStatementsResult& page) {
        for (const auto& statement : page.statements()) {
          if (statement.currency() != kDemoCurrency) continue;
          for (const auto& line : statement.lines()) {
            if (line.kind() == incentives::v1::ENTRY_KIND_CARRIED_FORWARD) continue;
            ledgers.statements_minor += line.amount_minor_units();
          }
        }
        return true;
      }));
  return ledgers;
}

uint64_t Sent::refused_in_all() const {
  uint64_t all = 0;
  for (const auto& [what, count] : refused) all += count;
  return all;
}

std::vector<std::string> discrepancies(const Books& books) {
  Comparison compare;
  const auto& [before, after, ledgers, sent, sales, unpublished, parked] = books;
  compare.counts("leads sent:", sent.sent, "new, known, refused and repeated:",
                 books.new_leads() + books.known() + sent.refused_in_all() + sent.repeated);
  compare.counts("leads that salespeople accepted:", sales.accepted, "sales has more accepted assignments by",
                 after.accepted - before.accepted);
  compare.counts("deals that salespeople won:", sales.won, "sales has more won deals by", after.won - before.won);
  compare.amounts("won by salespeople:", sales.won_minor, "sales has more by", after.won_minor - before.won_minor);
  compare.amounts("taken back:", sales.reversed_minor, "sales has more by",
                  after.reversed_minor - before.reversed_minor);
  compare.amounts("commission in the ledgers:", ledgers.commission_minor,
                  "on the statements:", ledgers.statements_minor);
  for (const std::string& ledger : ledgers.out_of_balance) compare.add("ledger " + ledger + " does not sum to zero");
  compare.counts("events that the bus does not have:", unpublished, "there should be", 0);
  compare.counts("parked commands:", parked, "there should be", 0);
  for (const auto& [what, count] : sales.refused) {
    compare.add("salespeople were refused " + with_commas(count) + " times: " + what);
  }
  return compare.take();
}

}  // namespace tandem::cli
