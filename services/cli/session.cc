#include "services/cli/session.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "shared/base/ports.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr char kEndpointsFile[] = "endpoints.json";

Result<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return make_error(Code::kNotFound, file.string() + " cannot be read: " + std::strerror(errno));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string login_name() {
  if (const passwd* entry = getpwuid(getuid())) return entry->pw_name;
  return "uid-" + std::to_string(getuid());
}

Error damaged(const std::filesystem::path& file, const std::string& why) {
  return make_error(Code::kDataLoss, file.string(), "is damaged: " + why, "run tandem down, then tandem up");
}

}  // namespace

std::filesystem::path default_folder() {
  if (const char* home = std::getenv("TANDEM_HOME"); home && *home) return home;
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home && *home ? home : "/tmp") / ".tandem" / "demo";
}

Result<Endpoints> read_endpoints(const std::filesystem::path& folder) {
  const auto file = folder / kEndpointsFile;
  auto text = read_file(file);
  if (!text.ok()) {
    return make_error(Code::kNotFound, folder.string(), "has no endpoints.json: nothing is up there",
                      "run tandem up, or name another installation's folder with --folder");
  }
  const json document = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) return damaged(file, "it is not JSON");
  Endpoints endpoints;
  try {
    endpoints.installation = document.at("installation");
    endpoints.bus = document.at("bus");
    endpoints.kafka = document.at("kafka");
    endpoints.own_broker = document.value("own_broker", false);
    endpoints.redis = document.at("redis");
    endpoints.shards = document.at("shards");
    for (const auto& [name, service] : document.at("services").items()) {
      endpoints.services[name] = {service.at("grpc"), service.at("admin")};
    }
  } catch (const json::exception& e) {
    return damaged(file, e.what());
  }
  return endpoints;
}

Status write_endpoints(const std::filesystem::path& folder, const Endpoints& endpoints) {
  ordered_json document = {
      {"installation", endpoints.installation}, {"bus", endpoints.bus},     {"kafka", endpoints.kafka},
      {"own_broker", endpoints.own_broker},     {"redis", endpoints.redis}, {"shards", endpoints.shards},
      {"services", ordered_json::object()}};
  for (const auto& [name, service] : endpoints.services) {
    document["services"][name] = {{"grpc", service.grpc}, {"admin", service.admin}};
  }
  const auto file = folder / kEndpointsFile;
  const auto draft = folder / (std::string(kEndpointsFile) + ".part");
  std::ofstream out(draft);
  out << document.dump(2) << "\n";
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(draft, file, error);
  if (!out || error) {
    return make_error(Code::kUnavailable, file.string(), "cannot be written",
                      "check the folder's permissions and disk");
  }
  return {};
}

Result<std::string> read_identity_key(const std::filesystem::path& folder) {
  auto text = read_file(folder / kIdentityKeyFile);
  if (!text.ok()) {
    return make_error(Code::kFailedPrecondition, folder.string(), "has no identity key that can be read",
                      "name the folder of the installation with --folder");
  }
  return std::string(trim(*text));
}

Session::Session(std::ostream& out, std::ostream& err)
    : folder(default_folder()), caller(login_name()), out_(out), err_(err) {}

Result<const Endpoints*> Session::endpoints() {
  if (!endpoints_) {
    TANDEM_ASSIGN_OR_RETURN(Endpoints read, read_endpoints(folder));
    endpoints_ = std::make_unique<Endpoints>(std::move(read));
  }
  return static_cast<const Endpoints*>(endpoints_.get());
}

Result<rpc::Client*> Session::client(const std::string& service) {
  TANDEM_ASSIGN_OR_RETURN(const Endpoints* where, endpoints());
  std::vector<std::string> replicas;
  for (const auto& [name, process] : where->services) {
    if (name == service || name.starts_with(service + ".")) replicas.push_back(process.grpc);
  }
  if (replicas.empty()) {
    return make_error(Code::kNotFound, service, "is not a service of this installation",
                      did_you_mean(service, kServices));
  }
  // Several addresses in one are gRPC's own way: it keeps to those that answer.
  return &client_at(replicas.size() == 1 ? replicas[0] : "ipv4:" + join(replicas, ","));
}

rpc::Client& Session::client_at(const std::string& address) {
  auto& client = clients_[address];
  if (!client) client = std::make_unique<rpc::Client>(address);
  return *client;
}

rpc::CallOptions Session::call_options() const {
  rpc::CallOptions options;
  options.deadline = std::chrono::milliseconds(static_cast<int64_t>(deadline_seconds * 1000));
  options.caller = caller;
  options.role = role;
  return options;
}

Result<bus::KafkaOptions> Session::kafka_options() {
  TANDEM_ASSIGN_OR_RETURN(const Endpoints* where, endpoints());
  bus::KafkaOptions options;
  options.bootstrap_servers = where->kafka;
  options.embedded = where->bus == "embedded";
  options.client_id = "tandem-cli";
  options.on_log = [](int, const std::string&) {};  // what matters comes back as an error
  return options;
}

Status Session::call(const std::string& service, const std::string& method, const google::protobuf::Message& request,
                     google::protobuf::Message& response) {
  TANDEM_ASSIGN_OR_RETURN(rpc::Client * to, client(service));
  auto status = to->call(method, request, response, call_options());
  if (status.ok() || status.code() != Code::kUnavailable || !status.error().violations.empty()) return status;
  Error error = status.error();
  error.violations.push_back({service + " at " + to->address(), "does not answer: " + error.message,
                              "see tandem status; tandem up starts what is not there"});
  return error;
}

Error Session::usage(std::string field, std::string reason, std::string remedy) {
  usage_ = true;
  return invalid(std::move(field), std::move(reason), std::move(remedy));
}

std::string Session::service_of(const std::string& method) {
  const auto words = split(method, '.');
  return words.size() > 2 ? words[1] : "";
}

std::string Session::draw_request_id() {
  SystemChance chance;
  return "cli-" + fresh_token(chance);
}

}  // namespace tandem::cli
