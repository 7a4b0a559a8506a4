#include "services/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <string_view>

#include "services/cli/output.h"

namespace tandem::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kPlainLine{5};
constexpr int kBarWidth = 34;

// Columns of the terminal; 0 if it does not say.
size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

}  // namespace

bool is_terminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) && !is_set("NO_COLOR") && !is_set("CI") && !(kind && std::string_view(kind) == "dumb");
}

std::string bar(uint64_t done, uint64_t total, int width) {
  const uint64_t part = total == 0 ? 0 : std::min(done, total);
  const auto filled = total == 0 ? 0 : static_cast<size_t>(static_cast<__uint128_t>(part) * width / total);
  return "[" + std::string(filled, '#') + std::string(width - filled, '-') + "]";
}

std::string clock_time(steady_clock::duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  const auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

Progress::Progress(std::ostream& err, bool terminal, uint64_t total) : err_(err), terminal_(terminal), total_(total) {
  if (!terminal_) next_ += kPlainLine;
}

Progress::~Progress() {
  if (!finished_ && terminal_ && drawn_) err_ << std::endl;
}

void Progress::update(uint64_t done, const std::string& text) {
  done_ = done;
  const auto now = steady_clock::now();
  text_ = text;
  if (now < next_) return;
  next_ = now + (terminal_ ? steady_clock::duration(kRedraw) : steady_clock::duration(kPlainLine));
  draw();
}

void Progress::finish() {
  if (finished_) return;
  draw();
  if (terminal_) err_ << std::endl;
  finished_ = true;
}

std::string Progress::line() const {
  const double seconds = std::chrono::duration<double>(elapsed()).count();
  std::string text = text_;
  if (text.empty()) {
    const auto rate = static_cast<uint64_t>(seconds > 0 ? static_cast<double>(done_) / seconds : 0);
    text = with_commas(done_) + (total_ ? " of " + with_commas(total_) : "") + "   " + with_commas(rate) + "/s";
  }
  return (total_ ? bar(done_, total_, kBarWidth) + " " : "") + text + "   " + clock_time(elapsed());
}

void Progress::draw() {
  std::string text = line();
  if (!terminal_) {
    err_ << text << std::endl;
    return;
  }
  // A line that wraps could not be drawn over.
  if (const size_t width = terminal_width(); width > 1 && text.size() >= width) text.resize(width - 1);
  err_ << "\r\x1b[K" << text << std::flush;
  drawn_ = true;
}

}  // namespace tandem::cli
