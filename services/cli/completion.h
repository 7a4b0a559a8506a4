// Completion for shells, made from the tree of commands itself.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tandem::cli {

// What is to be put into ~/.bashrc, or into a file of zsh's fpath.
std::string bash_completion(const CLI::App& root);
std::string zsh_completion(const CLI::App& root);

}  // namespace tandem::cli
