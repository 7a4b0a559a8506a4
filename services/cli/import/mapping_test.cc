// Mappings, and what they make of rows.
#include "services/cli/import/mapping.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/cli/import/deal_rows.h"
#include "services/cli/import/row_values.h"
#include "shared/aggregate/convert.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::cli {
namespace {

constexpr char kLeads[] = R"(
import: leads
source: shop
time_zone: Europe/Berlin
key: id
routing: held
fields:
  person.email: email
  facts.value: {column: worth, currency: EUR, decimal: ","}
  facts.skills: {column: needs, separator: ";"}
  facts.product: {column: product, values: {Pro Line: pro-line, Mini: mini, "?": ""}}
  channel: {column: origin, values: {web: paid_search}, unknown: keep}
  form: {column: origin, values: {web: inbound}, unknown: leave_out}
  occurred_at: {column: date, date: "%d.%m.%Y"}
  team: {constant: inside}
)";
constexpr char kColumns[] = "id,email,worth,needs,product,origin,date\n";

Mapping mapping_of(const std::string& text, const std::string& kind = "leads") {
  auto mapping = parse_mapping("m.yaml", text, kind);
  EXPECT_TRUE(mapping.ok()) << (mapping.ok() ? "" : to_line(mapping.error()));
  return mapping.ok() ? *std::move(mapping) : Mapping();
}

// All mistakes of a mapping, one a line.
std::string mistakes(const std::string& text, const std::string& kind = "leads") {
  const auto mapping = parse_mapping("m.yaml", text, kind);
  std::string all;
  if (mapping.ok()) return all;
  for (const auto& v : mapping.error().violations) all += v.field + " " + v.reason + "; " + v.remedy + "\n";
  return all;
}

struct Filled {
  marketing::v1::CaptureLead command;
  std::vector<Violation> violations;
};

Filled fill(const std::string& row) {
  const Mapping mapping = mapping_of(kLeads);
  const auto table = parse_csv("f.csv", kColumns + row + "\n", {});
  EXPECT_TRUE(table.ok() && check_columns(mapping, *table).ok());
  Filled filled;
  filled.violations = fill_from_row(filled.command, mapping.lead, {*table, table->rows.at(0)}, TeamNames());
  return filled;
}

