#include "tests/simulation/business_rules.h"

#include <map>
#include <set>
#include <tuple>

#include "tandem/exchange/v1/exchange.pb.h"
#include "tandem/incentives/v1/events.pb.h"
#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/sales/v1/events.pb.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tests/simulation/company.h"

namespace tandem::simulation {
namespace {

template <class Event>
bool parse(const bus::EventRecord& record, Event& event) {
  return record.envelope.event_type() == Event::descriptor()->full_name() && event.ParseFromString(record.payload);
}

class Books {
 public:
  explicit Books(std::vector<std::string>& problems) : problems_(problems) {}

  void sales(const bus::EventRecord& record) {
    if (sales::v1::MemberPicked e; parse(record, e)) {
      once(picks_, {e.lead().lead(), e.hop()},
           "lead " + e.lead().lead() + " was given out twice in turn " + std::to_string(e.hop()));
    } else if (sales::v1::LeadAssigned e; parse(record, e)) {
      once(assigned_, {e.lead().lead(), 0}, "lead " + e.lead().lead() + " was first assigned twice");
      live(e.lead().lead(), true);
    } else if (sales::v1::LeadReassigned e; parse(record, e)) {
      live(e.to().lead().lead(), true);
    } else if (sales::v1::LeadDeclined e; parse(record, e)) {
      live(e.lead().lead(), false);
    } else if (sales::v1::AssignmentExpired e; parse(record, e)) {
      live(e.lead().lead(), false);
    } else if (sales::v1::LeadAccepted e; parse(record, e)) {
      once(accepted_, {e.lead().lead(), 0}, "lead " + e.lead().lead() + " was accepted twice");
    } else if (sales::v1::DealWon e; parse(record, e)) {
      once(won_, {e.opportunity(), 0}, "deal " + e.opportunity() + " was won twice");
    } else if (sales::v1::DealReversed e; parse(record, e)) {
      reversals_[e.opportunity()].insert(e.reversal());
    }
  }

  void incentives(const bus::EventRecord& record) {
    if (incentives::v1::CommissionEarned e; parse(record, e)) {
      const std::string ledger = record.envelope.aggregate_id();
      once(earned_, {ledger + " " + e.deal(), 0}, "deal " + e.deal() + " earned twice in " + ledger);
      if (won_.count({e.deal(), 0}) == 0) problems_.push_back("deal " + e.deal() + " earned and was never won");
    } else if (incentives::v1::CommissionClawedBack e; parse(record, e)) {
      const std::string ledger = record.envelope.aggregate_id();
      once(clawed_, {ledger + " " + e.deal() + " " + e.reversal(), 0},
           "deal " + e.deal() + " was clawed back twice in " + ledger);
      if (reversals_[e.deal()].count(e.reversal()) == 0) {
        problems_.push_back("deal " + e.deal() + " was clawed back and never reversed");
      }
    }
  }

 private:
  using Seen = std::set<std::pair<std::string, uint64_t>>;

  void once(Seen& seen, std::pair<std::string, uint64_t> key, const std::string& otherwise) {
    if (!seen.insert(std::move(key)).second) problems_.push_back(otherwise);
  }

  // One live assignment a lead. (All its events are of one aggregate, so the log has them in order.)
  void live(const std::string& lead, bool begins) {
    bool& now = live_[lead];
    if (now == begins) problems_.push_back("lead " + lead + (begins ? " has two owners" : " is given back twice"));
    now = begins;
  }

  std::vector<std::string>& problems_;
  Seen picks_, assigned_, accepted_, won_, earned_, clawed_;
  std::map<std::string, bool> live_;
  std::map<std::string, std::set<std::string>> reversals_;
};

}  // namespace

void check_business(const Folds& folds, std::vector<std::string>& problems) {
  Books books(problems);
  for (const FoldedShard& shard : folds[kSales]) {
    for (const bus::EventRecord& record : shard.events) books.sales(record);
  }
  for (const FoldedShard& shard : folds[kIncentives]) {
    for (const bus::EventRecord& record : shard.events) books.incentives(record);
  }
}

}  // namespace tandem::simulation
