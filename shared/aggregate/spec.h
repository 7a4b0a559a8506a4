// The test kit of business rules: given (events) when (command) then (event), without servers.
//
//   SPEC(Assignment, OnlyTheOwnerMayAccept) {
//     given(assigned_to("ana"));
//     when(accept_by("ben"));
//     then_rejected(Code::kPermissionDenied, "member");
//   }
//
// A spec folds the given events, decides the command, and folds what came, so several `when` may follow each other:
// each goes on from where the last one ended.
#pragma once

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "shared/aggregate/aggregate.h"

namespace tandem {

template <class A>
class Spec : public ::testing::Test {
 public:
  using State = typename A::State;

 protected:
  // Time of the next decisions and events. RFC 3339.
  void at_time(const std::string& rfc3339) {
    context_.now_ = parse_instant(rfc3339).value();
    context_.occurred_at_ = context_.now_;
  }
  // When the next facts happened, where that is not now.
  void happened_at(const std::string& rfc3339) { context_.occurred_at_ = parse_instant(rfc3339).value(); }
  void caller(std::string name, std::string role) { context_.caller_ = {std::move(name), std::move(role)}; }
  void id(std::string id) { context_.id_ = std::move(id); }
  void cause(std::string event_id) {
    context_.cause_event_ = event_id;
    context_.seed_ = std::move(event_id);
  }
  // State of another aggregate that a decision may look at.
  template <class B>
  void reference(std::string ref_id, typename B::State state) {
    given_references_[ref<B>(std::move(ref_id))] = std::make_shared<typename B::State>(std::move(state));
  }

  template <class... Event>
  void given(const Event&... events) {
    (fold(events), ...);
  }

  template <class C>
  void when(const C& command) {
    offer_references(command);
    decision_.emplace(A::decide(state_, command, context_));
    if (decision_->is_event()) fold(decision_->event());
  }

  // The event must equal this one, field by field.
  template <class Event>
  void then(const Event& expected) {
    ASSERT_TRUE(decision_.has_value()) << "then without when";
    ASSERT_TRUE(decision_->is_event()) << describe();
    ASSERT_EQ(decision_->event().GetDescriptor(), Event::descriptor()) << describe();
    std::string difference;
    google::protobuf::util::MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(expected, decision_->event())) << difference;
  }

  // The event, for checks of single fields; a failure and a default instance where there is none of that type.
  template <class Event>
  Event then_event() {
    if (!decision_ || !decision_->is_event() || decision_->event().GetDescriptor() != Event::descriptor()) {
      ADD_FAILURE() << "expected " << Event::descriptor()->name() << ", got " << describe();
      return {};
    }
    return static_cast<const Event&>(decision_->event());
  }

  void then_nothing() {
    ASSERT_TRUE(decision_.has_value()) << "then without when";
    EXPECT_TRUE(decision_->is_nothing()) << describe();
  }

  void then_rejected(Code code, const std::string& field) {
    ASSERT_TRUE(decision_.has_value()) << "then without when";
    ASSERT_TRUE(decision_->is_rejection()) << describe();
    EXPECT_EQ(code_name(decision_->rejection().code), code_name(code));
    ASSERT_FALSE(decision_->rejection().violations.empty());
    EXPECT_EQ(decision_->rejection().violations.front().field, field);
    for (const Violation& violation : decision_->rejection().violations) {
      EXPECT_FALSE(violation.reason.empty());
      EXPECT_FALSE(violation.remedy.empty()) << "say what the caller can do";
    }
  }

  const State& state() const { return state_; }
  Context& context() { return context_; }

 private:
  void fold(const google::protobuf::Message& event) {
    static const Registry registry = [] {
      Registry r;
      r.add<A>();
      return r;
    }();
    EventMeta meta{"event-" + std::to_string(++events_), event.GetDescriptor()->full_name(), ref<A>(context_.id_),
                   context_.occurred_at_, context_.now_};
    registry.find(A::kType)->events.at(meta.event_type).evolve(state_, event, meta);
  }
  // A decision may only look at what its aggregate declares.
  template <class C>
  void offer_references(const C& command) {
    References declared;
    if constexpr (requires { A::references(command); }) declared = A::references(command);
    if constexpr (requires { A::references(state_, command); }) {
      for (auto& r : A::references(state_, command)) declared.push_back(r);
    }
    context_.references_.clear();
    for (const AggregateRef& r : declared) {
      if (auto found = given_references_.find(r); found != given_references_.end()) context_.references_.insert(*found);
    }
  }
  std::string describe() const {
    if (!decision_) return "no decision";
    if (decision_->is_nothing()) return "nothing to do";
    if (decision_->is_rejection()) return "rejected: " + to_line(decision_->rejection());
    return decision_->event().GetDescriptor()->name() + " {" + decision_->event().ShortDebugString() + "}";
  }

  State state_;
  Context context_;
  std::optional<Decision> decision_;
  std::map<AggregateRef, std::shared_ptr<const google::protobuf::Message>> given_references_;
  int events_ = 0;
};

// A spec of one aggregate; the fixture for more helpers is `class LeadSpec : public Spec<Lead>` with TEST_F.
#define SPEC(Aggregate, Name)                                                                             \
  class Aggregate##Spec_##Name : public ::tandem::Spec<Aggregate> {                                       \
   public:                                                                                                \
    void TestBody() override;                                                                             \
  };                                                                                                      \
  static const ::testing::TestInfo* const kSpec_##Aggregate##_##Name =                                    \
      ::testing::RegisterTest(#Aggregate, #Name, nullptr, nullptr, __FILE__, __LINE__,                    \
                              []() -> ::tandem::Spec<Aggregate>* { return new Aggregate##Spec_##Name; }); \
  void Aggregate##Spec_##Name::TestBody()

}  // namespace tandem
