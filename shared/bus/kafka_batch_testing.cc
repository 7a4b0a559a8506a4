#include "shared/bus/kafka_batch_testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>

namespace tandem::bus {
namespace {

constexpr int16_t kFetch = 1;
constexpr int16_t kVersion = 4;  // the first with record batches

class Writer {
 public:
  template <class T>
  Writer& number(T value) {
    for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
      bytes += static_cast<char>(static_cast<uint64_t>(value) >> shift & 0xff);
    }
    return *this;
  }
  Writer& text(std::string_view value) {
    number(static_cast<int16_t>(value.size()));
    bytes += value;
    return *this;
  }
  std::string bytes;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T number() {
    if (bytes_.size() < sizeof(T)) throw std::runtime_error("the answer is too short");
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) value = value << 8 | static_cast<uint8_t>(bytes_[i]);
    bytes_.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }
  void skip(size_t bytes) {
    for (; bytes > 0; --bytes) number<int8_t>();
  }

 private:
  std::string_view bytes_;
};

class Connection {
 public:
  explicit Connection(const std::string& server) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const size_t colon = server.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(server.substr(colon + 1))));
    inet_pton(AF_INET, server.substr(0, colon).c_str(), &address.sin_addr);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {  // NOLINT
      close(socket_);
      throw std::runtime_error("no connection to " + server);
    }
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;

  std::string call(const std::string& request) {
    Writer framed;
    framed.number(static_cast<int32_t>(request.size())).bytes += request;
    if (send(socket_, framed.bytes.data(), framed.bytes.size(), 0) != static_cast<ssize_t>(framed.bytes.size())) {
      throw std::runtime_error("sending failed");
    }
    return receive(Reader(receive(4)).number<uint32_t>());
  }

 private:
  std::string receive(size_t size) {
    std::string bytes(size, '\0');
    if (recv(socket_, bytes.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size)) {
      throw std::runtime_error("receiving failed");
    }
    return bytes;
  }
  int socket_;
};

}  // namespace

FetchedBatch fetch_batch(const std::string& bootstrap_server, const std::string& topic, int32_t partition) {
  Writer request;
  request.number(kFetch).number(kVersion).number(int32_t{1}).text("test");
  request.number(int32_t{-1}).number(int32_t{1000}).number(int32_t{1}).number(int32_t{1 << 20}).number(int8_t{0});
  request.number(int32_t{1}).text(topic).number(int32_t{1});
  request.number(partition).number(int64_t{0}).number(int32_t{1 << 20});
  const std::string answer = Connection(bootstrap_server).call(request.bytes);

  Reader reader(answer);
  reader.skip(4 + 4 + 4);                  // correlation id, throttle time, number of topics
  reader.skip(reader.number<uint16_t>());  // topic
  reader.skip(4 + 4);                      // number of partitions, partition
  if (reader.number<int16_t>() != 0) throw std::runtime_error("the broker answered with an error");
  reader.skip(8 + 8);                             // high watermark, last stable offset
  const auto aborted = reader.number<int32_t>();  // transactions; none: 0 or -1
  if (aborted > 0) throw std::runtime_error("there are transactions");
  FetchedBatch batch;
  batch.bytes = reader.number<uint32_t>();
  reader.skip(8 + 4 + 4);  // base offset, length, leader epoch
  batch.magic = reader.number<int8_t>();
  reader.skip(4);  // checksum
  batch.codec = reader.number<int16_t>() & 7;
  return batch;
}

}  // namespace tandem::bus
