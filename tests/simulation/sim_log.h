// The log as a simulated replica sees it: what a producer sends is on its way for a while, also after the producer is
// dead; acknowledgements are on their way back; a reader hears late. Below it is production's in-memory twin.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/bus/memory_log.h"
#include "tests/simulation/dice.h"

namespace tandem::simulation {

class Replica;
class Simulation;

// What is between producers and the broker.
class Network {
 public:
  struct Sent {
    std::string topic;
    uint32_t partition = 0;
    bus::Record record;
    uint64_t opaque = 0;
  };
  struct Writer {
    std::deque<Sent> sent;
    std::deque<bus::Delivery> acknowledged;  // on their way back
    std::vector<bus::Delivery> heard;
    size_t service = 0;     // whose it is
    uint64_t slow = 0;      // so many steps nothing of it arrives
    bool dead = false;      // its next poll says so
    bool orphaned = false;  // nobody listens any more
  };

  explicit Network(bus::MemoryBroker& broker) : broker_(broker) {}

  std::shared_ptr<Writer> connect(size_t service);
  // Something arrives, at the broker or back at a producer; `passes`: slow links are a step nearer to their end. False
  // if nothing is under way.
  bool step(Dice& dice, bool passes = true);
  // Everything arrives.
  bool flush();
  // Nothing that a producer of the service sends arrives for a while; preferably of one that has sent something.
  void slow_down(size_t service, Dice& dice);
  void slow_down_all(size_t service);
  // A producer dies; of what it has sent the end may be lost. False if there is none.
  bool kill_one(Dice& dice);
  // For who watches from outside: called with everything that arrives at the broker.
  void watch(std::function<void(const bus::LogRecord&)> watch) { watch_ = std::move(watch); }

 private:
  void deliver(Writer& writer);
  void forget_orphans();

  bus::MemoryBroker& broker_;
  std::vector<std::shared_ptr<Writer>> writers_;
  std::function<void(const bus::LogRecord&)> watch_;
};

class SimLog : public bus::Log {
 public:
  SimLog(Simulation& simulation, Replica& replica);

  Result<std::unique_ptr<bus::LogWriter>> make_writer() override;
  Result<std::unique_ptr<bus::LogReader>> make_reader(bus::ReaderOptions options) override;
  Result<std::unique_ptr<bus::LogAdmin>> make_admin() override;
  std::string retention_advice() const override { return "The simulated log keeps everything."; }

 private:
  Simulation& simulation_;
  Replica& replica_;
  bus::MemoryLog inner_;
};

}  // namespace tandem::simulation
