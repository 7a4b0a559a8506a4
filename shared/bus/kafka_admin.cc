#include <charconv>

#include "shared/bus/kafka_support.h"

namespace tandem::bus {
namespace {

using EventPtr = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using AdminOptionsPtr = std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;
using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using ConfigPtr = std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;

std::optional<int64_t> to_number(const char* text) {
  int64_t number = 0;
  const std::string_view view(text == nullptr ? "" : text);
  const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), number);
  if (error != std::errc() || end != view.data() + view.size()) return std::nullopt;
  return number;
}

class KafkaAdmin : public LogAdmin, private KafkaOwner {
 public:
  explicit KafkaAdmin(const KafkaOptions& kafka) : KafkaOwner(kafka) {}

  ~KafkaAdmin() override {
    if (handle_ != nullptr) rd_kafka_destroy(handle_);
  }

  Status open() {
    TANDEM_ASSIGN_OR_RETURN(ConfPtr conf, make_conf(*this, {}));
    TANDEM_ASSIGN_OR_RETURN(handle_, make_handle(RD_KAFKA_PRODUCER, std::move(conf)));
    return {};
  }

  Status create_topic(const std::string& topic, uint32_t partitions, Millis timeout) override {
    if (options.embedded) {
      return make_error(Code::kUnimplemented, "The embedded broker has no topic " + topic +
                                                  ", and makes topics only when it starts: name the service in its "
                                                  "--services.");
    }
    char text[512] = {};
    const int replication = options.replication_factor > 0 ? options.replication_factor : -1;
    const NewTopicPtr wanted(
        rd_kafka_NewTopic_new(topic.c_str(), static_cast<int>(partitions), replication, text, sizeof text));
    if (wanted == nullptr) return invalid("topic " + topic, text, "");
    // The broker's own time for records: it judges none of the writers' clocks, and forgets a producer by when it
    // wrote.
    for (const auto& [name, value] : {std::pair{"cleanup.policy", "delete"},
                                      {"retention.ms", "-1"},
                                      {"retention.bytes", "-1"},
                                      {"message.timestamp.type", "LogAppendTime"}}) {
      rd_kafka_NewTopic_set_config(wanted.get(), name, value);
    }
    const AdminOptionsPtr admin_options = make_options(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
    const QueuePtr queue(rd_kafka_queue_new(handle_));
    rd_kafka_NewTopic_t* topics[] = {wanted.get()};
    rd_kafka_CreateTopics(handle_, topics, 1, admin_options.get(), queue.get());
    TANDEM_ASSIGN_OR_RETURN(const EventPtr event, wait(queue.get(), timeout, "Creating topic " + topic));
    size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    const auto error = count == 1 ? rd_kafka_topic_result_error(results[0]) : RD_KAFKA_RESP_ERR__FAIL;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return {};
    return kafka_error(error, "Creating topic " + topic);
  }

  Result<TopicDescription> describe(const std::string& topic, Millis timeout) override {
    // All topics: asking for one by name might create it.
    const rd_kafka_metadata_t* raw = nullptr;
    const auto error = rd_kafka_metadata(handle_, 1, nullptr, &raw, static_cast<int>(timeout.count()));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(error, "The brokers at " + options.bootstrap_servers);
    const MetadataPtr metadata(raw);
    for (int i = 0; i < metadata->topic_cnt; ++i) {
      const auto& found = metadata->topics[i];
      if (found.topic != topic || found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
      if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(found.err, "The topic " + topic);
      TopicDescription description;
      description.partitions = static_cast<uint32_t>(found.partition_cnt);
      if (!options.embedded) TANDEM_RETURN_IF_ERROR(describe_settings(topic, timeout, description));
      return description;
    }
    return make_error(Code::kNotFound, "There is no topic " + topic + ".");
  }

 private:
  AdminOptionsPtr make_options(rd_kafka_admin_op_t operation, Millis timeout) {
    AdminOptionsPtr made(rd_kafka_AdminOptions_new(handle_, operation));
    char text[256] = {};
    rd_kafka_AdminOptions_set_request_timeout(made.get(), static_cast<int>(timeout.count()), text, sizeof text);
    return made;
  }

  static Result<EventPtr> wait(rd_kafka_queue_t* queue, Millis timeout, const std::string& what) {
    EventPtr event(rd_kafka_queue_poll(queue, static_cast<int>(timeout.count()) + 500));
    if (event == nullptr) return make_error(Code::kUnavailable, what + ": no answer.");
    const auto error = rd_kafka_event_error(event.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(error, what);
    return event;
  }

  Status describe_settings(const std::string& topic, Millis timeout, TopicDescription& description) {
    const ConfigPtr resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    const AdminOptionsPtr admin_options = make_options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout);
    const QueuePtr queue(rd_kafka_queue_new(handle_));
    rd_kafka_ConfigResource_t* resources[] = {resource.get()};
    rd_kafka_DescribeConfigs(handle_, resources, 1, admin_options.get(), queue.get());
    const std::string what = "The settings of topic " + topic;
    TANDEM_ASSIGN_OR_RETURN(const EventPtr event, wait(queue.get(), timeout, what));
    size_t count = 0;
    const auto* results =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    if (count != 1) return make_error(Code::kInternal, what + ": an answer without them.");
    const auto error = rd_kafka_ConfigResource_error(results[0]);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(error, what);
    const auto* entries = rd_kafka_ConfigResource_configs(results[0], &count);
    for (size_t i = 0; i < count; ++i) {
      const std::string_view name = rd_kafka_ConfigEntry_name(entries[i]);
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      if (name == "cleanup.policy" && value != nullptr) description.cleanup_policy = value;
      if (name == "retention.ms") description.retention_ms = to_number(value);
      if (name == "retention.bytes") description.retention_bytes = to_number(value);
    }
    return {};
  }

  rd_kafka_t* handle_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<LogAdmin>> make_kafka_admin(const KafkaOptions& options) {
  auto admin = std::make_unique<KafkaAdmin>(options);
  TANDEM_RETURN_IF_ERROR(admin->open());
  return std::unique_ptr<LogAdmin>(std::move(admin));
}

}  // namespace tandem::bus
