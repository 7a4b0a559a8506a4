#include "tests/support/installation.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <utility>

#include "tests/support/definitions.h"
#include "tests/support/temporary_folder.h"

namespace tandem::testing {
namespace {

constexpr char kInstallation[] = "test";
constexpr auto kStartPatience = std::chrono::seconds(60);  // other tests may have the machine

std::string service_of(const std::string& name) { return name.substr(0, name.find('.')); }

}  // namespace

Installation::Installation(InstallationOptions options)
    : options_(std::move(options)),
      folder_(make_temporary_folder("installation")),
      bus_(options_.services, options_.shards, options_.kafka_known_as) {
  for (const std::string& service : options_.services) {
    const ServiceDefinition definition = definition_of(service, {identity_key_});
    partitions_[service] = static_cast<uint32_t>(definition.reactions.sources().size()) * options_.shards;
  }
  start(options_.running);
}

Installation::~Installation() {
  if (::testing::Test::HasFailure()) {
    for (const auto& [name, process] : processes_) std::cerr << name << ":\n" << log_tail(name);
  }
  processes_.clear();
  std::error_code ignored;  // a folder left behind in /tmp fails no test
  std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path Installation::file(const std::string& name, const char* extension) const {
  return folder_ / (name + extension);
}

std::unique_ptr<ChildProcess> Installation::run(const std::string& name, const std::vector<std::string>& arguments,
                                                const std::filesystem::path& log) {
  std::map<std::string, std::string> environment{
      {"TANDEM_INSTALLATION", kInstallation},
      {"TANDEM_LISTEN", "127.0.0.1:0"},
      {"TANDEM_ADMIN", "127.0.0.1:0"},
      {"TANDEM_SHARDS", std::to_string(options_.shards)},
      {"TANDEM_REDIS", redis_.host() + ":" + std::to_string(redis_.port())},
      {"TANDEM_KAFKA", bus_.bootstrap_servers()},
      {"TANDEM_BUS", bus_.name()},
      {"TANDEM_AUTH", "none"},
      {"TANDEM_IDENTITY_KEY", identity_key_},
      {"TANDEM_READY_FILE", file(name, ".ready").string()},
  };
  if (bus_.kafka() != nullptr) environment["TANDEM_SESSION_MS"] = "3000";  // the embedded broker needs more
  for (const auto& [variable, value] : options_.environment) environment[variable] = value;
  if (options_.environment_of) {
    for (const auto& [variable, value] : options_.environment_of(name)) environment[variable] = value;
  }
  return std::make_unique<ChildProcess>(programs_folder() / ("tandem-" + service_of(name)), arguments, environment,
                                        log);
}

void Installation::launch(const std::string& name) {
  std::filesystem::remove(file(name, ".ready"));
  processes_[name].child = run(name, {}, file(name, ".log"));
}

std::string Installation::verify(const std::string& service) {
  const std::filesystem::path log = file(service, ".verify");
  std::filesystem::remove(log);
  const auto child = run(service, {"--rebuild", "--verify"}, log);
  if (!eventually([&] { return child->ended().has_value(); }, kStartPatience * 2)) return "does not come to an end";
  return *child->ended() == 0 ? "" : last_lines(log, 3);
}

void Installation::await_ready(const std::string& name) {
  Process& process = processes_.at(name);
  const bool ready = eventually([&] { return std::filesystem::exists(file(name, ".ready")) || process.child->ended(); },
                                kStartPatience);
  if (!ready || process.child->ended()) {
    throw std::runtime_error("tandem-" + name + " does not get ready:\n" + log_tail(name));
  }
  std::ifstream in(file(name, ".ready"));
  const auto json = nlohmann::json::parse(in);
  process.admin = json.at("admin");
  std::lock_guard lock(mutex_);
  const std::string address = json.at("grpc");
  clients_[name] = std::make_shared<rpc::Client>(options_.reached_at ? options_.reached_at(name, address) : address);
}

void Installation::start(const std::vector<std::string>& names) {
  for (const std::string& name : names) launch(name);
  for (const std::string& name : names) await_ready(name);
}

void Installation::start(const std::string& name) { start(std::vector<std::string>{name}); }
void Installation::kill9(const std::string& name) { processes_.at(name).child->end(SIGKILL); }
void Installation::pause(const std::string& name) { processes_.at(name).child->signal(SIGSTOP); }
void Installation::resume(const std::string& name) { processes_.at(name).child->signal(SIGCONT); }

int Installation::stop(const std::string& name) {
  const int status = processes_.at(name).child->end(SIGTERM);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Installation::restart(const std::string& name) {
  stop(name);
  start(name);
}

std::shared_ptr<rpc::Client> Installation::client(const std::string& name) {
  std::lock_guard lock(mutex_);
  return clients_.at(name);
}

std::string Installation::method_name(const std::string& name, const std::string& method) {
  const std::string service = service_of(name);
  std::string type = service;
  type[0] = static_cast<char>(std::toupper(type[0]));
  return "tandem." + service + ".v1." + (service == "crm" ? "Crm" : type) + "Service." + method;
}

Result<runtime::v1::ServiceStatus> Installation::status(const std::string& name) {
  rpc::CallOptions options;
  options.deadline = std::chrono::seconds(5);
  return client(name)->call<runtime::v1::ServiceStatus>("tandem.runtime.v1.AdminService.GetStatus",
                                                        runtime::v1::GetStatus(), options);
}

std::pair<int, std::string> Installation::admin_page(const std::string& name, const std::string& path) {
  httplib::Client http("http://" + processes_.at(name).admin);
  http.set_read_timeout(std::chrono::seconds(5));
  const auto response = http.Get(path);
  if (!response) return {0, ""};
  return {response->status, response->body};
}

std::vector<uint64_t> Installation::events_at_rest() {
  std::vector<uint64_t> events;
  std::map<std::string, uint32_t> unread;
  for (const auto& [name, process] : processes_) {
    if (process.child->ended()) continue;
    const auto now = status(name);
    if (!now.ok() || now->unpublished() > 0 || now->lag() > 0) return {};
    const std::string service = service_of(name);
    unread.try_emplace(service, partitions_.at(service)).first->second -= now->partitions_read();
    events.push_back(now->events());
  }
  for (const auto& [service, partitions] : unread) {
    if (partitions != 0) return {};
  }
  return events;
}

bool Installation::settle(Millis patience) {
  // Lag is as the last fetch said: rest is what stays so for longer than events take to be fetched.
  std::vector<uint64_t> before;
  int same = 0;
  const bool at_rest = eventually(
      [&] {
        const std::vector<uint64_t> now = events_at_rest();
        same = !now.empty() && now == before ? same + 1 : 0;
        before = now;
        if (same < 10) std::this_thread::sleep_for(Millis(40));
        return same >= 10;
      },
      patience);
  if (!at_rest) {
    for (const auto& [name, process] : processes_) {
      const auto now = status(name);
      std::cerr << name << " is not at rest: " << (now.ok() ? now->ShortDebugString() : to_line(now.error())) << "\n";
    }
  }
  return at_rest;
}

store::RedisOptions Installation::redis_options(const std::string& service) const {
  store::RedisOptions options;
  options.identity = {kInstallation, service, options_.shards};
  store::RedisEndpoint endpoint;
  endpoint.host = redis_.host();
  endpoint.port = redis_.port();
  options.topology.endpoints = {endpoint};
  return options;
}

std::string Installation::log_tail(const std::string& name, size_t lines) const {
  return last_lines(file(name, ".log"), lines);
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace tandem::testing
