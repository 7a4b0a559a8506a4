// What a series of measurements comes to.
#pragma once

#include <vector>

namespace tandem::bench {

// The value below which `share` (0 to 1) of them lie; 0 without any.
double percentile(std::vector<double> values, double share);
inline double median(std::vector<double> values) { return percentile(std::move(values), 0.5); }

// A median, and the smallest and largest it was taken from.
struct Summary {
  double median = 0;
  double low = 0;
  double high = 0;
};
Summary summarize(const std::vector<double>& values);

}  // namespace tandem::bench
