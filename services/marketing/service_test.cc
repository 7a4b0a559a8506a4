#include "services/marketing/service.h"

#include <gtest/gtest.h>

#include "services/marketing/lead.h"
#include "services/marketing/lead_testing.h"

namespace tandem::marketing {
namespace {

const ServiceDefinition& definition() {
  static const ServiceDefinition d = service({"key"});
  return d;
}

std::string target(const char* method, const google::protobuf::Message& command, const std::string& request_id = "r") {
  const auto id = definition().api.methods().at(method).target(command, {request_id});
  return id.ok() ? id.value() : to_line(id.error());
}

TEST(MarketingApi, HasEveryMethodOfTheContract) {
  const auto* contract = v1::CaptureLead::descriptor()->file()->FindServiceByName("MarketingService");
  ASSERT_NE(contract, nullptr);
  EXPECT_EQ(definition().api.service(), contract->full_name());
  EXPECT_EQ(definition().api.methods().size(), static_cast<size_t>(contract->method_count()));
  for (int i = 0; i < contract->method_count(); ++i) {
    EXPECT_EQ(definition().api.methods().count(contract->method(i)->name()), 1u) << contract->method(i)->name();
  }
}

TEST(MarketingApi, ALeadIsAPersonHoweverTheyAreSpelt) {
  auto other = capture();
  other.mutable_person()->set_email("ANA@huber.example");
  other.mutable_person()->set_phone("+49 151 12345678");
  EXPECT_EQ(target("CaptureLead", capture(), "r1"), target("CaptureLeads", other, "r2"));
  other.mutable_person()->set_email("ben@huber.example");
  EXPECT_NE(target("CaptureLead", capture()), target("CaptureLead", other));
}

TEST(MarketingApi, WithoutAnAddressALeadIsTheNumberElseTheRequest) {
  auto a = capture();
  a.mutable_person()->clear_email();
  auto b = a;
  EXPECT_NE(target("CaptureLead", a, "r1"), target("CaptureLead", b, "r2"));
  EXPECT_EQ(target("CaptureLead", a, "r1"), target("CaptureLead", b, "r1"));
  a.mutable_person()->set_phone("+49 151 12345678");
  b.mutable_person()->set_phone("0049-151-12345678");
  EXPECT_EQ(target("CaptureLead", a, "r1"), target("CaptureLead", b, "r2"));
}

// So a row of an import is one lead, also where it comes again with other content, which is another request.
TEST(MarketingApi, WithoutAddressAndNumberALeadIsTheReference) {
  auto a = capture();
  a.mutable_person()->clear_email();
  a.set_external_reference("shop:7");
  auto b = a;
  b.mutable_facts()->set_company("Other");
  EXPECT_EQ(target("CaptureLeads", a, "r1"), target("CaptureLeads", b, "r2"));
  b.set_external_reference("shop:8");
  EXPECT_NE(target("CaptureLeads", a, "r1"), target("CaptureLeads", b, "r1"));
}

TEST(MarketingApi, AnAddressThatIsNoneIsRefusedWithItsPath) {
  auto c = capture();
  c.mutable_person()->set_email("ana");
  EXPECT_EQ(target("CaptureLead", c).substr(0, 30), "INVALID_ARGUMENT: person.email");
}

TEST(MarketingApi, CommandsGoToWhatTheyName) {
  v1::LaunchCampaign launch;
  launch.set_campaign("spring");
  EXPECT_EQ(target("LaunchCampaign", launch), "spring");
  v1::PublishScoringPolicy publish;
  publish.set_policy("default");
  EXPECT_EQ(target("PublishScoringPolicy", publish), "default");
  v1::RescoreLead rescore;
  rescore.set_lead("lead-7");
  EXPECT_EQ(target("RescoreLead", rescore), "lead-7");
}

Commands caused_by(const google::protobuf::Message& event) {
  return definition().reactions.commands(event, {"event-1", event.GetDescriptor()->full_name(), {}, {}, {}});
}

template <class Event>
Event scored(int points, v1::Routing routing) {
  Event e;
  e.set_lead(kLead);
  *e.mutable_score() = captured(points, 50).score();
  e.set_routing(routing);
  return e;
}

template <class Event>
void expect_qualification(uint32_t number) {
  const Commands commands = caused_by(scored<Event>(50, v1::ROUTING_AUTOMATIC));
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(commands[0].target, ref<Lead>(kLead));
  EXPECT_EQ(commands[0].k, number * 65536ull);
  ASSERT_EQ(commands[0].message->GetDescriptor(), v1::QualifyByScore::descriptor());
  EXPECT_EQ(static_cast<const v1::QualifyByScore&>(*commands[0].message).lead(), kLead);
  EXPECT_TRUE(caused_by(scored<Event>(49, v1::ROUTING_AUTOMATIC)).empty());
  EXPECT_TRUE(caused_by(scored<Event>(50, v1::ROUTING_HELD)).empty());
  auto no_policy = scored<Event>(0, v1::ROUTING_AUTOMATIC);
  no_policy.clear_score();
  EXPECT_TRUE(caused_by(no_policy).empty()) << "no policy, no threshold";
}

TEST(MarketingReactions, TheThresholdQualifies) {
  expect_qualification<v1::LeadCaptured>(1);
  expect_qualification<v1::TouchRecorded>(2);
  expect_qualification<v1::LeadScored>(3);
}

TEST(MarketingReactions, ReadOnlyTheirOwnTopic) {
  EXPECT_EQ(definition().reactions.sources(), std::set<std::string>{"marketing"});
}

}  // namespace
}  // namespace tandem::marketing
