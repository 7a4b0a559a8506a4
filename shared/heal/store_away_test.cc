// That the store is away is told apart from shards that wait to be reconciled: operators do different things about
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/heal/heal_world_testing.h"

namespace tandem::heal {
namespace {

class StoreAwayTest : public ::testing::Test {
 protected:
  // Every call of healing, or one by its name, is lost.
  void lose(const std::string& name = "") {
    replica_.healing_store.set_fault_hook([name](const store::MemoryCall& call) {
      return name.empty() || call.name == name ? store::Fault::kUnavailable : store::Fault::kNone;
    });
  }

  HealWorld world_;
  Replica replica_{world_};
};

TEST_F(StoreAwayTest, IsSaidFromTheLookThatFailsToTheOneThatDoesNot) {
  ASSERT_TRUE(replica_.heal());
  EXPECT_FALSE(replica_.healing.state().store_away);
  lose();
  ASSERT_TRUE(replica_.heal());
  ASSERT_TRUE(replica_.healing.state().store_away);
  EXPECT_EQ(replica_.healing.state().store_away->code, Code::kUnavailable);
  EXPECT_TRUE(replica_.healing.state().reconciled.empty());
  replica_.healing_store.set_fault_hook({});
  ASSERT_TRUE(replica_.heal());
  EXPECT_FALSE(replica_.healing.state().store_away);
  EXPECT_TRUE(replica_.healing.all_reconciled());
}

TEST_F(StoreAwayTest, IsNotSaidOfAStoreThatAnswersAndIsNotHealed) {
  lose("claim");
  for (int i = 0; i < 20; ++i) {
    replica_.healing.step(std::chrono::milliseconds(0));
    world_.clock.advance(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(replica_.healing.state().last_error);
  EXPECT_FALSE(replica_.healing.state().store_away);
}

TEST_F(StoreAwayTest, IsNotSaidOfALogThatIsAway) {
  world_.broker.set_down(true);
  for (int i = 0; i < 20; ++i) {
    replica_.healing.step(std::chrono::milliseconds(0));
    world_.clock.advance(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(replica_.healing.state().last_error);
  EXPECT_FALSE(replica_.healing.state().store_away);
}

}  // namespace
}  // namespace tandem::heal
