// Starts the parts of an installation, one after the other, and waits until each is ready.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "services/cli/installation.h"
#include "services/cli/processes.h"
#include "services/cli/session.h"
#include "services/cli/up.h"
#include "shared/base/result.h"

namespace tandem::cli {

class Start {
 public:
  Start(const UpOptions& options, Installation installation);

  // Redis, the broker where it is ours, and the services; saves the installation and writes endpoints.json. An error
  // after the last lines of the log of the part that did not come up: what was started is left to the caller.
  Status everything();
  // Processes ("sales", "sales.2") of an installation that is up otherwise.
  Status services(const std::vector<std::string>& names, Endpoints there);

 private:
  Status launch(const std::string& part, std::string program, std::vector<std::string> arguments,
                std::map<std::string, std::string> environment);
  Status await(
      const std::string& part, const std::function<bool()>& ready, std::chrono::seconds patience,
      const std::function<std::string()>& progress = [] { return std::string(); });
  Error failed(const std::string& part, const std::string& how);
  // Lines of a part's log by which it says what takes so long.
  void pass_on(const std::string& part, const std::string& prefix);
  Status empty_folder(const std::filesystem::path& data);
  Status start_redis(const std::string& part);
  Status start_embedded_broker();
  Status start_kafka();
  Status launch_service(const std::string& name);
  Status await_service(const std::string& name);

  const UpOptions& options_;
  const std::filesystem::path programs_;
  const Installation installation_;
  Endpoints endpoints_;
  std::map<std::string, ProcessId> processes_;
  std::string passed_on_;
};

}  // namespace tandem::cli
