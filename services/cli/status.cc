#include "services/cli/status.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/output.h"
#include "services/cli/up.h"
#include "shared/aggregate/convert.h"
#include "shared/base/ports.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

constexpr std::chrono::seconds kOldEvent{10};

// How long the oldest event waits for the bus.
std::optional<std::chrono::microseconds> unpublished_age(const runtime::v1::ServiceStatus& status) {
  if (!status.has_oldest_unpublished()) return std::nullopt;
  return std::max(std::chrono::microseconds{0}, SystemClock().now() - to_instant(status.oldest_unpublished()));
}

// How far the service is behind the events that it reads.
std::optional<std::chrono::microseconds> behind(const runtime::v1::ServiceStatus& status) {
  if (!status.has_behind_since()) return std::nullopt;
  return std::max(std::chrono::microseconds{0}, to_instant(status.now()) - to_instant(status.behind_since()));
}

std::string readable_age(std::optional<std::chrono::microseconds> age) {
  if (!age) return "-";
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*age).count();
  if (ms < 10'000) return std::to_string(ms) + " ms";
  return with_commas(static_cast<uint64_t>(ms / 1000)) + " s";
}

// The newest among the shards. It is an offset of a log, so its size says nothing; that it grew, that a shard was
// healed.
std::string generation_of(const runtime::v1::ServiceStatus& status) {
  const auto newest = std::max_element(status.generations().begin(), status.generations().end());
  return newest == status.generations().end() ? "-" : with_commas(*newest);
}

std::vector<std::string> what_is_wrong(const runtime::v1::ServiceStatus& status) {
  std::vector<std::string> wrong;
  if (!status.ready()) wrong.push_back("not ready");
  if (status.parked() > 0) wrong.push_back(with_commas(status.parked()) + " with parked commands");
  for (const std::string& stopped : status.stopped()) wrong.push_back(stopped);
  for (const std::string& trouble : status.troubles()) wrong.push_back(trouble);
  if (const auto age = unpublished_age(status); age && *age > kOldEvent) {
    wrong.push_back("an event waits for the bus since " + readable_age(age));
  }
  return wrong;
}

std::string health(const ServiceReport& report) {
  if (!report.status) return "down";
  if (!report.status->ready()) return "not ready";
  return report.wrong.empty() ? "ok" : "trouble";
}

std::string mean(uint64_t sum, uint64_t count, int decimals, const char* unit) {
  if (count == 0) return "-";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f%s", decimals, static_cast<double>(sum) / static_cast<double>(count), unit);
  return text;
}

std::string mean_milliseconds(uint64_t microseconds, uint64_t count) {
  return mean(microseconds, count * 1000, 2, " ms");
}

// What each process did since it started, and how long it took: means, of a batch, and for the relay of an event.
Table work_table(const std::vector<ServiceReport>& report) {
  using enum Table::Align;
  Table table({"SERVICE", "COMMITS", "CONFLICTS", "BATCH", "LOAD", "DECIDE", "COMMIT", "RELAY", "LEASES TAKEN", "LOST"},
              {kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight});
  for (const ServiceReport& one : report) {
    if (!one.status) continue;
    const runtime::v1::Work& work = one.status->work();
    table.add({one.name, with_commas(work.commits()), with_commas(work.conflicts()),
               mean(work.commands(), work.batches(), 1, ""),
               mean_milliseconds(work.load_microseconds(), work.batches()),
               mean_milliseconds(work.decide_microseconds(), work.batches()),
               mean_milliseconds(work.commit_microseconds(), work.batches()),
               mean_milliseconds(work.relay_microseconds(), work.published()), with_commas(work.leases_taken()),
               with_commas(work.leases_lost())});
  }
  return table;
}

ServiceReport ask(Session& session, const std::string& name, const std::string& address) {
  ServiceReport report{name, name.find('.') == std::string::npos, address, std::nullopt, {}, {}};
  const Instant asked = SystemClock().now();
  auto answer = session.client_at(address).call<runtime::v1::ServiceStatus>(
      std::string(kAdmin) + "GetStatus", runtime::v1::GetStatus(), session.call_options());
  if (answer.ok()) {
    // It looked at its clock somewhere between: half way is the best guess.
    if (answer->has_now()) {
      report.clock_ahead = to_instant(answer->now()) - (asked + (SystemClock().now() - asked) / 2);
    }
    report.wrong = what_is_wrong(*answer);
    report.status = *std::move(answer);
  } else {
    report.wrong.push_back("does not answer (" + answer.error().message + ")");
  }
  return report;
}

}  // namespace

Result<std::vector<ServiceReport>> survey(Session& session) {
  TANDEM_ASSIGN_OR_RETURN(const Endpoints* where, session.endpoints());
  std::vector<ServiceReport> all;
  for (const std::string& service : kServices) {
    if (!where->services.contains(service)) all.push_back({service, true, "", std::nullopt, {"was not started"}, {}});
    for (const auto& [name, process] : where->services) {
      if (name == service || name.starts_with(service + ".")) all.push_back(ask(session, name, process.grpc));
    }
  }
  return all;
}

void print_status(Session& session, const std::vector<ServiceReport>& report) {
  using enum Table::Align;
  if (session.output != Format::kTable) {
    auto list = nlohmann::ordered_json::array();
    for (const ServiceReport& one : report) {
      nlohmann::ordered_json entry = {
          {"service", one.name}, {"address", one.address}, {"health", health(one)}, {"wrong", one.wrong}};
      if (one.status) entry["status"] = nlohmann::ordered_json::parse(to_json(*one.status, false));
      list.push_back(std::move(entry));
    }
    print_json(session.out(), session.output, list);
    return;
  }
  Table table({"SERVICE", "HEALTH", "ADDRESS", "SHARDS", "GENERATION", "HEALS", "EVENTS", "UNPUBLISHED", "OLDEST",
               "LAG", "BEHIND", "STOPPED", "PARKED"},
              {kLeft, kLeft, kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kRight});
  for (const ServiceReport& one : report) {
    std::vector<std::string> row = {one.name, health(one), one.address};
    if (const auto& s = one.status) {
      row.insert(row.end(), {std::to_string(s->shards_owned_size()) + " of " + std::to_string(s->shards()),
                             generation_of(*s), with_commas(s->heals()), with_commas(s->events()),
                             with_commas(s->unpublished()), readable_age(unpublished_age(*s)), with_commas(s->lag()),
                             readable_age(behind(*s)), std::to_string(s->stopped_size()), with_commas(s->parked())});
    }
    table.add(std::move(row));
  }
  session.out() << table.to_string() << "\n" << work_table(report).to_string();
  for (const ServiceReport& one : report) {
    for (const std::string& wrong : one.wrong) session.out() << one.name << ": " << wrong << "\n";
  }
}

Status verdict(Session& session, const std::vector<ServiceReport>& report) {
  std::vector<std::string> unwell;
  for (const ServiceReport& one : report) {
    if (!one.wrong.empty()) unwell.push_back(one.name);
  }
  if (unwell.empty()) return {};
  return make_error(Code::kFailedPrecondition, join(unwell, ", "), unwell.size() == 1 ? "is not well" : "are not well",
                    "read " + log_file(session.folder, unwell.front()).string() + "; tandem doctor says what to do");
}

}  // namespace tandem::cli
