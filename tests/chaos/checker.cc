#include "tests/chaos/checker.h"

#include <set>
#include <stdexcept>

#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tests/chaos/log_content.h"

namespace tandem::chaos {
namespace {

class Check {
 public:
  Check(World& world, const std::vector<Act>& acts) : world_(world), acts_(acts) {}

  Findings run() {
    auto read = read_log(world_);
    if (!read.ok()) {
      found_.broken.push_back("the log cannot be read: " + to_line(read.error()));
      return std::move(found_);  // compared with half of it, everything would be lost
    }
    log_ = *std::move(read);
    found_.events = log_.events.size();
    for (const std::string& problem : log_.problems) books(problem);
    for (const Act& act : acts_) compare_with_log(act);
    try {
      compare_with_services();
    } catch (const std::runtime_error& error) {
      found_.broken.push_back(error.what());
    }
    found_.balance = std::to_string(leads_.size()) + " leads, each assigned once; " + std::to_string(deals_.size()) +
                     " deals won, " + std::to_string(reversed_) + " taken back, " + std::to_string(entries_) +
                     " entries, each once; " + std::to_string(ledgers_) + " ledgers, all zero; " +
                     std::to_string(found_.events) + " events, and Redis is their fold";
    return std::move(found_);
  }

 private:
  void compare_with_services() {
    leads();
    assignments();
    deals();
    entries();
    ledgers();
    services();
  }

  // All that a service lists. Half a list would look like a loss: throws if it does not answer.
  template <class Item, class Page>
  std::vector<Item> all() {
    auto items = world_.company().try_list<Item, Page>();
    if (!items.ok()) throw std::runtime_error(Page::descriptor()->full_name() + ": " + to_line(items.error()));
    return *std::move(items);
  }

  void books(std::string what) { found_.books.push_back(std::move(what)); }

  void compare_with_log(const Act& act) {
    const auto at = log_.by_request.find(act.request_id);
    const size_t times = at == log_.by_request.end() ? 0 : at->second.size();
    if (act.outcome == Outcome::kAcknowledged && !act.answer.event_id().empty()) {
      if (!log_.events.contains(act.answer.event_id())) {
        found_.lost[act.request_id] = act.answer.event_type() + " " + act.answer.event_id() + " is not in the log";
      }
    }
    if (times > 1) found_.doubled[act.request_id] = act.command + " has " + std::to_string(times) + " events";
    if (times > 0 && act.outcome == Outcome::kRefused) {
      found_.doubled[act.request_id] = act.command + " was refused (" + act.error + "), and has an event";
    }
  }

  // The aggregates with an event of this type; what is there twice is reported.
  std::set<std::string> once(const std::string& type) {
    std::set<std::string> all;
    for (const std::string& id : log_.by_type[type]) {
      if (!all.insert(id).second) books(type + " is twice in the log for " + id);
    }
    return all;
  }

  void same(const std::string& what, const std::set<std::string>& log, const std::set<std::string>& service) {
    for (const std::string& id : log) {
      if (!service.contains(id)) books(what + " " + id + " is in the log, and the service does not have it");
    }
    for (const std::string& id : service) {
      if (!log.contains(id)) books(what + " " + id + " is with the service, and the log does not have it");
    }
  }

  void leads() {
    size_t touches = 0;
    for (const auto& lead : all<marketing::v1::Lead, marketing::v1::ListLeadsResult>()) {
      if (!leads_.insert(lead.lead()).second) books("lead " + lead.lead() + " is listed twice");
      touches += lead.touch_count();
    }
    same("lead", once("tandem.marketing.v1.LeadCaptured"), leads_);
    const size_t events = log_.by_type["tandem.marketing.v1.LeadCaptured"].size() +
                          log_.by_type["tandem.marketing.v1.TouchRecorded"].size();
    if (events != touches) {
      books("the log has " + std::to_string(events) + " touches, marketing " + std::to_string(touches));
    }
  }

  void assignments() {
    std::set<std::string> assigned;
    std::set<std::string> accepted;
    for (const auto& one : all<sales::v1::Assignment, sales::v1::ListAssignmentsResult>()) {
      if (!assigned.insert(one.lead()).second) books("lead " + one.lead() + " is assigned twice");
      if (one.status() == sales::v1::ASSIGNMENT_STATUS_ACCEPTED) accepted.insert(one.assignment());
    }
    once("tandem.sales.v1.LeadAssigned");
    for (const std::string& lead : leads_) {
      if (!assigned.contains(lead)) books("lead " + lead + " has no assignment");
    }
    effect_of("AcceptLead", "is not accepted", accepted);
  }

