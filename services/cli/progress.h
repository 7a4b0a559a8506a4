// How far something is. On a terminal one line that is drawn over and over; elsewhere (a pipe, a CI log) a plain line
// now and then.
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <string>

namespace tandem::cli {

class Progress {
 public:
  // `total` 0: not known, no bar is drawn. `terminal`: see is_terminal().
  Progress(std::ostream& err, bool terminal, uint64_t total);
  // Ends the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap: draws ten times a second on a terminal, else every five seconds. `text` follows the bar; empty: "done of
  // total and the rate".
  void update(uint64_t done, const std::string& text = "");
  // Draws the last state and ends the line.
  void finish();
  std::chrono::steady_clock::duration elapsed() const { return std::chrono::steady_clock::now() - start_; }

 private:
  void draw();
  std::string line() const;

  std::ostream& err_;
  const bool terminal_;
  const uint64_t total_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_ = start_;
  uint64_t done_ = 0;
  std::string text_;
  bool drawn_ = false;
  bool finished_ = false;
};

// Whether standard error is a terminal, and the user has not asked for plain lines (TERM=dumb, or NO_COLOR or CI set).
bool is_terminal();

// "[#########-----------]" of `width` characters between the brackets.
std::string bar(uint64_t done, uint64_t total, int width);
// "0:00:05".
std::string clock_time(std::chrono::steady_clock::duration duration);

}  // namespace tandem::cli
