#include <algorithm>
#include <deque>

#include "shared/bus/envelope.h"
#include "shared/bus/kafka_support.h"

namespace tandem::bus {
namespace {

std::map<std::string, std::string> settings_of(const KafkaOptions& options, ReaderOptions reader,
                                               const std::string& group) {
  const bool gathers = options.fetch_wait.count() > 0 && !options.embedded && !reader.bulk;
  return {
      {"group.id", group},
      // Eager. The cooperative protocol of this librdkafka hangs and loses assignments.
      {"partition.assignment.strategy", "range"},
      {"session.timeout.ms", std::to_string(options.session_timeout.count())},
      {"heartbeat.interval.ms", std::to_string(options.session_timeout.count() / 6)},
      {"auto.offset.reset", "earliest"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"check.crcs", "true"},
      {"fetch.wait.max.ms", options.embedded || reader.bulk ? "5"
                            : gathers                       ? std::to_string(options.fetch_wait.count())
                                                            : "100"},
      {"fetch.min.bytes", gathers ? "100000" : "1"},
      {"fetch.error.backoff.ms", "100"},
      {"queued.max.messages.kbytes", "32768"},
      {"enable.partition.eof", reader.end_of_partition ? "true" : "false"},
      {"isolation.level", "read_uncommitted"},
  };
}

LogRecord to_record(const rd_kafka_message_t& message) {
  LogRecord result;
  result.topic = rd_kafka_topic_name(message.rkt);
  result.partition = static_cast<uint32_t>(message.partition);
  result.offset = static_cast<uint64_t>(message.offset);
  Record& record = result.record;
  if (message.key != nullptr) record.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) record.value.assign(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return result;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  // The envelope says all that the others of an event say.
  if (rd_kafka_header_get_last(headers, kEnvelopeHeader, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR && size > 0) {
    record.headers.emplace_back(kEnvelopeHeader, std::string(static_cast<const char*>(value), size));
    return result;
  }
  record.headers.reserve(rd_kafka_header_cnt(headers));
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    record.headers.emplace_back(name, std::string(static_cast<const char*>(value), value == nullptr ? 0 : size));
  }
  return result;
}

std::vector<TopicPartition> from_list(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> partitions;
  for (int i = 0; i < list.cnt; ++i) {
    partitions.push_back({list.elems[i].topic, static_cast<uint32_t>(list.elems[i].partition)});
  }
  return partitions;
}

class KafkaReader : public LogReader, private KafkaOwner {
 public:
  KafkaReader(const KafkaOptions& kafka, ReaderOptions reader) : KafkaOwner(kafka), reader_(reader) {}

  ~KafkaReader() override {
    if (handle_ == nullptr) return;
    closing_ = true;
    if (must_release_) release();
    rd_kafka_consumer_close(handle_);
    rd_kafka_destroy(handle_);
  }

  // The handle is made when the group is known: it is a setting of the handle.
  Status open(const std::string& group) {
    if (handle_ != nullptr) return {};
    TANDEM_ASSIGN_OR_RETURN(ConfPtr conf, make_conf(*this, settings_of(options, reader_, group)));
    rd_kafka_conf_set_rebalance_cb(conf.get(), [](rd_kafka_t*, rd_kafka_resp_err_t error,
                                                  rd_kafka_topic_partition_list_t* partitions, void* self) {
      static_cast<KafkaReader*>(static_cast<KafkaOwner*>(self))->rebalanced(error, *partitions);
    });
    TANDEM_ASSIGN_OR_RETURN(handle_, make_handle(RD_KAFKA_CONSUMER, std::move(conf)));
    rd_kafka_poll_set_consumer(handle_);
    return {};
  }

