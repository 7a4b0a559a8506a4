// The people of the demonstration, as they come in life: some come again, by another campaign and with their address in
// capitals; much is missing; about two in a hundred requests are wrong. Made from a seed: the same seed gives the same
// requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/ports.h"
#include "shared/base/time.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::cli {

struct GeneratorOptions {
  uint64_t seed = 1;
  std::string run;     // in every request id: two runs with one seed are the same people, but not the same requests
  uint64_t leads = 1;  // how many will be asked for
  Instant from{};      // they come evenly over this time, in order
  Instant to{};
};

class LeadGenerator {
 public:
  explicit LeadGenerator(GeneratorOptions options);

  // The next one; `number` counts them from 0.
  marketing::v1::CaptureLead next();
  uint64_t number() const { return number_; }

 private:
  // Who somebody is depends on the seed and their number only, so nobody need be remembered.
  void fill_person(uint64_t person, bool again, marketing::v1::CaptureLead& lead);
  void fill_facts(SeededChance& chance, std::string_view company, marketing::v1::CaptureLead& lead);
  void spoil(marketing::v1::CaptureLead& lead);

  const GeneratorOptions options_;
  SeededChance chance_;
  uint64_t number_ = 0;
  uint64_t people_ = 0;
};

}  // namespace tandem::cli
