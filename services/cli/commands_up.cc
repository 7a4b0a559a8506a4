// up, down, status.
#include <unistd.h>

#include <memory>
#include <ostream>
#include <thread>

#include "services/cli/app.h"
#include "services/cli/interrupts.h"
#include "services/cli/progress.h"
#include "services/cli/status.h"
#include "services/cli/up.h"

namespace tandem::cli {
namespace {

Status up(Session& session, UpOptions options) {
  if (options.bus.empty() && !options.kafka.empty()) options.bus = "kafka";
  if (options.bus == "embedded" && !options.kafka.empty()) {
    return session.usage("--kafka", "is given, but the bus is the embedded one", "add --bus kafka");
  }
  catch_interrupts();  // Ctrl-C must not leave half an installation behind
  options.folder = session.folder;
  options.say = [&](const std::string& line) { session.err() << line << std::endl; };
  options.cancelled = interrupted;
  TANDEM_ASSIGN_OR_RETURN(const UpOutcome outcome, bring_up(options));
  session.out() << (outcome == UpOutcome::kAlreadyUp ? "already up, and well: " : "up: ") << session.folder.string()
                << "\n";
  return {};
}

Status down(Session& session) {
  const auto say = [&](const std::string& line) { session.err() << line << std::endl; };
  TANDEM_ASSIGN_OR_RETURN(const auto stopped, bring_down(session.folder, say));
  session.out() << (stopped.empty() ? "nothing was up: " : "down: ") << session.folder.string() << "\n";
  return {};
}

Status watch_status(Session& session, double seconds) {
  catch_interrupts();
  const bool terminal = isatty(STDOUT_FILENO);
  while (!interrupted()) {
    TANDEM_ASSIGN_OR_RETURN(const auto report, survey(session));
    if (terminal) session.out() << "\x1b[H\x1b[2J";
    print_status(session, report);
    session.out() << std::endl;
    // The pace of a display; in slices, so that Ctrl-C is heard.
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (!interrupted() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return {};
}

Status show_status(Session& session) {
  TANDEM_ASSIGN_OR_RETURN(const auto report, survey(session));
  print_status(session, report);
  return verdict(session, report);
}

}  // namespace

void add_up_commands(CLI::App& root, Session& session) {
  auto options = std::make_shared<UpOptions>();
  CLI::App& up_command = add_command(root, "up", "Start Redis, the bus and the four services on this machine",
                                     "tandem up\n"
                                     "tandem up --folder /srv/tandem --shards 32\n"
                                     "tandem up --bus kafka --replicas 3 --redis 3\n"
                                     "tandem up --bus kafka --kafka 127.0.0.1:9092\n"
                                     "tandem up --restart sales",
                                     [&session, options] { return up(session, *options); });
  up_command
      .add_option("--bus", options->bus,
                  "embedded (keeps nothing after it ends) or kafka (what the folder has, else embedded)")
      ->type_name("BUS")
      ->check(CLI::IsMember({"embedded", "kafka"}).description(""));
  up_command.add_option("--kafka", options->kafka, "Kafka's brokers, with --bus kafka (a node of its own)")
      ->type_name("HOST:PORT,...");
  up_command.add_option("--shards", options->shards, "Fixed for the installation's life (16)")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  up_command.add_option("--replicas", options->replicas, "Of each service; may change at any time (1)")
      ->type_name("N")
      ->check(CLI::Range(1, 32).description(""));
  up_command
      .add_option("--redis", options->redis, "Over so many the shards are spread, for the installation's life (1)")
      ->type_name("N")
      ->check(CLI::Range(1, 32).description(""));
  up_command.add_option("--restart", options->restart, "Start this service's processes again, though they are well")
      ->type_name("SERVICE")
      ->check(CLI::IsMember(kServices).description(""));

  add_command(root, "down", "Stop what up has started",
              "tandem down\n"
              "tandem down --folder /srv/tandem",
              [&session] { return down(session); });

  auto watch = std::make_shared<bool>(false);
  auto every = std::make_shared<double>(1.0);
  CLI::App& status_command =
      add_command(root, "status", "How every service is; exit status 1 if something is wrong",
                  "tandem status\n"
                  "tandem status --watch\n"
                  "tandem status --output json",
                  [&session, watch, every] { return *watch ? watch_status(session, *every) : show_status(session); });
  status_command.add_flag("--watch", *watch, "Show it again and again, until Ctrl-C");
  status_command.add_option("--every", *every, "Seconds between, with --watch (1)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0).description(""));
}

}  // namespace tandem::cli
