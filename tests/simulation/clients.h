// Who asks the simulated company for something: leads are captured, accepted, won, taken back; what is parked is tried
// again. A request without an answer is sent again with the same request id, to whichever replica; sometimes one that
// was answered, too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/aggregate/engine.h"

namespace tandem::simulation {

class Replica;
class Simulation;

class Clients {
 public:
  explicit Clients(Simulation& simulation) : simulation_(simulation) {}

  // What has to be there before leads come: campaign, pipeline, team, plans.
  void set_up();
  // Some leads before the faults: they are captured in step 0 and accepted in step 1.
  void head_start(int step);
  // A new request, or an old one again.
  void act();
  // All that has no answer is sent again; true if anything was.
  bool pump();
  // Some new requests to a service, if it has any for us.
  void press(size_t service);
  void answered(const Replica& replica, uint64_t operation, const Outcome& outcome);
  // Defines what was missing, and retries what is parked, in order; what can not be applied is discarded. With `again`
  // after it came to rest. True if anything was asked for.
  bool settle_parked(bool again);
  std::string unfinished() const;

 private:
  struct Operation {
    size_t service = 0;
    std::string name;  // for people
    Command command;
    bool published = false;
    bool answered = false;
    bool rejected = false;
    uint64_t sent = 0;  // times
  };

  void ask(size_t service, const std::string& method, std::shared_ptr<const google::protobuf::Message> message,
           bool published);
  void unpark(size_t service, const AggregateRef& aggregate, const std::string& parked, bool discard);
  bool send(uint64_t operation);
  void begin();
  void capture(uint64_t person);
  void continue_lead(uint64_t person);
  void continue_deal(const std::string& opportunity, uint64_t dice);
  void define_what_is_missing();
  // Any parked command of the company; the first of its aggregate, or any.
  bool retry_some_parked(bool first);

  Simulation& simulation_;
  std::vector<Operation> operations_;
  std::vector<uint64_t> open_;
  bool all_defined_ = false;
};

}  // namespace tandem::simulation
