// What the Kafka handles share: settings, errors, and librdkafka's things with owners. Not for others.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

#include "shared/bus/kafka_log.h"

namespace tandem::bus {

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* thing) const {
    Destroy(thing);
  }
};

using ConfPtr = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;
using PartitionListPtr =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Destroyer<rd_kafka_topic_partition_list_destroy>>;
using MessagePtr = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using HeadersPtr = std::unique_ptr<rd_kafka_headers_t, Destroyer<rd_kafka_headers_destroy>>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using KafkaErrorPtr = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;

// A canonical code for librdkafka's: NOT_FOUND for topics and partitions, ABORTED for a dead producer, and so on.
Error kafka_error(rd_kafka_resp_err_t error, const std::string& what);

// What owns a handle. It is the opaque of all callbacks.
struct KafkaOwner {
  explicit KafkaOwner(KafkaOptions kafka) : options(std::move(kafka)) {}
  const KafkaOptions options;
};

// The settings of all handles. The owner must outlive the handle.
Result<ConfPtr> make_conf(KafkaOwner& owner, const std::map<std::string, std::string>& settings);

// Takes the configuration, also on failure.
Result<rd_kafka_t*> make_handle(rd_kafka_type_t type, ConfPtr conf);

PartitionListPtr to_list(std::span<const TopicPartition> partitions);

Result<std::unique_ptr<LogWriter>> make_kafka_writer(const KafkaOptions& options);
Result<std::unique_ptr<LogReader>> make_kafka_reader(const KafkaOptions& options, ReaderOptions reader_options);
Result<std::unique_ptr<LogAdmin>> make_kafka_admin(const KafkaOptions& options);

}  // namespace tandem::bus
