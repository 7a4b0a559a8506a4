// All that a service is, apart from the world: what `services/<service>/service.h` gives to main and to the tests.
#pragma once

#include <string>

#include "shared/aggregate/aggregate.h"
#include "shared/aggregate/api.h"
#include "shared/aggregate/reactions.h"

namespace tandem {

struct ServiceDefinition {
  // "marketing": names the topic, the Redis keys and the metrics.
  std::string name;
  Registry registry;
  Api api;
  Reactions reactions;
};

// Keys and settings of the installation that ids are derived with. The fingerprints of requests go by the same key.
struct InstallationKeys {
  // HMAC key of ids that stand for a person.
  std::string identity_key;
};

}  // namespace tandem
