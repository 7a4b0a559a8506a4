// A company's traffic, on threads of its own: leads come in and salespeople accept and win them, whatever happens to
// the services meanwhile. Everything is sent again, with its request id, until it is answered.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/system/company.h"

namespace tandem::testing {

// What became of the leads that were sent.
struct Tally {
  int sent = 0;
  int created = 0;
  int known = 0;    // touches of leads that there are
  int refused = 0;  // they were meant to be
  std::vector<std::string> unexpected;
};

class Load {
 public:
  // Begins to capture so many leads: a tenth of them again persons already known, a twentieth of a campaign that does
  // not exist. `capturers` are threads.
  Load(Company& company, int leads, int capturers = 4,
       type::v1::Acknowledgement acknowledgement = type::v1::ACKNOWLEDGEMENT_STORED);
  ~Load();

  // How many leads were answered.
  int answered() const { return answered_; }
  // All leads are answered, everything that can be accepted is accepted and won, and the installation is at rest. False
  // if that does not come.
  bool finish(std::chrono::milliseconds patience = std::chrono::seconds(60));
  Tally tally();

 private:
  void capture(int first, int step);
  void sell();
  // Accepts and wins what there is; true if there was nothing.
  bool sell_once();

  Company& company_;
  const int leads_;
  const type::v1::Acknowledgement acknowledgement_;
  std::mutex mutex_;
  Tally tally_;
  std::atomic<int> answered_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
  std::thread seller_;
};

// The books balance: every lead that was sent is accounted for, each person is one lead with one live assignment, each
// deal has exactly one entry of commission for its owner and one for the manager, every ledger sums to zero, nothing is
// unpublished and nothing parked.
void expect_books_balance(Company& company, const Tally& tally);

}  // namespace tandem::testing
