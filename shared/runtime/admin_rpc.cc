#include "shared/runtime/admin_rpc.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/instance.h"
#include "shared/aggregate/merged_index.h"
#include "shared/aggregate/page_token.h"
#include "shared/base/ids.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::runtime {
namespace {

using google::protobuf::Message;
using Answer = Result<std::unique_ptr<Message>>;

constexpr uint32_t kDefaultPageSize = 100;

struct ParkedPage {
  std::vector<AggregateRef> aggregates;
  std::string next_page_token;
};

// The aggregates with parked commands, the oldest first.
Result<ParkedPage> parked_page(Store& store, const QueryOptions& lists, const v1::ListParked& request) {
  const uint32_t size = request.page_size() > 0 ? static_cast<uint32_t>(request.page_size()) : kDefaultPageSize;
  IndexEntry position;
  if (!request.page_token().empty()) {
    TANDEM_ASSIGN_OR_RETURN(position, open_page_token(lists.token_key, kParkedIndex, request.page_token()));
  }
  MergedIndex index(store, lists.shards, std::string(kParkedIndex), /*descending=*/false, position, size);
  TANDEM_ASSIGN_OR_RETURN(const auto entries, index.next(size));
  ParkedPage page;
  for (const MergedEntry& merged : entries) {
    const std::string& id = merged.entry.id;
    const size_t slash = id.find('/');
    page.aggregates.push_back({id.substr(0, slash), id.substr(slash + 1)});
  }
  if (!entries.empty() && index.may_have_more()) {
    page.next_page_token = seal_page_token(lists.token_key, kParkedIndex, entries.back().entry);
  }
  return page;
}

Result<ParkedPage> parked_aggregates(Store& store, const QueryOptions& lists, const v1::ListParked& request) {
  if (request.aggregate_type().empty() && request.aggregate_id().empty()) return parked_page(store, lists, request);
  if (request.aggregate_type().empty()) return invalid("aggregate_type", "is missing", "name both, or none");
  if (request.aggregate_id().empty()) return invalid("aggregate_id", "is missing", "name both, or none");
  return ParkedPage{{{request.aggregate_type(), request.aggregate_id()}}, ""};
}

Answer list_parked(Store& store, const QueryOptions& lists, const v1::ListParked& request) {
  TANDEM_ASSIGN_OR_RETURN(const ParkedPage page, parked_aggregates(store, lists, request));
  LoadBatch wanted;
  for (const AggregateRef& ref : page.aggregates) {
    wanted.aggregates.emplace_back(shard_of(ref.type, ref.id, lists.shards), ref);
  }
  TANDEM_ASSIGN_OR_RETURN(const Loaded loaded, store.load(wanted));
  auto answer = std::make_unique<v1::ListParkedResult>();
  answer->set_next_page_token(page.next_page_token);
  for (size_t i = 0; i < page.aggregates.size(); i++) {
    exchange::v1::StoredAggregate stored;
    if (!stored.ParseFromString(loaded.aggregates[i].bytes) || stored.parked().empty()) continue;
    v1::ParkedAggregate& aggregate = *answer->add_aggregates();
    aggregate.set_aggregate_type(page.aggregates[i].type);
    aggregate.set_aggregate_id(page.aggregates[i].id);
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

rpc::ExtraService admin_service(Store& store, const QueryOptions& lists, std::function<v1::ServiceStatus()> status) {
  rpc::ExtraService service{"tandem.runtime.v1.AdminService", {}};
  service.methods["GetStatus"].read = [status = std::move(status)](const Message&, const CallerInfo&) -> Answer {
    return std::unique_ptr<Message>(std::make_unique<v1::ServiceStatus>(status()));
  };
  service.methods["ListParked"].read = [&store, lists](const Message& request, const CallerInfo&) -> Answer {
    return list_parked(store, lists, static_cast<const v1::ListParked&>(request));
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
