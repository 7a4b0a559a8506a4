// Logs: one JSON object a line on standard error, with time, level, service and fields. No personal data: messages are
// never logged whole, only ids, types and errors in words.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tandem::runtime {

enum class Level { kDebug, kInfo, kWarning, kError };

// Said every ten seconds of a start, with how far it is, while healing moves on: who waits for the service reads it in
// its log, where nothing else is known of it yet.
inline constexpr std::string_view kHealingMoves = "healing moves on";

using Field = std::pair<std::string_view, std::string>;

// Before the first line. `level` as in Config.
void start_logging(const std::string& service, const std::string& level);

// Safe from any thread.
void log(Level level, std::string_view what, std::initializer_list<Field> fields = {});

// One line as it is written, without the line's end.
std::string log_line(Level level, std::string_view what, std::initializer_list<Field> fields,
                     const std::string& service, const std::string& time);

}  // namespace tandem::runtime
