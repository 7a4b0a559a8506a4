#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include "shared/bus/kafka_support.h"

namespace tandem::bus {
namespace {

// What stands in librdkafka's statistics once the producer has its id; there is no other way to ask for it.
constexpr std::string_view kHasProducerId = "\"idemp_state\": \"Assigned\"";
constexpr std::chrono::seconds kTopicAppears{3};  // until all brokers know of a new topic

const std::map<std::string, std::string> kSettings = {
    {"enable.idempotence", "true"},  // so acks=all, and at most 5 requests in flight
    // A message that timed out would be a hole in the order, and no setting closes it.
    {"message.timeout.ms", "0"},
    {"linger.ms", "0"},
    {"batch.size", "1000000"},
    {"compression.type", "lz4"},
    {"queue.buffering.max.messages", "100000"},
    {"queue.buffering.max.kbytes", "65536"},
    {"statistics.interval.ms", "250"},
};

class KafkaWriter : public LogWriter, private KafkaOwner {
 public:
  explicit KafkaWriter(const KafkaOptions& kafka) : KafkaOwner(kafka) {}

  ~KafkaWriter() override {
    if (handle_ == nullptr) return;
    if (queue_) rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
    queue_.reset();
    rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    for (const auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(handle_);
  }

  Status open() {
    TANDEM_ASSIGN_OR_RETURN(ConfPtr conf, make_conf(*this, kSettings));
    rd_kafka_conf_set_dr_msg_cb(
        conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) { of(self).delivered(*message); });
    rd_kafka_conf_set_stats_cb(conf.get(), [](rd_kafka_t*, char* json, size_t size, void* self) {
      if (std::string_view(json, size).find(kHasProducerId) != std::string_view::npos) of(self).has_producer_id_ = true;
      return 0;  // librdkafka frees the text
    });
    rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {
      // A fatal error is asked for after each poll; others pass by themselves.
    });
    TANDEM_ASSIGN_OR_RETURN(handle_, make_handle(RD_KAFKA_PRODUCER, std::move(conf)));
    return {};
  }

  // A topic that was made a moment ago may not be known yet to the broker that is asked: it is asked again for a while.
  Status find(std::span<const std::string> topics, std::chrono::steady_clock::time_point deadline) {
    const auto patience = std::min(deadline, std::chrono::steady_clock::now() + kTopicAppears);
    while (true) {
      auto missing = first_missing(topics, deadline);
      if (!missing.ok()) return missing.error();
      if (missing->empty()) break;
      if (std::chrono::steady_clock::now() >= patience) {
        return make_error(Code::kNotFound, "There is no topic " + *missing + ".");
      }
      rd_kafka_poll(handle_, 100);
    }
    for (const std::string& name : topics) topic(name);  // from here on its leaders are connected
    return {};
  }

  // Empty: all are there. All topics are asked for, since asking for one by name might create it.
  Result<std::string> first_missing(std::span<const std::string> topics,
                                    std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
    const rd_kafka_metadata_t* raw = nullptr;
    const auto error = rd_kafka_metadata(handle_, 1, nullptr, &raw, std::max<int>(1, static_cast<int>(left.count())));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(error, "The brokers at " + options.bootstrap_servers);
    const MetadataPtr metadata(raw);
    const std::span all(metadata->topics, static_cast<size_t>(metadata->topic_cnt));
    for (const std::string& name : topics) {
      if (std::ranges::none_of(all, [&](const auto& known) { return known.topic == name; })) return name;
    }
    return std::string();
  }

  Status warm(std::span<const std::string> topics, Millis timeout) override {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    auto left = [deadline] {
      const auto rest = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
      return std::max<int>(1, static_cast<int>(rest.count()));
    };
    TANDEM_RETURN_IF_ERROR(find(topics, deadline));
    while (!has_producer_id_) {
      rd_kafka_poll(handle_, std::min(left(), 50));
      if (std::chrono::steady_clock::now() >= deadline) {
        return make_error(Code::kUnavailable, "The brokers have given no producer id yet.");
      }
    }
    return {};
  }

