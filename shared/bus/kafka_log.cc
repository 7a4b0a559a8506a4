#include "shared/bus/kafka_log.h"

#include "shared/bus/kafka_support.h"

namespace tandem::bus {
namespace {

void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* line) {
  const auto* owner = static_cast<const KafkaOwner*>(rd_kafka_opaque(handle));
  if (owner != nullptr && owner->options.on_log) owner->options.on_log(level, std::string(facility) + ": " + line);
}

Code code_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return Code::kNotFound;
    case RD_KAFKA_RESP_ERR__FATAL:
      return Code::kAborted;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return Code::kOutOfRange;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return Code::kAlreadyExists;
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return Code::kUnimplemented;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return Code::kPermissionDenied;
    default:
      return Code::kUnavailable;
  }
}

Status set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char text[256] = {};
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
    return invalid("bus.settings." + name, text, "see librdkafka's CONFIGURATION.md");
  }
  return {};
}

}  // namespace

Error kafka_error(rd_kafka_resp_err_t error, const std::string& what) {
  return make_error(code_of(error), what + ": " + rd_kafka_err2str(error));
}

Result<ConfPtr> make_conf(KafkaOwner& owner, const std::map<std::string, std::string>& settings) {
  const KafkaOptions& options = owner.options;
  const std::map<std::string, std::string> common = {
      {"bootstrap.servers", options.bootstrap_servers},
      {"client.id", options.client_id},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"reconnect.backoff.max.ms", "1000"},
      {"allow.auto.create.topics", "false"},
      // A topic that is not there yet is looked for again so often.
      {"topic.metadata.refresh.interval.ms", "30000"},
  };
  ConfPtr conf(rd_kafka_conf_new());
  for (const auto* group : {&common, &settings, &options.settings}) {
    for (const auto& [name, value] : *group) TANDEM_RETURN_IF_ERROR(set(conf.get(), name, value));
  }
  rd_kafka_conf_set_log_cb(conf.get(), &on_log);
  rd_kafka_conf_set_opaque(conf.get(), &owner);
  return conf;
}

Result<rd_kafka_t*> make_handle(rd_kafka_type_t type, ConfPtr conf) {
  char text[512] = {};
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), text, sizeof text);
  if (handle == nullptr) return invalid("bus", text, "look at the settings of the bus");
  conf.release();  // NOLINT: the handle owns it now
  return handle;
}

PartitionListPtr to_list(std::span<const TopicPartition> partitions) {
  PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), static_cast<int32_t>(partition.partition));
  }
  return list;
}

Result<std::unique_ptr<LogWriter>> KafkaLog::make_writer() { return make_kafka_writer(options_); }

Result<std::unique_ptr<LogReader>> KafkaLog::make_reader(ReaderOptions options) {
  return make_kafka_reader(options_, options);
}

Result<std::unique_ptr<LogAdmin>> KafkaLog::make_admin() { return make_kafka_admin(options_); }

std::string KafkaLog::retention_advice() const {
  if (options_.embedded) {
    return "The embedded broker keeps 5 MB or 100,000 records of a partition and drops the oldest silently. Use a real "
           "Kafka for more (deploy/kafka), and begin anew: tandem down, tandem up.";
  }
  return "Look at the topic's settings (cleanup.policy=delete, retention.ms=-1, retention.bytes=-1) and at what Kafka "
         "says of lost data.";
}

}  // namespace tandem::bus
