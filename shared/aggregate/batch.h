// One batch of the engine: rounds of load, decide, commit, until every command has its outcome.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/instance.h"

namespace tandem {

class Batch {
 public:
  Batch(Engine& engine, std::span<const Command> commands);

  std::vector<Outcome> run();

 private:
  using Message = google::protobuf::Message;
  using MarkKey = std::pair<uint32_t, Source>;

  // A command of the batch.
  struct Item {
    const Command* command = nullptr;
    uint32_t shard = 0;
    bool done = false;
    bool outcome_unknown = false;  // of an earlier round's commit
    Outcome outcome;
    // Of the round: what the request id got before, and what was planned.
    std::optional<Reply> reply;
    References references;
    std::optional<Commit> planned;
    Outcome if_committed;
  };

  Status load();
  Status load_references();
  Status load_marks();
  void collect(LoadBatch& wanted, const AggregateRef& ref);
  void take(const LoadBatch& wanted, const Loaded& loaded);
  bool applied_before(Item& item);
  void fail_unready();

  // batch_decide.cc. Decides an item on the state in memory: it is done, or a commit is planned, or it is left open.
  void decide(Item& item);
  bool settled_by_request(Item& item);
  bool settled_by_mark(Item& item);
  // Nothing if a reference is not loaded yet: it is decided in the next round; or if the item has failed.
  std::optional<Decision> judge(Item& item, const Instance& instance, const exchange::v1::ParkedCommand* parked);
  Result<bool> offer_reference(Context& context, const AggregateRef& ref);
  void hold(Item& item);
  std::shared_ptr<const Message> message_of(const Item& item, const Instance& instance,
                                            const exchange::v1::ParkedCommand* parked);
  Context context_of(const Item& item, const Instance& instance, const exchange::v1::ParkedCommand* parked) const;
  // batch_plan.cc.
  void plan_event(Item& item, Instance& instance, const Message& event, const std::string& unparked);
  void plan_nothing(Item& item, const Instance& instance, Outcome::Kind kind);
  void plan_rejection(Item& item, Instance& instance, const Error& rejection);
  void plan_parking(Item& item, Instance& instance, const Error& reason);
  Commit new_commit(const Item& item, const Instance& instance) const;
  exchange::v1::Envelope envelope_of(const Item& item, const Instance& instance, const Message& event) const;
  void decide_unpark(Item& item, Instance& instance);
  void decide_caused(Item& item, Instance& instance);
  void carry_out(Item& item, Instance& instance);
  void refuse(Item& item, const Instance& instance, const Error& rejection);
  // Ends an item by saying what the decision would come to.
  void validate(Item& item, const Instance& instance, const Decision& decision);

  void commit();
  void settle(Item& item, const CommitOutcome& outcome);
  void fail(Item& item, Error error);
  void finish(Item& item, Outcome outcome);

  // What the ids derive from that a command creates: the same cause, the same ids.
  static std::string seed_of(const exchange::v1::EventCause& cause);
  static std::optional<Source> source_of(const Command& command);
  static MarkValue mark_of(const Command& command);
  // Outcome of a request that is known: the remembered answer, or a refusal if the content differs.
  static Outcome remembered(const Command& command, const Reply& reply, uint64_t generation);

  Engine& engine_;
  Instant now_;
  BatchReport report_;
  std::vector<Item> items_;
  // Of the round.
  std::map<AggregateRef, Instance> instances_;
  struct Reference {
    std::string version;
    std::shared_ptr<const Message> state;  // null if it does not exist
  };
  std::map<AggregateRef, Reference> references_;
  std::map<AggregateRef, Stored> stored_;
  std::map<uint32_t, uint64_t> generations_;
  std::set<uint32_t> healed_;
  std::map<MarkKey, MarkValue> marks_;
  std::set<MarkKey> held_;
  // Source and target shard of a consumed command that failed: those after it must not leap over it.
  std::set<MarkKey> stopped_;
};

}  // namespace tandem
