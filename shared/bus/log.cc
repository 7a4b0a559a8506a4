#include "shared/bus/log.h"

namespace tandem::bus {

const std::string* Record::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace tandem::bus
