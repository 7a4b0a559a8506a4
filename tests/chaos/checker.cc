#include "tests/chaos/checker.h"

#include <set>

#include "shared/bus/kafka_log.h"
#include "shared/bus/tail.h"
#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"

namespace tandem::chaos {
namespace {

// The log as a reader sees it, by what the clients can know of it.
struct LogContent {
  std::map<std::string, std::vector<std::string>> by_request;  // ids of events that a request caused
  std::map<std::string, std::vector<std::string>> by_type;     // their aggregates
  std::map<std::string, int> events;                           // by id
};

Status read_log(World& world, LogContent& content) {
  bus::KafkaLog log(world.tandem().kafka_options());
  bus::TailStart start;
  start.from = bus::TailStart::From::kBeginning;
  TANDEM_ASSIGN_OR_RETURN(const auto tail,
                          bus::Tail::open(log, world.tandem().services(), start, std::chrono::seconds(20)));
  while (!tail->at_end()) {
    TANDEM_ASSIGN_OR_RETURN(const auto event, tail->next(std::chrono::seconds(20)));
    if (!event) continue;
    const exchange::v1::Envelope& envelope = event->envelope;
    content.events[envelope.event_id()]++;
    content.by_type[envelope.event_type()].push_back(envelope.aggregate_id());
    if (envelope.cause().has_request()) {
      content.by_request[envelope.cause().request().request_id()].push_back(envelope.event_id());
    }
  }
  return {};
}

class Check {
 public:
  Check(World& world, const std::vector<Act>& acts) : world_(world), acts_(acts) {}

  Findings run() {
    const Status read = read_log(world_, log_);
    if (!read.ok()) books("the log cannot be read: " + to_line(read.error()));
    found_.events = log_.events.size();
    for (const Act& act : acts_) compare_with_log(act);
    for (const auto& [id, count] : log_.events) {
      if (count > 1) books("event " + id + " is in the log " + std::to_string(count) + " times");
    }
    leads();
    assignments();
    deals();
    entries();
    ledgers();
    services();
    found_.balance = std::to_string(leads_.size()) + " leads, each assigned once; " + std::to_string(deals_.size()) +
                     " deals won, " + std::to_string(reversed_) + " taken back, " + std::to_string(entries_) +
                     " entries, each once; " + std::to_string(ledgers_) + " ledgers, all zero; " +
                     std::to_string(found_.events) + " events, and Redis is their fold";
    return std::move(found_);
  }

 private:
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
    for (const auto& lead : world_.company().list<marketing::v1::Lead, marketing::v1::ListLeadsResult>()) {
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
    for (const auto& one : world_.company().assignments("")) {
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
    for (const auto& one : world_.company().list<sales::v1::Opportunity, sales::v1::ListOpportunitiesResult>()) {
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
    for (const auto& entry : world_.company().list<incentives::v1::Entry, incentives::v1::ListEntriesResult>()) {
      const bool back = entry.kind() == incentives::v1::ENTRY_KIND_CLAWBACK;
      (back ? clawed_back : earned)[entry.deal()].insert(entry.payee());
      entries_++;
      if (!deals_.contains(entry.deal())) books("entry " + entry.entry() + " is for a deal that was not won");
    }
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
    for (const auto& one : world_.company().list<incentives::v1::Ledger, incentives::v1::ListLedgersResult>()) {
      int64_t sum = 0;
      for (const auto& account : one.balances()) sum += account.balance().minor_units();
      if (sum != 0) books("ledger " + one.ledger() + " does not sum to zero");
      ledgers_++;
    }
  }

  void services() {
    for (const std::string& service : world_.tandem().services()) {
      const auto status = world_.tandem().status(service);
      if (!status.ok()) {
        books(service + ": " + to_line(status.error()));
        continue;
      }
      if (status->unpublished() > 0) books(service + " has events that are not published");
      if (status->parked() > 0) books(service + " has " + std::to_string(status->parked()) + " parked aggregates");
      const std::string difference = world_.tandem().verify(service);
      if (!difference.empty()) books("Redis is not the fold of the log of " + service + ":\n" + difference);
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
