// What CRM does about events; timeline.cc has the rest. Numbers are permanent: never reused, only added.
#include <string>
#include <utility>

#include "services/crm/contract.h"
#include "services/crm/customer.h"
#include "services/crm/service.h"
#include "services/crm/timeline.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::crm {
namespace {

namespace marketing = ::tandem::marketing::v1;
namespace sales = ::tandem::sales::v1;

// Who a lead is, from LeadCaptured and TouchRecorded.
template <class Event>
Commands register_prospect(const Event& e) {
  v1::RegisterProspect c;
  c.set_customer(e.customer());
  c.set_lead(e.lead());
  c.mutable_person()->set_name(e.person().name());
  c.mutable_person()->set_email(e.person().email());
  c.mutable_person()->set_phone(e.person().phone());
  c.set_company(e.facts().company());
  c.set_country(e.facts().country());
  return to<Customer>(e.customer(), std::move(c));
}

Commands contacted(const sales::LeadAccepted& e) {
  if (e.lead().customer().empty()) return {};
  v1::ReachStage c;
  c.set_customer(e.lead().customer());
  c.set_contacted(e.assignment());
  return to<Customer>(c.customer(), c);
}

// Where an opportunity of a customer stands; nothing for one whose customer is not known.
template <class Event>
Commands deal(const Event& e, v1::Dealing dealing) {
  if (e.customer().empty()) return {};
  v1::ReachStage c;
  c.set_customer(e.customer());
  c.mutable_opportunity()->set_opportunity(e.opportunity());
  c.mutable_opportunity()->set_dealing(dealing);
  return to<Customer>(e.customer(), std::move(c));
}

// Without a lead the company's name is all that is known of the customer.
Commands register_account(const sales::OpportunityOpened& e) {
  if (!e.lead().empty() || e.customer().empty()) return {};
  v1::RegisterProspect c;
  c.set_customer(e.customer());
  c.set_company(e.account());
  return to<Customer>(e.customer(), std::move(c));
}

Commands sign(const sales::DealWon& e) {
  v1::SignContract c;
  c.set_contract(e.contract());
  c.set_customer(e.customer());
  c.set_opportunity(e.opportunity());
  c.set_product(e.product());
  *c.mutable_amount() = e.amount();
  if (e.terms().has_starts_at()) *c.mutable_starts_at() = e.terms().starts_at();
  c.set_months(e.terms().months());
  *c.mutable_signed_at() = e.won_at();
  return to<Contract>(e.contract(), std::move(c));
}

Commands take_back(const sales::DealReversed& e) {
  if (e.whole()) {
    v1::EndContract c;
    c.set_contract(e.contract());
    c.set_reversal(e.reversal());
    c.set_reason(e.reason());
    return to<Contract>(e.contract(), std::move(c));
  }
  v1::ReduceContract c;
  c.set_contract(e.contract());
  c.set_reversal(e.reversal());
  *c.mutable_by() = e.amount();
  c.set_reason(e.reason());
  return to<Contract>(e.contract(), std::move(c));
}

}  // namespace

Reactions reactions() {
  Reactions r;
  r.on<marketing::LeadCaptured>(1, register_prospect<marketing::LeadCaptured>);
  r.on<marketing::TouchRecorded>(2, register_prospect<marketing::TouchRecorded>);
  r.on<sales::LeadAccepted>(3, contacted);
  r.on<sales::OpportunityOpened>(4, register_account);
  r.on<sales::OpportunityOpened>(5, [](const auto& e) { return deal(e, v1::DEALING_OPEN); });
  r.on<sales::StageChanged>(6, [](const auto& e) { return deal(e, v1::DEALING_OPEN); });
  r.on<sales::DealWon>(7, [](const auto& e) { return deal(e, v1::DEALING_WON); });
  r.on<sales::DealWon>(8, sign);
  r.on<sales::DealLost>(9, [](const auto& e) { return deal(e, v1::DEALING_LOST); });
  r.on<sales::DealReversed>(10, [](const auto& e) { return e.whole() ? deal(e, v1::DEALING_REVERSED) : Commands(); });
  r.on<sales::DealReversed>(11, take_back);
  add_timeline(r);
  return r;
}

}  // namespace tandem::crm
