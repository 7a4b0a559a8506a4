// For how long a subscription says that something is wrong: until who had the error answers, whether events come or
// not, and not for a moment less.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/bus/bus_world_testing.h"
#include "shared/bus/subscription.h"

namespace tandem::bus {
namespace {

// What is to go wrong with a reader.
struct ReaderFaults {
  std::set<uint32_t> silent;  // partitions of which the brokers do not tell
  std::optional<Error> said;  // by the next poll, once
  std::optional<Error> places, next_seek;
};

class FaultyReader : public LogReader {
 public:
  FaultyReader(std::unique_ptr<LogReader> inner, ReaderFaults& faults) : inner_(std::move(inner)), faults_(faults) {}

  Status subscribe(const std::vector<std::string>& topics, const std::string& group) override {
    return inner_->subscribe(topics, group);
  }
  Status start(const StartOffsets& offsets) override { return inner_->start(offsets); }
  void release() override { inner_->release(); }
  ReaderEvent poll(Millis timeout) override {
    if (!faults_.said) return inner_->poll(timeout);
    ReaderEvent event;
    event.kind = ReaderEvent::Kind::kError;
    event.error.swap(faults_.said);
    return event;
  }
  Status seek(const TopicPartition& partition, uint64_t offset) override {
    if (faults_.next_seek) return *std::exchange(faults_.next_seek, std::nullopt);
    return inner_->seek(partition, offset);
  }
  void pause(std::span<const TopicPartition> partitions) override { inner_->pause(partitions); }
  void resume(std::span<const TopicPartition> partitions) override { inner_->resume(partitions); }
  void commit(const TopicPartition& partition, uint64_t next) override { inner_->commit(partition, next); }
  Result<Watermarks> watermarks(const TopicPartition& partition, Millis timeout) override {
    if (timeout > Millis(0) && faults_.silent.contains(partition.partition)) {
      return make_error(Code::kUnavailable, "no word of " + std::to_string(partition.partition));
    }
    return inner_->watermarks(partition, timeout);
  }

 private:
  std::unique_ptr<LogReader> inner_;
  ReaderFaults& faults_;
};

class FaultyLog : public Log {
 public:
  FaultyLog(Log& inner, ReaderFaults& faults) : inner_(inner), faults_(faults) {}

  Result<std::unique_ptr<LogWriter>> make_writer() override { return inner_.make_writer(); }
  Result<std::unique_ptr<LogReader>> make_reader(ReaderOptions options) override {
    TANDEM_ASSIGN_OR_RETURN(auto reader, inner_.make_reader(options));
    return std::unique_ptr<LogReader>(std::make_unique<FaultyReader>(std::move(reader), faults_));
  }
  Result<std::unique_ptr<LogAdmin>> make_admin() override { return inner_.make_admin(); }
  std::string retention_advice() const override { return inner_.retention_advice(); }

 private:
  Log& inner_;
  ReaderFaults& faults_;
};

// crm reads partitions of sales, in which nothing happens.
class SubscriptionErrorsTest : public testing::Test {
 protected:
  explicit SubscriptionErrorsTest(uint32_t partitions = 2) : bus_(partitions) {}

  static SubscriptionOptions options() {
    SubscriptionOptions options;
    options.installation = "test";
    options.service = "crm";
    options.sources = {"sales"};
    return options;
  }
  SubscriptionListener listener() {
    SubscriptionListener listener;
    listener.places = [this]() -> Result<std::vector<std::vector<Place>>> {
      if (faults_.places) return *faults_.places;
      return std::vector<std::vector<Place>>(1);
    };
    return listener;
  }
  // The error that there is after each second.
  std::vector<std::string> errors(int seconds) {
    std::vector<std::string> errors;
    for (int second = 0; second < seconds; ++second) {
      bus_.clock.advance(std::chrono::seconds(1));
      for (int still = 0; still < 3;) still = subscription_.step(Millis(0)) ? 0 : still + 1;
      const auto error = subscription_.stats().last_error;
      errors.push_back(error ? error->message : "");
    }
    return errors;
  }
  std::string error_after(int seconds) { return errors(seconds).back(); }

