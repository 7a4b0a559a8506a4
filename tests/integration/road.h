// A small company in memory (memory_company.h) that has a campaign, a team of two and plans, and what its people do.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "shared/base/money.h"
#include "shared/base/services.h"
#include "tandem/crm/v1/resources.pb.h"
#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/marketing/v1/resources.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"
#include "tests/support/memory_company.h"

namespace tandem::testing {

template <class M>
M text(const std::string& proto) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(proto, &message)) << proto;
  return message;
}

class Road : public ::testing::Test {
 protected:
  Road() {
    accepted("marketing", "DefineCampaign", text<marketing::v1::DefineCampaign>(R"(
      campaign: "spring" definition { name: "Spring" form: CAMPAIGN_FORM_INBOUND channel: "webinar" team: "north"
                                      budget { minor_units: 100000 currency: "EUR" } })"));
    accepted("marketing", "LaunchCampaign", text<marketing::v1::LaunchCampaign>(R"(campaign: "spring")"));
    accepted("marketing", "PublishScoringPolicy", text<marketing::v1::PublishScoringPolicy>(R"(
      policy: "default" threshold: 10 effective_from { seconds: 1000000 }
      rules { name: "mail" attribute: "has_email" comparison: COMPARISON_PRESENT points: 10 })"));
    accepted("sales", "DefinePipeline", text<sales::v1::DefinePipeline>(R"(
      pipeline: "standard" definition { name: "Standard"
        stages { stage: "new" name: "New" probability_bp: 1000 } stages { stage: "offer" name: "Offer" probability_bp: 6000 } })"));
    accepted("sales", "DefineTeam", text<sales::v1::DefineTeam>(R"(
      team: "north" definition { name: "North" manager: "mia" manager_plan: "lead" accept_within_minutes: 60 max_hops: 3
        pipeline: "standard"
        members { member: "ana" name: "Ana" weight: 2 plan: "ae" }
        members { member: "ben" name: "Ben" weight: 1 plan: "ae" } })"));
    accepted("incentives", "PublishPlan", text<incentives::v1::PublishPlan>(R"(
      plan: "ae" effective_from { seconds: 1000000 } definition { name: "AE" kind: PLAN_KIND_DIRECT currency: "EUR"
        period: PERIOD_KIND_MONTH time_zone: "Europe/Berlin"
        tiers { from_minor_units: 0 rate: "0.06" mode: TIER_MODE_GRADUATED }
        tiers { from_minor_units: 10000000 rate: "0.08" mode: TIER_MODE_GRADUATED } })"));
    accepted("incentives", "PublishPlan", text<incentives::v1::PublishPlan>(R"(
      plan: "lead" effective_from { seconds: 1000000 } definition { name: "Lead" kind: PLAN_KIND_OVERRIDE currency: "EUR"
        period: PERIOD_KIND_MONTH time_zone: "Europe/Berlin"
        tiers { from_minor_units: 0 rate: "0.01" mode: TIER_MODE_GRADUATED } })"));
    company_.settle();
  }

  template <class C>
  Outcome accepted(const std::string& service, const std::string& method, const C& command) {
    Outcome outcome = company_.give(service, method, command);
    EXPECT_NE(outcome.kind, Outcome::Kind::kFailed) << method << ": " << to_line(outcome.error);
    return outcome;
  }

  std::string capture(const std::string& email) {
    marketing::v1::CaptureLead command;
    command.mutable_person()->set_email(email);
    command.mutable_person()->set_name("Somebody");
    command.set_campaign("spring");
    return accepted("marketing", "CaptureLead", command).result.subject();
  }

  sales::v1::Assignment assignment_of(const std::string& lead) {
    auto all = company_.list<sales::v1::Assignment>("sales", "assignment", "lead = \"" + lead + "\"");
    EXPECT_EQ(all.size(), 1u) << "one live assignment a lead";
    return all.empty() ? sales::v1::Assignment() : all[0];
  }

  // Accepts and returns the opportunity.
  std::string accept(const sales::v1::Assignment& assignment) {
    sales::v1::AcceptLead command;
    command.set_assignment(assignment.assignment());
    command.set_member(assignment.member());
    accepted("sales", "AcceptLead", command);
    company_.settle();
    return company_.get<sales::v1::Assignment>("sales", {"assignment", assignment.assignment()}).opportunity();
  }

  void win(const std::string& opportunity, int64_t minor_units) {
    sales::v1::WinDeal command;
    command.set_opportunity(opportunity);
    command.mutable_amount()->set_minor_units(minor_units);
    command.mutable_amount()->set_currency("EUR");
    accepted("sales", "WinDeal", command);
    company_.settle();
  }

  int64_t earned(const std::string& payee, const std::string& plan) {
    const auto ledger = company_.get<incentives::v1::Ledger>("incentives", {"ledger", payee + "/" + plan});
    int64_t minor_units = 0;
    for (const auto& period : ledger.periods()) {
      minor_units += period.earned().minor_units() - period.clawed_back().minor_units();
    }
    return minor_units;
  }

  void expect_every_ledger_sums_to_zero() {
    for (const auto& ledger : company_.list<incentives::v1::Ledger>("incentives", "ledger")) {
      int64_t sum = 0;
      for (const auto& account : ledger.balances()) sum += account.balance().minor_units();
      EXPECT_EQ(sum, 0) << ledger.ledger();
    }
  }

  void expect_nothing_parked() {
    for (const std::string& service : kServices) {
      EXPECT_EQ(company_.parked(service), 0u) << service;
    }
  }

  MemoryCompany company_;
};

}  // namespace tandem::testing
