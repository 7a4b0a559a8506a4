#include "shared/runtime/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "shared/base/ports.h"

namespace tandem::runtime {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger;
  std::string service;
};

State& state() {
  static State* s = new State{spdlog::stderr_logger_mt("tandem"), ""};
  return *s;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void start_logging(const std::string& service, const std::string& level) {
  state().service = service;
  state().logger->set_pattern("%v");
  state().logger->flush_on(spdlog::level::debug);
  state().logger->set_level(level == "debug"     ? spdlog::level::debug
                            : level == "warning" ? spdlog::level::warn
                            : level == "error"   ? spdlog::level::err
                                                 : spdlog::level::info);
}

std::string log_line(Level level, std::string_view what, std::initializer_list<Field> fields,
                     const std::string& service, const std::string& time) {
  nlohmann::ordered_json line;
  line["time"] = time;
  line["level"] = name_of(level);
  line["service"] = service;
  line["message"] = what;
  for (const auto& [name, value] : fields) line[std::string(name)] = value;
  return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void log(Level level, std::string_view what, std::initializer_list<Field> fields) {
  State& s = state();
  if (!s.logger->should_log(to_spdlog(level))) return;
  SystemClock clock;
  s.logger->log(to_spdlog(level), "{}", log_line(level, what, fields, s.service, format_instant(clock.now())));
}

}  // namespace tandem::runtime
