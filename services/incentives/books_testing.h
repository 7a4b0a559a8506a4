// For tests: plans and deals to write down, and the whole service without servers. Events go in, commands follow by its
// reactions, and everything that happens is kept in a log that can be folded again.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/incentives/ledger.h"
#include "services/incentives/plan.h"
#include "services/incentives/service.h"
#include "services/incentives/statement.h"
#include "shared/aggregate/convert.h"
#include "tandem/sales/v1/events.pb.h"

namespace tandem::incentives {

// When 2026 began in Berlin.
inline const std::string kYear = "2025-12-31T23:00:00Z";
// Of Ana, by her plan of the year.
inline const std::string kLedger = "ana/ae-2026";

inline google::protobuf::Timestamp time_at(const std::string& rfc3339) {
  return to_timestamp(parse_instant(rfc3339).value());
}

inline type::v1::Money eur(std::int64_t cents) { return to_proto(tandem::Money{cents, "EUR"}); }

struct TierRow {
  std::int64_t from;
  std::string rate;
  v1::TierMode mode = v1::TIER_MODE_GRADUATED;
};

inline v1::PlanDefinition plan_of(const std::vector<TierRow>& tiers, v1::PlanKind kind = v1::PLAN_KIND_DIRECT) {
  v1::PlanDefinition d;
  d.set_name("AE 2026");
  d.set_kind(kind);
  d.set_currency("EUR");
  d.set_period(v1::PERIOD_KIND_MONTH);
  d.set_time_zone("Europe/Berlin");
  for (const TierRow& row : tiers) {
    v1::Tier& tier = *d.add_tiers();
    tier.set_from_minor_units(row.from);
    tier.set_rate(row.rate);
    tier.set_mode(row.mode);
  }
  return d;
}

// 6/8/10 % at 0/100 k/150 k, all tiers of one mode.
inline v1::PlanDefinition six_eight_ten(v1::TierMode mode) {
  return plan_of({{0, "0.06", v1::TIER_MODE_GRADUATED}, {10'000'000, "0.08", mode}, {15'000'000, "0.1", mode}});
}

inline v1::PublishPlan publish(const std::string& plan, const std::string& from, const v1::PlanDefinition& definition) {
  v1::PublishPlan c;
  c.set_plan(plan);
  *c.mutable_effective_from() = time_at(from);
  *c.mutable_definition() = definition;
  return c;
}

// A state with these versions, as if published one after the other.
inline v1::Plan published(const std::string& plan,
                          const std::vector<std::pair<std::string, v1::PlanDefinition>>& versions) {
  v1::Plan state;
  for (const auto& [from, definition] : versions) {
    const Decision decision = Plan::decide(state, publish(plan, from, definition), Context());
    EXPECT_TRUE(decision.is_event());
    Plan::evolve(state, static_cast<const v1::PlanPublished&>(decision.event()), EventMeta{});
  }
  return state;
}

inline sales::v1::DealWon won(const std::string& deal, std::int64_t cents,
                              const std::string& at = "2026-10-05T10:00:00Z", const std::string& owner = "ana",
                              const std::string& plan = "ae-2026") {
  sales::v1::DealWon e;
  e.set_opportunity(deal);
  e.set_owner(owner);
  *e.mutable_amount() = eur(cents);
  *e.mutable_won_at() = time_at(at);
  sales::v1::Split& split = *e.add_splits();
  split.set_payee(owner);
  split.set_share_bp(10'000);
  split.set_plan(plan);
  *split.mutable_credit() = eur(cents);
  return e;
}

inline sales::v1::DealReversed reversed(const sales::v1::DealWon& deal, const std::string& reversal, std::int64_t cents,
                                        bool whole = false) {
  sales::v1::DealReversed e;
  e.set_opportunity(deal.opportunity());
  e.set_reversal(reversal);
  *e.mutable_amount() = eur(cents);
  e.set_whole(whole);
  *e.mutable_won() = deal.amount();
  *e.mutable_won_at() = deal.won_at();
  e.set_manager(deal.manager());
  e.set_manager_plan(deal.manager_plan());
  *e.mutable_splits() = deal.splits();
  for (sales::v1::Split& split : *e.mutable_splits()) *split.mutable_credit() = eur(cents);
  return e;
}

class Books {
 public:
  using Message = google::protobuf::Message;
  struct Logged {
    EventMeta meta;
    std::shared_ptr<const Message> event;
  };

  void at_time(const std::string& rfc3339) { now_ = parse_instant(rfc3339).value(); }

  // A request of a caller; its rejection, if it got one.
  template <class A, class C>
  std::optional<Error> ask(const std::string& id, const C& command) {
    const auto rejection = decide(ref<A>(id), command, "");
    settle();
    return rejection;
  }

  // An event of another service, and all that follows from it.
  void tell(const Message& event) {
    const std::string id = "sales-" + std::to_string(++told_);
    react(event, EventMeta{id, event.GetDescriptor()->full_name(), {"opportunity", "opp"}, now_, now_});
    settle();
  }

  template <class A>
  typename A::State state(const std::string& id) const {
    auto found = states_.find(ref<A>(id));
    return found == states_.end() ? typename A::State() : static_cast<const typename A::State&>(*found->second);
  }

  template <class Event>
  std::vector<Event> events() const {
    std::vector<Event> all;
    for (const Logged& logged : log_) {
      if (logged.event->GetDescriptor() == Event::descriptor()) all.push_back(static_cast<const Event&>(*logged.event));
    }
    return all;
  }

  // The states' bytes, folded from the log.
  std::map<AggregateRef, std::string> replay() const {
    Books again;
    for (const Logged& logged : log_) again.fold(logged);
    return again.bytes();
  }
  std::map<AggregateRef, std::string> bytes() const {
    std::map<AggregateRef, std::string> all;
    for (const auto& [ref, state] : states_) all[ref] = state->SerializeAsString();
    return all;
  }

  std::vector<std::pair<AggregateRef, Error>> parked;

 private:
  std::optional<Error> decide(const AggregateRef& target, const Message& command, const std::string& cause) {
    const AggregateType& type = *service_.registry.find(target.type);
    const auto& rules = type.commands.at(command.GetDescriptor()->full_name());
    Context context;
    context.now_ = context.occurred_at_ = now_;
    context.id_ = target.id;
    context.cause_event_ = cause;
    context.caller_ = {"finn", "finance"};
    if (rules.references) {
      for (const AggregateRef& r : rules.references(command)) {
        if (auto found = states_.find(r); found != states_.end()) context.references_.insert(*found);
      }
    }
    auto found = states_.find(target);
    Decision decision = rules.decide(found == states_.end() ? *type.state_prototype : *found->second, command, context);
    if (decision.is_rejection()) return decision.rejection();
    if (decision.is_nothing()) return std::nullopt;
    std::shared_ptr<const Message> event = decision.take_event();
    log_.push_back(
        {{"inc-" + std::to_string(log_.size()), event->GetDescriptor()->full_name(), target, now_, now_}, event});
    fold(log_.back());
    react(*event, log_.back().meta);
    return std::nullopt;
  }

  void fold(const Logged& logged) {
    const AggregateType& type = *service_.registry.find(logged.meta.subject.type);
    std::shared_ptr<Message>& state = states_[logged.meta.subject];
    if (!state) state.reset(type.state_prototype->New());
    type.events.at(logged.meta.event_type).evolve(*state, *logged.event, logged.meta);
  }

  void react(const Message& event, const EventMeta& meta) {
    for (const CausedCommand& command : service_.reactions.commands(event, meta))
      due_.emplace_back(command, meta.event_id);
  }

  void settle() {
    while (!due_.empty()) {
      const auto [command, cause] = due_.front();
      due_.pop_front();
      if (const auto rejection = decide(command.target, *command.message, cause)) {
        parked.emplace_back(command.target, *rejection);
      }
    }
  }

  ServiceDefinition service_ = service({});
  Instant now_ = parse_instant("2026-10-20T12:00:00Z").value();
  int told_ = 0;
  std::map<AggregateRef, std::shared_ptr<Message>> states_;
  std::vector<Logged> log_;
  std::deque<std::pair<CausedCommand, std::string>> due_;
};

// Sum of a ledger's account balances: zero, always.
inline std::int64_t sum_of_balances(const v1::Ledger& ledger) {
  std::int64_t sum = 0;
  for (const v1::AccountBalance& b : ledger.balances()) sum += b.balance().minor_units();
  return sum;
}

// What the payee has earned in all, in cents.
inline std::int64_t payable(const v1::Ledger& ledger) {
  for (const v1::AccountBalance& b : ledger.balances()) {
    if (b.account() == "payable:" + ledger.payee()) return -b.balance().minor_units();
  }
  return 0;
}

}  // namespace tandem::incentives
