#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "services/cli/demo/books.h"
#include "services/cli/demo/generator.h"
#include "services/cli/demo/report.h"
#include "services/cli/demo/sales.h"
#include "services/cli/demo/statistics.h"
#include "shared/aggregate/convert.h"
#include "shared/base/identity.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr uint64_t kLeads = 2000;

GeneratorOptions options(uint64_t seed, const std::string& run = "r") {
  return {seed, run, kLeads, from_micros(1'760'000'000'000'000), from_micros(1'764'000'000'000'000)};
}

std::vector<marketing::v1::CaptureLead> generate(const GeneratorOptions& options) {
  LeadGenerator generator(options);
  std::vector<marketing::v1::CaptureLead> leads;
  for (uint64_t i = 0; i < options.leads; ++i) leads.push_back(generator.next());
  return leads;
}

// Who it is: by the normalised address or telephone number; empty if nobody can tell, or it is malformed.
std::string identity_of(const marketing::v1::CaptureLead& lead) {
  const auto identity = identify(lead.person().email(), lead.person().phone(), "person");
  if (!identity.ok()) return "";
  return identity->email.empty() ? identity->phone : identity->email;
}

TEST(DemoGenerator, TheSameSeedGivesTheSameRequests) {
  const auto once = generate(options(7));
  const auto again = generate(options(7));
  for (uint64_t i = 0; i < kLeads; ++i) ASSERT_EQ(once[i].SerializeAsString(), again[i].SerializeAsString()) << i;
}

TEST(DemoGenerator, AnotherSeedGivesOtherPeople) {
  std::set<std::string> people;
  for (const auto& lead : generate(options(7))) people.insert(identity_of(lead));
  for (const auto& lead : generate(options(8))) {
    const std::string who = identity_of(lead);
    EXPECT_TRUE(who.empty() || !people.contains(who)) << who;
  }
}

TEST(DemoGenerator, AnotherRunIsTheSamePeopleInOtherRequests) {
  const auto first = generate(options(7, "first"));
  const auto second = generate(options(7, "second"));
  for (uint64_t i = 0; i < kLeads; ++i) {
    ASSERT_NE(first[i].request_id(), second[i].request_id());
    ASSERT_NE(first[i].external_reference(), second[i].external_reference());
    ASSERT_EQ(first[i].person().SerializeAsString(), second[i].person().SerializeAsString());
  }
}

TEST(DemoGenerator, RequestIdsDifferAndTimesGoOn) {
  std::set<std::string> ids;
  Instant last{};
  for (const auto& lead : generate(options(7))) {
    EXPECT_TRUE(ids.insert(lead.request_id()).second) << lead.request_id();
    EXPECT_GE(to_instant(lead.occurred_at()), last);
    last = to_instant(lead.occurred_at());
  }
  EXPECT_LT(last, options(7).to);
}

TEST(DemoGenerator, SomeComeAgainAndSomeAreWrong) {
  std::set<std::string> people;
  uint64_t again = 0;
  uint64_t wrong = 0;
  uint64_t in_capitals = 0;
  for (const auto& lead : generate(options(7))) {
    const std::string who = identity_of(lead);
    again += !who.empty() && !people.insert(who).second;
    wrong += lead.campaign() == "winter-fair" || lead.facts().value().minor_units() < 0 ||
             lead.facts().value().currency() == "ABC" || lead.facts().country() == "Germany" ||
             lead.person().phone() == "call me" || lead.person().email() == "not an address";
    in_capitals += std::any_of(lead.person().email().begin(), lead.person().email().end(),
                               [](char c) { return c >= 'A' && c <= 'Z'; });
  }
  EXPECT_NEAR(static_cast<double>(again) / kLeads, 0.08, 0.025);
  EXPECT_NEAR(static_cast<double>(wrong) / kLeads, 0.02, 0.012);
  EXPECT_GT(in_capitals, kLeads / 50);
}

// A built-in rule takes addresses that can not exist, and have no telephone number beside them, out.
TEST(DemoGenerator, AddressesCouldExist) {
  for (const auto& lead : generate(options(7))) EXPECT_THAT(lead.person().email(), Not(HasSubstr(".invalid")));
}

TEST(DemoSales, TheSameAlwaysDecideTheSame) {
  EXPECT_EQ(reply_to(1, "assignment-a", 1).after, reply_to(1, "assignment-a", 1).after);
  const Course once = course_of(1, "opportunity-a");
  const Course again = course_of(1, "opportunity-a");
  EXPECT_EQ(once.stages, again.stages);
  EXPECT_EQ(once.pace, again.pace);
  EXPECT_EQ(once.cents, again.cents);
}

TEST(DemoSales, MostAcceptAndAFifthIsWon) {
  int accepted = 0;
  int silent = 0;
  int won = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string id = std::to_string(i);
    accepted += reply_to(1, id, 1).answer == Answer::kAccept;
    silent += reply_to(1, id, 1).answer == Answer::kSilence;
    won += course_of(1, id).outcome == Outcome::kWon;
  }
  EXPECT_NEAR(accepted, 1700, 60);
  EXPECT_NEAR(silent, 80, 40);
  EXPECT_NEAR(won, 400, 70);
}

