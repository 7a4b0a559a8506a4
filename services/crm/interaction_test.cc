#include "services/crm/interaction.h"

#include "services/crm/customer.h"
#include "shared/aggregate/convert.h"
#include "shared/aggregate/spec.h"

namespace tandem::crm {
namespace {

v1::RecordInteraction record() {
  v1::RecordInteraction c;
  c.set_customer("customer-1");
  c.set_kind("tandem.sales.v1.DealWon");
  c.set_subject("opp-1");
  c.set_summary("deal won: EUR 1,000.00");
  c.set_actor("ana");
  return c;
}

v1::AddNote note(const std::string& text = "prefers to be called in the morning") {
  v1::AddNote c;
  c.set_customer("customer-1");
  c.mutable_note()->set_text(text);
  c.set_subject("opp-1");
  return c;
}

v1::Customer known() {
  v1::Customer s;
  s.set_customer("customer-1");
  return s;
}

SPEC(Interaction, IsRecordedOnceAtItsTime) {
  id("interaction-1");
  at_time("2026-03-05T10:00:00Z");
  happened_at("2026-03-01T09:00:00Z");
  when(record());
  v1::InteractionRecorded expected;
  expected.set_interaction("interaction-1");
  expected.set_customer("customer-1");
  expected.set_kind("tandem.sales.v1.DealWon");
  expected.set_subject("opp-1");
  expected.set_summary("deal won: EUR 1,000.00");
  *expected.mutable_happened_at() = to_timestamp(parse_instant("2026-03-01T09:00:00Z").value());
  expected.set_actor("ana");
  then(expected);
  EXPECT_EQ(to_instant(state().recorded_at()), parse_instant("2026-03-05T10:00:00Z").value());
  when(record());
  then_nothing();
}

SPEC(Interaction, ANoteIsPersonalDataApart) {
  id("interaction-1");
  caller("cleo", "customer_service");
  reference<Customer>("customer-1", known());
  when(note());
  const auto e = then_event<v1::InteractionRecorded>();
  EXPECT_EQ(e.kind(), "note");
  EXPECT_EQ(e.summary(), "note");
  EXPECT_EQ(e.note().text(), "prefers to be called in the morning");
  EXPECT_EQ(e.actor(), "cleo");
  EXPECT_EQ(state().note().text(), e.note().text());
  when(note());
  then_nothing();
}

SPEC(Interaction, ANoteNeedsACustomerAndAText) {
  id("interaction-1");
  when(note());
  then_rejected(Code::kNotFound, "customer");
  reference<Customer>("customer-1", known());
  when(note(""));
  then_rejected(Code::kInvalidArgument, "note.text");
}

SPEC(Interaction, ListsFindItByCustomerAndKind) {
  happened_at("2026-03-01T09:00:00Z");
  id("interaction-1");
  when(record());
  const Indexes indexes = Interaction::indexes(state());
  EXPECT_EQ(indexes.order, order_key(parse_instant("2026-03-01T09:00:00Z").value()));
  const std::vector<std::pair<std::string, std::string>> by{{"customer", "customer-1"},
                                                            {"kind", "tandem.sales.v1.DealWon"}};
  EXPECT_EQ(indexes.by, by);
}

}  // namespace
}  // namespace tandem::crm
