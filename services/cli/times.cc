#include "services/cli/times.h"

#include "shared/base/text.h"

namespace tandem::cli {

Result<Instant> parse_time(std::string_view text, const Zone& zone) {
  const std::string_view trimmed = trim(text);
  if (auto date = parse_date(trimmed); date.ok()) return start_of_day(*date, zone);
  if (auto instant = parse_instant(trimmed); instant.ok()) return *instant;
  return invalid("", "is not a time: " + std::string(text), "write 2026-10-05 or 2026-10-05T13:00:00Z");
}

std::string readable_time(Instant instant) {
  std::string text = format_instant(std::chrono::floor<std::chrono::seconds>(instant));
  if (const size_t t = text.find('T'); t != std::string::npos) text[t] = ' ';
  return text;
}

}  // namespace tandem::cli
