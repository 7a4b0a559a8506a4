#include "services/cli/demo/capture.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "services/cli/demo/sender.h"

namespace tandem::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostInFlight = 8192;  // of the open loop: memory, not manners
constexpr std::chrono::milliseconds kRound{20};

bool is_refusal(Code code) {
  return code == Code::kInvalidArgument || code == Code::kNotFound || code == Code::kFailedPrecondition ||
         code == Code::kOutOfRange;
}

// The field that was wrong, without where it stands: "email", "campaign".
std::string what_was_wrong(const Error& error) {
  if (error.violations.empty()) return code_name(error.code);
  const std::string& field = error.violations.front().field;
  for (const char* part : {"email", "phone", "country", "value", "campaign"}) {
    if (field.find(part) != std::string::npos) return part;
  }
  return field;
}

class Capture {
 public:
  Capture(const std::string& address, LeadGenerator& generator, const CaptureOptions& options)
      : generator_(generator), options_(options), sender_(address, 2) {
    call_.caller = "website";
    call_.role = "service";
  }

  Result<Captured> run() {
    while (!failed_ && next_ < options_.leads) {
      send_what_may_be_sent();
      sender_.poll(wake_at());
      options_.on_progress(answered_);
      if (options_.cancelled()) return broken_off();
    }
    while (!failed_ && sender_.in_flight() > 0) {
      sender_.poll(Clock::now() + kRound);
      options_.on_progress(answered_);
    }
    if (failed_) return *failed_;
    captured_.took = Clock::now() - start_;
    captured_.tried_again = sender_.tried_again();
    return std::move(captured_);
  }

 private:
  Clock::time_point intended(uint64_t number) const {
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(number) / *options_.rate));
  }

  bool may_send() const {
    if (next_ >= options_.leads) return false;
    if (options_.rate) return intended(next_) <= Clock::now() && sender_.in_flight() < kMostInFlight;
    return sender_.in_flight() < options_.in_flight && !options_.hold(taken_);
  }

  void send_what_may_be_sent() {
    while (may_send()) {
      const auto due = options_.rate ? intended(next_) : Clock::time_point();
      ++next_;
      ++captured_.sent.sent;
      auto lead = std::make_shared<marketing::v1::CaptureLead>(generator_.next());
      sender_.send(std::string(kMarketing) + "CaptureLead", std::move(lead), call_,
                   [this, due](Result<type::v1::CommandResult> result) { hear(due, std::move(result)); });
    }
  }

  void hear(Clock::time_point due, Result<type::v1::CommandResult> result) {
    ++answered_;
    if (!result.ok()) {
      if (!is_refusal(result.code())) {
        failed_ = result.error();
      } else {
        ++captured_.sent.refused[what_was_wrong(result.error())];
      }
      return;
    }
    if (result->unchanged()) {
      ++captured_.sent.repeated;
    } else {
      ++taken_;
    }
    if (options_.rate && result->event_type().ends_with(".LeadCaptured")) {
      captured_.intended.emplace(result->subject(), due);
    }
  }

  Clock::time_point wake_at() const {
    auto at = Clock::now() + kRound;
    if (options_.rate && next_ < options_.leads) at = std::min(at, intended(next_));
    return at;
  }

  LeadGenerator& generator_;
  const CaptureOptions& options_;
  CommandSender sender_;
  rpc::CallOptions call_;
  const Clock::time_point start_ = Clock::now();
  uint64_t next_ = 0;
  uint64_t answered_ = 0;
  uint64_t taken_ = 0;
  std::optional<Error> failed_;
  Captured captured_;
};

}  // namespace

Error broken_off() { return make_error(Code::kCancelled, "the demonstration was broken off"); }

Result<Captured> capture_leads(Session& session, LeadGenerator& generator, const CaptureOptions& options) {
  TANDEM_ASSIGN_OR_RETURN(rpc::Client * marketing, session.client("marketing"));
  TANDEM_RETURN_IF_ERROR(marketing->wait_until_connected(std::chrono::seconds(5)));
  return Capture(marketing->address(), generator, options).run();
}

}  // namespace tandem::cli
