// What cannot be applied is parked, whole and in order, holds nothing else up, and can be tried again or thrown away.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/aggregate/convert.h"
#include "shared/base/ports.h"
#include "shared/base/time.h"
#include "shared/bus/envelope.h"
#include "shared/bus/kafka_log.h"
#include "tandem/incentives/v1/resources.pb.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tests/system/company.h"

namespace tandem::testing {
namespace {

constexpr char kAdmin[] = "tandem.runtime.v1.AdminService.";

Result<runtime::v1::ListParkedResult> parked(Installation& tandem, const std::string& service) {
  return tandem.client(service)->call<runtime::v1::ListParkedResult>(std::string(kAdmin) + "ListParked",
                                                                     runtime::v1::ListParked());
}

// Waits until so many aggregates have parked commands.
runtime::v1::ListParkedResult await_parked(Installation& tandem, const std::string& service, int aggregates) {
  runtime::v1::ListParkedResult found;
  EXPECT_TRUE(eventually([&] {
    auto now = parked(tandem, service);
    if (now.ok()) found = *now;
    return now.ok() && found.aggregates_size() == aggregates;
  })) << found.ShortDebugString();
  return found;
}

Result<type::v1::CommandResult> retry(Installation& tandem, const runtime::v1::ParkedAggregate& aggregate) {
  runtime::v1::RetryParked request;
  request.set_aggregate_type(aggregate.aggregate_type());
  request.set_aggregate_id(aggregate.aggregate_id());
  request.set_command(aggregate.commands(0).id());
  return tandem.client("incentives")->call<type::v1::CommandResult>(std::string(kAdmin) + "RetryParked", request);
}

TEST(ParkingTest, WhatWaitedForAPlanIsDoneInOrderOnceThereIsOne) {
  Installation tandem;
  Company company(tandem);
  company.define_campaign();
  company.define_sales();
  company.define_plan("lead");
  for (const int64_t amount : {9'000'000, 2'000'000}) {
    auto open = text<sales::v1::OpenDeal>(R"(team: "north" owner: "ana" pipeline: "standard")");
    open.set_account("Account " + std::to_string(amount));
    company.win(company.done(open).subject(), amount);
    // The ledger of the plan that does not exist yet; the manager's goes on meanwhile.
    await_parked(tandem, "incentives", 1);
  }
  ASSERT_TRUE(tandem.settle());
  auto found = await_parked(tandem, "incentives", 1);
  ASSERT_EQ(found.aggregates(0).aggregate_id(), "ana/ae");
  ASSERT_EQ(found.aggregates(0).commands_size(), 2);
  EXPECT_FALSE(found.aggregates(0).commands(0).reason().reason().empty());
  EXPECT_FALSE(retry(tandem, found.aggregates(0)).ok()) << "there still is no plan";

  company.define_plan("ae");
  ASSERT_EQ(retry(tandem, found.aggregates(0)).code(), Code::kOk);
  EXPECT_EQ(retry(tandem, found.aggregates(0)).code(), Code::kFailedPrecondition) << "it is not the first any more";
  found = await_parked(tandem, "incentives", 1);
  ASSERT_EQ(found.aggregates(0).commands_size(), 1);
  ASSERT_EQ(retry(tandem, found.aggregates(0)).code(), Code::kOk);
  await_parked(tandem, "incentives", 0);
  const auto ledgers = company.list<incentives::v1::Ledger, incentives::v1::ListLedgersResult>("payee = \"ana\"");
  ASSERT_EQ(ledgers.size(), 1u);
  ASSERT_EQ(ledgers[0].periods_size(), 1);
  EXPECT_EQ(ledgers[0].periods(0).earned().minor_units(), 680'000) << "6 % of 100,000.00 and 8 % of 10,000.00";
}

// Marketing, played by the test: its topic has what the test writes.
class PlayedMarketing {
 public:
  explicit PlayedMarketing(Installation& tandem) : log_(tandem.kafka_options()) {
    auto writer = log_.make_writer();
    EXPECT_TRUE(writer.ok());
    writer_ = std::move(*writer);
    EXPECT_TRUE(writer_->warm(std::vector<std::string>{topic_}, std::chrono::seconds(10)).ok());
  }

  void write(const std::string& lead, const std::string& type, std::string payload) {
    bus::EventRecord event;
    auto& envelope = event.envelope;
    envelope.set_installation("test");
    envelope.mutable_position()->set_service("marketing");
    envelope.mutable_position()->set_generation(1);
    envelope.mutable_position()->set_number(++number_);
    envelope.set_event_id("event-" + std::to_string(number_));
    envelope.set_event_type(type);
    envelope.set_aggregate_type("lead");
    envelope.set_aggregate_id(lead);
    envelope.set_version("version-" + std::to_string(number_));
    envelope.mutable_cause()->mutable_request()->set_request_id("request");
    *envelope.mutable_occurred_at() = to_timestamp(SystemClock().now());
    *envelope.mutable_recorded_at() = envelope.occurred_at();
    event.payload = std::move(payload);
    ASSERT_TRUE(writer_->produce(topic_, 0, bus::encode(event), number_).value());
    ASSERT_TRUE(eventually([&] { return !writer_->poll(std::chrono::milliseconds(50)).deliveries.empty(); }));
  }

 private:
  const std::string topic_ = bus::events_topic("marketing");
  bus::KafkaLog log_;
  std::unique_ptr<bus::LogWriter> writer_;
  uint64_t number_ = 0;
};

TEST(ParkingTest, AnEventThatCannotBeDecodedIsParkedWholeAndOthersFlowOn) {
  InstallationOptions options;
  options.running = {"sales"};
  Installation tandem(options);
  Company company(tandem);
  company.define_sales();
  PlayedMarketing marketing(tandem);
  const std::string broken = "\x0a\xff this is no event";
  marketing.write("lead-1", "tandem.marketing.v1.LeadQualified", broken);
  marketing::v1::LeadQualified good;
  good.set_lead("lead-2");
  good.set_team("north");
  marketing.write("lead-2", "tandem.marketing.v1.LeadQualified", good.SerializeAsString());

  EXPECT_EQ(company.assignment_of("lead-2").member(), "ana");
  const auto found = await_parked(tandem, "sales", 1);
  EXPECT_EQ(found.aggregates(0).aggregate_type(), "undecodable");
  EXPECT_EQ(found.aggregates(0).aggregate_id(), "lead-1");
  ASSERT_EQ(found.aggregates(0).commands_size(), 1);
  EXPECT_EQ(found.aggregates(0).commands(0).cause().event_type(), "tandem.marketing.v1.LeadQualified");

  runtime::v1::DiscardParked discard;
  discard.set_aggregate_type("undecodable");
  discard.set_aggregate_id("lead-1");
  discard.set_command(found.aggregates(0).commands(0).id());
  discard.set_reason("written by a test");
  const auto discarded =
      tandem.client("sales")->call<type::v1::CommandResult>(std::string(kAdmin) + "DiscardParked", discard);
  EXPECT_TRUE(discarded.ok()) << to_line(discarded.error());
  await_parked(tandem, "sales", 0);
}

}  // namespace
}  // namespace tandem::testing
