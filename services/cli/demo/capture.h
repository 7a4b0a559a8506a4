// Sends the leads of the demonstration to marketing, in one of two ways: in a closed loop, with so many unanswered at
// once; or in an open one, at a rate, whatever the answers do. In the open loop what was to be sent at a time counts as
// sent at that time, also when it was sent later.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "services/cli/demo/books.h"
#include "services/cli/demo/generator.h"
#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

struct CaptureOptions {
  uint64_t leads = 0;
  std::optional<double> rate;
  size_t in_flight = 64;
  // Closed loop only: true = wait, somebody can not follow. Told how many leads and touches were taken so far.
  std::function<bool(uint64_t taken)> hold = [](uint64_t) { return false; };
  // Now and then, with how many were answered.
  std::function<void(uint64_t)> on_progress = [](uint64_t) {};
  // True: give up.
  std::function<bool()> cancelled = [] { return false; };
};

Error broken_off();  // what a demonstration says that was given up

struct Captured {
  using Clock = std::chrono::steady_clock;
  Sent sent;
  std::map<std::string, uint64_t> tried_again;
  Clock::duration took{};
  std::unordered_map<std::string, Clock::time_point> intended;  // by lead, with a rate: when a new one was to be sent
};

// An error: marketing can not be reached, or fails.
Result<Captured> capture_leads(Session& session, LeadGenerator& generator, const CaptureOptions& options);

}  // namespace tandem::cli
