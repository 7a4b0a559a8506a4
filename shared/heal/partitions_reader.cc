#include "shared/heal/partitions_reader.h"

#include <algorithm>

namespace tandem::heal {

Status PartitionsReader::open() {
  if (reader_) return {};
  TANDEM_ASSIGN_OR_RETURN(reader_, log_.make_reader({.bulk = true}));
  return {};
}

Result<bus::Watermarks> PartitionsReader::watermarks(uint32_t partition, bus::Millis timeout) {
  TANDEM_RETURN_IF_ERROR(open());
  return reader_->watermarks({topic_, partition}, timeout);
}

Status PartitionsReader::read(const std::map<uint32_t, uint64_t>& next) {
  TANDEM_RETURN_IF_ERROR(open());
  if (std::ranges::all_of(next, [this](const auto& wanted) { return next_.contains(wanted.first); })) {
    for (const auto& [partition, offset] : next) {
      uint64_t& now = next_[partition];
      if (now == offset) continue;
      TANDEM_RETURN_IF_ERROR(reader_->seek({topic_, partition}, offset));
      now = offset;
    }
    return {};
  }
  bus::StartOffsets starts;
  for (const auto& [partition, offset] : next) starts.push_back({{topic_, partition}, offset});
  next_.clear();
  TANDEM_RETURN_IF_ERROR(reader_->start(starts));
  next_ = next;
  return {};
}

Result<std::optional<bus::LogRecord>> PartitionsReader::poll(bus::Millis timeout) {
  if (!reader_) return std::optional<bus::LogRecord>();
  bus::ReaderEvent event = reader_->poll(timeout);
  if (event.kind == bus::ReaderEvent::Kind::kError) return *event.error;
  if (event.kind != bus::ReaderEvent::Kind::kRecord) return std::optional<bus::LogRecord>();
  next_[event.record.partition] = event.record.offset + 1;
  return std::optional(std::move(event.record));
}

void PartitionsReader::close() {
  reader_.reset();
  next_.clear();
}

}  // namespace tandem::heal
