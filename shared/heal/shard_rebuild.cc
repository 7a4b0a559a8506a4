#include "shared/heal/shard_rebuild.h"

#include <algorithm>
#include <utility>

namespace tandem::heal {
namespace {

constexpr uint64_t kRecordsOfAReport = 512;  // between two words on the progress
constexpr uint32_t kOutboxPage = 500;
constexpr size_t kDifferencesKept = 1'000;
constexpr std::chrono::milliseconds kPoll{200};
// The clocks of services may differ: what is about to be forgotten, or has just fired, is not looked at.
constexpr std::chrono::minutes kSkew{1};

std::string name_of(const AggregateRef& ref) { return ref.type + "/" + ref.id; }

// In words: what of the live aggregate is not what the log says.
std::string in_words(const AggregateDump& live, const AggregateDump& right) {
  if (right.stored.version.empty()) return "Redis has it, the log does not";
  if (live.stored.version.empty()) return "the log has it, Redis does not";
  if (live.stored.version != right.stored.version) {
    return "has version " + live.stored.version + ", the log makes " + right.stored.version;
  }
  if (live.stored.bytes != right.stored.bytes) {
    return "has " + std::to_string(live.stored.bytes.size()) + " other bytes than the " +
           std::to_string(right.stored.bytes.size()) + " that the log makes";
  }
  for (const auto& [index, order] : right.indexes) {
    if (!live.indexes.contains({index, order})) return "is missing in index " + index;
  }
  for (const auto& [index, order] : live.indexes) {
    if (!right.indexes.contains({index, order})) return "has an entry too many in index " + index;
  }
  return "has other timers";
}

// Two replies to one request, but for the generation: the log tells in which an event was published, not committed.
bool same_reply(const Reply& a, const Reply& b) {
  type::v1::CommandResult left, right;
  if (a.n != b.n || a.fingerprint != b.fingerprint) return false;
  if (!left.ParseFromString(a.bytes) || !right.ParseFromString(b.bytes)) return false;
  left.mutable_position()->clear_generation();
  right.mutable_position()->clear_generation();
  return serialize(left) == serialize(right);
}

}  // namespace

ShardRebuild::ShardRebuild(Rebuild& of, uint32_t shard)
    : of_(of), shard_(shard), replay_(of.options_.installation, {}), folder_(of.registry_, Folder::Memory::kAll) {}

Status ShardRebuild::read(uint64_t end) {
  Tick heard = of_.clock_.tick();
  if (replay_.next() < end) TANDEM_RETURN_IF_ERROR(of_.reader_.read({{shard_, replay_.next()}}));
  while (replay_.next() < end) {
    TANDEM_ASSIGN_OR_RETURN(auto record, of_.reader_.poll(kPoll));
    if (!record) {
      if (of_.clock_.tick() - heard < of_.options_.patience) continue;
      return make_error(Code::kUnavailable, "nothing more comes from " + bus::events_topic(of_.options_.service) + "[" +
                                                std::to_string(shard_) + "], though it has more; is the bus well?");
    }
    heard = of_.clock_.tick();
    TANDEM_ASSIGN_OR_RETURN(auto seen, replay_.take(*record));
    if (++of_.progress_.records % kRecordsOfAReport == 0) of_.on_progress_(of_.progress_);
    if (seen.event) TANDEM_RETURN_IF_ERROR(add(*seen.event));
  }
  return {};
}

// One by one, since what is read, folded and thrown away at once stays in the processor's caches.
Status ShardRebuild::add(const bus::EventRecord& event) {
  if (event.envelope.position().number() <= number_) return {};  // it was in the outbox before
  number_ = event.envelope.position().number();
  const auto nothing = [](std::span<const AggregateRef> refs) -> Result<std::vector<Stored>> {
    return std::vector<Stored>(refs.size());
  };
  TANDEM_ASSIGN_OR_RETURN(FoldedEvents folded, folder_.fold(std::span(&event, 1), nothing, of_.clock_.now() + kSkew));
  ++of_.report_.events;
  for (const auto& [source, mark] : folded.marks) marks_[source] = mark;
  for (FoldedRequest& request : folded.requests) {
    std::string id = request.request_id;
    requests_.insert_or_assign(std::move(id), std::move(request));
  }
  return {};
}

Status ShardRebuild::catch_up(uint64_t number) {
  while (number_ < number) {
    TANDEM_ASSIGN_OR_RETURN(const auto outbox, of_.inspection_.outbox(shard_, number_, kOutboxPage));
    const auto& entries = outbox.second;
    if (entries.empty() || entries.front().n != number_ + 1) {
      TANDEM_RETURN_IF_ERROR(catch_up_from_log(entries.empty() ? number : entries.front().n - 1));
      continue;
    }
    for (const OutboxEntry& entry : entries) {
      TANDEM_ASSIGN_OR_RETURN(const bus::EventRecord event, bus::stamp(of_.options_.service, shard_, 0, entry));
      TANDEM_RETURN_IF_ERROR(add(event));
      ++of_.report_.unpublished;
    }
  }
  return {};
}

// It was trimmed from the outbox, so the log has it.
Status ShardRebuild::catch_up_from_log(uint64_t number) {
  TANDEM_ASSIGN_OR_RETURN(const bus::Watermarks log, of_.reader_.watermarks(shard_, of_.options_.patience));
  TANDEM_RETURN_IF_ERROR(read(log.high));
  if (number_ >= number) return {};
  return make_error(Code::kFailedPrecondition,
                    bus::events_topic(of_.options_.service) + "[" + std::to_string(shard_) + "] ends with event " +
                        std::to_string(number_) + ", and neither it nor the outbox has event " +
                        std::to_string(number_ + 1) + ": this Redis and this Kafka do not belong together");
}

AggregateDump ShardRebuild::expected(const AggregateRef& ref) const {
  AggregateDump right;
  const Instance* instance = folder_.find(ref);
  if (instance == nullptr) return right;
  right.stored = {instance->version(), instance->bytes()};
  const Instance::Effects whole = instance->derived();
  for (const IndexChange& entry : whole.indexes) right.indexes.emplace(entry.index, entry.order);
  for (const TimerChange& timer : whole.timers) right.timers[timer.timer.name] = *timer.due;
  return right;
}

bool ShardRebuild::same(const AggregateDump& live, const AggregateDump& right) const {
  if (live.stored != right.stored || live.indexes != right.indexes) return false;
  for (const auto& [name, due] : live.timers) {
    const auto found = right.timers.find(name);
    if (found == right.timers.end() || found->second != due) return false;
  }
  return std::ranges::all_of(right.timers, [&](const auto& timer) {
    return live.timers.contains(timer.first) || timer.second < of_.clock_.now() + kSkew;
  });
}

Status ShardRebuild::compare() {
  TANDEM_ASSIGN_OR_RETURN(const ShardDump dump, of_.inspection_.dump(shard_));
  if (!dump.reconciled) {
    return make_error(Code::kFailedPrecondition, "shard " + std::to_string(shard_) +
                                                     " does not serve: it is not reconciled with its log; look at "
                                                     "tandem status");
  }
  TANDEM_RETURN_IF_ERROR(catch_up(dump.number_after));
  for (const auto& [ref, live] : dump.aggregates) compare(ref, live);
  for (const AggregateRef& ref : folder_.aggregates()) {
    if (!dump.aggregates.contains(ref)) compare(ref, AggregateDump());
  }
  TANDEM_RETURN_IF_ERROR(settle());
  // Read again: since the dump events were folded that may have moved them.
  TANDEM_ASSIGN_OR_RETURN(const auto marks, of_.inspection_.marks(shard_));
  compare_marks(marks);
  compare_requests(dump);
  return {};
}

void ShardRebuild::compare(const AggregateRef& ref, const AggregateDump& live) {
  ++of_.report_.aggregates;
  AggregateDump right = expected(ref);
  if (!same(live, right)) suspects_.push_back({ref, live, std::move(right)});
}

// What the dump says is of some moment, so a difference counts only if it stays: looked at in one step, with the log
// read on behind it, it is either gone, or the same again. All suspects are looked at together: each call waits for
// Redis' disk and for the log, and on a service that works there are many that have only moved on.
Status ShardRebuild::settle() {
  for (int attempt = 0; attempt < of_.options_.attempts && !suspects_.empty(); ++attempt) {
    TANDEM_ASSIGN_OR_RETURN(std::vector<AggregateDump> found, look_again());
    std::vector<Suspect> left;
    for (size_t i = 0; i < suspects_.size(); ++i) {
      Suspect& one = suspects_[i];
      AggregateDump right = expected(one.ref);
      if (same(found[i], right)) continue;
      const bool stays = found[i] == one.live && right == one.right;
      one.live = std::move(found[i]);
      one.right = std::move(right);
      TANDEM_ASSIGN_OR_RETURN(const bool said, stays ? say(one) : Result<bool>(false));
      if (!said) left.push_back(std::move(one));
    }
    suspects_ = std::move(left);
  }
  of_.report_.busy += suspects_.size();
  suspects_.clear();
  return {};
}

// False: it has changed just now.
Result<bool> ShardRebuild::say(const Suspect& one) {
  bool mended = false;
  if (of_.options_.mend) {
    TANDEM_ASSIGN_OR_RETURN(mended, of_.inspection_.mend(shard_, one.ref, one.live, one.right));
    if (!mended) return false;
  }
  differs(name_of(one.ref), in_words(one.live, one.right), mended);
  return true;
}

Result<std::vector<AggregateDump>> ShardRebuild::look_again() {
  std::vector<Look> looks;
  for (const Suspect& one : suspects_) {
    Look look{one.ref, one.live.indexes, {}};
    look.indexes.insert(one.right.indexes.begin(), one.right.indexes.end());
    for (const auto& [name, due] : one.live.timers) look.timers.insert(name);
    for (const auto& [name, due] : one.right.timers) look.timers.insert(name);
    looks.push_back(std::move(look));
  }
  TANDEM_ASSIGN_OR_RETURN(std::vector<AggregateDump> found, of_.inspection_.look_all(shard_, looks));
  TANDEM_ASSIGN_OR_RETURN(const auto outbox, of_.inspection_.outbox(shard_, number_, 1));
  TANDEM_RETURN_IF_ERROR(catch_up(outbox.first));
  return found;
}

// A mark that moved without an event is carried by the next one, which may not have come: the store may be ahead.
void ShardRebuild::compare_marks(const std::map<Source, MarkValue>& live) {
  for (const auto& [source, mark] : marks_) {
    ++of_.report_.marks;
    const auto found = live.find(source);
    if (found != live.end() && found->second >= mark) continue;
    differs("mark of " + source_name(source),
            "is behind what the log says; stop the service, empty its Redis and start it: it is rebuilt whole");
  }
}

void ShardRebuild::compare_requests(const ShardDump& dump) {
  for (const auto& [id, request] : requests_) {
    if (request.reply.n > dump.number_before) continue;  // came during the dump
    ++of_.report_.requests;
    const auto found = dump.requests.find(id);
    if (found == dump.requests.end()) {
      differs("request " + id, "is not remembered, though it led to event " + std::to_string(request.reply.n));
    } else if (!same_reply(found->second, request.reply)) {
      differs("request " + id, "has another reply than the log makes");
    }
  }
}

void ShardRebuild::differs(const std::string& what, const std::string& how, bool mended) {
  RebuildReport& report = of_.report_;
  ++report.different;
  if (mended) ++report.mended;
  if (report.differences.size() < kDifferencesKept) report.differences.push_back({shard_, what, how, mended});
}

}  // namespace tandem::heal
