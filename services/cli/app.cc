#include "services/cli/app.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <utility>

#include "services/cli/apply/apply_command.h"
#include "services/cli/times.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "shared/base/version.h"

namespace tandem::cli {
namespace {

const std::string kProgramVersion = std::string("tandem ") + tandem::kVersion;

// A command that does something. It is executed only after all of the line was read.
class Command : public CLI::App {
 public:
  Command(const std::string& description, const std::string& name, CLI::App* parent, Action to_do)
      : CLI::App(description, name, parent), action(std::move(to_do)) {}

  const Action action;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// "tandem: what is wrong; what to do". All violations, one after the other.
std::string in_one_line(const Error& error) {
  std::string text;
  for (const Violation& violation : error.violations) {
    if (!text.empty()) text += "; ";
    text += violation.field + (violation.field.empty() ? "" : " ") + violation.reason;
    if (!violation.remedy.empty()) text += "; " + violation.remedy;
  }
  if (text.empty()) text = error.message.empty() ? code_name(error.code) : error.message;
  if (error.retry_after && error.violations.empty()) text += "; try again";
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void add_global_options(CLI::App& root, Session& session) {
  static const std::map<std::string, Format> kFormats = {
      {"table", Format::kTable}, {"json", Format::kJson}, {"yaml", Format::kYaml}};
  root.add_option("--folder", session.folder, "The installation's folder ($TANDEM_HOME, else ~/.tandem/demo)")
      ->type_name("FOLDER");
  root.add_option_function<std::string>(
          "--output,-o", [&session](const std::string& name) { session.output = kFormats.at(name); },
          "How results are printed: table, json or yaml (table)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "yaml"}).description(""));
  root.add_option("--caller", session.caller, "Who you are, for the record (the login name)")->type_name("NAME");
  root.add_option("--role", session.role, "Act in this role only, for example salesperson (none)")->type_name("ROLE");
  root.add_option("--deadline", session.deadline_seconds, "Seconds that a call may take (10)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.001, 3600.0).description(""));
  root.set_version_flag("--version", kProgramVersion, "Print the version");
}

void add_all_commands(CLI::App& root, Session& session) {
  add_up_commands(root, session);
  add_leads_commands(root, session);
  add_sales_commands(root, session);
  add_customers_commands(root, session);
  add_incentives_commands(root, session);
  add_import_commands(root, session);
  add_events_commands(root, session);
  add_trace_commands(root, session);
  add_doctor_commands(root, session);
  add_rebuild_commands(root, session);
  add_apply(root, session, "Make pipelines, plans, teams, scoring and campaigns be as files say",
            "tandem apply deploy/samples/pipeline.yaml deploy/samples/plans.yaml deploy/samples/team.yaml --dry-run\n"
            "tandem apply deploy/samples/pipeline.yaml deploy/samples/plans.yaml deploy/samples/team.yaml",
            {});
  add_demo_commands(root, session);
  add_completion_commands(root, session);
}

// The deepest command that was named on the line.
const CLI::App& deepest(const CLI::App& app) {
  const auto below = app.get_subcommands();
  return below.empty() ? app : deepest(*below.back());
}

std::string line_of(const CLI::App& command) {
  return command.get_parent() ? line_of(*command.get_parent()) + " " + command.get_name() : "tandem";
}

// CLI11 says what is wrong, seldom what to do.
std::string usage_line(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& command = deepest(root);
  std::string text = first_line(error.what());
  std::vector<std::string> known;
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(below->get_name());
  }
  const auto rest = root.remaining(/*recurse=*/true);
  if (!known.empty() && !rest.empty() && !rest.front().starts_with("-")) {
    text = rest.front() + " is not a command; " + did_you_mean(rest.front(), known);
  } else if (!known.empty() && rest.empty()) {
    text = line_of(command) + " needs a command: " + join(known, ", ");
  }
  return text + "; see " + line_of(command) + " --help";
}

int parse(CLI::App& root, Session& session, std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    root.parse(std::move(arguments));
  } catch (const CLI::Success& success) {  // --help, --version
    return root.exit(success, session.out(), session.err());
  } catch (const CLI::ParseError& error) {
    session.err() << "tandem: " << usage_line(root, error) << std::endl;
    return kExitUsage;
  }
  return -1;
}

}  // namespace

int run(std::vector<std::string> arguments, std::ostream& out, std::ostream& err) {
  Session session(out, err);
  CLI::App root("Tandem: from a lead to the commission, every step an event.", "tandem");
  root.option_defaults()->always_capture_default(false);
  root.require_subcommand(1);
  root.fallthrough();  // the options below --folder may stand anywhere
  root.footer("Two commands to begin with: tandem up; tandem demo. Every command has --help with examples.");
  add_global_options(root, session);
  add_all_commands(root, session);
  if (const int status = parse(root, session, std::move(arguments)); status >= 0) return status;
  const Status status = dynamic_cast<const Command&>(deepest(root)).action();
  out.flush();
  if (status.ok()) return kExitOk;
  err << "tandem: " << in_one_line(status.error()) << std::endl;
  return session.is_usage_error() ? kExitUsage : kExitFailed;
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description,
                      const std::string& examples, Action action) {
  CLI::App& command = *parent.add_subcommand(std::make_shared<Command>(description, name, &parent, std::move(action)));
  command.fallthrough();
  std::string footer = "Examples:";
  for (const std::string& line : split(trim(examples), '\n')) footer += "\n  " + std::string(trim(line));
  command.footer(footer);
  return command;
}

CLI::App& add_group(CLI::App& root, const std::string& name, const std::string& description) {
  for (CLI::App* there : root.get_subcommands([](const CLI::App*) { return true; })) {
    if (there->get_name() == name) return *there;
  }
  CLI::App& group = *root.add_subcommand(name, description);
  group.require_subcommand(1);
  group.fallthrough();
  group.footer("See tandem " + name + " COMMAND --help for each of them, with examples.");
  return group;
}

void WriteOptions::add_to(CLI::App& command) {
  command.add_option("--request-id", request_id, "Sent again with the same one, it is done once (drawn)")
      ->type_name("ID");
  command.add_flag("--published", published, "Wait until the event is published on the bus");
  command.add_option("--at", at, "When it happened, 2026-10-05 or 2026-10-05T13:00:00Z (now)")->type_name("TIME");
}

Status WriteOptions::apply_to(google::protobuf::Message& command, Session& session) const {
  const auto& type = *command.GetDescriptor();
  const auto& reflection = *command.GetReflection();
  reflection.SetString(&command, type.FindFieldByName("request_id"),
                       request_id.empty() ? Session::draw_request_id() : request_id);
  if (published) {
    reflection.SetEnumValue(&command, type.FindFieldByName("acknowledgement"), type::v1::ACKNOWLEDGEMENT_PUBLISHED);
  }
  if (at.empty()) return {};
  const auto instant = parse_time(at);
  if (!instant.ok()) return session.usage("--at", "is not a time: " + at, "write 2026-10-05 or 2026-10-05T13:00:00Z");
  reflection.MutableMessage(&command, type.FindFieldByName("occurred_at"))->CopyFrom(to_timestamp(*instant));
  return {};
}

void ListOptions::add_to(CLI::App& command) {
  command.add_option("--filter", filter, "Conditions joined by AND: status = WON AND owner = \"ana\"")
      ->type_name("FILTER");
  command.add_option("--order", order, "asc or desc of the natural order (asc)")
      ->type_name("ORDER")
      ->check(CLI::IsMember({"asc", "desc"}).description(""));
  command.add_option("--page-size", page_size, "At most so many, 1 to 1000 (100)")
      ->type_name("N")
      ->check(CLI::Range(1, 1000).description(""));
  command.add_option("--page-token", page_token, "Go on where the list before ended")->type_name("TOKEN");
  command.add_flag("--all", all, "All pages");
}

type::v1::ListRequest ListOptions::request() const {
  type::v1::ListRequest request;
  request.set_filter(filter);
  request.set_order_by(order);
  request.set_page_size(page_size);
  request.set_page_token(page_token);
  return request;
}

}  // namespace tandem::cli
