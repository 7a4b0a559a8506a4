#include "tests/system/command_line.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "services/cli/app.h"
#include "services/cli/session.h"
#include "tests/support/temporary_folder.h"

namespace tandem::testing {
CommandLine::CommandLine(Installation& tandem) : folder_(make_temporary_folder("cli")) {
  cli::Endpoints endpoints;
  endpoints.installation = "test";
  endpoints.bus = tandem.bus().name();
  endpoints.kafka = tandem.bus().bootstrap_servers();
  endpoints.redis = tandem.redis().host() + ":" + std::to_string(tandem.redis().port());
  endpoints.shards = tandem.shards();
  for (const std::string& service : tandem.services()) {
    endpoints.services[service].grpc = tandem.client(service)->address();
  }
  cli::write_endpoints(folder_, endpoints).value();
  std::ofstream(folder_ / cli::kIdentityKeyFile) << tandem.identity_key() << "\n";
}

CommandLine::~CommandLine() {
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

CommandLine::Ran CommandLine::run(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--folder", folder_.string(), "--deadline", "30"});
  std::ostringstream out;
  std::ostringstream err;
  const int status = cli::run(std::move(arguments), out, err);
  return {status, out.str(), err.str()};
}

nlohmann::json CommandLine::done(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--output", "json"});
  const Ran ran = run(std::move(arguments));
  EXPECT_EQ(ran.status, 0) << ran.err;
  auto document = nlohmann::json::parse(ran.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << ran.out;
  return document;
}

}  // namespace tandem::testing
