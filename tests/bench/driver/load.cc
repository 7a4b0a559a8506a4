#include "tests/bench/driver/load.h"

#include <algorithm>
#include <functional>
#include <thread>

#include "shared/base/text.h"
#include "tandem/type/v1/type.pb.h"
#include "tests/bench/company.h"

namespace tandem::bench {
namespace {

using std::chrono::steady_clock;

constexpr char kCaptureLead[] = "tandem.marketing.v1.MarketingService.CaptureLead";
constexpr std::chrono::seconds kSettlePatience{120};
constexpr std::chrono::milliseconds kStep{1};
constexpr int kConnections = 2;

double millis(steady_clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

void subtract(const ServiceWork& before, ServiceWork& work) {
  work.batches -= before.batches;
  work.commands -= before.commands;
  work.load_us -= before.load_us;
  work.decide_us -= before.decide_us;
  work.commit_us -= before.commit_us;
  work.published -= before.published;
  work.relay_us -= before.relay_us;
}

// Another one for each load, so that nobody comes twice.
std::string draw_run() {
  static uint64_t count = 0;
  return "run" + std::to_string(std::chrono::system_clock::now().time_since_epoch().count() / 1'000'000) +
         std::to_string(++count);
}

}  // namespace

Load::Load(System& system, Watch& watch, uint64_t commits_of_a_lead)
    : system_(system),
      watch_(watch),
      commits_of_a_lead_(commits_of_a_lead),
      run_(draw_run()),
      caller_(system.address(), kConnections) {
  call_.caller = "website";
  call_.role = "service";
  call_.deadline = std::chrono::seconds(60);
}

void Load::send(Time intended, bool keep) {
  const auto lead = lead_of(run_, sent_++, system_.options().teams);
  caller_.call<type::v1::CommandResult>(kCaptureLead, lead, call_, [=, this](Result<type::v1::CommandResult> result) {
    if (!result.ok()) {
      ++refused_;
      why_ = to_line(result.error());
      return;
    }
    if (!keep) return;
    stored_ms_.push_back(millis(steady_clock::now() - intended));
    intended_.emplace(result->subject(), intended);
  });
}

Result<LoadResult> Load::open_loop(double rate, std::chrono::seconds duration) {
  const auto count = static_cast<uint64_t>(rate * static_cast<double>(duration.count()));
  return measured(
      [&] {
        const auto begin = steady_clock::now();
        for (uint64_t i = 0; i < count;) {
          const auto due = begin + std::chrono::duration_cast<steady_clock::duration>(
                                       std::chrono::duration<double>(static_cast<double>(i) / rate));
          if (steady_clock::now() >= due) {
            send(due, true);
            ++i;
          } else {
            caller_.poll(due);
          }
        }
      },
      true);
}

Result<LoadResult> Load::closed_loop(uint64_t outstanding, std::chrono::seconds duration) {
  const uint64_t before = watch_.assigned();
  const uint64_t first = sent_;
  return measured(
      [&] {
        const auto end = steady_clock::now() + duration;
        while (steady_clock::now() < end && refused_ == 0) {
          while (sent_ - first < watch_.assigned() - before + outstanding) send(steady_clock::now(), false);
          caller_.poll(steady_clock::now() + kStep);
        }
      },
      false);
}

Result<LoadResult> Load::measured(const std::function<void()>& send_all, bool keep) {
  watch_.take();
  TANDEM_ASSIGN_OR_RETURN(const uint64_t commits_before, commits());
  const std::vector<Part> parts = system_.parts();
  TANDEM_ASSIGN_OR_RETURN(const auto work_before, system_.work());
  const auto cpu_before = cpu_by_part(parts);
  const uint64_t first = sent_;
  const auto begin = steady_clock::now();
  send_all();
  LoadResult result;
  result.leads = sent_ - first;
  TANDEM_RETURN_IF_ERROR(settle(commits_before, result.leads));
  result.seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
  result.cpu = cpu_by_part(parts);
  for (auto& [part, cpu] : result.cpu) {
    cpu.all -= cpu_before.at(part).all;
    cpu.main -= cpu_before.at(part).main;
  }
  TANDEM_ASSIGN_OR_RETURN(result.work, system_.work());
  for (auto& [service, work] : result.work) subtract(work_before.at(service), work);
  TANDEM_ASSIGN_OR_RETURN(const uint64_t commits_after, commits());
  result.commits = commits_after - commits_before;
  if (!keep) return result;
  result.stored_ms = std::move(stored_ms_);
  stored_ms_.clear();
  const auto seen = watch_.take();
  for (const auto& [lead, intended] : intended_) {
    const auto at = seen.find(lead);
    if (at != seen.end()) result.assigned_ms.push_back(millis(at->second - intended));
  }
  intended_.clear();
  if (result.assigned_ms.size() != result.leads) {
    return make_error(Code::kDataLoss, std::to_string(result.leads) + " leads were sent, but only " +
                                           std::to_string(result.assigned_ms.size()) + " were seen to be assigned");
  }
  return result;
}

Result<uint64_t> Load::commits() {
  TANDEM_ASSIGN_OR_RETURN(const auto by_service, system_.commits());
  uint64_t all = 0;
  for (const auto& [service, commits] : by_service) all += commits;
  return all;
}

Status Load::settle(uint64_t commits_before, uint64_t leads) {
  const uint64_t wanted = commits_before + leads * commits_of_a_lead_;
  const auto end = steady_clock::now() + kSettlePatience;
  uint64_t made = 0;
  while (refused_ == 0 && (made < wanted || caller_.in_flight() > 0)) {
    caller_.poll(steady_clock::now() + kStep);
    TANDEM_ASSIGN_OR_RETURN(made, commits());
    if (steady_clock::now() > end) {
      return make_error(Code::kDeadlineExceeded, "after 120 s " + std::to_string(made - commits_before) + " of " +
                                                     std::to_string(wanted - commits_before) + " commits were made");
    }
    std::this_thread::sleep_for(kStep * 5);
  }
  if (refused_ > 0) return make_error(Code::kAborted, "leads were refused: " + why_);
  // What was committed last may not have come through Kafka yet.
  std::this_thread::sleep_for(kStep * 50);
  return {};
}

}  // namespace tandem::bench
