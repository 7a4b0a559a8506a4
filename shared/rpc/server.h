// The gRPC side of a service: one generic service, one completion queue, one polling thread, which is the service's
// loop. It takes every method from the descriptors; commands come out of poll() for the engine's next batch, and go
// back by answer(); reads, health and reflection are answered within.
//
//   auto server = Server::start(definition, queries, chance, options);
//   while (running) {
//     for (IncomingCommand& c : server->poll(deadline, 256)) batch.push_back(...);
//     ... execute ...
//     server->answer(token, result);        // now, or later for PUBLISHED
//   }
//   server->drain();                        // then poll and answer on until idle() or the patience ends
//   server->shutdown(200ms);
//
// Before a command comes out of poll() it was authorised, parsed, validated, and had time left. All methods but wake()
// are for the one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "shared/aggregate/query.h"
#include "shared/aggregate/service_definition.h"
#include "shared/base/ports.h"
#include "shared/base/result.h"
#include "shared/rpc/policy.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem::rpc {

// Names a command that waits for its answer. Never reused. It stays valid when the call is gone: answering is then
// nothing.
using AnswerToken = uint64_t;

struct IncomingCommand {
  AnswerToken token = 0;
  const Method* method = nullptr;  // lives as long as the server
  AggregateRef target;
  std::shared_ptr<const google::protobuf::Message> message;
  // Never empty: drawn by the server if the caller gave none.
  std::string request_id;
  // HMAC-SHA-256, in hexadecimal, of the method and of the message without request id, acknowledgement and
  // validate_only.
  std::string fingerprint;
  // The epoch: the caller did not say, so it is now.
  Instant occurred_at{};
  CallerInfo caller;
  // W3C; the caller's, or a new one.
  std::string traceparent;
  // STORED or PUBLISHED.
  type::v1::Acknowledgement acknowledgement = type::v1::ACKNOWLEDGEMENT_STORED;
  bool validate_only = false;
  // After it nobody waits any more.
  std::chrono::system_clock::time_point deadline;
};

struct ServerOptions {
  // Loopback only, since callers are not authenticated. Port 0 = a free one.
  std::string address = "127.0.0.1:0";
  // HMAC key of requests' fingerprints, the same in all replicas; must be given. After a change of it a request that is
  // sent again within 24 hours is refused as another one.
  std::string fingerprint_key{};
  // Of unary calls that come without one.
  std::chrono::milliseconds default_deadline{10'000};
  // Commands that may wait for an answer, those for PUBLISHED included; more are refused with RESOURCE_EXHAUSTED, and
  // streams are not read.
  size_t max_waiting = 8192;
  // What a caller who was refused is told to wait.
  std::chrono::milliseconds retry_after{50};
  size_t max_request_bytes = 4 * 1024 * 1024;
  // Rows of a stream without an answer that the client has; no more are read before some have.
  size_t stream_window = 256;
  // A stream whose write does not complete for so long is cancelled: its reader is gone or stuck.
  std::chrono::milliseconds stream_write_timeout{30'000};
  // Connections are closed after it, so that load spreads over replicas; streams may then go on for the grace.
  std::chrono::milliseconds max_connection_age{30 * 60 * 1000};
  std::chrono::milliseconds max_connection_age_grace{60 * 60 * 1000};
  // Time that one poll() may spend on reads while commands wait.
  std::chrono::microseconds read_budget{5'000};
  std::vector<ExtraService> extras{};
};

struct ServerCounters {
  uint64_t calls = 0;     // accepted
  uint64_t commands = 0;  // handed out by poll(), rows of streams included
  uint64_t reads = 0;
  uint64_t refused = 0;        // answered with an error before they got to a decision
  uint64_t overloaded = 0;     // of those, with RESOURCE_EXHAUSTED for overload
  uint64_t expired = 0;        // of those, with DEADLINE_EXCEEDED
  uint64_t stuck_streams = 0;  // cancelled by the watchdog
  size_t open_calls = 0;
  size_t waiting = 0;  // commands without an answer
};

class Server {
 public:
  // Listens at once; health says NOT_SERVING until set_serving(true). FAILED_PRECONDITION or INVALID_ARGUMENT in words:
  // the table cannot be built, there is no key, the address is not loopback; UNAVAILABLE: it cannot listen there. All
  // that is given must outlive the server.
  static Result<std::unique_ptr<Server>> start(const ServiceDefinition& definition, Queries& queries, Chance& chance,
                                               ServerOptions options);
  virtual ~Server() = default;

  virtual int port() const = 0;
  virtual std::string address() const = 0;

  // Waits until a command is ready, wake() was called, or the deadline; then takes what is ready, at most `max`
  // commands.
  virtual std::vector<IncomingCommand> poll(std::chrono::steady_clock::time_point deadline, size_t max) = 0;
  virtual void answer(AnswerToken token, Result<type::v1::CommandResult> result) = 0;
  // From any thread: the poll() under way, or the next one, returns soon.
  virtual void wake() = 0;

  // What health says. Calls are taken in any case.
  virtual void set_serving(bool serving) = 0;
  // Begins the end: health NOT_SERVING, new calls are refused with UNAVAILABLE, streams of commands take no more rows
  // and end with UNAVAILABLE when those that they took are answered.
  virtual void drain() = 0;
  // No command waits and no stream of commands is open.
  virtual bool idle() const = 0;
  // The end: what is still open after `grace` is cut off. Called by the destructor with 0 if it was not called.
  virtual void shutdown(std::chrono::milliseconds grace) = 0;

  virtual ServerCounters counters() const = 0;
};

}  // namespace tandem::rpc
