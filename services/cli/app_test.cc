#include "services/cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "services/cli/completion.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Ran {
  int status;
  std::string out;
  std::string err;
};

// In a folder in which nothing is up.
Ran run_line(std::vector<std::string> arguments) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "tandem-nothing-here";
  arguments.insert(arguments.end(), {"--folder", folder.string()});
  std::ostringstream out, err;
  const int status = run(std::move(arguments), out, err);
  return {status, out.str(), err.str()};
}

void expect_one_line(const std::string& text) {
  EXPECT_THAT(text, StartsWith("tandem: "));
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
}

TEST(App, SaysWhatToDoWhereNothingIsUp) {
  const Ran ran = run_line({"leads", "list"});
  EXPECT_EQ(ran.status, kExitFailed);
  expect_one_line(ran.err);
  EXPECT_THAT(ran.err, HasSubstr("run tandem up"));
  EXPECT_EQ(ran.out, "");
}

TEST(App, AWrongLineIsStatusTwoAndTouchesNothing) {
  const std::vector<std::vector<std::string>> lines = {
      {},
      {"laeds"},
      {"leads"},
      {"leads", "lsit"},
      {"leads", "get"},
      {"leads", "list", "--no-such-option"},
      {"leads", "list", "--page-size", "0"},
      {"leads", "list", "--output", "xml"},
      {"leads", "capture", "--value", "12"},
      {"leads", "qualify", "lead-1", "--at", "yesterday"},
      {"deals", "win", "d-1"},
      {"deals", "win", "d-1", "--amount", "EUR 1.00", "--split", "ana"},
      {"deals", "lose", "d-1", "--reason", "a", "--reason", "b"},
      {"up", "--bus", "carrier-pigeon"},
      {"up", "--bus", "embedded", "--kafka", "127.0.0.1:1"},
      {"up", "--replicas", "0"},
      {"up", "--shards", "0"},
      {"events", "tail", "--from", "yesterday"},
      {"events", "tail", "--service", "slaes"},
      {"team", "apply", "/no/such/file.yaml"},
      {"completion", "fish"},
      {"parked", "show", "no-slash"},
  };
  for (const auto& line : lines) {
    const Ran ran = run_line(line);
    EXPECT_EQ(ran.status, kExitUsage) << (line.empty() ? "" : line.back()) << ": " << ran.err;
    expect_one_line(ran.err);
    EXPECT_EQ(ran.out, "");
  }
}

TEST(App, NamesTheNearestCommand) {
  EXPECT_THAT(run_line({"laeds", "list"}).err, HasSubstr("did you mean \"leads\"?"));
  EXPECT_THAT(run_line({"leads", "captrue"}).err, HasSubstr("did you mean \"capture\"?"));
  EXPECT_THAT(run_line({"leads"}).err, HasSubstr("needs a command: "));
}

TEST(App, DownIsIdempotent) {
  const Ran ran = run_line({"down"});
  EXPECT_EQ(ran.status, kExitOk);
  EXPECT_THAT(ran.out, StartsWith("nothing was up: "));
}

TEST(App, Version) {
  const Ran ran = run_line({"--version"});
  EXPECT_EQ(ran.status, kExitOk);
  EXPECT_THAT(ran.out, StartsWith("tandem "));
}

// Every command that there is, by its words ("leads list"), with its help. Asked once: the tree is large.
void collect(const std::string& words, std::map<std::string, Ran>& all) {
  std::istringstream path(words);
  std::vector<std::string> line{std::istream_iterator<std::string>(path), {}};
  line.push_back("--help");
  const Ran ran = run_line(line);
  const size_t list = ran.out.find("Subcommands:");
  if (list == std::string::npos) all.emplace(words, ran);
  std::istringstream names(list == std::string::npos ? "" : ran.out.substr(list));
  std::string name;
  std::getline(names, name);
  while (std::getline(names, name) && name.starts_with("  ")) {
    if (name[2] == ' ') continue;  // a description that goes on
    name = name.substr(2, name.find(' ', 2) - 2);
    collect(words.empty() ? name : words + " " + name, all);
  }
}

const std::map<std::string, Ran>& all_commands() {
  static const auto kAll = [] {
    std::map<std::string, Ran> all;
    collect("", all);
    return all;
  }();
  return kAll;
}

TEST(App, EveryCommandHasHelpWithExamplesOfItself) {
  EXPECT_GT(all_commands().size(), 40u);
  for (const auto& [words, ran] : all_commands()) {
    EXPECT_EQ(ran.status, kExitOk) << words;
    EXPECT_THAT(ran.out, HasSubstr("Examples:")) << words;
    EXPECT_THAT(ran.out, HasSubstr("tandem " + words)) << words;
  }
}

// What stands between two texts, the second after the first; empty if there is no such place.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const size_t begin = text.find(from);
  if (begin == std::string::npos) return "";
  return text.substr(begin + from.size(), text.find(to, begin) - begin - from.size());
}

// At the place of the words before it a command is offered, and it is a place itself.
TEST(App, CompletionKnowsEveryCommand) {
  const Ran bash = run_line({"completion", "bash"});
  const Ran zsh = run_line({"completion", "zsh"});
  for (const auto& [words, help] : all_commands()) {
    const size_t blank = words.rfind(' ');
    const std::string before = blank == std::string::npos ? "" : words.substr(0, blank);
    const std::string last = words.substr(blank + 1);
    const std::string offered = between(bash.out, "    \"" + before + "\") echo \"", "\" ;;\n");
    EXPECT_THAT(" " + offered + " ", HasSubstr(" " + last + " ")) << words;
    EXPECT_THAT(bash.out, HasSubstr("    \"" + words + "\") echo \"--help ")) << words;
    EXPECT_THAT(between(zsh.out, "    '" + before + "')\n", "      options="), HasSubstr(" '" + last + ":")) << words;
    EXPECT_THAT(zsh.out, HasSubstr("    '" + words + "')\n")) << words;
  }
  for (const Ran& ran : {bash, zsh}) {
    EXPECT_EQ(ran.status, kExitOk);
    EXPECT_THAT(ran.out, HasSubstr("--page-size"));
    EXPECT_THAT(ran.out, Not(HasSubstr("--help-all")));
  }
}

TEST(App, ApplyReadsTheWholeFileBeforeItAsksAnybody) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "tandem-cli-bad.yaml";
  std::ofstream(file) << "resource: team\nteam: t\nnmae: x\n";
  const Ran ran = run_line({"team", "apply", file.string()});
  EXPECT_EQ(ran.status, kExitFailed);
  EXPECT_THAT(ran.err, HasSubstr(":3: nmae is not known here; did you mean \"name\"?"));
}

TEST(Endpoints, AreReadAsTheyWereWritten) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "tandem-cli-endpoints";
  std::filesystem::create_directories(folder);
  Endpoints endpoints{"i-1", "embedded", "127.0.0.1:1", "127.0.0.1:2", 16, {{"sales", {"127.0.0.1:3", "127.0.0.1:4"}}}};
  ASSERT_TRUE(write_endpoints(folder, endpoints).ok());
  const auto read = read_endpoints(folder);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->installation, "i-1");
  EXPECT_EQ(read->shards, 16u);
  EXPECT_EQ(read->services.at("sales").grpc, "127.0.0.1:3");
  std::ofstream(folder / "endpoints.json") << "{\"installation\":";
  EXPECT_EQ(read_endpoints(folder).code(), Code::kDataLoss);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tandem::cli