TEST(Mapping, FillsACommandFromARow) {
  const auto [c, violations] = fill("7, ada@example.com ,\"1.234,50\",french; ,Pro Line,web,05.07.2026");
  EXPECT_TRUE(violations.empty()) << violations.at(0).reason;
  EXPECT_EQ(c.person().email(), "ada@example.com");
  EXPECT_EQ(c.facts().value().minor_units(), 123'450);
  EXPECT_EQ(c.facts().value().currency(), "EUR");
  ASSERT_EQ(c.facts().skills_size(), 1);
  EXPECT_EQ(c.facts().skills(0), "french");
  EXPECT_EQ(c.facts().product(), "pro-line");
  EXPECT_EQ(c.channel(), "paid_search");
  EXPECT_EQ(c.form(), marketing::v1::CAMPAIGN_FORM_INBOUND);
  EXPECT_EQ(format_instant(to_instant(c.occurred_at())), "2026-07-04T22:00:00Z");
  EXPECT_EQ(c.team(), "inside");
  EXPECT_EQ(c.routing(), marketing::v1::ROUTING_HELD);
}

TEST(Mapping, AnEmptyCellLeavesItsFieldAlone) {
  const auto [c, violations] = fill("7,,,,?,radio,");
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(c.person().email(), "");
  EXPECT_FALSE(c.facts().has_value());
  EXPECT_EQ(c.facts().product(), "");
  EXPECT_EQ(c.channel(), "radio") << "unknown: keep";
  EXPECT_EQ(c.form(), marketing::v1::CAMPAIGN_FORM_UNSPECIFIED) << "unknown: leave_out";
  EXPECT_FALSE(c.has_occurred_at());
}

TEST(Mapping, SaysAllThatIsWrongWithARow) {
  const auto violations = fill("7,ada@example.com,1.2,,ProLine,web,31.02.2026").violations;
  ASSERT_EQ(violations.size(), 3u);
  EXPECT_EQ(violations[0].field, "worth");
  EXPECT_EQ(violations[1].field, "product");
  EXPECT_EQ(violations[1].reason, "\"ProLine\" is not known");
  EXPECT_EQ(violations[1].remedy, "did you mean \"Pro Line\"?");
  EXPECT_EQ(violations[2].field, "date");
}

TEST(Mapping, SaysWhatIsWrongWithItself) {
  EXPECT_EQ(mistakes("[1, 2]"),
            "m.yaml is not one YAML map; write import: leads, and source:, key: and more below it\n");
  const std::string wrong = mistakes(R"(
source: shop
key: id
feilds: {}
time_zone: Berlin
fields:
  person.emial: email
  request_id: id
  occurred_at: {column: date, dat: "%d"}
  team: {column: a, constant: b}
  channel: {column: origin, date: "%d", unknown: ignore}
  facts.company: {column: company, currency: EURO}
)");
  for (const char* part :
       {"m.yaml:4: feilds is not known here; did you mean \"fields\"?", "m.yaml:5: time_zone is not a time zone",
        "m.yaml:7: fields.person.emial is not a field of CaptureLead; did you mean \"person.email\"?",
        "m.yaml:8: fields.request_id is filled by the import", "fields.occurred_at.dat is not known here",
        "fields.team needs either a column or a constant", "fields.channel.date belongs to a field that is a time",
        "fields.channel.unknown is not one of refuse, keep, leave_out",
        "fields.facts.company.currency is not a currency", "fields.facts.company is not an amount of money"}) {
    EXPECT_NE(wrong.find(part), std::string::npos) << part << "\nis not in\n" << wrong;
  }
}

TEST(Mapping, RequiredIsATruthInAnySpellingAndNothingElse) {
  const auto with_required = [](const std::string& value) {
    return "import: leads\nsource: shop\nkey: id\nfields:\n  person.email: {column: email, required: " + value + "}\n";
  };
  const auto table = parse_csv("f.csv", "id,email\n7,\n", {});
  for (const auto& [value, refused] : {std::pair{"true", 1u}, {"True", 1u}, {"TRUE", 1u}, {"on", 1u}, {"False", 0u}}) {
    const Mapping mapping = mapping_of(with_required(value));
    marketing::v1::CaptureLead command;
    EXPECT_EQ(fill_from_row(command, mapping.lead, {*table, table->rows.at(0)}, TeamNames()).size(), refused) << value;
  }
  for (const char* value : {"ja", "1", "[true]", "\"\""}) {
    EXPECT_EQ(mistakes(with_required(value)),
              "m.yaml:5: fields.person.email.required is neither true nor false; write true or false\n")
        << value;
  }
}

TEST(Mapping, NamesTheNearestColumn) {
  const auto table = parse_csv("f.csv", "id,e-mail,worth,needs,product,origin,date\n", {});
  const Status status = check_columns(mapping_of(kLeads), *table);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().violations.at(0).reason, "has no column \"email\"");
  EXPECT_EQ(status.error().violations.at(0).remedy, "did you mean \"e-mail\"?");
}

TEST(Mapping, KeysAreWholeAndRowsNotRagged) {
  const auto table = parse_csv("f.csv", "a,b\n1,\n1\n", {});
  std::vector<Violation> violations;
  EXPECT_TRUE(ragged({*table, table->rows[0]}).empty());
  key_of({*table, table->rows[0]}, {"a", "b"}, violations);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "b");
  EXPECT_EQ(ragged({*table, table->rows[1]}).at(0).reason, "has 1 cells where there are 2 columns");
}

constexpr char kDeals[] = R"(
import: deals
source: old
key: id
outcome: {column: stage, won: Won, lost: [Lost, Gone], open: {Talking: proposal}}
open:
  team: {column: manager, names: managers}
  owner: {column: agent, names: members}
  pipeline: {constant: standard}
  account: account
  occurred_at: {column: first, date: "%Y-%m-%d"}
win:
  amount: {column: value, currency: EUR}
  occurred_at: {column: closed, date: "%Y-%m-%d"}
lose:
  occurred_at: {column: closed, date: "%Y-%m-%d"}
)";

