#include "tests/bench/floor/relay.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

#include "tests/bench/floor/consumer.h"
#include "tests/bench/floor/envelope.h"

namespace tandem::bench {
namespace {

constexpr char kToken[] = "floor";
constexpr std::string_view kHasProducerId = "\"idemp_state\": \"Assigned\"";

void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char text[256] = {};
  if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) fail(text);
}

uint64_t number_before_dash(std::string_view id) {
  uint64_t n = 0;
  std::from_chars(id.data(), id.data() + id.size(), n);
  return n;
}

}  // namespace

FloorRelay::FloorRelay(const std::string& service, uint16_t redis_port, const std::string& kafka, uint32_t shards)
    : service_(service), blocked_(redis_port), redis_(redis_port), shards_(shards) {
  for (uint32_t shard = 0; shard < shards; ++shard) redis_.call({"SET", key(shard, "lease"), kToken});
  make_producer(kafka);
  thread_ = std::thread([this] { run(); });
}

FloorRelay::~FloorRelay() {
  stopping_ = true;
  thread_.join();
  rd_kafka_topic_destroy(topic_);
  rd_kafka_destroy(producer_);
  close(event_);
}

void FloorRelay::make_producer(const std::string& kafka) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", kafka.c_str());
  set(conf, "enable.idempotence", "true");
  set(conf, "message.timeout.ms", "0");
  set(conf, "linger.ms", "0");
  set(conf, "batch.size", "1000000");
  set(conf, "compression.type", "lz4");
  set(conf, "socket.nagle.disable", "true");
  set(conf, "statistics.interval.ms", "50");
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_stats_cb(conf, [](rd_kafka_t*, char* json, size_t size, void* self) {
    auto& relay = *static_cast<FloorRelay*>(self);
    if (std::string_view(json, size).find(kHasProducerId) != std::string_view::npos) relay.has_producer_id_ = true;
    return 0;
  });
  rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) fail(std::string("Kafka: ") + rd_kafka_err2str(message->err));
    Shard& shard = static_cast<FloorRelay*>(self)->shards_[static_cast<size_t>(message->partition)];
    shard.acknowledged = reinterpret_cast<uint64_t>(message->_private);  // NOLINT: a number, carried as a pointer
    shard.offset = static_cast<uint64_t>(message->offset);
  });
  char text[256] = {};
  producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (producer_ == nullptr) fail(text);
  topic_ = rd_kafka_topic_new(producer_, floor_topic(service_).c_str(), nullptr);
  event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const uint64_t one = 1;
  rd_kafka_queue_t* queue = rd_kafka_queue_get_main(producer_);
  rd_kafka_queue_io_event_enable(queue, event_, &one, sizeof one);
  rd_kafka_queue_destroy(queue);
  while (!has_producer_id_) rd_kafka_poll(producer_, 20);
}

void FloorRelay::run() {
  wait_for_entries();
  while (!stopping_) {
    pollfd waits[2] = {{blocked_.descriptor(), POLLIN, 0}, {event_, POLLIN, 0}};
    poll(waits, 2, 200);
    if ((waits[1].revents & POLLIN) != 0) {
      uint64_t count = 0;
      (void)!::read(event_, &count, sizeof count);
      while (rd_kafka_poll(producer_, 0) > 0) {
      }
      trim();
    }
    if ((waits[0].revents & POLLIN) != 0) {
      publish(ready_shards());
      wait_for_entries();
    }
  }
}

void FloorRelay::wait_for_entries() {
  Arguments command = {"XREAD", "COUNT", "1", "BLOCK", "0", "STREAMS"};
  for (uint32_t shard = 0; shard < shards_.size(); ++shard) command.push_back(key(shard, "out"));
  for (const Shard& shard : shards_) command.push_back(std::to_string(shard.last_read) + "-0");
  blocked_.append(command);
  blocked_.flush();
}

std::vector<uint32_t> FloorRelay::ready_shards() {
  const Reply reply = blocked_.read();
  std::vector<uint32_t> ready;
  for (size_t i = 0; i < reply->elements; ++i) {
    const std::string_view name = text_of(*reply->element[i]->element[0]);
    ready.push_back(static_cast<uint32_t>(number_before_dash(name.substr(name.find(':') + 1))));
  }
  return ready;
}

void FloorRelay::publish(const std::vector<uint32_t>& ready) {
  for (const uint32_t shard : ready) {
    redis_.append({"FCALL", "tandem_v2_read", "3", key(shard, "lease"), key(shard, "meta"), key(shard, "out"), kToken,
                   kInstance, std::to_string(shards_[shard].last_read), "500"});
  }
  redis_.flush();
  for (const uint32_t shard : ready) {
    const Reply reply = redis_.read();
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) fail("the lease was lost");
    const redisReply& entries = *reply->element[1];
    for (size_t i = 0; i < entries.elements; ++i) {
      const redisReply& entry = *entries.element[i];
      const uint64_t n = number_before_dash(text_of(*entry.element[0]));
      produce(shard, n, text_of(*entry.element[1]->element[3]));
      shards_[shard].last_read = n;
    }
  }
}

void FloorRelay::produce(uint32_t shard, uint64_t n, std::string_view record) {
  const OutboxParts parts = parts_of(record);
  std::string envelope(parts.envelope);
  envelope.append(reinterpret_cast<const char*>(&n), sizeof n);
  const std::string_view lead = lead_of(parts.envelope);
  for (;;) {
    const auto error = rd_kafka_producev(
        producer_, RD_KAFKA_V_RKT(topic_), RD_KAFKA_V_PARTITION(static_cast<int32_t>(shard)),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(lead.data(), lead.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(parts.payload.data()), parts.payload.size()),
        RD_KAFKA_V_HEADER(kEnvelopeHeader, envelope.data(), static_cast<ssize_t>(envelope.size())),
        RD_KAFKA_V_HEADER("other", other_headers_.data(), static_cast<ssize_t>(other_headers_.size())),
        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(n)), RD_KAFKA_V_END);  // NOLINT: a number, carried as a pointer
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(std::string("Kafka: ") + rd_kafka_err2str(error));
    rd_kafka_poll(producer_, 1);
  }
}

void FloorRelay::trim() {
  size_t sent = 0;
  for (uint32_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    if (shard.acknowledged == shard.trimmed) continue;
    redis_.append({"FCALL", "tandem_v2_trim", "3", key(i, "lease"), key(i, "meta"), key(i, "out"), kToken, kInstance,
                   "1", std::to_string(shard.acknowledged), std::to_string(shard.offset + 1),
                   std::to_string(shard.acknowledged + 1)});
    shard.trimmed = shard.acknowledged;
    ++sent;
  }
  if (sent == 0) return;
  redis_.flush();
  for (size_t i = 0; i < sent; ++i) {
    if (redis_.read()->integer != 1) fail("a trim was refused");
  }
}

}  // namespace tandem::bench
