#include "services/cli/demo/statistics.h"

#include <algorithm>
#include <cmath>

#include "shared/base/ids.h"

namespace tandem::cli {

std::optional<int64_t> percentile(std::vector<int64_t> values, double percent) {
  if (values.empty()) return std::nullopt;
  const auto rank = static_cast<size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
  const size_t index = std::clamp<size_t>(rank, 1, values.size()) - 1;
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(index), values.end());
  return values[index];
}

void IdealShares::add(const sales::v1::MemberPicked& choice) {
  if (!choice.assigned_by().empty()) return;
  const auto takes_part = [](const sales::v1::Candidate& c) { return c.eligible() || c.turn_kept(); };
  int64_t all = 0;
  for (const auto& candidate : choice.considered()) all += takes_part(candidate) ? candidate.weight() : 0;
  ++choices_;
  for (const auto& candidate : choice.considered()) {
    if (!takes_part(candidate) || all == 0) continue;
    // To the nearest millionth, as the team itself reckons.
    shares_[candidate.member()].ideal_millionths += (int64_t{candidate.weight()} * 2'000'000 + all) / (2 * all);
    eligible_for_[candidate.member()] += stable_hash(std::to_string(choices_));
  }
  ++shares_[choice.member()].given;
}

std::vector<std::vector<std::string>> IdealShares::always_eligible_together() const {
  std::map<uint64_t, std::vector<std::string>> groups;
  for (const auto& [member, fingerprint] : eligible_for_) groups[fingerprint].push_back(member);
  std::vector<std::vector<std::string>> together;
  for (auto& [fingerprint, members] : groups) {
    if (members.size() > 1) together.push_back(std::move(members));
  }
  return together;
}

}  // namespace tandem::cli