  Result<bool> produce(const std::string& name, uint32_t partition, const Record& record, uint64_t opaque) override {
    HeadersPtr headers(rd_kafka_headers_new(record.headers.size()));
    for (const auto& [key, value] : record.headers) {
      rd_kafka_header_add(headers.get(), key.data(), static_cast<ssize_t>(key.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
    }
    // No timestamp: a broker refuses those that are an hour ahead of it, so that an event recorded by a clock that was
    // wrong could not be published until that hour had come. When it was recorded stands in the envelope.
    rd_kafka_vu_t fields[7];
    fields[0].vtype = RD_KAFKA_VTYPE_RKT;
    fields[0].u.rkt = topic(name);
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = static_cast<int32_t>(partition);
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = RD_KAFKA_MSG_F_COPY;
    fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[3].u.mem = {const_cast<char*>(record.value.data()), record.value.size()};
    fields[4].vtype = RD_KAFKA_VTYPE_KEY;
    fields[4].u.mem = {const_cast<char*>(record.key.data()), record.key.size()};
    fields[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    fields[5].u.ptr = reinterpret_cast<void*>(opaque);  // NOLINT: a number, carried as a pointer
    fields[6].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[6].u.headers = headers.get();
    const KafkaErrorPtr error(rd_kafka_produceva(handle_, fields, std::size(fields)));
    if (error == nullptr) {
      headers.release();  // NOLINT: the message owns them now
      return true;
    }
    const auto code = rd_kafka_error_code(error.get());
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    return kafka_error(code, name + "[" + std::to_string(partition) + "]");
  }

  Poll poll(Millis timeout) override {
    rd_kafka_poll(handle_, static_cast<int>(timeout.count()));
    Poll result{std::exchange(deliveries_, {}), std::nullopt};
    char text[512] = {};
    if (rd_kafka_fatal_error(handle_, text, sizeof text) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      result.fatal = make_error(Code::kAborted, std::string("The producer is dead: ") + text);
    }
    return result;
  }

  bool on_deliveries(std::function<void()> wake) override {
    wake_ = std::move(wake);
    queue_.reset(rd_kafka_queue_get_main(handle_));
    rd_kafka_queue_cb_event_enable(
        queue_.get(), [](rd_kafka_t*, void* self) { of(self).wake_(); }, static_cast<KafkaOwner*>(this));
    return true;
  }

 private:
  static KafkaWriter& of(void* owner) { return *static_cast<KafkaWriter*>(static_cast<KafkaOwner*>(owner)); }

  rd_kafka_topic_t* topic(const std::string& name) {
    auto [found, is_new] = topics_.try_emplace(name, nullptr);
    if (is_new) found->second = rd_kafka_topic_new(handle_, name.c_str(), nullptr);
    return found->second;
  }

  void delivered(const rd_kafka_message_t& message) {
    Delivery delivery;
    delivery.topic = rd_kafka_topic_name(message.rkt);
    delivery.partition = static_cast<uint32_t>(message.partition);
    delivery.opaque = reinterpret_cast<uint64_t>(message._private);  // NOLINT
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      delivery.error = kafka_error(message.err, delivery.topic);
    } else {
      delivery.offset = message.offset >= 0 ? static_cast<uint64_t>(message.offset) : kUnknownOffset;
    }
    deliveries_.push_back(std::move(delivery));
  }

  rd_kafka_t* handle_ = nullptr;
  std::map<std::string, rd_kafka_topic_t*> topics_;
  std::vector<Delivery> deliveries_;
  bool has_producer_id_ = false;
  std::function<void()> wake_;
  QueuePtr queue_;  // once somebody wants to be woken
};

}  // namespace

Result<std::unique_ptr<LogWriter>> make_kafka_writer(const KafkaOptions& options) {
  auto writer = std::make_unique<KafkaWriter>(options);
  TANDEM_RETURN_IF_ERROR(writer->open());
  return std::unique_ptr<LogWriter>(std::move(writer));
}

}  // namespace tandem::bus