  BusWorld bus_;
  ReaderFaults faults_;
  FaultyLog log_{bus_.log, faults_};
  Subscription subscription_{log_, bus_.clock, options(), listener()};
};

struct ManyPartitionsErrorsTest : SubscriptionErrorsTest {
  ManyPartitionsErrorsTest() : SubscriptionErrorsTest(48) {}
};

TEST_F(SubscriptionErrorsTest, AnAnswerThatIsMissingOnceIsForgottenWithTheNextOne) {
  ASSERT_EQ(error_after(2), "");
  faults_.silent = {0};
  ASSERT_EQ(error_after(10), "no word of 0");
  faults_.silent.clear();
  EXPECT_EQ(error_after(10), "") << "though no event has come";
}

TEST_F(ManyPartitionsErrorsTest, WhoWasSilentIsAskedAgainBeforeATurnIsOver) {
  ASSERT_EQ(error_after(2), "");
  faults_.silent = {0};
  ASSERT_EQ(error_after(60), "no word of 0");
  faults_.silent.clear();
  EXPECT_EQ(error_after(10), "");
}

TEST_F(SubscriptionErrorsTest, APartitionThatStaysSilentIsNotHiddenByTheAnswersOfTheOthers) {
  faults_.silent = {0};
  ASSERT_EQ(error_after(10), "no word of 0");
  EXPECT_THAT(errors(60), testing::Each("no word of 0"));
}

TEST_F(SubscriptionErrorsTest, APartitionThatIsSilentIsNotHiddenByEventsOfTheOthersButByItsOwn) {
  faults_.silent = {0};
  ASSERT_EQ(error_after(10), "no word of 0");
  ASSERT_TRUE(bus_.broker.append("tandem.sales.events", 1, event_record(1, 1, "x", "sales", 1)).ok());
  EXPECT_EQ(error_after(1), "no word of 0");
  ASSERT_TRUE(bus_.broker.append("tandem.sales.events", 0, event_record(1, 1, "x")).ok());
  EXPECT_EQ(error_after(1), "");
}

TEST_F(SubscriptionErrorsTest, PlacesThatCannotBeReadAreForgottenWhenTheyCan) {
  faults_.places = make_error(Code::kUnavailable, "Redis is away");
  EXPECT_THAT(errors(3), testing::Each("Redis is away"));
  faults_.places.reset();
  EXPECT_EQ(error_after(1), "");
  faults_.places = make_error(Code::kUnavailable, "Redis is away again");
  subscription_.rewind_all();
  EXPECT_THAT(errors(10), testing::Each("Redis is away again")) << "though the brokers answer";
  faults_.places.reset();
  EXPECT_EQ(error_after(1), "");
}

TEST_F(SubscriptionErrorsTest, AFailureToGoBackIsForgottenWhenItHasSucceeded) {
  ASSERT_EQ(error_after(1), "");
  faults_.next_seek = make_error(Code::kUnavailable, "no seeking now");
  subscription_.rewind_all();
  EXPECT_EQ(error_after(1), "no seeking now");
  EXPECT_EQ(error_after(1), "");
}

TEST_F(SubscriptionErrorsTest, WhatTheBrokersRefuseTheySayOnceAndItStays) {
  ASSERT_EQ(error_after(1), "");
  faults_.said = make_error(Code::kUnavailable, "all brokers are down");
  EXPECT_THAT(errors(1), testing::ElementsAre("all brokers are down"));
  EXPECT_EQ(error_after(10), "") << "somebody has answered";
  faults_.said = make_error(Code::kPermissionDenied, "the topic may not be read");
  EXPECT_THAT(errors(60), testing::Each("the topic may not be read"));
  ASSERT_TRUE(bus_.broker.append("tandem.sales.events", 0, event_record(1, 1, "x")).ok());
  EXPECT_EQ(error_after(1), "");
}

TEST_F(SubscriptionErrorsTest, TheErrorOfAPartitionThatIsTakenAwayGoesWithIt) {
  faults_.silent = {1};
  ASSERT_EQ(error_after(10), "no word of 1");
  Subscription other(bus_.log, bus_.clock, options(), listener());
  other.step(Millis(0));
  for (int i = 0; i < 5; ++i) {
    (void)errors(1);
    other.step(Millis(0));
  }
  ASSERT_EQ(subscription_.assigned(), (std::set<Source>{{"sales", 0}}));
  EXPECT_EQ(error_after(1), "");
}

}  // namespace
}  // namespace tandem::bus
