#include "shared/runtime/config.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include "shared/base/text.h"

namespace tandem::runtime {
namespace {

constexpr std::string_view kPrefix = "TANDEM_";

// One setting: how its text is read and shown.
struct Setting {
  std::function<bool(Config&, const std::string&)> set;
  std::function<std::string(const Config&)> get;
  std::string form;  // what its text must be, for errors
  bool secret = false;
};

Setting text(std::string Config::* member, std::string form = "a text", bool secret = false) {
  return {[member](Config& c, const std::string& v) { return c.*member = v, true; },
          [member](const Config& c) { return c.*member; }, std::move(form), secret};
}

Setting choice(std::string Config::* member, std::vector<std::string> values) {
  std::string form = "one of";
  for (const std::string& value : values) form += " " + value;
  return {[member, values = std::move(values)](Config& c, const std::string& v) {
            c.*member = v;
            return std::find(values.begin(), values.end(), v) != values.end();
          },
          [member](const Config& c) { return c.*member; }, std::move(form)};
}

Setting number(uint32_t Config::* member, uint32_t min, uint32_t max) {
  return {[=](Config& c, const std::string& v) {
            uint32_t value = 0;
            auto [end, error] = std::from_chars(v.data(), v.data() + v.size(), value);
            c.*member = value;
            return error == std::errc() && end == v.data() + v.size() && value >= min && value <= max;
          },
          [member](const Config& c) { return std::to_string(c.*member); },
          "a whole number from " + std::to_string(min) + " to " + std::to_string(max)};
}

Setting endpoints(std::vector<std::string> Config::* member) {
  return {[member](Config& c, const std::string& v) {
            c.*member = split(v, ',');
            for (std::string& endpoint : c.*member) endpoint = trim(endpoint);
            return std::all_of((c.*member).begin(), (c.*member).end(),
                               [](const std::string& e) { return e.find(':') != std::string::npos; });
          },
          [member](const Config& c) { return join(c.*member, ","); }, "host:port, several with commas between"};
}

const std::map<std::string, Setting>& settings() {
  static const std::map<std::string, Setting> all = {
      {"installation", text(&Config::installation)},
      {"listen", text(&Config::listen, "host:port")},
      {"admin", text(&Config::admin, "host:port")},
      {"shards", number(&Config::shards, 1, 1024)},
      {"redis", endpoints(&Config::redis)},
      {"kafka", text(&Config::kafka, "host:port, several with commas between")},
      {"bus", choice(&Config::bus, {"kafka", "embedded"})},
      {"session_ms", number(&Config::session_ms, 1000, 300000)},
      {"lease_ms", number(&Config::lease_ms, 500, 300000)},
      {"auth", choice(&Config::auth, {"none"})},
      {"identity_key", text(&Config::identity_key, "at least 16 characters", true)},
      {"linger_us", number(&Config::linger_us, 0, 100'000)},
      {"log_level", choice(&Config::log_level, {"debug", "info", "warning", "error"})},
      {"ready_file", text(&Config::ready_file, "a path")},
      {"drain_ms", number(&Config::drain_ms, 0, 600000)},
  };
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, setting] : settings()) all.push_back(name);
  return all;
}

std::string variable_of(const std::string& setting) { return std::string(kPrefix) + to_upper(setting); }

void apply(Config& config, const std::string& name, const std::string& value, std::vector<Violation>& wrong) {
  auto setting = settings().find(name);
  if (setting == settings().end()) {
    const auto nearest = nearest_name(name, names());
    wrong.push_back({name, "is not a setting", nearest ? "did you mean " + *nearest + "?" : "see --print-config"});
  } else if (!setting->second.set(config, value)) {
    wrong.push_back(
        {name, "is " + (setting->second.secret ? "wrong" : "\"" + value + "\""), "write " + setting->second.form});
  }
}

Status apply_file(Config& config, const std::string& file, std::vector<Violation>& wrong) {
  YAML::Node root;
  try {
    root = YAML::LoadFile(file);
  } catch (const YAML::Exception& e) {
    return invalid("config", "file " + file + " cannot be read: " + e.what(), "give a YAML file of settings");
  }
  if (root.IsNull()) return {};
  if (!root.IsMap()) return invalid("config", "file " + file + " is not a list of settings", "write name: value");
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) {
      return invalid(
          "config",
          "file " + file + " has a key that is no name, in line " + std::to_string(entry.first.Mark().line + 1),
          "write name: value");
    }
    const std::string name = entry.first.Scalar();
    if (entry.second.IsScalar()) {
      apply(config, name, entry.second.as<std::string>(), wrong);
    } else if (entry.second.IsSequence()) {
      std::vector<std::string> items;
      for (const auto& item : entry.second) items.push_back(item.IsScalar() ? item.as<std::string>() : "");
      apply(config, name, join(items, ","), wrong);
    } else {
      wrong.push_back({name, "is neither a value nor a list", "write " + name + ": value"});
    }
  }
  return {};
}

// Tests and other programs have variables of their own that begin alike: only what is close to a setting is a mistake.
void apply_variable(Config& config, const std::string& variable, const std::string& value,
                    std::vector<Violation>& wrong) {
  const std::string name = to_lower(std::string_view(variable).substr(kPrefix.size()));
  const auto nearest = nearest_name(name, names());
  if (!nearest || edit_distance(name, *nearest) > 2) return;
  if (variable == variable_of(*nearest)) return apply(config, *nearest, value, wrong);
  wrong.push_back({variable, "is not a setting", "did you mean " + variable_of(*nearest) + "?"});
}

}  // namespace

std::string Config::to_yaml() const {
  YAML::Emitter out;
  out << YAML::BeginMap;
  for (const auto& [name, setting] : settings()) {
    const std::string value = setting.get(*this);
    out << YAML::Key << name << YAML::Value << (setting.secret && !value.empty() ? "(hidden)" : value);
  }
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

Environment process_environment() {
  Environment variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

Result<Config> load_config(const std::string& file, const Environment& environment) {
  Config config;
  std::vector<Violation> wrong;
  if (!file.empty()) TANDEM_RETURN_IF_ERROR(apply_file(config, file, wrong));
  for (const auto& [variable, value] : environment) apply_variable(config, variable, value, wrong);
  if (config.identity_key.size() < 16) {
    wrong.push_back({"identity_key", "is missing or shorter than 16 characters",
                     "draw one once for the installation, for example with: openssl rand -hex 16"});
  }
  if (wrong.empty()) return config;
  Error error = make_error(Code::kInvalidArgument, "the settings are wrong");
  error.violations = std::move(wrong);
  return error;
}

}  // namespace tandem::runtime
