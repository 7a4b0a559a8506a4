#include "services/cli/completion.h"

#include <vector>

#include "shared/base/text.h"

namespace tandem::cli {
namespace {

struct Word {
  std::string text;
  std::string description;
};

// A place in the tree: the words that lead there, and those that can follow.
struct Place {
  std::string path;  // "leads list"; empty at the top
  std::vector<Word> commands;
  std::vector<Word> options;
};

std::vector<const CLI::App*> below(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

void add_options(const CLI::App& app, std::vector<Word>& options) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) options.push_back({"--" + name, option->get_description()});
  }
}

void collect(const CLI::App& app, const std::string& path, const std::vector<Word>& inherited,
             std::vector<Place>& places) {
  Place place{path, {}, {}};
  add_options(app, place.options);
  // The options of all commands may stand anywhere.
  if (!path.empty()) place.options.insert(place.options.end(), inherited.begin(), inherited.end());
  for (const CLI::App* command : below(app))
    place.commands.push_back({command->get_name(), command->get_description()});
  places.push_back(place);
  for (const CLI::App* command : below(app)) {
    collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), inherited, places);
  }
}

std::vector<Place> places_of(const CLI::App& root) {
  std::vector<Word> global;
  for (const CLI::Option* option : root.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name != "help" && name != "version") global.push_back({"--" + name, option->get_description()});
    }
  }
  std::vector<Place> places;
  collect(root, "", global, places);
  return places;
}

std::string words(const std::vector<Word>& list) {
  std::vector<std::string> texts;
  for (const Word& word : list) texts.push_back(word.text);
  return join(texts, " ");
}

// In single quotes of a shell, for zsh's _describe, where a colon divides.
std::string described(const Word& word) {
  std::string text;
  for (const char c : word.text + ":" + word.description.substr(0, word.description.find('\n'))) {
    if (c == '\'')
      text += "'\\''";
    else
      text += c;
  }
  return "'" + text + "'";
}

// Both shells find the place in the same way: each word that is a command there leads on.
constexpr char kBashWalk[] = R"(    local word=${COMP_WORDS[i]}
    case " $(_tandem_commands "$path") " in
      *" $word "*) path="${path:+$path }$word" ;;
    esac
)";

}  // namespace

std::string bash_completion(const CLI::App& root) {
  std::string commands, options;
  for (const Place& place : places_of(root)) {
    const std::string pattern = "    \"" + place.path + "\") echo \"";
    if (!place.commands.empty()) commands += pattern + words(place.commands) + "\" ;;\n";
    options += pattern + words(place.options) + "\" ;;\n";
  }
  return "# bash completion of tandem: put this into ~/.bashrc:  source <(tandem completion bash)\n"
         "_tandem_commands() {\n  case \"$1\" in\n" +
         commands +
         "  esac\n}\n"
         "_tandem_options() {\n  case \"$1\" in\n" +
         options +
         "  esac\n}\n"
         "_tandem() {\n"
         "  local path= i current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n" +
         kBashWalk +
         "  done\n"
         "  COMPREPLY=()\n"
         "  case \"$before\" in\n"
         "    --output|-o) COMPREPLY=($(compgen -W \"table json yaml\" -- \"$current\")); return ;;\n"
         "    --folder) COMPREPLY=($(compgen -d -- \"$current\")); return ;;\n"
         "  esac\n"
         "  case \"$current\" in\n"
         "    -*) COMPREPLY=($(compgen -W \"$(_tandem_options \"$path\")\" -- \"$current\")) ;;\n"
         "    *) COMPREPLY=($(compgen -W \"$(_tandem_commands \"$path\")\" -- \"$current\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -o default -F _tandem tandem\n";
}

std::string zsh_completion(const CLI::App& root) {
  std::string cases;
  for (const Place& place : places_of(root)) {
    cases += "    '" + place.path + "')\n";
    if (!place.commands.empty()) {
      cases += "      commands=(";
      for (const Word& word : place.commands) cases += " " + described(word);
      cases += " )\n";
    }
    cases += "      options=(";
    for (const Word& word : place.options) cases += " " + described(word);
    cases += " ) ;;\n";
  }
  return "#compdef tandem\n"
         "# zsh completion of tandem: put this into ~/.zshrc, after compinit:  source <(tandem completion zsh)\n"
         "_tandem_place() {\n  commands=() options=()\n  case \"$1\" in\n" +
         cases +
         "  esac\n}\n"
         "_tandem() {\n"
         "  local place= i\n"
         "  local -a commands options\n"
         "  _tandem_place \"$place\"\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    if [[ -n ${(M)commands:#${words[i]}:*} ]]; then\n"
         "      place=\"${place:+$place }${words[i]}\"\n"
         "      _tandem_place \"$place\"\n"
         "    fi\n"
         "  done\n"
         "  case \"${words[CURRENT-1]}\" in\n"
         "    --output|-o) compadd table json yaml; return ;;\n"
         "    --folder) _files -/; return ;;\n"
         "  esac\n"
         "  if [[ ${words[CURRENT]} == -* ]]; then\n"
         "    _describe option options\n"
         "  elif (( ${#commands} )); then\n"
         "    _describe command commands\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "compdef _tandem tandem\n";
}

}  // namespace tandem::cli
