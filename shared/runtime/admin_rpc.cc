#include "shared/runtime/admin_rpc.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/instance.h"
#include "shared/base/ids.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::runtime {
namespace {

using google::protobuf::Message;
using Answer = Result<std::unique_ptr<Message>>;

// The aggregates with parked commands, the oldest first.
Result<std::vector<AggregateRef>> parked_aggregates(Store& store, uint32_t shards, uint32_t limit) {
  std::vector<IndexQuery> queries;
  for (uint32_t shard = 0; shard < shards; shard++) {
    queries.push_back({shard, std::string(kParkedIndex), "", "", false, limit});
  }
  auto pages = store.pages(queries);
  if (!pages.ok()) return pages.error();
  std::vector<IndexEntry> entries;
  for (auto& page : *pages) entries.insert(entries.end(), page.begin(), page.end());
  std::sort(entries.begin(), entries.end(), [](const IndexEntry& a, const IndexEntry& b) {
    return std::pair(a.order, a.id) < std::pair(b.order, b.id);
  });
  if (entries.size() > limit) entries.resize(limit);
  std::vector<AggregateRef> refs;
  for (const IndexEntry& entry : entries) {
    const size_t slash = entry.id.find('/');
    refs.push_back({entry.id.substr(0, slash), entry.id.substr(slash + 1)});
  }
  return refs;
}

Answer list_parked(Store& store, uint32_t shards, const v1::ListParked& request) {
  const uint32_t limit = request.page_size() > 0 ? static_cast<uint32_t>(request.page_size()) : 100;
  auto refs = parked_aggregates(store, shards, limit);
  if (!refs.ok()) return refs.error();
  LoadBatch wanted;
  for (const AggregateRef& ref : *refs) wanted.aggregates.emplace_back(shard_of(ref.type, ref.id, shards), ref);
  auto loaded = store.load(wanted);
  if (!loaded.ok()) return loaded.error();
  auto answer = std::make_unique<v1::ListParkedResult>();
  for (size_t i = 0; i < refs->size(); i++) {
    exchange::v1::StoredAggregate stored;
    if (!stored.ParseFromString(loaded->aggregates[i].bytes) || stored.parked().empty()) continue;
    v1::ParkedAggregate& aggregate = *answer->add_aggregates();
    aggregate.set_aggregate_type((*refs)[i].type);
    aggregate.set_aggregate_id((*refs)[i].id);
    for (exchange::v1::ParkedCommand& command : *stored.mutable_parked()) {
      command.clear_payload();
      *aggregate.add_commands() = std::move(command);
    }
  }
  return std::unique_ptr<Message>(std::move(answer));
}

template <class Request>
rpc::ExtraMethod parked_command() {
  rpc::ExtraMethod method;
  method.target = [](const Message& message) -> Result<AggregateRef> {
    const auto& request = static_cast<const Request&>(message);
    return AggregateRef{request.aggregate_type(), request.aggregate_id()};
  };
  return method;
}

}  // namespace

rpc::ExtraService admin_service(Store& store, uint32_t shards, std::function<v1::ServiceStatus()> status) {
  rpc::ExtraService service{"tandem.runtime.v1.AdminService", {}};
  service.methods["GetStatus"].read = [status = std::move(status)](const Message&, const CallerInfo&) -> Answer {
    return std::unique_ptr<Message>(std::make_unique<v1::ServiceStatus>(status()));
  };
  service.methods["ListParked"].read = [&store, shards](const Message& request, const CallerInfo&) -> Answer {
    return list_parked(store, shards, static_cast<const v1::ListParked&>(request));
  };
  service.methods["RetryParked"] = parked_command<v1::RetryParked>();
  service.methods["DiscardParked"] = parked_command<v1::DiscardParked>();
  return service;
}

std::optional<Command::Unpark> unpark_of(const Message& message) {
  if (message.GetDescriptor() == v1::RetryParked::descriptor()) {
    return Command::Unpark{static_cast<const v1::RetryParked&>(message).command(), false, ""};
  }
  if (message.GetDescriptor() == v1::DiscardParked::descriptor()) {
    const auto& discard = static_cast<const v1::DiscardParked&>(message);
    return Command::Unpark{discard.command(), true, discard.reason()};
  }
  return std::nullopt;
}

}  // namespace tandem::runtime
