#include "shared/bus/topics.h"

#include <algorithm>
#include <set>

#include "shared/bus/envelope.h"

namespace tandem::bus {
namespace {

Error wrong(const std::string& topic, const std::string& reason, const std::string& remedy) {
  return make_error(Code::kFailedPrecondition, "topic " + topic, reason, remedy);
}

std::string set_topic(const std::string& topic, const std::string& settings) {
  return std::string(kConfigsCommand) + " --alter --topic " + topic + " --add-config " + settings;
}

Status check_kept(const std::string& topic, const TopicDescription& description) {
  if (description.cleanup_policy && *description.cleanup_policy != "delete") {
    return wrong(topic, "has cleanup.policy=" + *description.cleanup_policy + ", which would take events away",
                 set_topic(topic, "cleanup.policy=delete"));
  }
  const bool limited = description.retention_ms.value_or(-1) >= 0 || description.retention_bytes.value_or(-1) >= 0;
  if (limited) {
    return wrong(topic, "does not keep events for ever", set_topic(topic, "retention.ms=-1,retention.bytes=-1"));
  }
  return {};
}

}  // namespace

Status check_topic(LogAdmin& admin, const std::string& topic, uint32_t shards, Millis timeout) {
  TANDEM_ASSIGN_OR_RETURN(const TopicDescription description, admin.describe(topic, timeout));
  if (description.partitions != shards) {
    return wrong(topic,
                 "has " + std::to_string(description.partitions) + " partitions, but the installation has " +
                     std::to_string(shards) + " shards",
                 "set shards to what the installation was made with, or delete the topic if it is not Tandem's");
  }
  return check_kept(topic, description);
}

Status prepare_topics(LogAdmin& admin, const std::string& service, std::span<const std::string> sources,
                      uint32_t shards, Millis timeout) {
  std::set<std::string> topics{events_topic(service), dead_letters_topic(service)};
  for (const std::string& source : sources) topics.insert(events_topic(source));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  auto left = [deadline] {
    const auto rest = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
    return std::max(rest, Millis(1));
  };
  for (const std::string& topic : topics) {
    const Status looked = check_topic(admin, topic, shards, left());
    if (looked.ok()) continue;
    if (looked.code() != Code::kNotFound) return looked;
    TANDEM_RETURN_IF_ERROR(admin.create_topic(topic, shards, left()));
    Status checked = check_topic(admin, topic, shards, left());
    // A topic that was just made need not be in every broker's metadata yet.
    while (checked.code() == Code::kNotFound && left() > Millis(1)) checked = check_topic(admin, topic, shards, left());
    TANDEM_RETURN_IF_ERROR(checked);
  }
  return {};
}

}  // namespace tandem::bus
