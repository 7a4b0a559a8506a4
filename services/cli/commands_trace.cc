// trace: the chain of an entry of commission back to the touch that began it.
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/output.h"
#include "services/cli/trace.h"

namespace tandem::cli {
namespace {

nlohmann::ordered_json as_json(const Chain& chain) {
  nlohmann::ordered_json json = {{"entry", nlohmann::ordered_json::parse(to_json(chain.entry, false))}};
  json["chain"] = nlohmann::ordered_json::array();
  for (const ChainLink& link : chain.links) {
    nlohmann::ordered_json one = {{"what", link.title}, {"subject", link.subject}, {"text", link.what}};
    if (!link.event_type.empty()) one["event_type"] = link.event_type;
    if (!link.happened_at.empty()) one["happened_at"] = link.happened_at;
    if (!link.position.empty()) one["position"] = link.position;
    json["chain"].push_back(std::move(one));
  }
  json["gaps"] = chain.gaps;
  return json;
}

Status trace(Session& session, const std::string& entry, bool log) {
  TANDEM_ASSIGN_OR_RETURN(Chain chain, trace_entry(session, entry));
  if (log) TANDEM_RETURN_IF_ERROR(locate_in_log(session, chain));
  if (session.output != Format::kTable) {
    print_json(session.out(), session.output, as_json(chain));
    return {};
  }
  session.out() << in_one_line(chain) << "\n\n";
  std::vector<std::string> titles = {"HAPPENED", "", "WHAT", "OF"};
  if (log) titles.push_back("IN THE LOG");
  Table table(titles);
  for (const ChainLink& link : chain.links) {
    table.add({link.happened_at, link.title, link.what, link.subject, link.position});
  }
  session.out() << table.to_string();
  if (chain.entry.working_size() > 0) session.out() << "\nHow it was reckoned:\n";
  for (const auto& line : chain.entry.working()) session.out() << "  " << line.text() << "\n";
  for (const std::string& gap : chain.gaps) session.out() << "Here it ends: " << gap << "\n";
  return {};
}

}  // namespace

void add_trace_commands(CLI::App& root, Session& session) {
  auto entry = std::make_shared<std::string>();
  auto log = std::make_shared<bool>(false);
  CLI::App& command = add_command(root, "trace", "An entry of commission back to the touch that began it",
                                  "tandem trace entry-4c2d\n"
                                  "tandem trace entry-4c2d --log\n"
                                  "tandem trace entry-4c2d --output json",
                                  [&session, entry, log] { return trace(session, *entry, *log); });
  command.add_option("ENTRY", *entry, "Id of the entry; tandem statements show has them")->required()->type_name(" ");
  command.add_flag("--log", *log, "Also where each event stands in the log (reads all of it)");
}

}  // namespace tandem::cli
