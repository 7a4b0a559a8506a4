#include "services/cli/apply/apply_command.h"

#include <memory>

#include "services/cli/apply/apply.h"

namespace tandem::cli {

void add_apply(CLI::App& group, Session& session, const std::string& description, const std::string& examples,
               const std::vector<std::string>& kinds) {
  auto files = std::make_shared<std::vector<std::string>>();
  auto options = std::make_shared<ApplyOptions>();
  CLI::App& command = add_command(group, "apply", description, examples, [&session, files, options, kinds]() -> Status {
    std::vector<Applied> all;
    for (size_t i = 0; i < files->size(); ++i) {
      ApplyOptions each = *options;
      if (!each.request_id.empty() && i > 0) each.request_id += "-file" + std::to_string(i);
      TANDEM_ASSIGN_OR_RETURN(auto applied, apply_file(session, (*files)[i], kinds, each));
      all.insert(all.end(), applied.begin(), applied.end());
    }
    print_applied(session, all, options->dry_run);
    return {};
  });
  command.add_option("FILE", *files, "YAML files; one may hold several documents")->required()->type_name(" ");
  command.add_flag("--dry-run", options->dry_run, "Only show what would change");
  command.add_option("--request-id", options->request_id, "Sent again with the same one, it is done once (drawn)")
      ->type_name("ID");
  command.add_flag("--published", options->published, "Wait until the events are published on the bus");
}

}  // namespace tandem::cli
