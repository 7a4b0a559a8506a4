// rebuild: a service's state from its log, compared with Redis and put right. The service's own program does it, since
// only that has the rules; here its answer is shown to people.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/child_output.h"
#include "services/cli/output.h"
#include "services/cli/processes.h"
#include "services/cli/progress.h"
#include "services/cli/session.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using nlohmann::ordered_json;

constexpr char kNotCompared[] =
    "not compared, because the log does not say it: places in the sources, replies to requests that led to no event, "
    "timers that fired and led to nothing";

struct Answer {
  std::vector<ordered_json> differences;
  ordered_json report;
};

Result<std::map<std::string, std::string>> environment_of(Session& session) {
  TANDEM_ASSIGN_OR_RETURN(const Endpoints* there, session.endpoints());
  TANDEM_ASSIGN_OR_RETURN(const std::string key, read_identity_key(session.folder));
  return std::map<std::string, std::string>{{"TANDEM_INSTALLATION", there->installation},
                                            {"TANDEM_SHARDS", std::to_string(there->shards)},
                                            {"TANDEM_REDIS", there->redis},
                                            {"TANDEM_KAFKA", there->kafka},
                                            {"TANDEM_BUS", there->bus},
                                            {"TANDEM_IDENTITY_KEY", key}};
}

// What the service's program says while it works.
class Listener {
 public:
  explicit Listener(Session& session) : session_(session) {}

  void hear(const std::string& line) {
    const auto said = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!said.is_object()) return;
    if (said.contains("progress")) {
      const auto& at = said["progress"];
      const uint64_t total = at.value("total", uint64_t{0});
      if (!progress_) progress_ = std::make_unique<Progress>(session_.err(), is_terminal(), total);
      const std::string doing = at.value("comparing", false) ? "comparing shard " : "shard ";
      progress_->update(std::min(total, at.value("done", uint64_t{0})), doing + at["shard"].dump());
    }
    if (said.contains("difference")) answer_.differences.push_back(said["difference"]);
    if (said.contains("report")) answer_.report = said["report"];
  }

  Answer end() {
    if (progress_) progress_->finish();
    return std::move(answer_);
  }

 private:
  Session& session_;
  std::unique_ptr<Progress> progress_;
  Answer answer_;
};

std::string tenths(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", seconds);
  return text;
}

void print(Session& session, const std::string& service, const Answer& answer) {
  if (session.output != Format::kTable) {
    ordered_json all = answer.report;
    all["service"] = service;
    all["differences"] = answer.differences;
    all["not_compared"] = kNotCompared;
    print_json(session.out(), session.output, all);
    return;
  }
  if (!answer.differences.empty()) {
    using enum Table::Align;
    Table table({"SHARD", "WHAT", "DIFFERENCE", "MENDED"}, {kRight, kLeft, kLeft, kLeft});
    for (const auto& one : answer.differences) {
      table.add({one["shard"].dump(), one.value("what", ""), one.value("how", ""),
                 one.value("mended", false) ? "yes" : "no"});
    }
    session.out() << table.to_string();
  }
  const auto number = [&](const char* name) { return with_commas(answer.report.value(name, uint64_t{0})); };
  const double folding = answer.report.value("fold_seconds", 0.0);
  const double comparing = answer.report.value("seconds", 0.0) - folding;
  session.out() << service << ": " << number("events") << " events of the log folded in " << tenths(folding)
                << " s, of which " << number("unpublished") << " are in Redis only so far; compared in "
                << tenths(comparing) << " s\n"
                << "compared: " << number("aggregates") << " aggregates with their indexes and timers, "
                << number("requests") << " request ids, " << number("marks") << " inbox marks\n"
                << "different: " << number("different") << ", put right: " << number("mended")
                << ", changed too often to compare: " << number("busy") << "\n"
                << kNotCompared << "\n";
}

Status rebuild(Session& session, const std::string& service, bool verify) {
  if (std::find(kServices.begin(), kServices.end(), service) == kServices.end()) {
    return session.usage("SERVICE", "is \"" + service + "\"", "use one of " + join(kServices, ", "));
  }
  TANDEM_ASSIGN_OR_RETURN(const auto environment, environment_of(session));
  std::vector<std::string> arguments = {"--rebuild"};
  if (verify) arguments.push_back("--verify");
  Listener listener(session);
  TANDEM_ASSIGN_OR_RETURN(const ChildEnd end, run_child(own_folder() / ("tandem-" + service), arguments, environment,
                                                        [&](const std::string& line) { listener.hear(line); }));
  const Answer answer = listener.end();
  if (!answer.report.is_null()) print(session, service, answer);
  if (end.status == 0) return {};
  // The last line is the reason; what is before it is the program's log.
  const std::string errors(trim(end.errors));
  const std::string prefix = "tandem-" + service + ": ";
  std::string reason = errors.substr(errors.rfind('\n') + 1);
  if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  return make_error(Code::kFailedPrecondition, reason.empty() ? "tandem-" + service + " has ended" : reason);
}

}  // namespace

void add_rebuild_commands(CLI::App& root, Session& session) {
  auto service = std::make_shared<std::string>();
  auto verify = std::make_shared<bool>(false);
  CLI::App& command =
      add_command(root, "rebuild", "Compare Redis with a service's log, while it runs, and put right what differs",
                  "tandem rebuild sales --verify\n"
                  "tandem rebuild sales",
                  [&session, service, verify] { return rebuild(session, *service, *verify); });
  command.add_option("SERVICE", *service, "marketing, sales, crm or incentives")->required();
  command.add_flag("--verify", *verify, "Change nothing; exit status 1 if something differs");
}

}  // namespace tandem::cli
