// Says with GoogleTest where two stores differ, in what a call returned and in everything that can be read.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/store_history.h"

namespace tandem::testing {

// One service's data, seen through one handle of each kind.
struct StoreHandles {
  Store& store;
  Outbox& outbox;
};

template <class T>
void expect_same(const Result<T>& a, const Result<T>& b, const char* what) {
  ASSERT_EQ(a.ok(), b.ok()) << what << ": " << (a.ok() ? to_line(b.error()) : to_line(a.error()));
  if (a.ok()) {
    EXPECT_EQ(a.value(), b.value()) << what;
  } else {
    EXPECT_EQ(a.error(), b.error()) << what;
  }
}

void expect_same(const Status& a, const Status& b, const char* what);
void expect_same(const Result<Loaded>& a, const Result<Loaded>& b);
void expect_same(const Result<OutboxRead>& a, const Result<OutboxRead>& b);
void expect_same(const std::vector<CommitOutcome>& a, const std::vector<CommitOutcome>& b);

// Everything: states, requests, generations, marks, places, indexes page by page, timers, status.
void expect_same_data(StoreHandles a, StoreHandles b, StoreHistory& history, uint32_t shards);

}  // namespace tandem::testing
