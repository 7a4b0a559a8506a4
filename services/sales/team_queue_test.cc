// The queue of a team in time, and its rotation at length: a clock, the timers that the state names, nothing else.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "services/sales/round_robin.h"
#include "services/sales/sales_testing.h"
#include "shared/base/ports.h"

namespace tandem::sales {
namespace {

using namespace testing;  // NOLINT: the words of the specs

// Executes a team's commands and timers as the engine does, and keeps its log.
class Office {
 public:
  explicit Office(const v1::TeamDefinition& definition, const std::string& start = "2026-10-07T10:00:00Z")
      : now_(moment(start)) {
    apply(defined(definition));
  }

  template <class C>
  Decision give(const C& command) {
    Context context;
    context.now_ = context.occurred_at_ = now_;
    context.id_ = "hunters";
    Decision decision = Team::decide(state_, command, context);
    if (decision.is_event()) fold(decision.event());
    return decision;
  }
  template <class E>
  void apply(const E& event) {
    fold(event);
  }

  // Lets time pass; timers fire when they are due, each once, unless the state does not name them any more.
  void until(Instant end) {
    for (;;) {
      const Timer* next = nullptr;
      const Timers named = Team::timers(state_);
      for (const Timer& timer : named) {
        if (timer.due > end || fired_.count({timer.name, timer.due}) > 0) continue;
        if (next == nullptr || timer.due < next->due) next = &timer;
      }
      if (next == nullptr) break;
      fired_.insert({next->name, next->due});
      ++looks_;
      now_ = std::max(now_, next->due);
      give(static_cast<const v1::TakeQueued&>(*next->command));
    }
    now_ = end;
  }
  void settle() { until(now_); }
  void wait(std::chrono::microseconds span) { until(now_ + span); }

  const v1::Team& state() const { return state_; }
  Instant now() const { return now_; }
  int looks() const { return looks_; }
  // Everybody who was picked, in order: lead and member.
  const std::vector<std::pair<std::string, std::string>>& picked() const { return picked_; }
  const std::vector<std::pair<std::shared_ptr<google::protobuf::Message>, EventMeta>>& log() const { return log_; }

  static void replay(v1::Team& state, const google::protobuf::Message& event, const EventMeta& meta) {
    static const Registry registry = std::move(Registry().add<Team>());
    registry.find(Team::kType)->events.at(event.GetDescriptor()->full_name()).evolve(state, event, meta);
  }

 private:
  void fold(const google::protobuf::Message& event) {
    EventMeta meta;
    meta.occurred_at = meta.recorded_at = now_;
    std::shared_ptr<google::protobuf::Message> copy(event.New());
    copy->CopyFrom(event);
    log_.emplace_back(copy, meta);
    replay(state_, event, meta);
    if (event.GetDescriptor() != v1::MemberPicked::descriptor()) return;
    const auto& e = static_cast<const v1::MemberPicked&>(event);
    picked_.emplace_back(e.lead().lead(), e.member());
  }

