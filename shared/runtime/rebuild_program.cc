#include "shared/runtime/rebuild_program.h"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "shared/heal/rebuild.h"
#include "shared/store/redis_inspection.h"

namespace tandem::runtime {
namespace {

using nlohmann::ordered_json;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPace{100};  // of progress

void say(const ordered_json& line) {
  // Names come from data: what is not UTF-8 is replaced.
  std::puts(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

void say_report(const heal::RebuildReport& report, steady_clock::duration took) {
  for (const heal::Difference& one : report.differences) {
    say({{"difference", {{"shard", one.shard}, {"what", one.what}, {"how", one.how}, {"mended", one.mended}}}});
  }
  const double seconds = std::chrono::duration<double>(took).count();
  say({{"report",
        {{"events", report.events},
         {"unpublished", report.unpublished},
         {"aggregates", report.aggregates},
         {"requests", report.requests},
         {"marks", report.marks},
         {"different", report.different},
         {"mended", report.mended},
         {"busy", report.busy},
         {"seconds", seconds}}}});
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
  const auto begun = steady_clock::now();
  auto next = begun;
  heal::Rebuild work(
      inspection, log, definition.registry, clock, std::move(options), [&](const heal::RebuildProgress& progress) {
        if (steady_clock::now() < next) return;
        next = steady_clock::now() + kPace;
        say({{"progress", {{"done", progress.records}, {"total", progress.total}, {"shard", progress.shard}}}});
      });
  TANDEM_ASSIGN_OR_RETURN(const heal::RebuildReport report, work.run());
  say_report(report, steady_clock::now() - begun);
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
