// parked: commands that a rule rejected and that wait for a decision of a person.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/calls.h"
#include "services/cli/event_text.h"
#include "services/cli/output.h"
#include "services/cli/parked_commands.h"
#include "shared/base/text.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::cli {
namespace {

using namespace runtime::v1;  // NOLINT(google-build-using-namespace): the messages of one service

constexpr int kMost = 1000;

std::string method(const char* name) { return std::string(kAdmin) + name; }

struct ParkedAt {
  std::string service;
  ParkedAggregate aggregate;
  std::string name() const { return aggregate.aggregate_type() + "/" + aggregate.aggregate_id(); }
};

// One service, or all.
std::vector<std::string> services_of(const std::string& service) {
  return service.empty() ? kServices : std::vector<std::string>{service};
}

// Adds a page of what a service has; the next page's token.
Result<std::string> add_page(Session& session, const std::string& service, const ListParked& request,
                             std::vector<ParkedAt>& all) {
  TANDEM_ASSIGN_OR_RETURN(auto page, session.call_at<ListParkedResult>(service, method("ListParked"), request));
  for (ParkedAggregate& aggregate : *page.mutable_aggregates()) all.push_back({service, std::move(aggregate)});
  return page.next_page_token();
}

// Adds what a service has, all pages or the first one; whether it has more.
Result<bool> add_parked(Session& session, const std::string& service, bool all_pages, std::vector<ParkedAt>& all) {
  ListParked request;
  request.set_page_size(kMost);
  do {
    TANDEM_ASSIGN_OR_RETURN(*request.mutable_page_token(), add_page(session, service, request, all));
  } while (all_pages && !request.page_token().empty());
  return !request.page_token().empty();
}

std::string why(const exchange::v1::ParkedCommand& command) {
  const auto& reason = command.reason();
  std::string text = reason.code();
  if (!reason.field().empty()) text += " " + reason.field();
  if (!reason.reason().empty()) text += " " + reason.reason();
  return text;
}

void print_list(Session& session, const std::vector<ParkedAt>& all) {
  if (session.output != Format::kTable) {
    auto list = nlohmann::ordered_json::array();
    for (const ParkedAt& one : all) {
      auto entry = nlohmann::ordered_json::parse(to_json(one.aggregate, false));
      entry["service"] = one.service;
      list.push_back(std::move(entry));
    }
    print_json(session.out(), session.output, list);
    return;
  }
  if (all.empty()) {
    session.err() << "none" << std::endl;
    return;
  }
  using enum Table::Align;
  Table table({"SERVICE", "AGGREGATE", "COMMANDS", "SINCE", "FIRST", "WHY"}, {kLeft, kLeft, kRight});
  for (const ParkedAt& one : all) {
    const auto& first = one.aggregate.commands(0);
    table.add({one.service, one.name(), std::to_string(one.aggregate.commands_size()), readable(first, "parked_at"),
               first.command_type().empty() ? "(cannot be decoded)" : short_type(first.command_type()), why(first)});
  }
  session.out() << table.to_string();
}

Status show_list(Session& session, const std::string& of, bool all_pages) {
  std::vector<ParkedAt> all;
  std::vector<std::string> cut;
  for (const std::string& service : services_of(of)) {
    TANDEM_ASSIGN_OR_RETURN(const bool more, add_parked(session, service, all_pages, all));
    if (more) cut.push_back(service);
  }
  print_list(session, all);
  if (!cut.empty()) session.err() << "there are more of " << join(cut, ", ") << ": --all shows them" << std::endl;
  return {};
}

struct ParkedName {
  std::string aggregate;  // type/id
  std::string service;
};

Result<ParkedAt> find_parked(Session& session, const ParkedName& name) {
  const size_t slash = name.aggregate.find('/');
  if (slash == std::string::npos) {
    return session.usage("AGGREGATE", "is not TYPE/ID: " + name.aggregate, "write it as tandem parked list does");
  }
  ListParked request;
  request.set_aggregate_type(name.aggregate.substr(0, slash));
  request.set_aggregate_id(name.aggregate.substr(slash + 1));
  std::vector<ParkedAt> all;
  for (const std::string& service : services_of(name.service)) {
    TANDEM_RETURN_IF_ERROR(add_page(session, service, request, all));
  }
  // A service of an older release lists all that it has.
  std::erase_if(all, [&](const ParkedAt& one) { return one.name() != name.aggregate; });
  if (all.size() == 1) return std::move(all.front());
  if (all.empty()) {
    return make_error(Code::kNotFound, name.aggregate, "has no parked commands", "tandem parked list shows what has");
  }
  return session.usage("--service", "is missing: several services have " + name.aggregate, "name one");
}

void describe(Session& session, const ParkedAt& parked) {
  session.out() << parked.name() << " of " << parked.service << ": " << parked.aggregate.commands_size()
                << " in order\n";
  for (const auto& command : parked.aggregate.commands()) {
    session.out() << "\n  command    " << command.id() << "\n  what       "
                  << (command.command_type().empty() ? "an event that cannot be decoded" : command.command_type())
                  << "\n  caused by  " << command.cause().event_type() << " " << command.cause().event_id()
                  << "\n  parked     " << readable(command, "parked_at") << "\n  why        " << why(command) << "\n";
    if (!command.reason().remedy().empty()) session.out() << "  remedy     " << command.reason().remedy() << "\n";
  }
}

CLI::App& add_named(CLI::App& group, Session& session, const char* name, const char* description, const char* examples,
                    const std::function<Status(const ParkedAt&)>& act) {
  auto which = std::make_shared<ParkedName>();
  CLI::App& command = add_command(group, name, description, examples, [&session, which, act]() -> Status {
    TANDEM_ASSIGN_OR_RETURN(const ParkedAt parked, find_parked(session, *which));
    return act(parked);
  });
  command.add_option("AGGREGATE", which->aggregate, "TYPE/ID, as the list shows it")->required()->type_name(" ");
  command.add_option("--service", which->service, "Of this service (found by itself)")
      ->type_name("SERVICE")
      ->check(CLI::IsMember(kServices).description(""));
  return command;
}

// Fills what retry and discard have in common.
template <class Command>
Result<Command> about_first(Session& session, const ParkedAt& parked, const WriteOptions& write) {
  Command command;
  TANDEM_RETURN_IF_ERROR(write.apply_to(command, session));
  command.set_aggregate_type(parked.aggregate.aggregate_type());
  command.set_aggregate_id(parked.aggregate.aggregate_id());
  command.set_command(parked.aggregate.commands(0).id());
  return command;
}

Status send(Session& session, const ParkedAt& parked, const char* name, const google::protobuf::Message& command) {
  TANDEM_ASSIGN_OR_RETURN(const auto result,
                          session.call_at<type::v1::CommandResult>(parked.service, method(name), command));
  print_result(session, result);
  return {};
}

void add_retry(CLI::App& parked, Session& session) {
  auto write = std::make_shared<WriteOptions>();
  auto all = std::make_shared<bool>(false);
  CLI::App& command =
      add_named(parked, session, "retry", "Apply the first one again, as if it came now",
                "tandem parked retry ledger/ana/ae-2026\n"
                "tandem parked retry ledger/ana/ae-2026 --all",
                [&session, write, all](const ParkedAt& where) -> Status {
                  ParkedAt rest = where;
                  do {
                    TANDEM_ASSIGN_OR_RETURN(const auto request, about_first<RetryParked>(session, rest, *write));
                    TANDEM_RETURN_IF_ERROR(send(session, rest, "RetryParked", request));
                    rest.aggregate.mutable_commands()->DeleteSubrange(0, 1);
                  } while (*all && rest.aggregate.commands_size() > 0);
                  return {};
                });
  CLI::Option* every = command.add_flag("--all", *all, "One after the other, until one is rejected again");
  write->add_to(command);
  every->excludes(command.get_option("--request-id"));
}

void add_discard(CLI::App& parked, Session& session) {
  auto write = std::make_shared<WriteOptions>();
  auto reason = std::make_shared<std::string>();
  CLI::App& command =
      add_named(parked, session, "discard", "Throw the first one away, for good",
                "tandem parked discard ledger/ana/ae-2026 --reason \"paid by hand, see ticket 4711\"",
                [&session, write, reason](const ParkedAt& where) -> Status {
                  TANDEM_ASSIGN_OR_RETURN(auto request, about_first<DiscardParked>(session, where, *write));
                  request.set_reason(*reason);
                  return send(session, where, "DiscardParked", request);
                });
  command.add_option("--reason", *reason, "Why, for the record")->required()->type_name("TEXT");
  write->add_to(command);
}

}  // namespace

void add_parked_commands(CLI::App& root, Session& session) {
  CLI::App& parked = add_group(root, "parked", "Commands that were rejected and wait for a decision of a person");
  auto service = std::make_shared<std::string>();
  auto all_pages = std::make_shared<bool>(false);
  CLI::App& list = add_command(parked, "list", "What has parked commands, those that wait longest first",
                               "tandem parked list\n"
                               "tandem parked list --service incentives --all --output json",
                               [&session, service, all_pages] { return show_list(session, *service, *all_pages); });
  list.add_option("--service", *service, "Of this service (all)")
      ->type_name("SERVICE")
      ->check(CLI::IsMember(kServices).description(""));
  list.add_flag("--all", *all_pages, "All pages (the first 1,000 of each service)");
  add_named(parked, session, "show", "The parked commands of one, in order", "tandem parked show ledger/ana/ae-2026",
            [&session](const ParkedAt& where) -> Status {
              if (session.output == Format::kTable)
                describe(session, where);
              else
                print(session.out(), session.output, where.aggregate);
              return {};
            });
  add_retry(parked, session);
  add_discard(parked, session);
}

}  // namespace tandem::cli
