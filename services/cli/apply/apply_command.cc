#include "services/cli/apply/apply_command.h"

#include <memory>

#include "services/cli/apply/apply.h"

namespace tandem::cli {

void add_apply(CLI::App& group, Session& session, const std::string& description, const std::string& examples,
               const std::vector<std::string>& kinds) {
  auto files = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<ApplyOptions>();
  CLI::App& command = add_command(group, "apply", description, examples, [&session, files, options, kinds]() -> Status {
    std::vector<ApplyFile> read;
    for (const std::string& name : *files) {
      TANDEM_ASSIGN_OR_RETURN(read.emplace_back(), read_apply_file(session, name));
    }
    std::vector<Applied> applied;
    const Status end = apply_files(session, read, kinds, *options, applied);
    print_applied(session, applied, options->dry_run, end);
    return end;
  });
  command.add_option("FILE", *files, "YAML files; one may hold several documents")->required()->type_name(" ");
  command.add_flag("--dry-run", options->dry_run, "Only show what would change");
  command.add_option("--request-id", options->request_id, "Sent again with the same one, it is done once (drawn)")
      ->type_name("ID");
  command.add_flag("--published", options->published, "Wait until the events are published on the bus");
}

}  // namespace tandem::cli
