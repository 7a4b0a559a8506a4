// The floor does what the product does for a lead: as many commits, in the same services, each caused by the same, and
// records and states of about the same size.
#include "tests/bench/plan.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "shared/base/services.h"
#include "shared/bus/envelope.h"
#include "tandem/exchange/v1/exchange.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tests/bench/company.h"
#include "tests/support/memory_company.h"

namespace tandem::bench {
namespace {

constexpr uint32_t kShards = 4;

// An event that a lead led to.
struct Made {
  exchange::v1::Envelope envelope;
  size_t envelope_bytes = 0;
  size_t header_bytes = 0;
  size_t payload_bytes = 0;
};

size_t bytes_of(const std::vector<std::pair<std::string, std::string>>& headers) {
  size_t bytes = 0;
  for (const auto& [name, value] : headers) bytes += name.size() + value.size();
  return bytes;
}

class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    for (const Definition& definition : company_definitions(1)) {
      const Outcome outcome = company_.service(definition.service)
                                  .give(definition.method, definition.command, "d" + std::to_string(++requests_));
      EXPECT_NE(outcome.kind, Outcome::Kind::kFailed) << definition.method << ": " << to_line(outcome.error);
    }
    company_.settle();
    // One before, so that the team has leads in hand already.
    capture(0);
    const size_t before = events().size();
    capture(1);
    made_ = events();
    made_.erase(made_.begin(), made_.begin() + static_cast<std::ptrdiff_t>(before));
  }

  void capture(uint64_t n) {
    const auto command = lead_of("plan", n, 1);
    EXPECT_EQ(company_.give("marketing", "CaptureLead", command).kind, Outcome::Kind::kCommitted);
    company_.settle();
  }

  // Of all topics, in the order in which they were recorded within each partition; those of the last capture last.
  std::vector<Made> events() {
    std::vector<Made> all;
    for (const std::string& service : kServices) {
      for (uint32_t shard = 0; shard < kShards; ++shard) {
        for (const auto& record : company_.broker().records(bus::events_topic(service), shard)) {
          Made made;
          made.envelope.ParseFromString(*record.record.header("tandem"));
          made.envelope_bytes = record.record.header("tandem")->size();
          made.header_bytes = bytes_of(record.record.headers) - made.envelope_bytes;
          made.payload_bytes = record.record.value.size();
          if (seen_.insert(made.envelope.event_id()).second) order_.push_back(made);
        }
      }
    }
    return order_;
  }

  size_t state_bytes(const Made& made) {
    const AggregateRef ref{made.envelope.aggregate_type(), made.envelope.aggregate_id()};
    LoadBatch wanted;
    wanted.aggregates.emplace_back(made.envelope.position().shard(), ref);
    const auto loaded = company_.service(made.envelope.position().service()).store().load(wanted);
    return loaded.ok() ? loaded->aggregates[0].bytes.size() : 0;
  }

  std::string type_of_cause(const Made& made) {
    if (made.envelope.cause().has_request()) return "";
    return made.envelope.cause().event().event_type();
  }

  testing::MemoryCompany company_{kShards};
  uint64_t requests_ = 0;
  std::set<std::string> seen_;
  std::vector<Made> order_;
  std::vector<Made> made_;
};

TEST_F(PlanTest, EveryCommitOfALeadIsAStepAndEveryStepIsACommit) {
  using Commit = std::tuple<std::string, std::string, std::string>;  // service, event, cause
  std::vector<Commit> product;
  for (const Made& made : made_) {
    product.emplace_back(made.envelope.position().service(), made.envelope.event_type(), type_of_cause(made));
  }
  std::vector<Commit> plan;
  for (const Step& step : steps()) {
    plan.emplace_back(step.service, event_type(step.makes), event_type(step.on));
  }
  EXPECT_THAT(product, ::testing::UnorderedElementsAreArray(plan));
  EXPECT_EQ(commits_of_a_lead(), product.size());
}

TEST_F(PlanTest, TheRoadUntilAssignedHasAsManyHops) {
  std::map<std::string, std::string> causes;  // by event id
  std::string at;
  for (const Made& made : made_) {
    causes[made.envelope.event_id()] = made.envelope.cause().event().event_id();
    if (made.envelope.event_type() == event_type(Cause::kLeadAssigned)) at = made.envelope.event_id();
  }
  size_t hops = 0;
  for (; !at.empty(); at = causes.at(at)) ++hops;
  EXPECT_EQ(commits_until_assigned(), hops);
}

TEST_F(PlanTest, SizesAreThoseOfTheProduct) {
  for (const Made& made : made_) {
    const auto step = std::find_if(steps().begin(), steps().end(), [&](const Step& candidate) {
      return event_type(candidate.makes) == made.envelope.event_type() &&
             event_type(candidate.on) == type_of_cause(made);
    });
    ASSERT_NE(step, steps().end());
    const auto near = [&](size_t planned, size_t measured, const char* what) {
      EXPECT_LE(std::max(planned, measured) * 4, std::min(planned, measured) * 5)
          << made.envelope.event_type() << " on " << type_of_cause(made) << ": " << what << " is " << measured
          << " bytes, planned " << planned;
    };
    near(step->envelope_bytes, made.envelope_bytes, "envelope");
    near(kOtherHeaderBytes, made.header_bytes, "other headers");
    near(step->payload_bytes, made.payload_bytes, "payload");
    near(step->state_bytes, state_bytes(made), "state");
  }
}

}  // namespace
}  // namespace tandem::bench
