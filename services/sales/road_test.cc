// The whole road through sales, from LeadQualified on: its aggregates, its reactions and their timers, put together in
// memory without an engine. Every event comes back through the reactions, as on the service's own topic.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>

#include "services/sales/assignment.h"
#include "services/sales/opportunity.h"
#include "services/sales/pipeline.h"
#include "services/sales/sales_testing.h"
#include "services/sales/service.h"
#include "tandem/marketing/v1/events.pb.h"

namespace tandem::sales {
namespace {

using namespace testing;  // NOLINT: the words of the specs
using google::protobuf::Message;

class Road {
 public:
  explicit Road(const std::string& start) : now_(moment(start)) {}

  // A request. Everything that follows from it happens before this returns.
  template <class A, class C>
  Decision ask(const std::string& id, const C& command) {
    Decision decision = give(ref<A>(id), command, "request-" + std::to_string(++requests_));
    settle();
    return decision;
  }
  // Somebody else's event.
  void hear(const Message& event) {
    arrived_.emplace_back(std::shared_ptr<Message>(copy(event)), EventMeta{"outside", {}, {}, now_, now_});
    settle();
  }
  void until(const std::string& time) {
    const Instant end = moment(time);
    while (fire_next(end)) settle();
    now_ = end;
  }

  template <class A>
  const typename A::State& state(const std::string& id) {
    return static_cast<const typename A::State&>(state_of(ref<A>(id)));
  }
  int count(const std::string& event) const { return counts_.count(event) > 0 ? counts_.at(event) : 0; }
  const std::vector<std::string>& parked() const { return parked_; }

 private:
  static Message* copy(const Message& message) {
    Message* made = message.New();
    made->CopyFrom(message);
    return made;
  }

  Message& state_of(const AggregateRef& id) {
    auto& state = states_[id];
    if (!state) state.reset(service_.registry.find(id.type)->state_prototype->New());
    return *state;
  }

  Decision give(const AggregateRef& target, const Message& command, const std::string& seed) {
    const auto& type = *service_.registry.find(target.type);
    const auto& rules = type.commands.at(command.GetDescriptor()->full_name());
    const Message& state = state_of(target);
    Context context;
    context.now_ = context.occurred_at_ = now_;
    context.id_ = target.id;
    context.seed_ = seed;
    References wanted = rules.references ? rules.references(command) : References{};
    if (rules.state_references) {
      for (auto& one : rules.state_references(state, command)) wanted.push_back(one);
    }
    for (const auto& one : wanted) {
      if (states_.count(one) > 0) context.references_[one] = states_[one];
    }
    Decision decision = rules.decide(state, command, context);
    if (decision.is_event()) happen(target, decision.event());
    return decision;
  }

  void happen(const AggregateRef& subject, const Message& event) {
    const std::string name = event.GetDescriptor()->full_name();
    EventMeta meta{"event-" + std::to_string(++events_), name, subject, now_, now_};
    service_.registry.find(subject.type)->events.at(name).evolve(state_of(subject), event, meta);
    ++counts_[event.GetDescriptor()->name()];
    arrived_.emplace_back(std::shared_ptr<Message>(copy(event)), meta);
  }

  void settle() {
    do {
      while (!arrived_.empty()) {
        const auto [event, meta] = arrived_.front();
        arrived_.pop_front();
        for (const auto& caused : service_.reactions.commands(*event, meta)) {
          const auto decision = give(caused.target, *caused.message, meta.event_id + "/" + std::to_string(caused.k));
          if (decision.is_rejection()) parked_.push_back(to_line(decision.rejection()));
        }
      }
    } while (fire_next(now_));
  }

  // The next timer that is due by then and has not fired; false if there is none.
  bool fire_next(Instant end) {
    std::optional<std::pair<AggregateRef, Timer>> next;
    for (const auto& [id, state] : states_) {
      for (const Timer& timer : service_.registry.find(id.type)->timers(*state)) {
        if (timer.due > end || fired_.count({id, timer.name, timer.due}) > 0) continue;
        if (!next || timer.due < next->second.due) next = {id, timer};
      }
    }
    if (!next) return false;
    fired_.insert({next->first, next->second.name, next->second.due});
    now_ = std::max(now_, next->second.due);
    give(next->first, *next->second.command, next->second.name);
    return true;
  }

