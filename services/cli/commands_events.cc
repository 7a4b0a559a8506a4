// events tail: the log, live. parked is in commands_parked.cc.
#include <signal.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/event_text.h"
#include "services/cli/interrupts.h"
#include "services/cli/offsets.h"
#include "services/cli/output.h"
#include "services/cli/parked_commands.h"
#include "shared/base/text.h"
#include "shared/bus/kafka_log.h"
#include "shared/bus/tail.h"

namespace tandem::cli {
namespace {

constexpr bus::Millis kLook{200};  // how soon Ctrl-C is heard
constexpr std::chrono::seconds kBrokerPatience{15};

struct TailCommand {
  std::vector<std::string> services;
  EventFilter filter;
  std::string from = "now";
  uint64_t limit = 0;
  bool until_end = false;
  bool offsets = false;
};

Status check_services(Session& session, const TailCommand& options, const bus::TailStart& start) {
  std::vector<std::string> named = options.services;
  for (const auto& [source, cursor] : start.cursors) named.push_back(source.service);
  for (const std::string& service : named) {
    if (std::find(kServices.begin(), kServices.end(), service) != kServices.end()) continue;
    return session.usage(service, "is not a service", did_you_mean(service, kServices));
  }
  return {};
}

void print_event(Session& session, const bus::ConsumedEvent& event) {
  if (session.output == Format::kTable) {
    session.out() << event_line(event) << std::endl;
  } else if (session.output == Format::kYaml) {
    session.out() << "---\n";
    print_json(session.out(), Format::kYaml, event_json(event));
    session.out().flush();
  } else {
    session.out() << event_json(event).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                  << std::endl;
  }
}

// Errors on the way: what passes by itself is waited for, for a while; what is lost is said.
class Patience {
 public:
  explicit Patience(Session& session) : session_(session) {}

  void all_well() { troubled_since_.reset(); }
  Status hear(const Error& error) {
    if (error.code == Code::kDataLoss) {
      session_.err() << "tandem: " << to_line(error) << std::endl;
      return {};
    }
    const auto now = std::chrono::steady_clock::now();
    if (!troubled_since_) {
      troubled_since_ = now;
      session_.err() << "tandem: " << to_line(error) << " (waiting)" << std::endl;
    }
    if (now - *troubled_since_ < kBrokerPatience) return {};
    return error;
  }

 private:
  Session& session_;
  std::optional<std::chrono::steady_clock::time_point> troubled_since_;
};

Status follow(Session& session, const TailCommand& options, bus::Tail& tail) {
  Patience patience(session);
  uint64_t shown = 0;
  while (!interrupted() && !(options.until_end && tail.at_end())) {
    auto event = tail.next(kLook);
    if (!event.ok()) {
      TANDEM_RETURN_IF_ERROR(patience.hear(event.error()));
      continue;
    }
    patience.all_well();
    if (!*event || !options.filter.wants(**event)) continue;
    print_event(session, **event);
    if (!session.out()) break;  // a pipe whose reader has enough: head
    if (options.limit && ++shown >= options.limit) break;
  }
  return {};
}

Status tail_events(Session& session, const TailCommand& options) {
  auto start = parse_start(options.from);
  if (!start.ok()) {
    const Violation& why = start.error().violations.front();
    return session.usage("--from", why.reason, why.remedy);
  }
  TANDEM_RETURN_IF_ERROR(check_services(session, options, *start));
  TANDEM_ASSIGN_OR_RETURN(const auto kafka, session.kafka_options());
  bus::KafkaLog log(kafka);
  const auto timeout = std::chrono::duration_cast<bus::Millis>(session.call_options().deadline);
  TANDEM_ASSIGN_OR_RETURN(
      const auto tail, bus::Tail::open(log, options.services.empty() ? kServices : options.services, *start, timeout));
  catch_interrupts();
  signal(SIGPIPE, SIG_IGN);
  const Status status = follow(session, options, *tail);
  if (options.offsets) session.err() << "go on with --from " << format_offsets(tail->cursors()) << std::endl;
  return status;
}

}  // namespace

void add_events_commands(CLI::App& root, Session& session) {
  CLI::App& events = add_group(root, "events", "What has happened, from the log");
  auto options = std::make_shared<TailCommand>();
  CLI::App& command = add_command(events, "tail", "Events as they come, one a line",
                                  "tandem events tail\n"
                                  "tandem events tail --type DealWon --type DealReversed --output json\n"
                                  "tandem events tail --service sales --subject opportunity-7f3a --from beginning "
                                  "--until-end\n"
                                  "tandem events tail --from sales/0:17,sales/1:4 --limit 100 --offsets",
                                  [&session, options] { return tail_events(session, *options); });
  const auto many = [&](const char* name, std::vector<std::string>& values, const char* description, const char* type) {
    command.add_option(name, values, description)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  many("--service", options->services, "Of this service; may be repeated (all)", "SERVICE");
  many("--type", options->filter.types, "Of this type, DealWon; may be repeated", "TYPE");
  many("--subject", options->filter.subjects, "Of this lead, deal, ...; may be repeated", "ID");
  command.add_option("--from", options->from, "beginning, now, or offsets: sales/0:17,... (now)")->type_name("PLACE");
  command.add_option("--limit", options->limit, "End after so many")->type_name("N");
  command.add_flag("--until-end", options->until_end, "End when all that there is now was read");
  command.add_flag("--offsets", options->offsets, "Say at the end how to go on from there");
  add_parked_commands(root, session);
}

}  // namespace tandem::cli
