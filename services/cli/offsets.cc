#include "services/cli/offsets.h"

#include "shared/base/text.h"

namespace tandem::cli {
namespace {

constexpr char kRemedy[] = "write beginning, now, or SERVICE/PARTITION:OFFSET,... as in sales/0:17,sales/1:4";

Error wrong(const std::string& part) { return invalid("", "is not a place in the log: \"" + part + "\"", kRemedy); }

}  // namespace

Result<bus::TailStart> parse_start(std::string_view text) {
  bus::TailStart start;
  if (text == "now" || text == "beginning") {
    start.from = text == "now" ? bus::TailStart::From::kNow : bus::TailStart::From::kBeginning;
    return start;
  }
  start.from = bus::TailStart::From::kCursors;
  for (const std::string& part : split(text, ',')) {
    const size_t slash = part.find('/');
    const size_t colon = part.find(':');
    if (slash == std::string::npos || colon == std::string::npos || slash == 0 || colon < slash) return wrong(part);
    const auto partition = parse_integer(part.substr(slash + 1, colon - slash - 1));
    const auto offset = parse_integer(part.substr(colon + 1));
    if (!partition || !offset || *partition < 0 || *partition > 1023 || *offset < 0) return wrong(part);
    start.cursors[{part.substr(0, slash), static_cast<uint32_t>(*partition)}] = {static_cast<uint64_t>(*offset), 0, 0};
  }
  return start;
}

std::string format_offsets(const std::map<Source, bus::Cursor>& cursors) {
  std::string text;
  for (const auto& [source, cursor] : cursors) {
    if (cursor.offset == 0) continue;
    text += (text.empty() ? "" : ",") + source_name(source) + ":" + std::to_string(cursor.offset);
  }
  return text;
}

}  // namespace tandem::cli
