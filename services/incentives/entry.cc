#include "services/incentives/entry.h"

#include "shared/aggregate/convert.h"

namespace tandem::incentives {

Decision Entry::decide(const State& s, const v1::RecordEntry& c, const Context&) {
  if (!s.entry().empty()) return nothing();
  v1::EntryRecorded e;
  e.set_entry(c.entry().entry());
  *e.mutable_content() = c.entry();
  return e;
}

void Entry::evolve(State& s, const v1::EntryRecorded& e) { s = e.content(); }

Indexes Entry::indexes(const State& s) {
  Indexes indexes{order_key(to_instant(s.happened_at())), {}};
  indexes.by = {{"payee", s.payee()}, {"period", s.period()}, {"kind", enum_label(s.kind())}};
  if (!s.deal().empty()) {  // what is carried forward has neither
    indexes.by.emplace_back("plan", s.plan());
    indexes.by.emplace_back("deal", s.deal());
  }
  return indexes;
}

}  // namespace tandem::incentives
