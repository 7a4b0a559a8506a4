#include "shared/aggregate/reactions.h"

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "shared/base/teeth.h"

namespace tandem {
namespace {

// "tandem.marketing.v1.LeadCaptured" -> "marketing".
std::string service_of(const std::string& full_name) {
  const size_t from = full_name.find('.') + 1;
  return full_name.substr(from, full_name.find('.', from) - from);
}

}  // namespace

void Reactions::add(const google::protobuf::Message& prototype, uint32_t number, React react) {
  if (number == 0 || !numbers_.insert(number).second) {
    std::fprintf(stderr, "reaction number %u is zero or used twice: numbers are permanent and unique\n", number);
    std::abort();
  }
  const std::string& type = prototype.GetDescriptor()->full_name();
  by_type_[type].prototype = &prototype;
  by_type_[type].by_number.emplace(number, std::move(react));
  sources_.insert(service_of(type));
}

std::unique_ptr<google::protobuf::Message> Reactions::new_event(const std::string& event_type) const {
  auto found = by_type_.find(event_type);
  if (found == by_type_.end()) return nullptr;
  return std::unique_ptr<google::protobuf::Message>(found->second.prototype->New());
}

Commands Reactions::commands(const google::protobuf::Message& event, const EventMeta& meta) const {
  Commands all;
  auto found = by_type_.find(event.GetDescriptor()->full_name());
  if (found == by_type_.end()) return all;
  for (const auto& [number, react] : found->second.by_number) {
    uint64_t index = 0;
    for (CausedCommand& command : react(event, meta)) {
      command.k = TANDEM_TOOTH(kX04) ? all.size() + 1 : uint64_t{number} * 65536 + index++;
      all.push_back(std::move(command));
    }
  }
  return all;
}

}  // namespace tandem
