// Numbers of the demonstration: percentiles, and the share of the leads that is everyone's due.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tandem/sales/v1/events.pb.h"

namespace tandem::cli {

// The smallest value that at least `percent` of a hundred do not exceed (nearest rank); none of no values. 0 < percent
// <= 100.
std::optional<int64_t> percentile(std::vector<int64_t> values, double percent);

// Who was chosen, and what their due was: of each choice a member who could be chosen is due their weight over the
// weights of all who could (or whose turn is kept for them).
class IdealShares {
 public:
  struct Share {
    uint64_t given = 0;
    int64_t ideal_millionths = 0;  // of a lead

    double off() const { return static_cast<double>(given) - static_cast<double>(ideal_millionths) / 1e6; }
  };

  // A choice by hand is nobody's turn, and does not count.
  void add(const sales::v1::MemberPicked& choice);
  const std::map<std::string, Share>& shares() const { return shares_; }
  uint64_t choices() const { return choices_; }
  // Groups of two and more who were eligible for the same leads, all the time.
  std::vector<std::vector<std::string>> always_eligible_together() const;

 private:
  std::map<std::string, Share> shares_;
  std::map<std::string, uint64_t> eligible_for_;  // a fingerprint of the choices
  uint64_t choices_ = 0;
};

}  // namespace tandem::cli
