// The server as its callers see it, on loopback.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "shared/base/ids.h"
#include "shared/rpc/fake_service_testing.h"

namespace tandem::rpc::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

mv1::QualifyLead qualify(const std::string& lead) {
  mv1::QualifyLead command;
  command.set_lead(lead);
  return command;
}

mv1::Lead lead_in(const std::string& id, const std::string& campaign) {
  mv1::Lead lead;
  lead.set_lead(id);
  lead.set_campaign(campaign);
  return lead;
}

std::optional<Result<type::v1::CommandResult>> hold(const IncomingCommand&) { return std::nullopt; }

template <class P>
bool eventually(P holds) {
  const auto end = std::chrono::steady_clock::now() + seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

// It would be taken for "not given", and a deal of an unknown date would earn today.
TEST(Server, RefusesTheEpochAsTheTimeOfAFact) {
  FakeService service;
  Client client(service.address());
  auto command = qualify("lead-1");
  command.mutable_occurred_at()->set_seconds(0);
  const auto result = client.call<type::v1::CommandResult>(method("QualifyLead"), command, CallOptions{});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.code(), Code::kInvalidArgument);
  EXPECT_EQ(result.error().violations.at(0).field, "occurred_at");
  EXPECT_TRUE(service.seen().empty());
}

TEST(Server, HandsACommandOutWithAllThatTheEngineNeeds) {
  FakeService service;
  Client client(service.address());
  auto command = qualify("lead-1");
  command.set_request_id("r1");
  command.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  command.mutable_occurred_at()->set_seconds(1000);
  CallOptions options{.deadline = seconds(5), .caller = "ana", .role = "sales_manager"};
  options.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto result = client.call<type::v1::CommandResult>(method("QualifyLead"), command, options);
  ASSERT_TRUE(result.ok()) << (result.ok() ? "" : to_line(result.error()));
  EXPECT_EQ(result->subject(), "lead-1");

  const auto seen = service.seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].target, (AggregateRef{"lead", "lead-1"}));
  EXPECT_EQ(seen[0].request_id, "r1");
  EXPECT_EQ(seen[0].fingerprint.size(), 64u);
  EXPECT_EQ(to_micros(seen[0].occurred_at), 1'000'000'000);
  EXPECT_EQ(seen[0].caller.name, "ana");
  EXPECT_EQ(seen[0].caller.role, "sales_manager");
  EXPECT_EQ(seen[0].traceparent, options.traceparent);
  EXPECT_EQ(seen[0].acknowledgement, type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  EXPECT_FALSE(seen[0].validate_only);
}

TEST(Server, ADryRunIsTheSameRequest) {
  FakeService service;
  Client client(service.address());
  tandem::marketing::v1::CaptureLead command;
  command.set_request_id("r1");
  command.mutable_person()->set_email("ada@example.com");
  for (const bool dry : {true, false}) {
    command.set_validate_only(dry);
    ASSERT_TRUE(client.call<type::v1::CommandResult>(method("CaptureLead"), command).ok());
  }
  const auto seen = service.seen();
  EXPECT_TRUE(seen[0].validate_only);
  EXPECT_FALSE(seen[1].validate_only);
  EXPECT_EQ(seen[0].fingerprint, seen[1].fingerprint);
}

TEST(Server, AFingerprintIsOfTheContentNotOfIdOrAcknowledgement) {
  FakeService service;
  Client client(service.address());
  auto command = qualify("lead-1");
  const auto call = [&] { return client.call<type::v1::CommandResult>(method("QualifyLead"), command).ok(); };
  ASSERT_TRUE(call());
  command.set_request_id("other");
  command.set_acknowledgement(type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  ASSERT_TRUE(call());
  command.set_team("north");
  ASSERT_TRUE(call());
  const auto seen = service.seen();
  EXPECT_EQ(seen[0].fingerprint, seen[1].fingerprint);
  EXPECT_NE(seen[1].fingerprint, seen[2].fingerprint);
  EXPECT_FALSE(seen[0].request_id.empty());
  EXPECT_EQ(seen[0].traceparent.size(), 55u);
}

TEST(Server, AFingerprintCannotBeTriedWithoutTheKey) {
  tandem::marketing::v1::CaptureLead command;
  command.set_request_id("r1");
  command.mutable_person()->set_phone("+4915112345678");
  const auto fingerprint = [&](const std::string& key) {
    ServerOptions options;
    options.fingerprint_key = key;
    FakeService service(options);
    Client client(service.address());
    EXPECT_TRUE(client.call<type::v1::CommandResult>(method("CaptureLead"), command).ok());
    return service.seen().at(0).fingerprint;
  };
  EXPECT_EQ(fingerprint("key"), fingerprint("key"));
  EXPECT_NE(fingerprint("key"), fingerprint("other key"));
  command.clear_request_id();
  EXPECT_NE(fingerprint("key"), to_hex(sha256(method("CaptureLead") + "\n" + command.SerializeAsString())));
}

TEST(Server, DoesNotStartWithoutAKeyForFingerprints) {
  FakeService service;
  Queries queries(fake_registry(), service.store, {});
  const auto started = Server::start(fake_definition(), queries, service.chance, {});
  ASSERT_EQ(started.code(), Code::kInvalidArgument);
  EXPECT_EQ(started.error().violations.at(0).field, "fingerprint_key");
}

TEST(Server, SaysAllThatIsWrongWithARequestAtOnce) {
  FakeService service;
  Client client(service.address());
  mv1::CaptureLead command;
  command.mutable_person()->set_email("nobody");
  command.mutable_facts()->set_country("Germany");
  command.mutable_facts()->set_company_size(-1);
  const auto result = client.call<type::v1::CommandResult>(method("CaptureLead"), command);
  ASSERT_EQ(result.code(), Code::kInvalidArgument);
  std::vector<std::string> fields;
  for (const Violation& v : result.error().violations) {
    fields.push_back(v.field);
    EXPECT_FALSE(v.reason.empty());
    EXPECT_FALSE(v.remedy.empty());
  }
  EXPECT_THAT(fields, ::testing::ElementsAre("person.email", "facts.country", "facts.company_size"));
  EXPECT_TRUE(service.seen().empty());
}

TEST(Server, RejectionsOfRulesComeBackWhole) {
  Error rejection = reject(Code::kFailedPrecondition, "lead", "is with sales already", "ask the owner");
  rejection.retry_after = milliseconds(1500);
  FakeService service({}, [&](const IncomingCommand&) { return Result<type::v1::CommandResult>(rejection); });
  Client client(service.address());
  const auto result = client.call<type::v1::CommandResult>(method("QualifyLead"), qualify("lead-1"));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error(), rejection);
}

TEST(Server, AStatedRoleIsEnforced) {
  FakeService service;
  Client client(service.address());
  const auto call = [&](const std::string& role) {
    return client.call<type::v1::CommandResult>(method("QualifyLead"), qualify("lead-1"), {.role = role});
  };
  EXPECT_TRUE(call("").ok());
  EXPECT_TRUE(call("admin").ok());
  const auto refused = call("salesperson");
  ASSERT_EQ(refused.code(), Code::kPermissionDenied);
  EXPECT_THAT(refused.error().violations.at(0).remedy, ::testing::HasSubstr("sales_manager"));
  EXPECT_EQ(call("not a role").code(), Code::kInvalidArgument);
  EXPECT_EQ(service.seen().size(), 2u);
}

TEST(Server, AnUnknownMethodGetsTheNearestName) {
  FakeService service;
  Client client(service.address());
  const auto result = client.call<type::v1::CommandResult>(method("QualifyLaed"), qualify("lead-1"));
  ASSERT_EQ(result.code(), Code::kUnimplemented);
  EXPECT_THAT(result.error().message, ::testing::HasSubstr("QualifyLaed"));
  EXPECT_THAT(result.error().violations.at(0).remedy, ::testing::HasSubstr("MarketingService/QualifyLead"));
}

TEST(Server, RefusesWhatCannotBeDecodedAndWhatIsTooLarge) {
  FakeService service({.max_request_bytes = 2000});
  Client client(service.address());
  // proto3's strings are UTF-8.
  const auto malformed = client.call<type::v1::CommandResult>(method("RecordSpend"), qualify("\x01\x02\xff\xfe"));
  ASSERT_EQ(malformed.code(), Code::kInvalidArgument);
  EXPECT_THAT(malformed.error().message, ::testing::HasSubstr("not a valid tandem.marketing.v1.RecordSpend"));
  mv1::DisqualifyLead large;
  large.set_lead("lead-1");
  large.set_reason(std::string(3000, 'x'));
  const auto too_large = client.call<type::v1::CommandResult>(method("DisqualifyLead"), large);
  ASSERT_EQ(too_large.code(), Code::kInvalidArgument);
  EXPECT_THAT(too_large.error().message, ::testing::HasSubstr("bytes"));
  EXPECT_TRUE(service.seen().empty());
}

TEST(Server, GetsAndListsStates) {
  FakeService service;
  for (int i = 0; i < 20; ++i) {
    service.put(lead_in("lead-" + std::to_string(10 + i), i % 2 == 0 ? "spring" : "autumn"));
  }
  Client client(service.address());
  mv1::GetLead get;
  get.set_lead("lead-12");
  const auto lead = client.call<mv1::Lead>(method("GetLead"), get);
  ASSERT_TRUE(lead.ok()) << (lead.ok() ? "" : to_line(lead.error()));
  EXPECT_EQ(lead->campaign(), "spring");
  get.set_lead("nobody");
  EXPECT_EQ(client.call<mv1::Lead>(method("GetLead"), get).code(), Code::kNotFound);

  type::v1::ListRequest list;
  list.set_filter("campaign = spring");
  list.set_order_by("desc");
  list.set_page_size(4);
  std::vector<std::string> ids;
  do {
    const auto page = client.call<mv1::ListLeadsResult>(method("ListLeads"), list);
    ASSERT_TRUE(page.ok()) << (page.ok() ? "" : to_line(page.error()));
    for (const auto& item : page->leads()) ids.push_back(item.lead());
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(ids, ::testing::ElementsAre("lead-28", "lead-26", "lead-24", "lead-22", "lead-20", "lead-18", "lead-16",
                                          "lead-14", "lead-12", "lead-10"));
  list.set_page_token("QUFBQQ");
  EXPECT_EQ(client.call<mv1::ListLeadsResult>(method("ListLeads"), list).error().violations.at(0).field, "page_token");
}

TEST(Server, RefusesMoreThanMayWait) {
  FakeService service({.max_waiting = 2}, hold);
  AsyncCaller caller(service.address());
  std::vector<Result<type::v1::CommandResult>> answers;
  const auto call = [&] {
    caller.call<type::v1::CommandResult>(method("QualifyLead"), qualify("lead-1"), {},
                                         [&](Result<type::v1::CommandResult> answer) { answers.push_back(answer); });
  };
  for (int i = 0; i < 3; ++i) call();
  ASSERT_TRUE(eventually([&] {
    caller.poll(std::chrono::steady_clock::now() + milliseconds(10));
    return answers.size() == 1;
  }));
  EXPECT_EQ(answers[0].code(), Code::kResourceExhausted);
  EXPECT_EQ(answers[0].error().retry_after, milliseconds(50));
  ASSERT_TRUE(eventually([&] { return service.seen().size() == 2; }));
  service.release();
  while (caller.in_flight() > 0) caller.poll(std::chrono::steady_clock::now() + milliseconds(10));
  EXPECT_TRUE(answers[1].ok() && answers[2].ok());
}

TEST(Server, EndsACallAtItsDeadlineAndForgetsIt) {
  FakeService service({.default_deadline = milliseconds(200)}, hold);
  Client client(service.address());
  // gRPC itself ends a call whose client gave a deadline.
  auto result =
      client.call<type::v1::CommandResult>(method("QualifyLead"), qualify("lead-1"), {.deadline = milliseconds(150)});
  EXPECT_EQ(result.code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(eventually([&] {
    size_t waiting = 1;
    service.on_loop([&] { waiting = service.server().counters().waiting; });
    return waiting == 0;
  }));
  // Answering what nobody waits for is nothing.
  service.release();
  EXPECT_EQ(service.seen().size(), 1u);
}

TEST(Server, GivesADeadlineToCallsThatHaveNone) {
  FakeService service({.default_deadline = milliseconds(200)}, hold);
  Client client(service.address());
  const auto result = client.call<type::v1::CommandResult>(method("QualifyLead"), qualify("lead-1"),
                                                           {.deadline = std::chrono::hours(24 * 365 * 10)});
  ASSERT_EQ(result.code(), Code::kDeadlineExceeded);
  EXPECT_THAT(result.error().message, ::testing::HasSubstr("unknown"));
}

TEST(Server, DoesNotDecideWhatHasNoTimeLeft) {
  FakeService service;
  service.stop_loop();
  AsyncCaller caller(service.address());
  Code code = Code::kOk;
  caller.call<type::v1::CommandResult>(method("QualifyLead"), qualify("lead-1"), {.deadline = milliseconds(50)},
                                       [&](Result<type::v1::CommandResult> answer) { code = answer.code(); });
  while (caller.in_flight() > 0) caller.poll(std::chrono::steady_clock::now() + milliseconds(10));
  EXPECT_EQ(code, Code::kDeadlineExceeded);
  EXPECT_TRUE(service.server().poll(std::chrono::steady_clock::now() + milliseconds(50), 10).empty());
}

TEST(Server, TakesAsManyAsAskedForAndKeepsTheRest) {
  FakeService service;
  service.stop_loop();
  AsyncCaller caller(service.address());
  for (int i = 0; i < 10; ++i) {
    caller.call<type::v1::CommandResult>(method("QualifyLead"), qualify("lead-1"), {}, [](const auto&) {});
  }
  size_t taken = 0;
  ASSERT_TRUE(eventually([&] {
    const auto commands = service.server().poll(std::chrono::steady_clock::now() + milliseconds(10), 3);
    EXPECT_LE(commands.size(), 3u);
    for (const auto& command : commands) service.server().answer(command.token, type::v1::CommandResult());
    taken += commands.size();
    return taken == 10;
  }));
}

TEST(Server, WakeLetsPollReturn) {
  FakeService service;
  service.stop_loop();
  std::thread waker([&] { service.server().wake(); });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(service.server().poll(begin + seconds(30), 10).empty());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(10));
  waker.join();
}

TEST(Server, ListensOnLoopbackOnlyAndOnAPortOfItsOwn) {
  FakeService service;
  Queries queries(fake_registry(), service.store, {});
  const auto start = [&](const std::string& address) {
    ServerOptions options;
    options.address = address;
    options.fingerprint_key = "the key of the test";
    return Server::start(fake_definition(), queries, service.chance, options);
  };
  const auto open = start("0.0.0.0:0");
  ASSERT_EQ(open.code(), Code::kInvalidArgument);
  EXPECT_THAT(open.error().violations.at(0).remedy, ::testing::HasSubstr("127.0.0.1"));
  EXPECT_EQ(start("127.0.0.1").code(), Code::kInvalidArgument);
  EXPECT_EQ(start(service.address()).code(), Code::kUnavailable);
}

}  // namespace
}  // namespace tandem::rpc::testing
