#include "tests/system/up_folder.h"

#include <sstream>
#include <utility>

#include "services/cli/app.h"
#include "tests/support/temporary_folder.h"

namespace tandem::testing {

UpFolder::UpFolder() { folder_ = make_temporary_folder("up"); }

UpFolder::~UpFolder() {
  const auto stopped = cli::bring_down(folder_, [](const auto&) {});
  EXPECT_TRUE(stopped.ok()) << to_line(stopped.error());
  std::error_code ignored;  // a folder left behind in /tmp fails no test
  std::filesystem::remove_all(folder_, ignored);
}

UpFolder::Ran UpFolder::run(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--folder", folder_.string(), "--deadline", "30"});
  std::ostringstream out;
  std::ostringstream err;
  const int status = cli::run(std::move(arguments), out, err);
  return {status, out.str(), err.str()};
}

nlohmann::json UpFolder::json(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--output", "json"});
  const Ran ran = run(std::move(arguments));
  EXPECT_EQ(ran.status, 0) << ran.err;
  return nlohmann::json::parse(ran.out, nullptr, false);
}

}  // namespace tandem::testing
