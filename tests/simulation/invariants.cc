#include "tests/simulation/invariants.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/instance.h"
#include "shared/base/services.h"
#include "shared/store/encoding.h"
#include "tests/simulation/business_rules.h"
#include "tests/simulation/log_fold.h"
#include "tests/simulation/simulation.h"

namespace tandem::simulation {
namespace {

class Checker {
 public:
  explicit Checker(const Simulation& simulation) : simulation_(simulation) {
    for (size_t service = 0; service < kCompany; service++) {
      for (uint32_t shard = 0; shard < simulation.shards(); shard++) {
        folds_[service].push_back(
            fold_log(simulation.broker(), definitions().after[service].registry, kServices[service], shard));
      }
    }
  }

  std::vector<std::string> check(Counts& counts) {
    for (size_t service = 0; service < kCompany; service++) {
      for (uint32_t shard = 0; shard < simulation_.shards(); shard++) {
        const FoldedShard& folded = folds_[service][shard];
        counts.events += folded.events.size();
        problems_.insert(problems_.end(), folded.problems.begin(), folded.problems.end());
        shard_of_the_store(service, shard, folded);
        events_and_commits(service, shard, folded);
      }
      consumed(service);
    }
    acknowledged();
    const auto& wrong = simulation_.witness().wrong();
    problems_.insert(problems_.end(), wrong.begin(), wrong.end());
    check_business(folds_, problems_);
    return std::move(problems_);
  }

 private:
  static std::string name_of(size_t service, uint32_t shard) {
    return kServices[service] + "/" + std::to_string(shard);
  }
  void problem(std::string what) { problems_.push_back(std::move(what)); }

  // State equals the fold of the log; all of it is published.
  void shard_of_the_store(size_t service, uint32_t shard, const FoldedShard& folded) {
    const std::string name = name_of(service, shard);
    const auto found = simulation_.world(service).shards().find(shard);
    if (found == simulation_.world(service).shards().end()) return problem(name + " is not there");
    const store::MemoryShard& data = found->second;
    if (data.last_number != folded.events.size() || data.trimmed != data.last_number || !data.outbox.empty()) {
      problem(name + " has " + std::to_string(data.last_number) + " events in the store, " +
              std::to_string(data.trimmed) + " trimmed, and " + std::to_string(folded.events.size()) + " in the log");
    }
    for (const auto& [ref, stored] : folded.aggregates) {
      const auto there = data.aggregates.find(ref);
      if (there == data.aggregates.end() || there->second != stored) {
        problem(name + " " + ref.type + "/" + ref.id + " is not the fold of its events");
      }
    }
    if (data.aggregates.size() != folded.aggregates.size()) problem(name + " has aggregates without events");
    compare_marks(name, data, folded);
    for (const auto& [index, members] : folded.indexes) {
      const auto there = data.indexes.find(index);
      const bool same = there == data.indexes.end() ? members.empty() : there->second == members;
      if (!same) problem(name + " index " + index + " is not the fold of its events");
    }
    compare_timers(name, data, folded);
    for (const auto& [request, n] : folded.requests) {
      const auto there = data.requests.find(request);
      if (there == data.requests.end() || there->second.reply.n != n) {
        problem(name + " does not remember " + request + " with event " + std::to_string(n));
      }
    }
  }

  void compare_marks(const std::string& name, const store::MemoryShard& data, const FoldedShard& folded) {
    std::map<Source, MarkValue> expected = folded.marks;
    for (const auto& [source, value] : data.carried) expected[source] = value;
    std::map<Source, MarkValue> stored = data.marks;
    std::erase_if(stored, [](const auto& entry) { return entry.second == MarkValue{}; });
    if (stored != expected) problem(name + " marks are not the fold of its events");
  }

  // A timer that came to nothing is gone without an event.
  void compare_timers(const std::string& name, const store::MemoryShard& data, const FoldedShard& folded) {
    for (const auto& [member, score] : data.timers) {
      const auto there = folded.timers.find(member);
      if (there == folded.timers.end() || there->second != score) problem(name + " has a timer that no event set");
    }
    for (const auto& [member, score] : folded.timers) {
      if (data.timers.count(member) == 0 && from_micros(score) > simulation_.now()) {
        problem(name + " lacks a timer that is not due");
      }
    }
  }

  // Nothing in the log without a commit, and the reverse; a request and an aggregate's timer lead to one event.
  void events_and_commits(size_t service, uint32_t shard, const FoldedShard& folded) {
    const Witness& witness = simulation_.witness();
    for (const bus::EventRecord& event : folded.events) {
      const exchange::v1::Envelope& envelope = event.envelope;
      in_log_[envelope.event_id()] = {service, shard, envelope.position().number(), 0};
      const auto made = witness.made().find(envelope.event_id());
      if (made == witness.made().end() || made->second.n != envelope.position().number()) {
        problem(name_of(service, shard) + " event " + std::to_string(envelope.position().number()) +
                " was not committed as such");
      }
      if (envelope.cause().has_request() &&
          !requests_.insert({service, envelope.cause().request().request_id()}).second) {
        problem(name_of(service, shard) + " request " + envelope.cause().request().request_id() + " has two events");
      }
      const auto& timer = envelope.cause().timer();
      if (envelope.cause().has_timer() && timer.name() == "expire" &&
          !expiries_.insert({envelope.aggregate_id(), to_micros(to_instant(timer.due()))}).second) {
        problem(name_of(service, shard) + " assignment " + envelope.aggregate_id() + " expired twice");
      }
    }
    if (witness.losses(service) > 0) return;
    for (const auto& [id, made] : witness.made()) {
      if (made.service == service && made.shard == shard && in_log_.count(id) == 0) {
        problem(name_of(service, shard) + " commit " + std::to_string(made.n) + " (" + id + ") is not in the log");
      }
    }
  }

