// Several partitions of one topic read with one reader, each from an offset of its own that may change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "shared/bus/log.h"

namespace tandem::heal {

class PartitionsReader {
 public:
  // `log` must outlive it.
  PartitionsReader(bus::Log& log, std::string topic) : log_(log), topic_(std::move(topic)) {}

  // UNAVAILABLE if the brokers do not answer within the timeout.
  Result<bus::Watermarks> watermarks(uint32_t partition, bus::Millis timeout);
  // What is read from now on: the next offset of each partition. Those that go on where they are need nothing, and one
  // that goes elsewhere does not disturb the others, which may have much on its way. Not for every record.
  Status read(const std::map<uint32_t, uint64_t>& next);
  // The next record of one of them; nothing within the time. An error will pass by itself.
  Result<std::optional<bus::LogRecord>> poll(bus::Millis timeout);
  // Lets the connection go.
  void close();

 private:
  Status open();

  bus::Log& log_;
  std::string topic_;
  std::unique_ptr<bus::LogReader> reader_;
  std::map<uint32_t, uint64_t> next_;
};

}  // namespace tandem::heal
