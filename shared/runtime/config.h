// A service's settings: a YAML file, the environment over it. Every setting has a name that is the YAML key and, in
// capitals after TANDEM_, the environment variable. An unknown key is an error that names the nearest known one, and so
// is a variable that looks like a setting misspelt.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace tandem::runtime {

struct Config {
  // One installation is one company's data; given once, checked at every start.
  std::string installation = "tandem";
  // gRPC. Port 0 = a free one. With auth: none the loopback interface only.
  std::string listen = "127.0.0.1:0";
  // /metrics and /healthz.
  std::string admin = "127.0.0.1:0";
  // Fixed at installation.
  uint32_t shards = 16;
  // Redis primaries; shard i lives on number i modulo their count.
  std::vector<std::string> redis = {"127.0.0.1:6379"};
  // Kafka's bootstrap servers, comma-separated.
  std::string kafka = "127.0.0.1:9092";
  // "kafka", or "embedded": the broker that comes with Tandem and keeps nothing.
  std::string bus = "kafka";
  // Milliseconds after which a replica that says nothing is taken for dead, and the others read its partitions. Brokers
  // have a least (group.min.session.timeout.ms, 6000 by default).
  uint32_t session_ms = 6000;
  // Milliseconds for which a replica has a shard's relay without renewing it.
  uint32_t lease_ms = 3000;
  // "none": callers are not authenticated.
  std::string auth = "none";
  // HMAC key of ids that stand for a person, and of page tokens. At least 16 characters; never changes.
  std::string identity_key;
  // Microseconds, at most 100,000, for which work is gathered: by loop and relay while the service is busy, and, in
  // whole milliseconds, by a Kafka broker before it answers a fetch, whether busy or not. Fewer and larger batches cost
  // less and take longer; a service at rest asks the broker once in that time. 0 = no gathering. The curve of latency
  // against CPU is in docs/performance.md, "Waiting a little".
  uint32_t linger_us = 0;
  // debug, info, warning, error.
  std::string log_level = "info";
  // Written when ready: {"service":…, "grpc":…, "admin":…, "pid":…}. Empty = not written.
  std::string ready_file;
  // Milliseconds that a graceful end may take.
  uint32_t drain_ms = 5000;

  // All settings as YAML, secrets hidden.
  std::string to_yaml() const;
};

// Variables whose names begin with TANDEM_, by these names. Not all are settings: other programs have such variables
// too.
using Environment = std::map<std::string, std::string>;
Environment process_environment();

// `file` may be empty. INVALID_ARGUMENT with every setting that is wrong.
Result<Config> load_config(const std::string& file, const Environment& environment);

}  // namespace tandem::runtime