  void acknowledged() {
    const Witness& witness = simulation_.witness();
    for (const Witness::Answer& answer : witness.answers()) {
      // STORED is what Redis has, as long as it has it.
      const auto made = witness.made().find(answer.event_id);
      const bool lost = made != witness.made().end() && made->second.losses != witness.losses(answer.service);
      if (!answer.published && lost) continue;
      if (in_log_.count(answer.event_id) == 0) {
        problem(answer.request_id + " was acknowledged as " + (answer.published ? "PUBLISHED" : "STORED") +
                " and its event " + answer.event_id + " is lost");
      }
    }
  }

  // Every command of every event of every source has had its effect, once.
  void consumed(size_t service) {
    using Effects = std::map<std::pair<std::string, AggregateRef>, uint64_t>;  // by causing event and target
    Effects effects;
    for (uint32_t shard = 0; shard < simulation_.shards(); shard++) {
      for (const bus::EventRecord& event : folds_[service][shard].events) {
        if (!event.envelope.cause().has_event()) continue;
        const auto& cause = event.envelope.cause().event();
        const AggregateRef target{event.envelope.aggregate_type(), event.envelope.aggregate_id()};
        effects[{cause.event_id(), target}]++;
        judged_again(service, shard, event.envelope);
      }
    }
    const Reactions& reactions = definitions().after[service].reactions;
    for (const std::string& from : reactions.sources()) {
      const size_t source = std::find(kServices.begin(), kServices.end(), from) - kServices.begin();
      for (uint32_t partition = 0; partition < simulation_.shards(); partition++) {
        for (const bus::EventRecord& event : folds_[source][partition].events) {
          caused_by(service, reactions, {from, partition}, event, effects);
        }
      }
    }
    for (const auto& [key, count] : effects) {
      if (count > 0) problem(kServices[service] + " has an effect of " + key.first + " that nothing asked for");
    }
  }

  template <class Effects>
  void caused_by(size_t service, const Reactions& reactions, const Source& source, const bus::EventRecord& event,
                 Effects& effects) {
    const auto message = reactions.new_event(event.envelope.event_type());
    if (!message) return;
    message->ParseFromString(event.payload);
    std::map<AggregateRef, std::pair<uint64_t, uint64_t>> wanted;  // at least, at most
    for (const CausedCommand& command : reactions.commands(*message, meta_of(event.envelope))) {
      auto& [least, most] = wanted[command.target];
      const bool optional = simulation_.profile().upgrade && command.target.id.starts_with("congratulation-");
      least += optional ? 0 : 1;
      most++;
    }
    for (const auto& [target, counts] : wanted) {
      const auto found = effects.find({event.envelope.event_id(), target});
      const uint64_t in_log = found == effects.end() ? 0 : std::exchange(found->second, 0);
      const Witness::Caused caused{service, source, event.envelope.position().number(), target};
      const auto nothing = simulation_.witness().nothings().find(caused);
      const uint64_t without = nothing == simulation_.witness().nothings().end() ? 0 : nothing->second.size();
      const std::string what = kServices[service] + ": " + event.envelope.event_type() + " " +
                               event.envelope.event_id() + " (number " + std::to_string(caused.n) + " of " +
                               source_name(source) + ") for " + target.type + "/" + target.id;
      if (in_log > counts.second) problem(what + " has had its effect " + std::to_string(in_log) + " times");
      if (in_log + without < counts.first) problem(what + " has had no effect");
      if (simulation_.witness().most_applied(caused) > counts.second) {
        problem(what + " was applied more often than asked for");
      }
    }
  }

  // What came to nothing, with a later event in the log that says so, must not come to something behind it.
  void judged_again(size_t service, uint32_t shard, const exchange::v1::Envelope& envelope) {
    const auto& mark = envelope.cause().event().mark();
    const Witness::Caused caused{service,
                                 {mark.service(), mark.partition()},
                                 mark.number(),
                                 {envelope.aggregate_type(), envelope.aggregate_id()}};
    const auto& nothings = simulation_.witness().nothings();
    const auto found = nothings.find(caused);
    if (found == nothings.end()) return;
    for (const Witness::Nothing& nothing : found->second) {
      const auto next = in_log_.find(nothing.next);
      if (nothing.k != mark.k() || next == in_log_.end()) continue;
      if (next->second.n < envelope.position().number()) {
        problem(name_of(service, shard) + " event " + std::to_string(envelope.position().number()) +
                " is the effect of a command that had come to nothing before event " + std::to_string(next->second.n));
      }
    }
  }

  const Simulation& simulation_;
  Folds folds_;
  std::map<std::string, Witness::Made> in_log_;
  std::set<std::pair<size_t, std::string>> requests_;
  std::set<std::pair<std::string, int64_t>> expiries_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check_invariants(const Simulation& simulation, Counts& counts) {
  return Checker(simulation).check(counts);
}

}  // namespace tandem::simulation
