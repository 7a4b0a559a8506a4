// The one loop of a service: gRPC's queue is drained, what came is executed as one batch together with consumed events
// and due timers, and answered. Answers that promise PUBLISHED wait until the relay says so.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/bus/relay.h"
#include "shared/rpc/server.h"
#include "shared/runtime/mailbox.h"
#include "shared/runtime/published_wait.h"
#include "shared/runtime/worker.h"

namespace tandem::runtime {

class Loop {
 public:
  // `linger`: what comes so soon after a batch is gathered until then.
  Loop(rpc::Server& server, Worker& worker, bus::Relay& relay, Mailbox& mailbox, Clock& clock,
       std::chrono::microseconds linger = {})
      : server_(server), worker_(worker), mailbox_(mailbox), clock_(clock), linger_(linger), waiting_(relay) {}

  // One turn: waits until something is to be done, `patience` at most.
  void turn(std::chrono::milliseconds patience);
  // No new requests; turns until nothing waits any more, `patience` at most.
  void drain(std::chrono::milliseconds patience);

  // Everything of the shard up to n is published in this generation. On the loop's thread.
  void published(uint32_t shard, uint64_t generation, uint64_t n);
  // Any thread: whether published() has anything to do.
  bool anybody_waits() const { return waiting_.any(); }

 private:
  struct Waiting {
    rpc::IncomingCommand command;
    type::v1::CommandResult result;
  };

  std::vector<rpc::IncomingCommand> gather(std::chrono::steady_clock::time_point deadline);
  static Command to_command(const rpc::IncomingCommand& incoming);
  void answer(rpc::IncomingCommand command, Outcome outcome);
  void wait_for_published(rpc::IncomingCommand command, Outcome outcome);
  void answer_published(Waiting waiting);
  void give_up_expired();

  rpc::Server& server_;
  Worker& worker_;
  Mailbox& mailbox_;
  Clock& clock_;
  const std::chrono::microseconds linger_;
  std::chrono::steady_clock::time_point last_batch_{};
  PublishedWait<Waiting> waiting_;
  // Commands whose generation ended while they waited: their request ids are looked up again.
  std::vector<rpc::IncomingCommand> again_;
  std::chrono::steady_clock::time_point next_expiry_{};
};

}  // namespace tandem::runtime