  v1::Team state_;
  Instant now_;
  int looks_ = 0;
  std::set<std::pair<std::string, Instant>> fired_;
  std::vector<std::pair<std::string, std::string>> picked_;
  std::vector<std::pair<std::shared_ptr<google::protobuf::Message>, EventMeta>> log_;
};

using Picks = std::vector<std::pair<std::string, std::string>>;

TEST(TeamQueue, TakenUpInOrderWhenTheFirstIsBack) {
  Office office(team_of({testing::office(member("ana")), testing::office(member("ben"), 12, 18)}),
                "2026-10-06T20:00:00Z");
  for (const char* id : {"one", "two", "three"}) {
    office.give(pick(lead(id)));
    office.wait(std::chrono::minutes{1});
  }
  ASSERT_EQ(office.state().queue_size(), 3);
  EXPECT_EQ(office.state().queue(0).reason(), "nobody is eligible now");
  EXPECT_EQ(format_instant(to_instant(office.state().queue(1).queued_at())), "2026-10-06T20:01:00Z");
  office.until(moment("2026-10-07T07:59:59Z"));
  EXPECT_TRUE(office.picked().empty());
  EXPECT_EQ(office.looks(), 0) << "a night costs nothing";
  office.until(moment("2026-10-07T08:00:00Z"));
  EXPECT_EQ(office.picked(), (Picks{{"one", "ana"}, {"two", "ana"}, {"three", "ana"}}));
  EXPECT_TRUE(Team::timers(office.state()).empty());
}

TEST(TeamQueue, ALookThatHelpsNobodyDoesNotForgetTheNextComer) {
  Office office(
      team_of({testing::office(covering(member("ana"), "FR"), 9, 18), testing::office(member("ben"), 12, 18)}),
      "2026-10-06T20:00:00Z");
  office.give(pick(lead("one", "DE")));
  office.until(moment("2026-10-07T09:59:00Z"));
  EXPECT_EQ(office.looks(), 1) << "ana came at nine, and it was not for her";
  office.until(moment("2026-10-07T10:00:00Z"));
  EXPECT_EQ(office.picked(), (Picks{{"one", "ben"}}));
}

TEST(TeamQueue, AComerWhoseTimerIsLateIsNotForgotten) {
  Office late(team_of({testing::office(member("ana"), 10, 18), covering(member("ben"), "FR")}), "2026-10-06T20:00:00Z");
  late.give(pick(lead("one", "DE")));
  // Ten o'clock in Berlin and a second; before the timer fires another lead is queued.
  v1::LeadQueued other;
  other.set_team("hunters");
  *other.mutable_lead() = lead("two", "US", "welsh");
  EventMeta meta;
  meta.recorded_at = moment("2026-10-07T08:00:01Z");
  v1::Team state = late.state();
  Team::evolve(state, other, meta);
  const Timers timers = Team::timers(state);
  EXPECT_TRUE(std::any_of(timers.begin(), timers.end(), [&](const Timer& t) { return t.due <= meta.recorded_at; }));
}

TEST(TeamQueue, CapacityFreedIsTakenByTheOldestAndANewcomerDoesNotJumpTheQueue) {
  Office office(team_of({member("ana", 1, 1)}));
  office.give(pick(lead("one")));
  office.give(pick(lead("two")));
  office.give(pick(lead("three")));
  office.settle();
  ASSERT_EQ(office.picked(), (Picks{{"one", "ana"}}));
  office.give(free_capacity("one"));
  const Decision newcomer = office.give(pick(lead("four")));  // before the look
  EXPECT_EQ(newcomer.event().GetDescriptor(), v1::LeadQueued::descriptor());
  EXPECT_EQ(office.state().queue(2).reason(), "an older lead waits for ana");
  office.settle();
  EXPECT_EQ(office.picked(), (Picks{{"one", "ana"}, {"two", "ana"}}));
}

TEST(TeamQueue, ALeadThatNobodyCanTakeDoesNotBlockThoseBehindIt) {
  Office office(team_of({covering(member("ana", 1, 1), "DE"), covering(testing::office(member("ben"), 12, 18), "FR")}));
  office.give(pick(lead("first", "DE")));
  office.until(moment("2026-10-07T20:00:00Z"));
  office.give(pick(lead("french", "FR")));
  office.give(pick(lead("german", "DE")));
  office.give(free_capacity("first"));
  office.settle();
  EXPECT_EQ(office.picked(), (Picks{{"first", "ana"}, {"german", "ana"}}));
  ASSERT_EQ(office.state().queue_size(), 1);
}

TEST(TeamQueue, ANewDefinitionLooksAgainAtWhatNobodyCouldTake) {
  Office office(team_of({covering(member("ana"), "FR")}));
  office.give(pick(lead("one", "DE")));
  ASSERT_TRUE(office.state().queue(0).needs_person());
  office.apply(defined(team_of({covering(member("ana"), "FR"), covering(member("ben"), "DE")}), 2));
  EXPECT_FALSE(office.state().queue(0).needs_person());
  office.settle();
  EXPECT_EQ(office.picked(), (Picks{{"one", "ben"}}));
}

TEST(TeamQueue, BackFromLeave) {
  Office office(team_of({on_leave(member("ana"), "2026-10-01T00:00:00Z", "2026-10-12T00:00:00Z")}));
  office.give(pick(lead("one")));
  EXPECT_FALSE(office.state().queue(0).needs_person());
  office.until(moment("2026-10-12T00:00:00Z"));
  EXPECT_EQ(office.picked(), (Picks{{"one", "ana"}}));
}

// Whatever happens in whatever order: once all timers that are due have fired, no lead waits that somebody could take.
TEST(TeamQueue, NothingIsEverForgotten) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SeededChance chance(seed);
    const auto team = team_of(
        {testing::office(covering(member("ana", 3, 2), "DE"), 9, 17), testing::office(member("ben", 1, 1), 12, 20),
         on_leave(testing::office(member("cem", 2, 3)), "2026-10-08T00:00:00Z", "2026-10-09T12:00:00Z"),
         covering(testing::office(member("dia", 1, 2), 8, 12), "FR")});
    Office office(team);
    std::vector<std::string> in_hand;
    uint32_t version = 1;
    for (int step = 0; step < 200; ++step) {
      const uint64_t what = below(chance, 10);
      const size_t known = office.picked().size();
      if (what < 5) {
        const char* territories[] = {"DE", "FR", "US"};
        office.give(pick(lead("lead-" + std::to_string(step), territories[below(chance, 3)])));
      } else if (what < 7 && !in_hand.empty()) {
        std::swap(in_hand[below(chance, in_hand.size())], in_hand.back());
        office.give(free_capacity(in_hand.back()));
        in_hand.pop_back();
      } else if (what == 7 && below(chance, 5) == 0) {
        office.apply(defined(team, ++version));
      }
      if (below(chance, 3) > 0) office.wait(std::chrono::minutes{below(chance, 300)});
      if (below(chance, 2) == 0) {
        office.settle();
        ASSERT_EQ(first_to_take(office.state(), office.now()), nullptr) << "seed " << seed << " step " << step;
      }
      for (size_t i = known; i < office.picked().size(); ++i) in_hand.push_back(office.picked()[i].first);
    }
    EXPECT_GT(office.picked().size(), 30U);
  }
}

