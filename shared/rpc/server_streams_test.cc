// Streams, health, reflection and the end of a server, on loopback.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <thread>

#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "shared/base/free_port.h"
#include "shared/rpc/fake_service_testing.h"
#include "shared/rpc/reflection.h"
#include "shared/rpc/wire.h"

namespace tandem::rpc::testing {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kInAMinute = seconds(60);

mv1::CaptureLead row(int number) {
  mv1::CaptureLead command;
  command.set_request_id("row-" + std::to_string(number));
  return command;
}

TEST(CommandStream, AnswersEachRowByItsIndex) {
  FakeService service({.stream_window = 16});
  Client client(service.address());
  std::map<uint64_t, Result<type::v1::CommandResult>> answers;
  CommandStream stream(
      client, method("CaptureLeads"), {.deadline = kInAMinute}, 64,
      [&](uint64_t index, Result<type::v1::CommandResult> r) { answers.emplace(index, std::move(r)); });
  for (int i = 0; i < 500; ++i) {
    mv1::CaptureLead command = row(i);
    if (i == 7) command.mutable_facts()->set_country("Germany");
    const Status sent = stream.send(command);
    ASSERT_TRUE(sent.ok()) << (sent.ok() ? "" : to_line(sent.error()));
  }
  const Status end = stream.finish();
  ASSERT_TRUE(end.ok()) << (end.ok() ? "" : to_line(end.error()));
  ASSERT_EQ(answers.size(), 500u);
  for (const auto& [index, answer] : answers) {
    if (index == 7) {
      ASSERT_EQ(answer.code(), Code::kInvalidArgument);
      EXPECT_EQ(answer.error().violations.at(0).field, "facts.country");
    } else {
      EXPECT_EQ(answer->subject(), "lead-row-" + std::to_string(index));
    }
  }
  EXPECT_EQ(service.seen().size(), 499u);
}

TEST(CommandStream, IsNotReadBeyondItsWindow) {
  FakeService service({.stream_window = 8}, [](const IncomingCommand&) { return std::nullopt; });
  Client client(service.address());
  int answered = 0;
  CommandStream stream(client, method("CaptureLeads"), {.deadline = kInAMinute}, 1000,
                       [&](uint64_t, const auto&) { ++answered; });
  std::thread releaser([&] {
    while (service.seen().size() < 8) std::this_thread::sleep_for(milliseconds(1));
    // A turn of the loop with nothing to do in it: had there been room, more would have come.
    service.on_loop([] {});
    EXPECT_EQ(service.seen().size(), 8u);
    while (service.seen().size() < 20) service.release();
    service.release();
  });
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(stream.send(row(i)).ok());
  const Status end = stream.finish();
  releaser.join();
  EXPECT_TRUE(end.ok()) << (end.ok() ? "" : to_line(end.error()));
  EXPECT_EQ(answered, 20);
}

TEST(CommandStream, WaitsWhileTooManyCommandsDo) {
  std::atomic<int> most{0};
  FakeService* server = nullptr;
  FakeService service({.max_waiting = 4},
                      [&](const IncomingCommand&) -> std::optional<Result<type::v1::CommandResult>> {
                        most = std::max<int>(most, static_cast<int>(server->server().counters().waiting));
                        return type::v1::CommandResult();
                      });
  server = &service;
  Client client(service.address());
  CommandStream stream(client, method("CaptureLeads"), {.deadline = kInAMinute}, 500,
                       [](uint64_t, const auto& answer) { EXPECT_TRUE(answer.ok()); });
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(stream.send(row(i)).ok());
  EXPECT_TRUE(stream.finish().ok());
  EXPECT_LE(most, 4);
}

TEST(CommandStream, SaysWhyItCouldNotBegin) {
  FakeService service;
  Client client(service.address());
  CommandStream stream(client, method("CaptureLeads"), {.deadline = kInAMinute, .role = "salesperson"}, 10,
                       [](uint64_t, const auto&) { ADD_FAILURE() << "no row was to be answered"; });
  Status sent = stream.send(row(0));
  const Status end = stream.finish();
  EXPECT_EQ(end.code(), Code::kPermissionDenied);
  EXPECT_TRUE(service.seen().empty());
}

TEST(CommandStream, EndsWithItsRowsAnsweredWhenTheServerDrains) {
  FakeService service({}, [](const IncomingCommand&) { return std::nullopt; });
  Client client(service.address());
  int answered = 0;
  CommandStream stream(client, method("CaptureLeads"), {.deadline = kInAMinute}, 10,
                       [&](uint64_t, const auto& answer) { answered += answer.ok(); });
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(stream.send(row(i)).ok());
  while (service.seen().size() < 3) std::this_thread::sleep_for(milliseconds(1));
  service.on_loop([&] { service.server().drain(); });
  bool idle = true;
  service.on_loop([&] { idle = service.server().idle(); });
  EXPECT_FALSE(idle);
  service.release();
  EXPECT_EQ(stream.finish().code(), Code::kUnavailable);
  EXPECT_EQ(answered, 3);
  const auto late = client.call<type::v1::CommandResult>(method("CaptureLead"), mv1::CaptureLead());
  EXPECT_EQ(late.code(), Code::kUnavailable);
}

TEST(CommandStream, IsForgottenWithItsClient) {
  FakeService service({}, [](const IncomingCommand&) { return std::nullopt; });
  {
    Client client(service.address());
    CommandStream stream(client, method("CaptureLeads"), {.deadline = kInAMinute}, 10, [](uint64_t, const auto&) {});
    ASSERT_TRUE(stream.send(row(0)).ok());
    while (service.seen().empty()) std::this_thread::sleep_for(milliseconds(1));
  }
  bool idle = false;
  while (!idle) service.on_loop([&] { idle = service.server().idle(); });
  service.release();
}

// A stream whose client never reads.
TEST(CommandStream, IsCancelledWhenItsClientTakesNothing) {
  FakeService service({.stream_window = 100'000, .stream_write_timeout = milliseconds(200)});
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 1024);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  grpc::GenericStub stub(grpc::CreateCustomChannel(service.address(), grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(&context, "/" + std::string(kService) + "/CaptureLeads", &queue);
  void* tag = nullptr;
  bool ok = false;
  stream->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  int rows = 0;
  while (ok && rows < 100'000) {
    stream->Write(to_buffer(row(rows++)), nullptr);
    ASSERT_TRUE(queue.Next(&tag, &ok));
  }
  EXPECT_FALSE(ok) << "the server took everything";
  // The status comes after what had arrived.
  grpc::ByteBuffer answer;
  do {
    stream->Read(&answer, nullptr);
  } while (queue.Next(&tag, &ok) && ok);
  grpc::Status status;
  stream->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  queue.Shutdown();
  uint64_t stuck = 0;
  service.on_loop([&] { stuck = service.server().counters().stuck_streams; });
  EXPECT_GE(stuck, 1u);
}

TEST(Health, IsAskedAndWatched) {
  FakeService service;
  Client client(service.address());
  const auto check = [&](const std::string& name) {
    HealthCheckRequest request;
    request.set_service(name);
    return client.call<HealthCheckResponse>("grpc.health.v1.Health.Check", request);
  };
  EXPECT_EQ(check("")->status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(check(kService)->status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("nobody").code(), Code::kNotFound);

  grpc::GenericStub stub(client.channel());
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto stream = stub.PrepareCall(&context, "/grpc.health.v1.Health/Watch", &queue);
  void* tag = nullptr;
  bool ok = false;
  const auto step = [&] { return queue.Next(&tag, &ok) && ok; };
  stream->StartCall(nullptr);
  ASSERT_TRUE(step());
  stream->WriteLast(to_buffer(HealthCheckRequest()), grpc::WriteOptions(), nullptr);
  ASSERT_TRUE(step());
  const auto next = [&] {
    grpc::ByteBuffer buffer;
    stream->Read(&buffer, nullptr);
    EXPECT_TRUE(step());
    HealthCheckResponse response;
    EXPECT_TRUE(from_buffer(buffer, response));
    return response.status();
  };
  EXPECT_EQ(next(), HealthCheckResponse::SERVING);
  service.on_loop([&] { service.server().drain(); });
  EXPECT_EQ(next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(check("")->status(), HealthCheckResponse::NOT_SERVING);
  context.TryCancel();
  grpc::Status status;
  stream->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  queue.Shutdown();
}

TEST(Server, EndsWithCallsOpen) {
  FakeService service({}, [](const IncomingCommand&) { return std::nullopt; });
  AsyncCaller caller(service.address());
  Code code = Code::kOk;
  caller.call<type::v1::CommandResult>(method("CaptureLead"), row(1), {},
                                       [&](Result<type::v1::CommandResult> answer) { code = answer.code(); });
  while (service.seen().empty()) caller.poll(std::chrono::steady_clock::now() + milliseconds(1));
  service.stop_loop();
  service.server().shutdown(seconds(5));
  while (caller.in_flight() > 0) caller.poll(std::chrono::steady_clock::now() + milliseconds(10));
  EXPECT_EQ(code, Code::kUnavailable);
  service.server().wake();
}

TEST(Client, TriesAgainOnlyWhatCannotBeDoneTwice) {
  const std::string address = "127.0.0.1:" + std::to_string(free_port().value());
  Client client(address);
  const auto begin = std::chrono::steady_clock::now();
  const CallOptions options{.deadline = milliseconds(600)};
  EXPECT_EQ(client.call<type::v1::CommandResult>(method("CaptureLead"), mv1::CaptureLead(), options).code(),
            Code::kUnavailable);
  const auto once = std::chrono::steady_clock::now();
  EXPECT_LT(once - begin, milliseconds(500));

  std::unique_ptr<FakeService> service;
  std::thread starter([&] {
    ServerOptions server_options;
    server_options.address = address;
    service = std::make_unique<FakeService>(server_options);
  });
  const auto later = client.call<type::v1::CommandResult>(method("CaptureLead"), row(1), {.deadline = kInAMinute});
  starter.join();
  EXPECT_TRUE(later.ok()) << (later.ok() ? "" : to_line(later.error()));
}

TEST(Reflection, KnowsServicesSymbolsAndExtensions) {
  const std::vector<std::string> services{kService};
  ReflectionHandler reflection(services);
  grpc::reflection::v1::ServerReflectionRequest request;
  request.set_list_services("");
  EXPECT_EQ(reflection.respond(request).list_services_response().service(0).name(), kService);
  request.set_file_containing_symbol(method("CaptureLead"));
  // The file and everything that it imports.
  EXPECT_GT(reflection.respond(request).file_descriptor_response().file_descriptor_proto_size(), 5);
  EXPECT_EQ(reflection.respond(request).file_descriptor_response().file_descriptor_proto_size(), 1);
  request.set_all_extension_numbers_of_type("google.protobuf.MethodOptions");
  EXPECT_THAT(reflection.respond(request).all_extension_numbers_response().extension_number(),
              ::testing::Contains(50301));
  request.mutable_file_containing_extension()->set_containing_type("google.protobuf.MethodOptions");
  request.mutable_file_containing_extension()->set_extension_number(50301);
  EXPECT_TRUE(reflection.respond(request).has_file_descriptor_response());
  request.set_file_by_filename("nothing.proto");
  EXPECT_EQ(reflection.respond(request).error_response().error_code(), 5);
}

}  // namespace
}  // namespace tandem::rpc::testing