  ServiceDefinition service_ = service({});
  std::map<AggregateRef, std::shared_ptr<Message>> states_;
  std::deque<std::pair<std::shared_ptr<Message>, EventMeta>> arrived_;
  std::set<std::tuple<AggregateRef, std::string, Instant>> fired_;
  std::map<std::string, int> counts_;
  std::vector<std::string> parked_;
  Instant now_;
  int requests_ = 0;
  int events_ = 0;
};

class RoadTest : public ::testing::Test {
 protected:
  void found(const v1::TeamDefinition& definition) {
    v1::DefinePipeline pipeline;
    pipeline.set_pipeline("standard");
    *pipeline.mutable_definition() = standard_pipeline().definition();
    ASSERT_TRUE(road_.ask<Pipeline>("standard", pipeline).is_event());
    v1::DefineTeam team;
    team.set_team("hunters");
    *team.mutable_definition() = definition;
    ASSERT_TRUE(road_.ask<Team>("hunters", team).is_event());
  }
  void qualified(const std::string& lead) {
    marketing::v1::LeadQualified e;
    e.set_lead(lead);
    e.set_customer("customer-" + lead);
    e.set_team("hunters");
    *e.mutable_facts()->mutable_value() = money(100'000);
    road_.hear(e);
  }
  Decision accept(const std::string& lead, const std::string& who) {
    v1::AcceptLead c;
    c.set_assignment(Assignment::id_of(lead));
    c.set_member(who);
    return road_.ask<Assignment>(c.assignment(), c);
  }
  Decision decline(const std::string& lead, const std::string& who) {
    v1::DeclineLead c;
    c.set_assignment(Assignment::id_of(lead));
    c.set_member(who);
    c.set_reason("no time");
    return road_.ask<Assignment>(c.assignment(), c);
  }
  const v1::Assignment& assignment(const std::string& lead) { return road_.state<Assignment>(Assignment::id_of(lead)); }
  const v1::Team& team() { return road_.state<Team>("hunters"); }

  Road road_{"2026-10-07T10:00:00Z"};
};

TEST_F(RoadTest, FromALeadToAWonDealWhichMakesRoomForTheNext) {
  found(team_of({member("ana", 1, 1)}));
  qualified("lead-1");
  qualified("lead-2");
  EXPECT_EQ(assignment("lead-1").member(), "ana");
  EXPECT_EQ(team().queue_size(), 1);
  ASSERT_TRUE(accept("lead-1", "ana").is_event());
  const std::string deal = assignment("lead-1").opportunity();
  EXPECT_EQ(road_.state<Opportunity>(deal).owner(), "ana");
  EXPECT_EQ(road_.state<Opportunity>(deal).expected().minor_units(), 100'000);
  EXPECT_EQ(team().queue_size(), 1) << "an opportunity keeps the slot";
  v1::WinDeal win;
  win.set_opportunity(deal);
  *win.mutable_amount() = money(90'000);
  ASSERT_TRUE(road_.ask<Opportunity>(deal, win).is_event());
  EXPECT_EQ(assignment("lead-2").member(), "ana") << "by the slot that the won deal freed";
  EXPECT_TRUE(assignment("lead-2").was_queued());
  EXPECT_TRUE(team().queue().empty());
  EXPECT_TRUE(road_.parked().empty());
}

TEST_F(RoadTest, DeclinedExpiredAndThenUpToAPerson) {
  found(team_of({member("ana"), member("ben"), member("cem"), member("dia")}));
  qualified("lead-1");
  ASSERT_TRUE(decline("lead-1", "ana").is_event());
  EXPECT_EQ(assignment("lead-1").member(), "ben");
  road_.until("2026-10-07T10:59:59Z");
  EXPECT_EQ(assignment("lead-1").member(), "ben");
  road_.until("2026-10-07T11:00:00Z");
  EXPECT_EQ(assignment("lead-1").member(), "cem");
  EXPECT_EQ(accept("lead-1", "ben").rejection().code, Code::kPermissionDenied);
  road_.until("2026-10-07T12:00:00Z");
  ASSERT_EQ(team().queue_size(), 1);
  EXPECT_TRUE(team().queue(0).needs_person());
  EXPECT_EQ(assignment("lead-1").status(), v1::ASSIGNMENT_STATUS_EXPIRED);
  for (const auto& place : team().rotation()) EXPECT_EQ(place.open(), 0U) << place.member();
  v1::AssignQueuedLead by_hand;
  by_hand.set_team("hunters");
  by_hand.set_lead("lead-1");
  by_hand.set_member("ana");
  ASSERT_TRUE(road_.ask<Team>("hunters", by_hand).is_event());
  EXPECT_EQ(assignment("lead-1").hop(), 4U);
  ASSERT_TRUE(accept("lead-1", "ana").is_event());
  EXPECT_EQ(road_.count("LeadReassigned"), 3);
  EXPECT_EQ(road_.count("OpportunityOpened"), 1);
  EXPECT_TRUE(road_.parked().empty());
}

TEST_F(RoadTest, OneLookAtTheQueueForEachLeadAndNotForEachEvent) {
  found(team_of({office(member("ana"))}));
  road_.until("2026-10-07T20:00:00Z");
  for (int n = 0; n < 50; ++n) qualified("lead-" + std::to_string(n));
  EXPECT_EQ(road_.count("LeadQueued"), 50);
  EXPECT_EQ(team().look(), 0U) << "nothing happened that could help";
  road_.until("2026-10-08T08:00:00Z");
  EXPECT_EQ(road_.count("MemberPicked"), 50);
  EXPECT_EQ(road_.count("LeadAssigned"), 50);
  EXPECT_EQ(format_instant(to_instant(assignment("lead-49").deadline())), "2026-10-08T09:00:00Z");
}

TEST_F(RoadTest, AnUndefinedTeamIsParkedInWords) {
  qualified("lead-1");
  ASSERT_EQ(road_.parked().size(), 1U);
  EXPECT_NE(road_.parked()[0].find("DefineTeam"), std::string::npos) << road_.parked()[0];
}

}  // namespace
}  // namespace tandem::sales