TeamNames names() {
  sales::v1::Team team;
  team.set_team("north");
  team.mutable_definition()->set_manager("mia");
  for (const auto& [id, name] : {std::pair{"ana", "Ana Albers"}, {"ben", "Ben Brandt"}, {"mia", "Mia Maurer"}}) {
    auto& member = *team.mutable_definition()->add_members();
    member.set_member(id);
    member.set_name(name);
  }
  return TeamNames({team});
}

struct Prepared {
  std::vector<DealRow> deals;
  std::map<std::string, uint64_t> refused;
};

Prepared prepare(const std::string& rows) {
  const Mapping mapping = mapping_of(kDeals, "deals");
  const auto table = parse_csv("d.csv", "id,agent,manager,account,stage,first,closed,value\n" + rows, {});
  EXPECT_TRUE(table.ok() && check_columns(*mapping.deals, *table).ok());
  Rejections rejections(*table);
  Prepared prepared;
  prepared.deals = prepare_deals(mapping, *table, names(), nullptr, rejections);
  prepared.refused = rejections.by_reason();
  return prepared;
}

TEST(DealRows, AreOpenWonOrLost) {
  const auto [deals, refused] = prepare(
      "1,Ana Albers,Mia Maurer,Acme,Won,2025-01-02,2025-02-03,10.50\n"
      "2,ben,mia,Acme,Talking,2025-01-02,,\n"
      "3,Ben Brandt,mia,Acme,Gone,2025-01-02,2025-01-03,\n");
  EXPECT_TRUE(refused.empty());
  ASSERT_EQ(deals.size(), 3u);
  EXPECT_EQ(deals[0].open.team(), "north");
  EXPECT_EQ(deals[0].open.owner(), "ana");
  EXPECT_EQ(deals[0].open.stage(), "");
  EXPECT_EQ(deals[0].win.amount().minor_units(), 1050);
  EXPECT_EQ(deals[0].win.opportunity(), deals[0].open.opportunity());
  EXPECT_EQ(format_instant(to_instant(deals[0].win.occurred_at())), "2025-02-03T00:00:00Z");
  EXPECT_EQ(deals[1].outcome, "open");
  EXPECT_EQ(deals[1].open.stage(), "proposal");
  EXPECT_EQ(deals[2].outcome, "lost");
  EXPECT_EQ(deals[2].lose.reason(), "lost, says old");
  EXPECT_NE(deals[0].open.opportunity(), deals[1].open.opportunity());
  EXPECT_EQ(prepare("1,ana,mia,Other,Talking,2025-01-02,,\n").deals.at(0).open.opportunity(),
            deals[0].open.opportunity())
      << "the id derives from source and key alone";
}

TEST(DealRows, AreRefusedWhereTheyCannotBeRight) {
  const auto [deals, refused] = prepare(
      "1,Anna Albers,mia,Acme,Won,2025-01-02,2025-02-03,1\n"
      "2,ana,Mia Mauer,Acme,Won,2025-01-02,2025-02-03,1\n"
      "3,ana,mia,Acme,Wonn,2025-01-02,2025-02-03,1\n"
      "4,ana,mia,Acme,Won,2025-01-02,2024-02-03,1\n"
      "5,ana,mia,Acme,Won,2025-01-02,2025-02-03,\n"
      "6,ana,mia,Acme,Won,2025-01-02,2025-02-03,-1\n"
      "7,ana,mia,Acme,Lost,2025-01-02,2025-02-03,1\n"
      "7,ana,mia,Acme,Lost,2025-01-02,2025-02-03,1\n");
  EXPECT_EQ(deals.size(), 1u);
  const std::map<std::string, uint64_t> expected = {{"agent is not a salesperson of team north", 1},
                                                    {"manager is not the manager of a team", 1},
                                                    {"stage is not known", 1},
                                                    {"occurred_at of closing is before that of opening", 1},
                                                    {"value is empty for a deal that was won", 1},
                                                    {"value is negative", 1},
                                                    {"id is the same as in line 8", 1}};
  EXPECT_EQ(refused, expected);
}

}  // namespace
}  // namespace tandem::cli
