// Numbers are permanent: never reused, only added. Not on the timeline: MemberPicked, which LeadAssigned tells of, and
// StageReached, which follows from what is there.
#include "services/crm/timeline.h"

#include <string>
#include <utility>

#include "services/crm/interaction.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::crm {
namespace {

namespace marketing = ::tandem::marketing::v1;
namespace sales = ::tandem::sales::v1;

// An entry; without a customer there is none.
v1::RecordInteraction entry(std::string customer, std::string subject, std::string summary, std::string actor = "") {
  v1::RecordInteraction c;
  c.set_customer(std::move(customer));
  c.set_subject(std::move(subject));
  c.set_summary(std::move(summary));
  c.set_actor(std::move(actor));
  return c;
}

template <class Event, class Describe>
void tell(Reactions& r, uint32_t number, Describe describe) {
  r.on<Event>(number, [describe](const Event& e, const EventMeta& meta) -> Commands {
    v1::RecordInteraction c = describe(e);
    if (c.customer().empty()) return {};
    c.set_kind(meta.event_type);
    return to<Interaction>(derive_id("interaction", {meta.event_id}), std::move(c));
  });
}

std::string amount(const type::v1::Money& money) { return format_money(to_money(money)); }

// "won: reason", or "won".
std::string with(const std::string& what, const std::string& more) { return more.empty() ? what : what + ": " + more; }

std::string by(const marketing::Touch& touch) {
  if (touch.campaign().empty()) return touch.channel().empty() ? "origin unknown" : "channel " + touch.channel();
  return "campaign " + touch.campaign() + (touch.channel().empty() ? "" : " (" + touch.channel() + ")");
}

void add_marketing(Reactions& r) {
  tell<marketing::LeadCaptured>(r, 100, [](const marketing::LeadCaptured& e) {
    return entry(e.customer(), e.lead(), "lead captured: " + by(e.touch()));
  });
  tell<marketing::TouchRecorded>(r, 101, [](const marketing::TouchRecorded& e) {
    return entry(e.customer(), e.lead(), "another touch: " + by(e.touch()));
  });
  tell<marketing::LeadScored>(r, 102, [](const marketing::LeadScored& e) {
    return entry(e.customer(), e.lead(), "lead scored again: " + std::to_string(e.score().points()) + " points");
  });
  tell<marketing::LeadQualified>(r, 103, [](const marketing::LeadQualified& e) {
    return entry(e.customer(), e.lead(),
                 "lead qualified for team " + e.team() + " with " + std::to_string(e.points()) + " points",
                 e.qualified_by());
  });
  tell<marketing::LeadDisqualified>(r, 104, [](const marketing::LeadDisqualified& e) {
    return entry(e.customer(), e.lead(), with("lead disqualified", e.reason()), e.disqualified_by());
  });
}

void add_assignment(Reactions& r) {
  tell<sales::LeadQueued>(r, 110, [](const sales::LeadQueued& e) {
    return entry(e.lead().customer(), e.lead().lead(), with("waits for a salesperson", e.reason()));
  });
  tell<sales::LeadAssigned>(r, 111, [](const sales::LeadAssigned& e) {
    return entry(e.lead().customer(), e.assignment(), "assigned to " + e.member());
  });
  tell<sales::LeadReassigned>(r, 112, [](const sales::LeadReassigned& e) {
    return entry(e.to().lead().customer(), e.assignment(),
                 "reassigned from " + e.previous() + " to " + e.to().member());
  });
  tell<sales::LeadAccepted>(r, 113, [](const sales::LeadAccepted& e) {
    return entry(e.lead().customer(), e.assignment(), "accepted by " + e.member(), e.member());
  });
  tell<sales::LeadDeclined>(r, 114, [](const sales::LeadDeclined& e) {
    return entry(e.lead().customer(), e.assignment(), with("declined by " + e.member(), e.reason()), e.member());
  });
  tell<sales::AssignmentExpired>(r, 115, [](const sales::AssignmentExpired& e) {
    return entry(e.lead().customer(), e.assignment(), "not accepted in time by " + e.member());
  });
}

void add_deals(Reactions& r) {
  tell<sales::OpportunityOpened>(r, 120, [](const sales::OpportunityOpened& e) {
    return entry(e.customer(), e.opportunity(), with("opportunity opened", e.stage()), e.owner());
  });
  tell<sales::StageChanged>(r, 121, [](const sales::StageChanged& e) {
    return entry(e.customer(), e.opportunity(), "opportunity moved from " + e.from() + " to " + e.to());
  });
  tell<sales::DealWon>(r, 122, [](const sales::DealWon& e) {
    return entry(e.customer(), e.opportunity(), "deal won: " + amount(e.amount()), e.owner());
  });
  tell<sales::DealLost>(r, 123, [](const sales::DealLost& e) {
    return entry(e.customer(), e.opportunity(), with("deal lost", e.reason()), e.owner());
  });
  tell<sales::DealReversed>(r, 124, [](const sales::DealReversed& e) {
    return entry(e.customer(), e.opportunity(),
                 std::string("deal taken back ") + (e.whole() ? "as a whole: " : "in part: ") + amount(e.amount()),
                 e.owner());
  });
}

void add_own(Reactions& r) {
  // One with a lead began with LeadCaptured.
  tell<v1::CustomerRegistered>(r, 130, [](const v1::CustomerRegistered& e) {
    return entry(e.lead().empty() ? e.customer() : "", e.customer(), "customer registered");
  });
  tell<v1::ContractSigned>(r, 131, [](const v1::ContractSigned& e) {
    const std::string term = e.months() == 0 ? "" : " for " + std::to_string(e.months()) + " months";
    return entry(e.customer(), e.contract(), "contract signed: " + amount(e.amount()) + term);
  });
  tell<v1::ContractReduced>(r, 132, [](const v1::ContractReduced& e) {
    return entry(e.customer(), e.contract(),
                 "contract reduced by " + amount(e.by()) + ", " + amount(e.amount()) + " is left");
  });
  tell<v1::ContractEnded>(r, 133, [](const v1::ContractEnded& e) {
    return entry(e.customer(), e.contract(), with("contract ended", e.reason()));
  });
}

}  // namespace

void add_timeline(Reactions& reactions) {
  add_marketing(reactions);
  add_assignment(reactions);
  add_deals(reactions);
  add_own(reactions);
}

}  // namespace tandem::crm
