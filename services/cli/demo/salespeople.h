// Clients that act as the salespeople of the demonstration: they learn of their leads from the events of sales, as a
// telephone app would, and answer by gRPC, each in their own name.
//
// on_event() and step() belong to one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "services/cli/demo/sales.h"
#include "services/cli/demo/sender.h"
#include "services/cli/demo/watch.h"
#include "shared/base/time.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::cli {

struct SalespeopleOptions {
  uint64_t seed = 1;
  std::string run;  // in every request id
  std::string manager;
  std::vector<std::string> members;  // whom a deal may be shared with
  uint64_t may_stay_open = 0;        // deals that are left open at most
};

// What they did, and were told was done.
struct SalesDone {
  uint64_t accepted = 0;
  uint64_t declined = 0;
  uint64_t late = 0;  // answers after the deadline
  uint64_t moved = 0;
  uint64_t won = 0;
  int64_t won_minor = 0;
  uint64_t lost = 0;
  uint64_t reversed = 0;
  int64_t reversed_minor = 0;
  uint64_t left_open = 0;
  std::map<std::string, uint64_t> refused;  // what should not have been, in words
};

class Salespeople {
 public:
  Salespeople(const std::string& address, SalespeopleOptions options);

  void set_watch(const DemoWatch& watch) { watch_ = &watch; }
  void on_event(const bus::ConsumedEvent& event, const google::protobuf::Message& message);
  // Sends what is due and hears answers; waits for them until `deadline` if there is nothing else to do.
  void step(CommandSender::Clock::time_point deadline);

  // Any thread: nothing is planned or under way.
  bool idle() const { return open_.load() == 0; }
  // Once their thread has ended.
  const SalesDone& done() const { return done_; }
  const std::map<std::string, uint64_t>& tried_again() const { return sender_.tried_again(); }

 private:
  struct Deal {
    std::string opportunity;
    std::string owner;
    int64_t expected_minor = 0;
    Instant opened{};
    Course course;
    size_t step = 0;
  };
  struct Planned {
    CommandSender::Clock::time_point due;
    std::function<void()> act;
    bool operator<(const Planned& other) const { return due > other.due; }
  };

  void plan(std::chrono::milliseconds after, std::function<void()> act);
  void answer(const sales::v1::LeadAssigned& assigned, Instant happened);
  void accept(const sales::v1::LeadAssigned& assigned, Instant came);
  void decline(const sales::v1::LeadAssigned& assigned, const std::string& reason, Instant came);
  void open(const sales::v1::OpportunityOpened& opened, Instant when);
  void work(const std::shared_ptr<Deal>& deal);
  void move(const std::shared_ptr<Deal>& deal);
  void win(const std::shared_ptr<Deal>& deal);
  void lose(const std::shared_ptr<Deal>& deal);
  void take_back(const std::shared_ptr<Deal>& deal, int64_t minor, Instant won);
  // `on_done` is called if it was done; anything else is noted as refused.
  void send(const char* method, const std::string& caller, const char* role,
            std::shared_ptr<const google::protobuf::Message> command, std::function<void()> on_done,
            std::function<bool(const Error&)> is_fine = nullptr);
  std::string request_id(const std::string& what, const std::string& of) const;
  std::chrono::milliseconds pace(const Deal& deal) const;
  std::string helper_of(const Deal& deal) const;

  const SalespeopleOptions options_;
  const DemoWatch* watch_ = nullptr;
  CommandSender sender_;
  std::priority_queue<Planned> planned_;
  std::atomic<int64_t> open_ = 0;
  SalesDone done_;
};

}  // namespace tandem::cli
