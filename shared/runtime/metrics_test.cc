#include "shared/runtime/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::runtime {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, TellHowManyRequestsCameAndWhatBecameOfThem) {
  Metrics metrics("sales");
  rpc::ServerCounters counters;
  counters.commands = 7;
  counters.reads = 3;
  counters.expired = 2;
  counters.open_calls = 4;
  metrics.server(counters);
  EXPECT_THAT(metrics.text(), HasSubstr("tandem_requests_total{kind=\"command\",service=\"sales\"} 7\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("tandem_requests_total{kind=\"read\",service=\"sales\"} 3\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("tandem_requests_expired_total{service=\"sales\"} 2\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("tandem_open_calls{service=\"sales\"} 4\n"));

  counters.commands = 8;
  counters.open_calls = 0;
  metrics.server(counters);
  EXPECT_THAT(metrics.text(), HasSubstr("tandem_requests_total{kind=\"command\",service=\"sales\"} 8\n"));
  EXPECT_THAT(metrics.text(), HasSubstr("tandem_open_calls{service=\"sales\"} 0\n"));
}

}  // namespace
}  // namespace tandem::runtime
