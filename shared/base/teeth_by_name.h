// Deliberate bugs by their names, for programs that are told which one is in force.
#pragma once

#include <optional>
#include <string_view>

#include "shared/base/teeth.h"

namespace tandem::teeth {

// None if there is no such name in kTeeth.
inline std::optional<Tooth> tooth_named(std::string_view name) {
  for (const auto& [known, tooth] : kTeeth) {
    if (known == name) return tooth;
  }
  return std::nullopt;
}

}  // namespace tandem::teeth