TEST(DemoStatistics, PercentilesAreNearestRank) {
  EXPECT_EQ(percentile({}, 50), std::nullopt);
  EXPECT_EQ(percentile({7}, 99), 7);
  EXPECT_EQ(percentile({15, 20, 35, 40, 50}, 30), 20);
  EXPECT_EQ(percentile({50, 40, 35, 20, 15}, 40), 20);
  EXPECT_EQ(percentile({15, 20, 35, 40, 50}, 100), 50);
  std::vector<int64_t> hundred;
  for (int i = 1; i <= 100; ++i) hundred.push_back(i);
  EXPECT_EQ(percentile(hundred, 50), 50);
  EXPECT_EQ(percentile(hundred, 99), 99);
}

sales::v1::MemberPicked pick(const std::string& chosen, const std::vector<std::pair<std::string, uint32_t>>& eligible,
                             const std::vector<std::string>& others = {}) {
  sales::v1::MemberPicked picked;
  picked.set_member(chosen);
  for (const auto& [member, weight] : eligible) {
    auto& candidate = *picked.add_considered();
    candidate.set_member(member);
    candidate.set_weight(weight);
    candidate.set_eligible(true);
  }
  for (const std::string& member : others) {
    auto& candidate = *picked.add_considered();
    candidate.set_member(member);
    candidate.set_weight(5);
  }
  return picked;
}

TEST(IdealShares, AreOfThoseWhoCouldBeChosen) {
  IdealShares shares;
  shares.add(pick("ana", {{"ana", 3}, {"ben", 1}}, {"chloe"}));
  shares.add(pick("ben", {{"ben", 1}}, {"ana", "chloe"}));
  const auto& all = shares.shares();
  EXPECT_EQ(all.at("ana").given, 1u);
  EXPECT_EQ(all.at("ana").ideal_millionths, 750'000);
  EXPECT_EQ(all.at("ben").ideal_millionths, 1'250'000);
  EXPECT_DOUBLE_EQ(all.at("ana").off(), 0.25);
  EXPECT_FALSE(all.contains("chloe"));
}

TEST(IdealShares, AKeptTurnIsDueAndAChoiceByHandIsNot) {
  IdealShares shares;
  auto kept = pick("ana", {{"ana", 5}}, {"ben"});
  kept.mutable_considered(1)->set_turn_kept(true);
  shares.add(kept);
  EXPECT_EQ(shares.shares().at("ben").ideal_millionths, 500'000);
  auto by_hand = pick("ana", {{"ana", 5}});
  by_hand.set_assigned_by("mia");
  shares.add(by_hand);
  EXPECT_EQ(shares.choices(), 1u);
  EXPECT_EQ(shares.shares().at("ana").given, 1u);
}

TEST(IdealShares, KnowWhoWasAlwaysEligibleTogether) {
  IdealShares shares;
  shares.add(pick("ana", {{"ana", 3}, {"ben", 1}, {"chloe", 1}}));
  shares.add(pick("ben", {{"ana", 3}, {"ben", 1}}, {"chloe"}));
  EXPECT_THAT(shares.always_eligible_together(), ElementsAre(ElementsAre("ana", "ben")));
}

sales::v1::MemberRotation place_of(const std::string& member, uint64_t given, int64_t ideal_millionths) {
  sales::v1::MemberRotation place;
  place.set_member(member);
  place.set_given(given);
  place.set_ideal_millionths(ideal_millionths);
  return place;
}

TEST(ShareOf, ARunSettlesWhatWasOwedBeforeIt) {
  DemoReport report;
  *report.team_before.add_rotation() = place_of("ana", 10, 10'600'000);
  *report.team.add_rotation() = place_of("ana", 52, 51'440'000);
  *report.team.add_rotation() = place_of("new", 7, 7'250'000);
  const auto ana = share_of(report, "ana");
  EXPECT_EQ(ana.given, 42u);
  EXPECT_EQ(ana.ideal_millionths, 41'440'000) << "of this run's choices 40.84, and 0.6 from before";
  EXPECT_NEAR(ana.off(), 0.56, 1e-9) << "as the whole rotation is off, and not by 1.16";
  EXPECT_EQ(share_of(report, "new").ideal_millionths, 7'250'000);
  EXPECT_EQ(share_of(report, "nobody").given, 0u);
}

Books balanced() {
  Books books;
  books.before.leads = 10;
  books.before.touches = 12;
  books.after.leads = 14;
  books.after.touches = 18;
  books.sent.sent = 7;
  books.sent.refused["email"] = 1;
  books.sales.won = 1;
  books.sales.won_minor = 12'34;
  books.after.won = 1;
  books.after.won_minor = 12'34;
  return books;
}

TEST(DemoBooks, Balance) { EXPECT_THAT(discrepancies(balanced()), IsEmpty()); }

TEST(DemoBooks, SayWhatDoesNotBalance) {
  Books books = balanced();
  books.after.touches = 17;  // one is lost
  EXPECT_THAT(discrepancies(books), ElementsAre(HasSubstr("leads sent: 7, but")));
  books = balanced();
  books.after.won_minor = 12'33;
  EXPECT_THAT(discrepancies(books), ElementsAre(HasSubstr("EUR 12.34, but sales has more by EUR 12.33")));
  books = balanced();
  books.ledgers.out_of_balance.push_back("ana/ae-2026");
  books.ledgers.statements_minor = 1;
  books.unpublished = 2;
  books.parked = 1;
  EXPECT_EQ(discrepancies(books).size(), 4u);
}

}  // namespace
}  // namespace tandem::cli
