#include "tests/system/load.h"

#include <gtest/gtest.h>

#include <set>

#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"

namespace tandem::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

// One of ten is the person of the lead before, spelt in another way.
marketing::v1::CaptureLead lead_number(const Company& company, int i) {
  const bool again = i % 10 == 9;
  auto command = company.person((again ? "PERSON" : "person") + std::to_string(again ? i - 1 : i) + "@example.com");
  command.set_request_id("capture-" + std::to_string(i));
  if (i % 20 == 7) command.set_campaign("nowhere");
  return command;
}

}  // namespace

Load::Load(Company& company, int leads, int capturers, type::v1::Acknowledgement acknowledgement)
    : company_(company), leads_(leads), acknowledgement_(acknowledgement) {
  for (int t = 0; t < capturers; t++) threads_.emplace_back([this, t, capturers] { capture(t, capturers); });
  seller_ = std::thread([this] { sell(); });
}

Load::~Load() {
  stop_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
  if (seller_.joinable()) seller_.join();
}

void Load::capture(int first, int step) {
  for (int i = first; i < leads_ && !stop_; i += step) {
    auto command = lead_number(company_, i);
    command.set_acknowledgement(acknowledgement_);
    const auto result = company_.give(command, kPatience);
    answered_++;
    std::lock_guard lock(mutex_);
    tally_.sent++;
    if (result.ok() && result->event_type() == "tandem.marketing.v1.LeadCaptured") {
      tally_.created++;
    } else if (result.ok() && result->event_type() == "tandem.marketing.v1.TouchRecorded") {
      tally_.known++;
    } else if (result.code() == Code::kNotFound && command.campaign() == "nowhere") {
      tally_.refused++;
    } else {
      tally_.unexpected.push_back(result.ok() ? result->ShortDebugString() : to_line(result.error()));
    }
  }
}

void Load::sell() {
  while (!stop_) {
    if (sell_once()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool Load::sell_once() {
  auto page = [this](const std::string& method, const std::string& filter, auto prototype) {
    type::v1::ListRequest request;
    request.set_filter(filter);
    request.set_page_size(20);
    // While sales is away there is nothing to do.
    auto found = company_.tandem().call<decltype(prototype)>("sales", method, request);
    return found.ok() ? *found : decltype(prototype)();
  };
  const auto assigned = page("ListAssignments", "status = ASSIGNED", sales::v1::ListAssignmentsResult());
  for (const auto& assignment : assigned.assignments()) {
    sales::v1::AcceptLead accept;
    accept.set_request_id("accept-" + assignment.assignment());
    accept.set_assignment(assignment.assignment());
    accept.set_member(assignment.member());
    EXPECT_EQ(company_.give(accept, kPatience).code(), Code::kOk);
  }
  const auto open = page("ListOpportunities", "status = OPEN", sales::v1::ListOpportunitiesResult());
  for (const auto& opportunity : open.opportunities()) {
    sales::v1::WinDeal win;
    win.set_request_id("win-" + opportunity.opportunity());
    win.set_opportunity(opportunity.opportunity());
    win.mutable_amount()->set_minor_units(100'000 + static_cast<int64_t>(opportunity.lead().back()));
    win.mutable_amount()->set_currency("EUR");
    EXPECT_EQ(company_.give(win, kPatience).code(), Code::kOk);
  }
  return assigned.assignments().empty() && open.opportunities().empty();
}

bool Load::finish(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const bool all = eventually([&] { return answered_ >= leads_; }, patience);
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  seller_.join();
  while (all && std::chrono::steady_clock::now() < deadline) {
    if (company_.tandem().settle() && sell_once()) return true;
  }
  return false;
}

Tally Load::tally() {
  std::lock_guard lock(mutex_);
  return tally_;
}

namespace {

void expect_leads_are_accounted_for(Company& company, const Tally& tally) {
  EXPECT_TRUE(tally.unexpected.empty()) << tally.unexpected[0];
  EXPECT_EQ(tally.sent, tally.created + tally.known + tally.refused);
  int touches = 0;
  std::set<std::string> leads;
  for (const auto& lead : company.list<marketing::v1::Lead, marketing::v1::ListLeadsResult>()) {
    EXPECT_TRUE(leads.insert(lead.lead()).second) << lead.lead();
    touches += static_cast<int>(lead.touch_count());
  }
  EXPECT_EQ(static_cast<int>(leads.size()), tally.created);
  EXPECT_EQ(touches, tally.created + tally.known);
  std::set<std::string> assigned;
  for (const auto& assignment : company.assignments("")) {
    EXPECT_TRUE(assigned.insert(assignment.lead()).second) << assignment.lead() << " is assigned twice";
    EXPECT_EQ(assignment.status(), sales::v1::ASSIGNMENT_STATUS_ACCEPTED);
  }
  EXPECT_EQ(assigned, leads);
}

void expect_commission_of_each_deal_once(Company& company, const Tally& tally) {
  std::map<std::string, std::multiset<std::string>> payees;  // by deal
  for (const auto& entry : company.list<incentives::v1::Entry, incentives::v1::ListEntriesResult>()) {
    payees[entry.deal()].insert(entry.payee());
  }
  const auto deals = company.list<sales::v1::Opportunity, sales::v1::ListOpportunitiesResult>("status = WON");
  EXPECT_EQ(static_cast<int>(deals.size()), tally.created);
  int64_t won = 0;
  for (const auto& deal : deals) {
    EXPECT_EQ(payees[deal.opportunity()], (std::multiset<std::string>{deal.owner(), "mia"})) << deal.opportunity();
    won += deal.amount().minor_units();
  }
  EXPECT_EQ(payees.size(), deals.size());
  int64_t credited = 0;
  for (const auto& ledger : company.list<incentives::v1::Ledger, incentives::v1::ListLedgersResult>()) {
    int64_t sum = 0;
    for (const auto& account : ledger.balances()) sum += account.balance().minor_units();
    EXPECT_EQ(sum, 0) << ledger.ledger();
    if (ledger.plan() != "ae") continue;
    for (const auto& period : ledger.periods()) credited += period.credited().minor_units();
  }
  EXPECT_EQ(credited, won) << "what was won is what was credited";
}

}  // namespace

void expect_books_balance(Company& company, const Tally& tally) {
  expect_leads_are_accounted_for(company, tally);
  expect_commission_of_each_deal_once(company, tally);
  for (const std::string& service : company.tandem().services()) {
    const auto status = company.tandem().status(service);
    ASSERT_TRUE(status.ok()) << service << ": " << to_line(status.error());
    EXPECT_EQ(status->unpublished(), 0u) << service;
    EXPECT_EQ(status->parked(), 0u) << service;
    EXPECT_EQ(status->stopped_size(), 0) << status->ShortDebugString();
  }
}

}  // namespace tandem::testing
