// Processes that die in mid-load, and what they depend on that goes away: nothing is lost, nothing happens twice, and
// everything goes on by itself.
#include <gtest/gtest.h>

#include <string>

#include "tests/system/company.h"
#include "tests/system/load.h"

namespace tandem::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() { company_.define(); }

  // Waits until so many leads more were answered.
  static void await_progress(const Load& load, int more) {
    const int goal = load.answered() + more;
    EXPECT_TRUE(eventually([&] { return load.answered() >= goal; })) << load.answered() << " of " << goal;
  }

  void finish(Load& load) {
    ASSERT_TRUE(load.finish()) << load.answered() << " answered";
    expect_books_balance(company_, load.tally());
  }

  Installation tandem_;
  Company company_{tandem_};
};

class KillTest : public CrashTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(KillTest, AServiceIsKilledInMidLoadAndTheBooksBalance) {
  Load load(company_, 100);
  await_progress(load, 30);
  tandem_.kill9(GetParam());
  tandem_.start(GetParam());
  finish(load);
}

INSTANTIATE_TEST_SUITE_P(Each, KillTest, ::testing::ValuesIn(kServices),
                         [](const auto& info) { return std::string(info.param); });

TEST_F(CrashTest, RedisIsKilledAndComesBack) {
  Load load(company_, 100);
  await_progress(load, 30);
  tandem_.redis().kill9();
  rpc::CallOptions options;
  options.deadline = seconds(10);
  auto command = company_.person("nobody@example.com");
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = tandem_.call<type::v1::CommandResult>("marketing", "CaptureLead", command, options);
  EXPECT_EQ(refused.code(), Code::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(8)) << "a short wait";
  EXPECT_TRUE(eventually([&] { return tandem_.admin_page("marketing", "/healthz").first != 200; }));
  tandem_.redis().restart();
  finish(load);
  EXPECT_TRUE(eventually([&] { return tandem_.admin_page("marketing", "/healthz").first == 200; }));
}

TEST_F(CrashTest, RedisStandsStillAndGoesOn) {
  Load load(company_, 80);
  await_progress(load, 30);
  tandem_.redis().pause();
  rpc::CallOptions options;
  // One of the loop's calls to Redis takes its time-out to see that there is no answer; those after it do not wait
  // again.
  options.deadline = seconds(12);
  const auto refused =
      tandem_.call<type::v1::CommandResult>("marketing", "CaptureLead", company_.person("nobody@example.com"), options);
  EXPECT_EQ(refused.code(), Code::kUnavailable);
  tandem_.redis().resume();
  ASSERT_TRUE(load.finish());
  // Without a request id it is not known whether the refused one was stored: the connection was open when it was sent.
  auto tally = load.tally();
  const auto leads = company_.list<marketing::v1::Lead, marketing::v1::ListLeadsResult>();
  if (static_cast<int>(leads.size()) == tally.created + 1) tally.created++, tally.sent++;
  expect_books_balance(company_, tally);
}

// Redis comes back with nothing, twice, in mid-load: the log has everything that was published, and so has Redis soon.
TEST_F(CrashTest, RedisIsEmptiedInMidLoadAndHealsByItself) {
  Load load(company_, 150, 4, type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  for (int i = 0; i < 2; i++) {
    await_progress(load, 40);
    tandem_.redis().kill9();
    tandem_.redis().erase_data();
    tandem_.redis().restart();
  }
  finish(load);
  for (const std::string& service : tandem_.services()) {
    const auto status = tandem_.status(service).value();
    EXPECT_GE(status.heals(), 2 * tandem_.shards()) << service;
    EXPECT_EQ(status.shards_unreconciled(), 0u) << service;
  }
  // What was acknowledged was in the log; the others may have been behind when it happened.
  EXPECT_GT(tandem_.status("marketing").value().events_folded(), 0u);
  EXPECT_TRUE(eventually([&] { return tandem_.admin_page("marketing", "/healthz").first == 200; }));
  EXPECT_NE(tandem_.admin_page("marketing", "/metrics").second.find("tandem_heals_total"), std::string::npos);
}

// The embedded broker takes the attempts of consumers to join their groups, made while it stood still, for members that
// are alive, and may wait for them for ever. So the consumers that count here come when it has gone on.
TEST(BusTest, WithoutTheBusCommandsAreAcceptedAndPublishedLater) {
  InstallationOptions options;
  options.running = {"marketing", "sales"};
  Installation tandem(options);
  Company company(tandem);
  company.define_campaign();
  company.define_sales();
  EXPECT_EQ(tandem.stop("sales"), 0);
  ASSERT_TRUE(eventually([&] { return tandem.status("marketing").value().unpublished() == 0; }));
  tandem.pause_bus();
  std::vector<std::string> qualified;
  for (int i = 0; i < 10; i++) {
    marketing::v1::QualifyLead qualify;
    qualify.set_lead(company.done(company.person("person" + std::to_string(i) + "@example.com")).subject());
    company.done(qualify);
    qualified.push_back(qualify.lead());
  }
  const auto first = tandem.status("marketing").value();
  EXPECT_EQ(first.unpublished(), 20u);
  ASSERT_TRUE(first.has_oldest_unpublished());
  EXPECT_TRUE(eventually([&] { return tandem.admin_page("marketing", "/healthz").first != 200; }));
  EXPECT_TRUE(eventually([&] {
    return tandem.admin_page("marketing", "/healthz").second.find("20 events are unpublished") != std::string::npos;
  })) << tandem.admin_page("marketing", "/healthz").second;
  // It is still the same event that is the oldest, so its age rises.
  EXPECT_EQ(tandem.status("marketing").value().oldest_unpublished().SerializeAsString(),
            first.oldest_unpublished().SerializeAsString());
  auto published = company.person("late@example.com");
  published.set_request_id("late");
  published.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  EXPECT_FALSE(company.give(published, milliseconds(500)).ok()) << "nobody can promise that now";

  tandem.resume_bus();
  const auto given = company.give(published, seconds(20)).value();
  EXPECT_EQ(given.acknowledgement(), type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  const std::string late = given.subject();
  EXPECT_TRUE(eventually([&] { return tandem.status("marketing").value().unpublished() == 0; }));
  tandem.start("sales");
  for (const auto& lead : company.list<marketing::v1::Lead, marketing::v1::ListLeadsResult>("status = QUALIFIED")) {
    EXPECT_FALSE(company.assignment_of(lead.lead()).member().empty());
  }
  // The late one comes besides, if its points are enough and sales has got as far.
  std::vector<std::string> assigned;
  for (const auto& assignment : company.assignments("")) {
    if (assignment.lead() != late) assigned.push_back(assignment.lead());
  }
  EXPECT_THAT(assigned, ::testing::UnorderedElementsAreArray(qualified));
}

}  // namespace
}  // namespace tandem::testing
