// completion: for bash and zsh.
#include <memory>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/completion.h"

namespace tandem::cli {

void add_completion_commands(CLI::App& root, Session& session) {
  auto shell = std::make_shared<std::string>();
  CLI::App& command = add_command(root, "completion", "What a shell needs to complete the commands",
                                  "source <(tandem completion bash)\n"
                                  "tandem completion zsh > ~/.zfunc/_tandem",
                                  [&session, &root, shell]() -> Status {
                                    session.out() << (*shell == "bash" ? bash_completion(root) : zsh_completion(root));
                                    return {};
                                  });
  command.add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->type_name(" ")
      ->check(CLI::IsMember({"bash", "zsh"}).description(""));
}

}  // namespace tandem::cli