  Status subscribe(const std::vector<std::string>& topics, const std::string& group) override {
    if (in_group_) return make_error(Code::kFailedPrecondition, "The reader is in a group already.");
    TANDEM_RETURN_IF_ERROR(open(group));
    const PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
    for (const std::string& topic : topics) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    const auto error = rd_kafka_subscribe(handle_, list.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(error, "The group " + group);
    in_group_ = true;
    return {};
  }

  Status start(const StartOffsets& offsets) override {
    TANDEM_RETURN_IF_ERROR(open("tandem-reader"));
    const PartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const auto& [partition, offset] : offsets) add(*list, partition, offset);
    const auto error = rd_kafka_assign(handle_, list.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(error, "The assignment");
    return {};
  }

  void release() override {
    must_release_ = false;
    rd_kafka_assign(handle_, nullptr);
  }

  ReaderEvent poll(Millis timeout) override {
    if (handle_ == nullptr) return {};
    ReaderEvent event;
    if (take_event(event)) return event;
    const MessagePtr message(rd_kafka_consumer_poll(handle_, static_cast<int>(timeout.count())));
    // The rebalance callback runs inside the poll; what it noted was before the message, but only without one, since it
    // makes the poll return.
    if (message != nullptr) return from_message(*message);
    take_event(event);
    return event;
  }

  Status seek(const TopicPartition& partition, uint64_t offset) override {
    if (handle_ == nullptr) return make_error(Code::kFailedPrecondition, "The partition is not read.");
    const PartitionListPtr list(rd_kafka_topic_partition_list_new(1));
    add(*list, partition, offset);
    const KafkaErrorPtr error(rd_kafka_seek_partitions(handle_, list.get(), kSeekTimeout));
    if (error != nullptr) return kafka_error(rd_kafka_error_code(error.get()), "Going back in " + partition.topic);
    if (list->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return kafka_error(list->elems[0].err, "Going back in " + partition.topic);
    }
    return {};
  }

  void pause(std::span<const TopicPartition> partitions) override {
    if (handle_ != nullptr) rd_kafka_pause_partitions(handle_, to_list(partitions).get());
  }

  void resume(std::span<const TopicPartition> partitions) override {
    if (handle_ != nullptr) rd_kafka_resume_partitions(handle_, to_list(partitions).get());
  }

  void commit(const TopicPartition& partition, uint64_t next_offset) override {
    if (!in_group_) return;
    const PartitionListPtr list(rd_kafka_topic_partition_list_new(1));
    add(*list, partition, next_offset);
    rd_kafka_commit(handle_, list.get(), /*async=*/1);
  }

  Result<Watermarks> watermarks(const TopicPartition& partition, Millis timeout) override {
    TANDEM_RETURN_IF_ERROR(open("tandem-reader"));
    int64_t low = 0;
    int64_t high = 0;
    if (timeout == Millis(0)) {
      rd_kafka_get_watermark_offsets(handle_, partition.topic.c_str(), static_cast<int32_t>(partition.partition), &low,
                                     &high);
      if (high < 0) return make_error(Code::kUnavailable, partition.topic + " has not been fetched yet.");
      return Watermarks{static_cast<uint64_t>(std::max<int64_t>(low, 0)), static_cast<uint64_t>(high)};
    }
    const auto error =
        rd_kafka_query_watermark_offsets(handle_, partition.topic.c_str(), static_cast<int32_t>(partition.partition),
                                         &low, &high, static_cast<int>(timeout.count()));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(error, partition.topic);
    return Watermarks{static_cast<uint64_t>(low), static_cast<uint64_t>(high)};
  }

 private:
  static constexpr int kSeekTimeout = 5'000;

  static void add(rd_kafka_topic_partition_list_t& list, const TopicPartition& partition, uint64_t offset) {
    rd_kafka_topic_partition_list_add(&list, partition.topic.c_str(), static_cast<int32_t>(partition.partition))
        ->offset = static_cast<int64_t>(offset);
  }

  void rebalanced(rd_kafka_resp_err_t error, const rd_kafka_topic_partition_list_t& partitions) {
    const bool assigned = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
    if (closing_ || (!assigned && error != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)) {
      rd_kafka_assign(handle_, nullptr);
      return;
    }
    ReaderEvent event;
    event.kind = assigned ? ReaderEvent::Kind::kAssigned : ReaderEvent::Kind::kRevoked;
    event.partitions = from_list(partitions);
    must_release_ = !assigned;
    events_.push_back(std::move(event));
    rd_kafka_yield(handle_);
  }

  bool take_event(ReaderEvent& event) {
    if (events_.empty()) return false;
    event = std::move(events_.front());
    events_.pop_front();
    return true;
  }

  static ReaderEvent from_message(const rd_kafka_message_t& message) {
    ReaderEvent event;
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      event.kind = ReaderEvent::Kind::kRecord;
      event.record = to_record(message);
    } else if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      event.kind = ReaderEvent::Kind::kEndOfPartition;
      event.partitions = {{rd_kafka_topic_name(message.rkt), static_cast<uint32_t>(message.partition)}};
      event.offset = static_cast<uint64_t>(message.offset);
    } else {
      event.kind = ReaderEvent::Kind::kError;
      event.error =
          kafka_error(message.err, message.payload == nullptr ? "The brokers" : rd_kafka_message_errstr(&message));
    }
    return event;
  }

  const ReaderOptions reader_;
  rd_kafka_t* handle_ = nullptr;
  bool in_group_ = false;
  bool must_release_ = false;
  bool closing_ = false;
  std::deque<ReaderEvent> events_;
};

}  // namespace

Result<std::unique_ptr<LogReader>> make_kafka_reader(const KafkaOptions& options, ReaderOptions reader_options) {
  return std::unique_ptr<LogReader>(std::make_unique<KafkaReader>(options, reader_options));
}

}  // namespace tandem::bus
