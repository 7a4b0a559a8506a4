#include "services/crm/customer.h"

#include <algorithm>
#include <string>

#include "shared/aggregate/convert.h"
#include "shared/base/identity.h"
#include "shared/base/text.h"

namespace tandem::crm {
namespace {

v1::Dealing dealing_of(const v1::Customer& s, const std::string& opportunity) {
  for (const v1::CustomerDealing& d : s.dealings()) {
    if (d.opportunity() == opportunity) return d.dealing();
  }
  return v1::DEALING_UNSPECIFIED;
}

int count(const v1::Customer& s, v1::Dealing dealing) {
  const auto& all = s.dealings();
  return static_cast<int>(
      std::count_if(all.begin(), all.end(), [&](const v1::CustomerDealing& d) { return d.dealing() == dealing; }));
}

v1::PurchasingStage stage_of(const v1::Customer& s) {
  const int purchases = count(s, v1::DEALING_WON);
  if (purchases > 1) return v1::PURCHASING_STAGE_REPEAT;
  if (purchases == 1) return v1::PURCHASING_STAGE_PURCHASED;
  if (count(s, v1::DEALING_OPEN) > 0) return v1::PURCHASING_STAGE_EVALUATING;
  if (s.dealings_size() > 0) return v1::PURCHASING_STAGE_DORMANT;
  return s.contacted() ? v1::PURCHASING_STAGE_CONTACTED : v1::PURCHASING_STAGE_PROSPECT;
}

v1::Relationship relationship_of(const v1::Customer& s) {
  const int purchases = count(s, v1::DEALING_WON);
  if (purchases > 1) return v1::RELATIONSHIP_OLD;
  return purchases == 1 ? v1::RELATIONSHIP_NEW : v1::RELATIONSHIP_PROSPECTIVE;
}

// Kept in the order of ids, so that the order in which news came leaves no trace. Who deals with us was contacted.
void set_dealing(v1::Customer& s, const std::string& opportunity, v1::Dealing dealing) {
  s.set_contacted(true);
  auto* all = s.mutable_dealings();
  auto at = std::lower_bound(all->begin(), all->end(), opportunity,
                             [](const v1::CustomerDealing& d, const auto& id) { return d.opportunity() < id; });
  const int index = static_cast<int>(at - all->begin());
  if (at == all->end() || at->opportunity() != opportunity) {
    all->Add()->set_opportunity(opportunity);
    std::rotate(all->begin() + index, all->end() - 1, all->end());
  }
  all->Mutable(index)->set_dealing(dealing);
}

// What follows from the evidence.
void derive(v1::Customer& s) {
  s.set_purchases(static_cast<uint32_t>(count(s, v1::DEALING_WON)));
  s.set_stage(stage_of(s));
  s.set_relationship(relationship_of(s));
}

// The first event of a customer, whichever it is.
void hear_of(v1::Customer& s, const std::string& customer, const EventMeta& meta) {
  if (!s.customer().empty()) return;
  s.set_customer(customer);
  *s.mutable_created_at() = to_timestamp(meta.occurred_at);
}

// Registers, or fills what stands empty; nothing() where it adds nothing.
Decision know(const v1::Customer& s, v1::CustomerRegistered e) {
  v1::ContactPerson person = e.person();
  person.MergeFrom(s.person());
  *e.mutable_person() = person;
  if (!s.lead().empty()) e.set_lead(s.lead());
  if (!s.company().empty()) e.set_company(s.company());
  if (!s.country().empty()) e.set_country(s.country());
  const bool adds = e.lead() != s.lead() || e.company() != s.company() || e.country() != s.country() ||
                    person.SerializeAsString() != s.person().SerializeAsString();
  if (s.has_registered_at() && !adds) return nothing();
  e.set_stage(stage_of(s));
  e.set_relationship(relationship_of(s));
  return e;
}

v1::StageReached moved(const v1::Customer& from, const v1::Customer& to, const std::string& customer,
                       const std::string& subject) {
  v1::StageReached e;
  e.set_customer(customer);
  e.set_from(from.stage());
  e.set_to(stage_of(to));
  e.set_relationship(relationship_of(to));
  e.set_subject(subject);
  return e;
}

}  // namespace

Decision Customer::decide(const State& s, const v1::RegisterProspect& c, const Context&) {
  v1::CustomerRegistered e;
  e.set_customer(c.customer());
  e.set_lead(c.lead());
  *e.mutable_person() = c.person();
  e.set_company(c.company());
  e.set_country(c.country());
  return know(s, std::move(e));
}

Decision Customer::decide(const State& s, const v1::RegisterCustomer& c, const Context& ctx) {
  const auto identity = identify(c.person().email(), c.person().phone(), "person");
  if (!identity.ok()) return identity.error();
  v1::CustomerRegistered e;
  e.set_customer(ctx.id());
  e.mutable_person()->set_name(std::string(trim(c.person().name())));
  e.mutable_person()->set_email(identity->email);
  e.mutable_person()->set_phone(identity->phone);
  e.set_company(std::string(trim(c.company())));
  e.set_country(c.country());
  if (e.company().empty() && e.person().ByteSizeLong() == 0) {
    return reject(Code::kInvalidArgument, "person", "is missing, and so is the company", "give one of them");
  }
  return know(s, std::move(e));
}

Decision Customer::decide(const State& s, const v1::ReachStage& c, const Context&) {
  if (c.occasion_case() == v1::ReachStage::kContacted) {
    if (s.contacted()) return nothing();
    State after = s;
    after.set_contacted(true);
    return moved(s, after, c.customer(), c.contacted());
  }
  const std::string& opportunity = c.opportunity().opportunity();
  const v1::Dealing dealing = c.opportunity().dealing();
  if (dealing <= dealing_of(s, opportunity)) return nothing();  // late, or said twice
  State after = s;
  set_dealing(after, opportunity, dealing);
  v1::StageReached e = moved(s, after, c.customer(), opportunity);
  if (e.from() != e.to() || e.relationship() != s.relationship()) {
    e.set_dealing(dealing);
    return e;
  }
  v1::DealingNoted noted;
  noted.set_customer(c.customer());
  noted.set_opportunity(opportunity);
  noted.set_dealing(dealing);
  return noted;
}

void Customer::evolve(State& s, const v1::CustomerRegistered& e, const EventMeta& meta) {
  hear_of(s, e.customer(), meta);
  s.set_lead(e.lead());
  *s.mutable_person() = e.person();
  s.set_company(e.company());
  s.set_country(e.country());
  if (!s.has_registered_at()) *s.mutable_registered_at() = to_timestamp(meta.occurred_at);
  if (!s.has_stage_since()) *s.mutable_stage_since() = to_timestamp(meta.occurred_at);
  derive(s);
}

void Customer::evolve(State& s, const v1::StageReached& e, const EventMeta& meta) {
  hear_of(s, e.customer(), meta);
  if (e.dealing() == v1::DEALING_UNSPECIFIED) {
    s.set_contacted(true);
  } else {
    set_dealing(s, e.subject(), e.dealing());
  }
  if (e.from() != e.to()) *s.mutable_stage_since() = to_timestamp(meta.occurred_at);
  derive(s);
}

void Customer::evolve(State& s, const v1::DealingNoted& e) {
  set_dealing(s, e.opportunity(), e.dealing());
  derive(s);
}

Indexes Customer::indexes(const State& s) {
  return {order_key(to_instant(s.created_at())),
          {{"stage", enum_label(s.stage())}, {"relationship", enum_label(s.relationship())}, {"lead", s.lead()}}};
}

}  // namespace tandem::crm
