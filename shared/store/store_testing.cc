#include "shared/store/store_testing.h"

namespace tandem::store::testing {

std::string version(int number) {
  std::string digits = std::to_string(number);
  return std::string(16 - digits.size(), '0') + digits;
}

Commit event(int before, int after) {
  Commit commit;
  commit.generation = 1;
  commit.aggregate = {"lead", "a"};
  commit.expected_version = before == 0 ? "" : version(before);
  commit.change = {version(after), "state " + std::to_string(after), "record " + std::to_string(after), {}};
  return commit;
}

Commit request(const std::string& id, int before, int after) {
  Commit commit = event(before, after);
  commit.request_id = id;
  commit.fingerprint = "print";
  commit.reply = "reply";
  return commit;
}

Commit nothing(MarkValue expected, MarkValue to) {
  Commit commit;
  commit.generation = 1;
  commit.aggregate = {"lead", "none"};
  commit.mark = MarkMove{{"marketing", 0}, expected, to};
  return commit;
}

}  // namespace tandem::store::testing