  void deals() {
    std::set<std::string> taken_back;
    for (const auto& one : all<sales::v1::Opportunity, sales::v1::ListOpportunitiesResult>()) {
      if (one.status() == sales::v1::OPPORTUNITY_STATUS_OPEN) continue;
      deals_[one.opportunity()] = one;
      if (one.status() == sales::v1::OPPORTUNITY_STATUS_REVERSED) taken_back.insert(one.opportunity());
    }
    std::set<std::string> won;
    for (const auto& [id, deal] : deals_) won.insert(id);
    same("won deal", once("tandem.sales.v1.DealWon"), won);
    same("deal taken back", once("tandem.sales.v1.DealReversed"), taken_back);
    effect_of("WinDeal", "is not won", won);
    effect_of("ReverseDeal", "is not taken back", taken_back);
    reversed_ = taken_back.size();
  }

  void effect_of(const std::string& command, const std::string& missing, const std::set<std::string>& there) {
    for (const Act& act : acts_) {
      const bool due = act.command == command && act.outcome == Outcome::kAcknowledged;
      if (due && !there.contains(act.about)) found_.lost[act.request_id] = act.about + " " + missing;
    }
  }

  void entries() {
    std::map<std::string, std::multiset<std::string>> earned, clawed_back;  // payees by deal
    std::set<std::string> listed;
    for (const auto& entry : all<incentives::v1::Entry, incentives::v1::ListEntriesResult>()) {
      listed.insert(entry.entry());
      const bool back = entry.kind() == incentives::v1::ENTRY_KIND_CLAWBACK;
      (back ? clawed_back : earned)[entry.deal()].insert(entry.payee());
      entries_++;
      if (!deals_.contains(entry.deal())) books("entry " + entry.entry() + " is for a deal that was not won");
    }
    std::set<std::string> booked;
    for (const auto& [id, times] : log_.entries) booked.insert(id);
    same("entry", booked, listed);
    for (const auto& [id, deal] : deals_) {
      const std::multiset<std::string> both{deal.owner(), "mia"};
      const bool back = deal.status() == sales::v1::OPPORTUNITY_STATUS_REVERSED;
      if (earned[id] != both) books("deal " + id + " has " + std::to_string(earned[id].size()) + " entries, not 2");
      if (clawed_back[id] != (back ? both : std::multiset<std::string>{})) {
        books("deal " + id + " was clawed back " + std::to_string(clawed_back[id].size()) + " times, not " +
              (back ? "2" : "0"));
      }
    }
  }

  void ledgers() {
    std::map<std::string, std::map<std::string, int64_t>> listed;
    for (const auto& one : all<incentives::v1::Ledger, incentives::v1::ListLedgersResult>()) {
      int64_t sum = 0;
      for (const auto& account : one.balances()) {
        sum += listed[one.ledger()][account.account()] = account.balance().minor_units();
      }
      if (sum != 0) books("ledger " + one.ledger() + " does not sum to zero");
      if (listed[one.ledger()] != log_.ledgers[one.ledger()]) {
        books("ledger " + one.ledger() + " is not the sum of its entries in the log");
      }
      ledgers_++;
    }
    for (const auto& [id, accounts] : log_.ledgers) {
      if (!listed.contains(id)) books("ledger " + id + " is in the log, and the service does not have it");
    }
  }

  void services() {
    for (const std::string& service : world_.tandem().services()) {
      const auto status = world_.tandem().status(service);
      if (!status.ok()) throw std::runtime_error(service + ": " + to_line(status.error()));
      if (status->unpublished() > 0) books(service + " has events that are not published");
      if (status->parked() > 0) books(service + " has " + std::to_string(status->parked()) + " parked aggregates");
      const std::string difference = world_.tandem().verify(service);
      if (difference.empty()) continue;
      // It reports what differs; without a report it has not got so far.
      if (difference.find("\"report\"") == std::string::npos) {
        throw std::runtime_error(service + " cannot be compared with its log: " + difference);
      }
      books("Redis is not the fold of the log of " + service + ":\n" + difference);
    }
  }

  World& world_;
  const std::vector<Act>& acts_;
  LogContent log_;
  Findings found_;
  std::set<std::string> leads_;
  std::map<std::string, sales::v1::Opportunity> deals_;  // won, or taken back since
  size_t reversed_ = 0;
  size_t entries_ = 0;
  size_t ledgers_ = 0;
};

}  // namespace

Findings check(World& world, const std::vector<Act>& acts) { return Check(world, acts).run(); }

}  // namespace tandem::chaos
