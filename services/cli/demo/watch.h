// The demonstration watches the company as a dashboard does: by the events on the bus, from now on.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/cli/demo/statistics.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/bus/kafka_log.h"
#include "shared/bus/tail.h"

namespace tandem::cli {

// What was seen so far.
struct Seen {
  uint64_t events = 0;
  uint64_t captured = 0;
  uint64_t touches = 0;
  uint64_t qualified = 0;
  uint64_t assigned = 0;  // leads, not assignments
  uint64_t declined = 0;
  uint64_t expired = 0;
  uint64_t queued = 0;
  uint64_t need_person = 0;
  uint64_t won = 0;
  uint64_t considered = 0;
  int64_t earned_minor = 0;  // commission, less what was clawed back
  int64_t in_queue = 0;      // leads that wait for somebody to be free
  int64_t between_services = 0;
  uint64_t gaps = 0;  // partitions of which the bus had dropped something
  IdealShares rotation;
};

struct Load {
  uint64_t captured = 0;  // leads and touches
  // Leads that marketing has qualified and sales has neither assigned nor queued yet. (Events of two services may be
  // seen in another order: it can be below zero for a moment.)
  int64_t between_services = 0;
  int64_t in_queue = 0;
  size_t unanswered = 0;  // assignments
  uint64_t gaps = 0;
};

class DemoWatch {
 public:
  using OnEvent = std::function<void(const bus::ConsumedEvent&, const google::protobuf::Message&)>;

  // `on_event`: every event of sales, on the thread that polls.
  static Result<std::unique_ptr<DemoWatch>> open(const bus::KafkaOptions& kafka, OnEvent on_event);

  // Reads what is there, at most `limit` events; waits up to `timeout` for the first. True if there was any.
  Result<bool> poll(size_t limit, bus::Millis timeout);

  // Any thread.
  Seen seen() const;
  // As in Seen.
  int64_t in_queue() const;
  // How far everybody is behind, as seen.
  Load load() const;
  // Whether an assignment is unanswered whose deadline is near: within a minute. (That of a member whose working hours
  // end meanwhile is tomorrow.)
  bool answer_is_due() const;
  // When a lead came, in business time; none if it was not seen to.
  std::optional<Instant> came_at(const std::string& lead) const;

  // Captured -> assigned in microseconds, as the log says: of leads that reached the threshold when they were captured.
  // Those that had to wait in the queue are apart.
  struct Latencies {
    std::vector<int64_t> at_once;
    std::vector<int64_t> from_queue;
  };
  Latencies latencies() const;
  // When LeadAssigned was seen, by lead: of those that were assigned at once.
  std::unordered_map<std::string, std::chrono::steady_clock::time_point> assigned_seen() const;

 private:
  DemoWatch() = default;
  void note(const bus::ConsumedEvent& event, const google::protobuf::Message& message);
  void note_marketing(const bus::ConsumedEvent& event, const google::protobuf::Message& message);
  void note_sales(const bus::ConsumedEvent& event, const google::protobuf::Message& message);
  void note_incentives(const google::protobuf::Message& message);

  struct Journey {
    Instant came{};      // in business time
    Instant captured{};  // recorded; zero if it was not qualified by its capture
    Instant assigned{};  // recorded
    bool from_queue = false;
    std::chrono::steady_clock::time_point seen{};
  };

  std::unique_ptr<bus::KafkaLog> log_;
  std::unique_ptr<bus::Tail> tail_;
  OnEvent on_event_;
  mutable std::mutex mutex_;
  Seen seen_;
  std::unordered_map<std::string, Journey> journeys_;
  std::unordered_map<std::string, Instant> unanswered_;  // assignments, and their deadlines
};

}  // namespace tandem::cli
