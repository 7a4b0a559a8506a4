#include "services/sales/opportunity.h"

#include "services/sales/credits.h"
#include "services/sales/pipeline.h"
#include "services/sales/sales_testing.h"
#include "shared/aggregate/spec.h"
#include "shared/base/ids.h"

namespace tandem::sales {
namespace {

using namespace testing;  // NOLINT: the words of the specs

class OpportunitySpec : public Spec<Opportunity> {
 protected:
  OpportunitySpec() {
    id("deal-1");
    at_time("2026-10-07T10:00:00Z");
    cause("request-1");
    reference<Pipeline>("standard", standard_pipeline());
    reference<Team>("hunters", team_state(team_of({member("ana"), member("ben"), member("cem")})));
  }

  static v1::OpenOpportunity accepted() {
    v1::OpenOpportunity c;
    *c.mutable_lead() = lead("lead-1", "DE");
    c.mutable_lead()->set_product("crm");
    *c.mutable_lead()->mutable_value() = money(500'000);
    c.mutable_lead()->set_touch("touch-1");
    c.mutable_lead()->set_campaign("spring");
    c.set_team("hunters");
    c.set_owner("ana");
    c.set_plan("plan-of-then");
    c.set_manager("mia");
    c.set_manager_plan("plan-managers");
    c.set_pipeline("standard");
    return c;
  }
  static v1::OpenDeal by_hand() {
    v1::OpenDeal c;
    c.set_account("  Pro Line ");
    c.set_team("hunters");
    c.set_owner("ana");
    c.set_product("crm");
    *c.mutable_expected() = money(70'000);
    c.set_pipeline("standard");
    return c;
  }
  static v1::MoveStage move_to(const std::string& stage) {
    v1::MoveStage c;
    c.set_opportunity("deal-1");
    c.set_stage(stage);
    return c;
  }
  static v1::WinDeal win(int64_t amount, const std::vector<std::pair<std::string, uint32_t>>& splits = {}) {
    v1::WinDeal c;
    c.set_opportunity("deal-1");
    *c.mutable_amount() = money(amount);
    for (const auto& [payee, share] : splits) {
      auto& split = *c.add_splits();
      split.set_payee(payee);
      split.set_share_bp(share);
    }
    return c;
  }
  static v1::LoseDeal lose(const std::string& reason) {
    v1::LoseDeal c;
    c.set_opportunity("deal-1");
    c.set_reason(reason);
    return c;
  }
  static v1::ReverseDeal reverse(int64_t amount = 0) {
    v1::ReverseDeal c;
    c.set_opportunity("deal-1");
    if (amount != 0) *c.mutable_amount() = money(amount);
    c.set_reason("returned");
    return c;
  }
  template <class Event>
  static std::vector<int64_t> credits(const Event& e) {
    std::vector<int64_t> minor;
    for (const auto& split : e.splits()) minor.push_back(split.credit().minor_units());
    return minor;
  }
};

TEST_F(OpportunitySpec, OpensFromAnAcceptedLeadAtTheFirstStage) {
  when(accepted());
  const auto e = then_event<v1::OpportunityOpened>();
  EXPECT_EQ(e.opportunity(), "deal-1");
  EXPECT_EQ(e.lead(), "lead-1");
  EXPECT_EQ(e.customer(), "customer-lead-1");
  EXPECT_EQ(e.owner(), "ana");
  EXPECT_EQ(e.plan(), "plan-of-then");
  EXPECT_EQ(e.manager_plan(), "plan-managers");
  EXPECT_EQ(e.product(), "crm");
  EXPECT_EQ(e.expected().minor_units(), 500'000);
  EXPECT_EQ(e.stage(), "new");
  EXPECT_EQ(e.probability_bp(), 1000U);
  EXPECT_EQ(e.stages_size(), 3);
  EXPECT_EQ(e.pipeline_version(), 2U);
  EXPECT_EQ(e.touch(), "touch-1");
  EXPECT_EQ(e.campaign(), "spring");
  when(accepted());
  then_nothing();
  using By = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(Opportunity::indexes(state()).by, (By{{"status", "OPEN"},
                                                  {"owner", "ana"},
                                                  {"team", "hunters"},
                                                  {"stage", "new"},
                                                  {"customer", "customer-lead-1"},
                                                  {"lead", "lead-1"}}));
}

TEST_F(OpportunitySpec, AnUnknownPipelineRejects) {
  auto c = accepted();
  c.set_pipeline("other");
  when(c);
  then_rejected(Code::kNotFound, "pipeline");
}

TEST_F(OpportunitySpec, OpensByHandForAnAccount) {
  happened_at("2018-03-01T00:00:00Z");
  auto c = by_hand();
  c.set_stage("offer");
  c.set_touch("touch-1");
  c.set_campaign("spring");
  when(c);
  const auto e = then_event<v1::OpportunityOpened>();
  EXPECT_EQ(e.touch() + " " + e.campaign(), "touch-1 spring");
  EXPECT_EQ(e.account(), "Pro Line");
  EXPECT_EQ(e.customer(), derive_id("customer", {"account", "pro line"}));
  EXPECT_EQ(e.plan(), "plan-ana");
  EXPECT_EQ(e.manager(), "mia");
  EXPECT_EQ(e.stage(), "offer");
  EXPECT_EQ(e.probability_bp(), 4000U);
  EXPECT_EQ(format_instant(to_instant(state().opened_at())), "2018-03-01T00:00:00Z") << "history keeps its time";
  c.set_account("PRO LINE");
  when(c);
  then_nothing();
  c.set_owner("ben");
  when(c);
  then_rejected(Code::kAlreadyExists, "owner");
}

TEST_F(OpportunitySpec, EverythingWrongByHandIsSaidAtOnce) {
  auto c = by_hand();
  c.clear_account();
  c.set_owner("anna");
  c.set_stage("ofer");
  *c.mutable_expected() = money(-1, "EUX");
  when(c);
  then_rejected(Code::kInvalidArgument, "account");
  const Decision decision = Opportunity::decide(state(), c, context());
  std::map<std::string, std::string> remedies;
  for (const auto& violation : decision.rejection().violations) remedies[violation.field] = violation.remedy;
  EXPECT_EQ(remedies.size(), 5U);
  EXPECT_EQ(remedies["owner"], "did you mean \"ana\"?");
  EXPECT_EQ(remedies["stage"], "did you mean \"offer\"?");
  EXPECT_TRUE(remedies.count("expected.currency") == 1 && remedies.count("expected.minor_units") == 1);

  c = by_hand();
  c.set_owner("member BEN");
  when(c);
  then_rejected(Code::kNotFound, "owner");
  EXPECT_EQ(Opportunity::decide(state(), c, context()).rejection().violations[0].remedy, "did you mean \"ben\"?");
  c = by_hand();
  c.set_lead("lead-7");
  when(c);
  then_rejected(Code::kInvalidArgument, "customer");
  c = by_hand();
  c.set_team("farmers");
  c.set_pipeline("other");
  when(c);
  then_rejected(Code::kNotFound, "team");
  c = by_hand();
  caller("ben", "salesperson");
  when(c);
  then_rejected(Code::kPermissionDenied, "owner");
}

TEST_F(OpportunitySpec, MovesThroughItsOwnStages) {
  when(move_to("offer"));
  then_rejected(Code::kNotFound, "opportunity");
  when(accepted());
  auto other = standard_pipeline();
  other.mutable_definition()->clear_stages();
  reference<Pipeline>("standard", other);  // what becomes of the pipeline does not matter
  when(move_to("offer"));
  v1::StageChanged expected;
  expected.set_opportunity("deal-1");
  expected.set_customer("customer-lead-1");
  expected.set_from("new");
  expected.set_to("offer");
  expected.set_probability_bp(4000);
  then(expected);
  when(move_to("offer"));
  then_nothing();
  when(move_to("closed"));
  then_rejected(Code::kNotFound, "stage");
  caller("ben", "salesperson");
  when(move_to("closing"));
  then_rejected(Code::kPermissionDenied, "opportunity");
}

TEST_F(OpportunitySpec, WonByTheOwnerAlone) {
  when(win(100));
  then_rejected(Code::kNotFound, "opportunity");
  when(accepted());
  happened_at("2026-10-06T10:00:00Z");
  auto c = win(450'001);
  c.mutable_terms()->set_months(12);
  when(c);
  const auto e = then_event<v1::DealWon>();
  ASSERT_EQ(e.splits_size(), 1);
  EXPECT_EQ(e.splits(0).payee(), "ana");
  EXPECT_EQ(e.splits(0).share_bp(), 10'000U);
  EXPECT_EQ(e.splits(0).credit().minor_units(), 450'001);
  EXPECT_EQ(e.splits(0).plan(), "plan-ana");
  EXPECT_EQ(e.manager(), "mia");
  EXPECT_EQ(e.product(), "crm");
  EXPECT_EQ(e.terms().months(), 12U);
  EXPECT_EQ(e.touch(), "touch-1");
  EXPECT_EQ(e.contract(), derive_id("contract", {"deal-1"}));
  EXPECT_EQ(format_instant(to_instant(e.won_at())), "2026-10-06T10:00:00Z");
  EXPECT_EQ(Opportunity::indexes(state()).by[0].second, "WON");
  when(c);
  then_nothing();
  c.mutable_terms()->set_months(24);
  when(c);
  then_rejected(Code::kFailedPrecondition, "opportunity");
  when(lose("too dear"));
  then_rejected(Code::kFailedPrecondition, "opportunity");
  when(move_to("offer"));
  then_rejected(Code::kFailedPrecondition, "opportunity");
}

TEST_F(OpportunitySpec, AnOwnerWhoLeftTheTeamHasThePlanOfThen) {
  when(accepted());
  reference<Team>("hunters", team_state(team_of({member("ben")})));
  when(win(100));
  EXPECT_EQ(then_event<v1::DealWon>().splits(0).plan(), "plan-of-then");
}

TEST_F(OpportunitySpec, WonTogether) {
  when(accepted());
  when(win(9999, {{"ana", 7500}, {"ben", 2500}}));
  const auto e = then_event<v1::DealWon>();
  EXPECT_EQ(credits(e), (std::vector<int64_t>{7499, 2500}));
  EXPECT_EQ(e.splits(1).plan(), "plan-ben");
}

// Who is paid otherwise is in the team all the same.
TEST_F(OpportunitySpec, AMemberWithoutAPlanHasAShare) {
  v1::MemberDefinition without = member("ben");
  without.clear_plan();
  reference<Team>("hunters", team_state(team_of({member("ana"), without})));
  when(accepted());
  when(win(100, {{"ana", 7500}, {"ben", 2500}}));
  EXPECT_EQ(then_event<v1::DealWon>().splits(1).plan(), "");
}

TEST_F(OpportunitySpec, EverythingWrongWithAWinIsSaidAtOnce) {
  when(accepted());
  auto c = win(-5, {{"ana", 5000}, {"bne", 2000}, {"ana", 1000}, {"cem", 0}});
  c.mutable_amount()->set_currency("USD");
  when(c);
  then_rejected(Code::kInvalidArgument, "amount.currency");
  const Decision decision = Opportunity::decide(state(), c, context());
  std::vector<std::string> fields;
  for (const auto& violation : decision.rejection().violations) fields.push_back(violation.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"amount.currency", "amount.minor_units", "splits[1].payee",
                                              "splits[2].payee", "splits[3].share_bp", "splits"}));
}

// ERPNext's float sum refused these.
TEST_F(OpportunitySpec, SharesTotalExactly) {
  when(accepted());
  when(win(100, {{"ana", 9024}, {"ben", 552}, {"cem", 424}}));
  then_event<v1::DealWon>();
}

TEST_F(OpportunitySpec, SharesThatDoNotTotalAreRefused) {
  when(accepted());
  when(win(100, {{"ana", 9024}, {"ben", 552}, {"cem", 423}}));
  then_rejected(Code::kInvalidArgument, "splits");
  when(win(100, {{"ana", 9024}, {"ben", 552}, {"cem", 425}}));
  then_rejected(Code::kInvalidArgument, "splits");
}

TEST_F(OpportunitySpec, WithoutAnExpectedAmountAnyCurrencyWillDo) {
  auto c = by_hand();
  c.clear_expected();
  when(c);
  auto dollars = win(100);
  dollars.mutable_amount()->set_currency("XXX");
  when(dollars);
  then_rejected(Code::kInvalidArgument, "amount.currency");
  dollars.mutable_amount()->set_currency("USD");
  when(dollars);
  EXPECT_EQ(then_event<v1::DealWon>().amount().currency(), "USD");
}

TEST_F(OpportunitySpec, LostOnce) {
  when(accepted());
  when(lose("too dear"));
  const auto e = then_event<v1::DealLost>();
  EXPECT_EQ(e.lead(), "lead-1");
  EXPECT_EQ(e.team(), "hunters");
  EXPECT_EQ(state().probability_bp(), 0U);
  when(lose("too dear"));
  then_nothing();
  when(lose("too late"));
  then_rejected(Code::kFailedPrecondition, "opportunity");
  when(win(100));
  then_rejected(Code::kFailedPrecondition, "opportunity");
  when(reverse());
  then_rejected(Code::kFailedPrecondition, "opportunity");
}

TEST_F(OpportunitySpec, ReversedInPartsThatMirrorTheSale) {
  when(accepted());
  when(reverse());
  then_rejected(Code::kFailedPrecondition, "opportunity");
  happened_at("2026-10-06T10:00:00Z");
  when(win(9999, {{"ana", 7500}, {"ben", 2500}}));
  happened_at("2026-11-01T10:00:00Z");
  cause("request-2");
  when(reverse(5000));
  auto e = then_event<v1::DealReversed>();
  EXPECT_EQ(e.amount().minor_units(), 5000);
  EXPECT_EQ(e.won().minor_units(), 9999);
  EXPECT_FALSE(e.whole());
  EXPECT_EQ(format_instant(to_instant(e.won_at())), "2026-10-06T10:00:00Z");
  const auto first = credits(e);
  EXPECT_EQ(first[0] + first[1], 5000);
  EXPECT_EQ(e.splits(0).plan(), "plan-ana");
  EXPECT_EQ(state().status(), v1::OPPORTUNITY_STATUS_WON);
  when(reverse(5000));
  then_nothing();  // the same request: the same reversal
  cause("request-3");
  when(reverse(5000));
  then_rejected(Code::kOutOfRange, "amount.minor_units");
  when(reverse(-1));
  then_rejected(Code::kInvalidArgument, "amount.minor_units");
  auto dollars = reverse(1);
  dollars.mutable_amount()->set_currency("USD");
  when(dollars);
  then_rejected(Code::kInvalidArgument, "amount.currency");
  when(reverse());
  e = then_event<v1::DealReversed>();
  EXPECT_EQ(e.amount().minor_units(), 4999);
  EXPECT_EQ(e.reversed_in_all().minor_units(), 9999);
  EXPECT_TRUE(e.whole());
  EXPECT_EQ(credits(e), (std::vector<int64_t>{7499 - first[0], 2500 - first[1]}));
  EXPECT_EQ(state().status(), v1::OPPORTUNITY_STATUS_REVERSED);
  EXPECT_EQ(state().reversals_size(), 2);
  cause("request-4");
  when(reverse());
  then_rejected(Code::kFailedPrecondition, "opportunity");
}

TEST_F(OpportunitySpec, ADealWonForNothingCanBeTakenBack) {
  when(accepted());
  when(win(0));
  EXPECT_EQ(credits(then_event<v1::DealWon>()), (std::vector<int64_t>{0}));
  cause("request-2");
  when(reverse());
  EXPECT_TRUE(then_event<v1::DealReversed>().whole());
}

}  // namespace
}  // namespace tandem::sales
