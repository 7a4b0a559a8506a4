// What marketing does about events. Numbers are permanent: never reused, only added.
#include "services/marketing/lead.h"
#include "services/marketing/score.h"
#include "services/marketing/service.h"

namespace tandem::marketing {
namespace {

// A lead that has reached the threshold is handed to sales, unless it is held for a person to decide.
template <class Event>
Commands qualify_at_threshold(const Event& e) {
  if (!reached(e.score()) || e.routing() == v1::ROUTING_HELD) return {};
  v1::QualifyByScore c;
  c.set_lead(e.lead());
  return to<Lead>(e.lead(), std::move(c));
}

}  // namespace

Reactions reactions() {
  Reactions r;
  r.on<v1::LeadCaptured>(1, qualify_at_threshold<v1::LeadCaptured>);
  r.on<v1::TouchRecorded>(2, qualify_at_threshold<v1::TouchRecorded>);
  r.on<v1::LeadScored>(3, qualify_at_threshold<v1::LeadScored>);
  return r;
}

}  // namespace tandem::marketing