// Ten thousand leads; shares within one of the ideal, nothing for who is not active, and a restart in the
// middle (the state is replayed from the log) changes nothing.
TEST(TeamRotation, TenThousandLeads) {
  auto gone = member("gone", 5);
  *gone.mutable_left_at() = timestamp("2026-01-01T00:00:00Z");
  const std::vector<uint32_t> weights = {5, 3, 3, 2, 1, 1};
  std::vector<v1::MemberDefinition> members = {gone, member("off", 0)};
  for (size_t i = 0; i < weights.size(); ++i) members.push_back(member("m" + std::to_string(i), weights[i]));
  Office office(team_of(members));
  std::map<std::string, int> given;
  for (int n = 0; n < 10'000; ++n) {
    office.give(pick(lead("lead-" + std::to_string(n))));
    if (n > 50) office.give(free_capacity("lead-" + std::to_string(n - 50)));
    ++given[office.picked().back().second];
  }
  EXPECT_EQ(given.count("gone"), 0U);
  EXPECT_EQ(given.count("off"), 0U);
  for (size_t i = 0; i < weights.size(); ++i) {
    const double ideal = 10'000.0 * weights[i] / 15;
    EXPECT_LE(std::abs(given["m" + std::to_string(i)] - ideal), 1.0);
    const auto* place = find_rotation(office.state(), "m" + std::to_string(i));
    EXPECT_EQ(place->given(), static_cast<uint64_t>(given["m" + std::to_string(i)]));
    EXPECT_NEAR(static_cast<double>(place->ideal_millionths()) / 1e6, ideal, 0.01);
  }
  v1::Team replayed;
  for (const auto& [event, meta] : office.log()) Office::replay(replayed, *event, meta);
  EXPECT_EQ(replayed.SerializeAsString(), office.state().SerializeAsString());
  EXPECT_LT(replayed.ByteSizeLong(), 4'000U) << "bounded by members, queue and open leads";
}

TEST(TeamRotation, CatchUpGivesBackTheTurnsOfWhoWasAway) {
  for (const auto policy : {v1::ABSENCE_POLICY_HOLD, v1::ABSENCE_POLICY_CATCH_UP}) {
    auto team = team_of({on_leave(member("ana"), "2026-10-08T00:00:00Z", "2026-10-09T00:00:00Z"), member("ben")});
    team.set_absence(policy);
    Office office(team);
    std::map<std::string, int> given;
    int lead_number = 0;
    for (const char* day : {"2026-10-07T10:00:00Z", "2026-10-08T10:00:00Z", "2026-10-09T10:00:00Z"}) {
      office.until(moment(day));
      for (int n = 0; n < 100; ++n) office.give(pick(lead("lead-" + std::to_string(lead_number++))));
    }
    for (const auto& [id, who] : office.picked()) ++given[who];
    EXPECT_NEAR(given["ana"], policy == v1::ABSENCE_POLICY_HOLD ? 100 : 150, 1);
  }
}

}  // namespace
}  // namespace tandem::sales
