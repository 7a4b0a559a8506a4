#include "tests/bench/floor/consumer.h"

#include <cstring>
#include <utility>

#include "tests/bench/floor/envelope.h"
#include "tests/bench/floor/redis.h"

namespace tandem::bench {
namespace {

constexpr std::string_view kTopicStart = "floor.";
constexpr std::string_view kTopicEnd = ".events";

void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char text[256] = {};
  if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) fail(text);
}

ConsumedRecord parse(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
      rd_kafka_header_get_last(headers, kEnvelopeHeader, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fail("a record without its envelope");
  }
  const std::string_view envelope(static_cast<const char*>(value), size);
  std::string_view topic = rd_kafka_topic_name(message.rkt);
  topic.remove_prefix(kTopicStart.size());
  topic.remove_suffix(kTopicEnd.size());
  ConsumedRecord record;
  record.event = static_cast<Cause>(envelope[0]);
  record.lead = lead_of(envelope);
  record.service = topic;
  record.partition = static_cast<uint32_t>(message.partition);
  std::memcpy(&record.n, envelope.data() + envelope.size() - sizeof record.n, sizeof record.n);
  return record;
}

}  // namespace

std::string floor_topic(std::string_view service) { return std::string(kTopicStart).append(service).append(kTopicEnd); }

Consumer::Consumer(const std::string& kafka, const std::vector<std::string>& services, uint32_t shards,
                   std::function<void()> on_records)
    : on_records_(std::move(on_records)) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", kafka.c_str());
  set(conf, "group.id", "floor");
  set(conf, "enable.auto.commit", "false");
  set(conf, "fetch.wait.max.ms", "100");
  set(conf, "socket.nagle.disable", "true");
  set(conf, "check.crcs", "true");
  char text[256] = {};
  handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (handle_ == nullptr) fail(text);
  rd_kafka_poll_set_consumer(handle_);
  auto* partitions = rd_kafka_topic_partition_list_new(static_cast<int>(services.size() * shards));
  for (const std::string& service : services) {
    for (uint32_t shard = 0; shard < shards; ++shard) {
      rd_kafka_topic_partition_list_add(partitions, floor_topic(service).c_str(), static_cast<int32_t>(shard))->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    }
  }
  rd_kafka_assign(handle_, partitions);
  rd_kafka_topic_partition_list_destroy(partitions);
  thread_ = std::thread([this] { run(); });
}

Consumer::~Consumer() {
  stopping_ = true;
  thread_.join();
  rd_kafka_consumer_close(handle_);
  rd_kafka_destroy(handle_);
}

void Consumer::run() {
  while (!stopping_) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_, 200);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ConsumedRecord record = parse(*message);
      bool was_empty = false;
      {
        const std::scoped_lock lock(mutex_);
        was_empty = queue_.size() == taken_;
        queue_.push_back(std::move(record));
      }
      if (was_empty) on_records_();
    }
    rd_kafka_message_destroy(message);
  }
}

void Consumer::take(std::vector<ConsumedRecord>& into, size_t limit) {
  const std::scoped_lock lock(mutex_);
  while (taken_ < queue_.size() && into.size() < limit) into.push_back(std::move(queue_[taken_++]));
  if (taken_ == queue_.size()) {
    queue_.clear();
    taken_ = 0;
  }
}

}  // namespace tandem::bench
