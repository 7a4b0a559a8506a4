// The company's traffic, on threads of its own: leads come in at a steady rate, salespeople accept and win what they
// are given, and some deals are taken back, whatever happens meanwhile. Every command asks for PUBLISHED and is sent
// again, to any replica, with its request id, until it is answered; but for some clients, who give up after a second:
// theirs are the unknown outcomes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "shared/base/ports.h"
#include "tests/chaos/history.h"
#include "tests/chaos/world.h"

namespace tandem::chaos {

class Clients {
 public:
  Clients(World& world, History& history, uint64_t seed, uint32_t leads_a_second);
  ~Clients();

  // A lead more, by a client who does not give up. The lead's id; empty, with what was said instead, after `patience`.
  std::pair<std::string, std::string> capture_one(const std::string& email, std::chrono::milliseconds patience);
  // Sends commands that were acknowledged once more, and returns what was answered otherwise, in words, by request id.
  std::map<std::string, std::string> ask_again(const std::vector<Act>& acts);
  // No more leads; the salespeople go on until nothing is left to do. Empty if that came, else what is left.
  std::string finish(std::chrono::milliseconds patience);

 private:
  void capture(uint64_t seed, uint32_t thread);
  void sell(uint64_t seed, uint32_t thread);
  // True if there was nothing to do for this thread.
  bool sell_once(Chance& chance, uint32_t thread);
  // As a client does. True: acknowledged.
  bool give(google::protobuf::Message& command, const std::string& about, std::chrono::milliseconds patience);
  Result<type::v1::CommandResult> send(const google::protobuf::Message& command, std::chrono::milliseconds patience);
  std::chrono::milliseconds patience_of(Chance& chance);

  World& world_;
  History& history_;
  const uint32_t leads_a_second_;
  std::atomic<bool> capturing_{true};
  std::atomic<bool> selling_{true};
  std::atomic<uint64_t> round_{0};  // of replicas
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<google::protobuf::Message>> sent_;  // by request id
  std::vector<std::thread> capturers_;
  std::vector<std::thread> sellers_;
};

}  // namespace tandem::chaos
