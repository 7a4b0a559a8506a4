#include "tests/bench/driver/topics.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <thread>

#include "shared/bus/kafka_log.h"

namespace tandem::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{10'000};

struct HandleDeleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;

Result<Handle> connect(const std::string& kafka) {
  char text[256] = {};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", kafka.c_str(), text, sizeof text);
  Handle handle(rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text));
  if (!handle) return make_error(Code::kUnavailable, "Kafka at " + kafka + ": " + text);
  return handle;
}

// Asked one by one, since topics that are not there are no error here.
void ask_to_delete(rd_kafka_t* handle, const std::vector<std::string>& topics) {
  std::vector<rd_kafka_DeleteTopic_t*> wanted;
  for (const std::string& topic : topics) wanted.push_back(rd_kafka_DeleteTopic_new(topic.c_str()));
  rd_kafka_queue_t* answers = rd_kafka_queue_new(handle);
  rd_kafka_DeleteTopics(handle, wanted.data(), wanted.size(), nullptr, answers);
  if (auto* event = rd_kafka_queue_poll(answers, static_cast<int>(kPatience.count()))) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(answers);
  for (auto* topic : wanted) rd_kafka_DeleteTopic_destroy(topic);
}

}  // namespace

Status delete_topics(const std::string& kafka, const std::vector<std::string>& topics) {
  TANDEM_ASSIGN_OR_RETURN(const Handle handle, connect(kafka));
  ask_to_delete(handle.get(), topics);
  bus::KafkaOptions options;
  options.bootstrap_servers = kafka;
  TANDEM_ASSIGN_OR_RETURN(const auto admin, bus::KafkaLog(options).make_admin());
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (const std::string& topic : topics) {
    while (admin->describe(topic, kPatience).code() != Code::kNotFound) {
      if (std::chrono::steady_clock::now() > end) {
        return make_error(Code::kUnavailable, "Kafka does not delete the topic " + topic);
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
  return {};
}

Status create_topics(const std::string& kafka, const std::vector<std::string>& topics, uint32_t partitions) {
  bus::KafkaOptions options;
  options.bootstrap_servers = kafka;
  TANDEM_ASSIGN_OR_RETURN(const auto admin, bus::KafkaLog(options).make_admin());
  for (const std::string& topic : topics) TANDEM_RETURN_IF_ERROR(admin->create_topic(topic, partitions, kPatience));
  // The broker that made them may not tell of them at once.
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (const std::string& topic : topics) {
    for (;;) {
      const auto described = admin->describe(topic, kPatience);
      if (described.ok() && described->partitions == partitions) break;
      if (std::chrono::steady_clock::now() > end) {
        return make_error(Code::kUnavailable, "Kafka does not make the topic " + topic);
      }
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
  return {};
}

}  // namespace tandem::bench
