#include "shared/runtime/rebuild_program.h"

#include <time.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "shared/heal/rebuild.h"
#include "shared/store/redis_inspection.h"

namespace tandem::runtime {
namespace {

using nlohmann::ordered_json;
using std::chrono::steady_clock;
using Phase = heal::RebuildProgress::Phase;

constexpr std::chrono::milliseconds kPace{100};  // of progress

void say(const ordered_json& line) {
  // Names come from data: what is not UTF-8 is replaced.
  std::puts(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

// How long each phase has taken, of the clock and of this process' processor time.
class PhaseTimes {
 public:
  struct Spent {
    double seconds = 0;
    double cpu = 0;
  };

  void enter(Phase phase) {
    const Spent now = spent();
    Spent& before = phases_[phase_];
    before.seconds += now.seconds - entered_.seconds;
    before.cpu += now.cpu - entered_.cpu;
    entered_ = now;
    phase_ = phase;
  }
  const Spent& of(Phase phase) { return phases_[phase]; }

 private:
  static double seconds_of(clockid_t clock) {
    timespec time = {};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  static Spent spent() { return {seconds_of(CLOCK_MONOTONIC), seconds_of(CLOCK_PROCESS_CPUTIME_ID)}; }

  Phase phase_ = Phase::kReading;
  Spent entered_ = spent();
  std::map<Phase, Spent> phases_;
};

void say_report(const heal::RebuildReport& report, PhaseTimes& times) {
  for (const heal::Difference& one : report.differences) {
    say({{"difference", {{"shard", one.shard}, {"what", one.what}, {"how", one.how}, {"mended", one.mended}}}});
  }
  const PhaseTimes::Spent& reading = times.of(Phase::kReading);
  const PhaseTimes::Spent& comparing = times.of(Phase::kComparing);
  say({{"report",
        {{"events", report.events},
         {"unpublished", report.unpublished},
         {"aggregates", report.aggregates},
         {"requests", report.requests},
         {"marks", report.marks},
         {"different", report.different},
         {"mended", report.mended},
         {"busy", report.busy},
         {"seconds", reading.seconds + comparing.seconds},
         {"cpu_seconds", reading.cpu + comparing.cpu},
         {"fold_seconds", reading.seconds},
         {"fold_cpu_seconds", reading.cpu}}}});
}

}  // namespace

Status rebuild(const Config& config, const ServiceDefinition& definition, const store::RedisOptions& redis,
               const bus::KafkaOptions& kafka, bool verify) {
  store::RedisInspection inspection(redis);
  bus::KafkaLog log(kafka);
  SystemClock clock;
  heal::RebuildOptions options;
  options.installation = config.installation;
  options.service = definition.name;
  options.shards = config.shards;
  options.mend = !verify;
  PhaseTimes times;
  auto next = steady_clock::now();
  heal::Rebuild work(inspection, log, definition.registry, clock, std::move(options),
                     [&](const heal::RebuildProgress& progress) {
                       times.enter(progress.phase);
                       if (steady_clock::now() < next) return;
                       next = steady_clock::now() + kPace;
                       say({{"progress",
                             {{"done", progress.records},
                              {"total", progress.total},
                              {"shard", progress.shard},
                              {"comparing", progress.phase == Phase::kComparing}}}});
                     });
  TANDEM_ASSIGN_OR_RETURN(const heal::RebuildReport report, work.run());
  say_report(report, times);
  if (report.well()) return {};
  const uint64_t left = report.different - report.mended;
  if (left == 0) {
    return make_error(Code::kFailedPrecondition, std::to_string(report.busy) +
                                                     " aggregates changed each time they were looked at, and are not "
                                                     "compared; run it again when there is less to do");
  }
  return make_error(Code::kFailedPrecondition,
                    std::to_string(left) + " differences between Redis and the log of " + definition.name +
                        (verify ? "; run it without --verify to put them right" : " could not be put right"));
}

}  // namespace tandem::runtime
