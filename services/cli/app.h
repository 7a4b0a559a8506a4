// The program `tandem`: its tree of commands, and what they have in common. A group of commands is a function
// add_<group>_commands in commands_<group>.cc, called by app.cc.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"

namespace tandem::cli {

// The exit status.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // it was tried, and did not succeed
inline constexpr int kExitUsage = 2;   // the command line is wrong; nothing was tried

// Runs one command line, without the program's name.
int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err);

// What a command does. An error is shown in one line by the caller: "tandem: what is wrong; what to do".
using Action = std::function<Status()>;

// A command below `parent`. `examples` are whole command lines, one a line, shown by --help.
CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, Action action);
// A word with commands below it. The same group asked for twice is one: several files may add to it.
CLI::App& add_group(CLI::App& root, const std::string& name, const std::string& description);

// --request-id, --published and --at, of commands that write.
struct WriteOptions {
  std::string request_id;
  bool published = false;
  std::string at;  // RFC 3339 or a date

  void add_to(CLI::App& command);
  // Fills request_id (drawn if none was given), acknowledgement and occurred_at of a command's message.
  Status apply_to(google::protobuf::Message& command, Session& session) const;
};

// --filter, --order, --page-size, --page-token and --all, of lists.
struct ListOptions {
  std::string filter;
  std::string order;
  int page_size = 0;
  std::string page_token;
  bool all = false;

  void add_to(CLI::App& command);
  type::v1::ListRequest request() const;
};

// Written by the groups; each adds what it has.
void add_up_commands(CLI::App& root, Session& session);          // up, down, status
void add_leads_commands(CLI::App& root, Session& session);       // leads, campaigns, scoring
void add_sales_commands(CLI::App& root, Session& session);       // team, pipelines, assignments, deals
void add_customers_commands(CLI::App& root, Session& session);   // customers, contracts
void add_incentives_commands(CLI::App& root, Session& session);  // plans, ledgers, statements
void add_events_commands(CLI::App& root, Session& session);      // events, parked
void add_trace_commands(CLI::App& root, Session& session);       // trace
void add_doctor_commands(CLI::App& root, Session& session);      // doctor
void add_rebuild_commands(CLI::App& root, Session& session);     // rebuild
void add_completion_commands(CLI::App& root, Session& session);  // completion
void add_import_commands(CLI::App& root, Session& session);      // leads import, deals import
void add_demo_commands(CLI::App& root, Session& session);        // demo

}  // namespace tandem::cli
