// What kind of history a seed draws: how large the company is, what is asked of it, and which faults it has. Every
// history has some kinds of faults and lacks others: bugs that one kind hides are found without it.
#pragma once

#include <cstdint>

#include "tests/simulation/dice.h"

namespace tandem::simulation {

struct Profile {
  uint32_t shards = 3;
  uint32_t replicas = 2;  // of each service
  uint64_t acts = 0;      // of the part with faults
  uint64_t leads = 0;
  bool upgrade = false;  // replicas that start late have one more reaction
  bool deals = false;    // some leads are open deals before anything goes wrong: what follows a deal is reached in time

  // Once in so many; 0 = never.
  uint64_t interlude = 0;  // calls during which others act
  uint64_t pause = 0;      // interludes that are longer than a lease
  uint64_t crash = 0;      // calls at which the process dies
  uint64_t store_fault = 0;
  uint64_t lost_reply = 0;  // of store faults: the others never arrived
  uint64_t fault = 0;       // acts that are a fault of the list below

  // Faults that this history has.
  bool writer_dies = false;
  bool session_expires = false;
  bool redis_away = false;
  bool redis_loses = false;
  bool clock_jumps = false;
  bool duplicates = false;
  bool slow_links = false;
  bool kill = false;
  bool late_trims = false;  // what is acknowledged is not trimmed at once
  bool slow_calls = false;  // a rebalance's call of the loop takes longer than the subscription waits
};

inline Profile draw_profile(Dice& dice) {
  Profile p;
  p.shards = static_cast<uint32_t>(dice.between(2, 4));
  p.replicas = dice.one_in(4) ? 3 : 2;
  p.acts = dice.between(500, 1600);
  p.leads = dice.between(2, 6);
  p.upgrade = dice.one_in(2);
  p.interlude = dice.one_in(5) ? 0 : dice.between(4, 30);
  p.pause = dice.one_in(3) ? 0 : dice.between(4, 20);
  p.crash = dice.one_in(3) ? 0 : dice.between(100, 1500);
  p.store_fault = dice.one_in(3) ? 0 : dice.between(30, 400);
  p.lost_reply = dice.between(1, 3);
  p.fault = dice.one_in(6) ? 0 : dice.between(15, 120);
  p.writer_dies = dice.one_in(2);
  p.session_expires = dice.one_in(2);
  p.redis_away = dice.one_in(3);
  p.redis_loses = dice.one_in(2);
  p.clock_jumps = dice.one_in(3);
  p.duplicates = dice.one_in(3);
  p.slow_links = dice.one_in(2);
  p.kill = dice.one_in(2);
  p.slow_calls = dice.one_in(3);
  p.deals = dice.one_in(3);
  p.late_trims = dice.one_in(2);
  return p;
}

}  // namespace tandem::simulation
