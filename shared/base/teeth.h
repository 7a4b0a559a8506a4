// Deliberate bugs, each of which the simulator must find: `make teeth` switches one on at a time and prints how many
// histories that took. In every product build a tooth is the constant false, and the compiler removes what it guards.
//
// E and W are rules of the protocol that are taken away (docs/protocol); X are bugs beyond its model.
#pragma once

#include <string_view>
#include <utility>

namespace tandem::teeth {

enum class Tooth {
  kNone,
  kE01,  // no compare-and-set: a mark only has to be greater
  kE02,  // no fence: healing counts the generation up
  kE03,  // the generation is stamped at the commit
  kE04,  // the trim checks nothing
  kE05,  // the place moves before the effects
  kW01,  // a fence always counts
  kW05,  // PUBLISHED at Kafka's acknowledgement
  kW06,  // who waits for PUBLISHED looks at the number only
  kW08,  // request ids are not folded
  kW10,  // reading starts at an offset that does not go back with the shard, as Kafka's does not
  kW11,  // marks that moved without an event are not carried
  kW12,  // parking is not in the log
  kW13,  // the version is a count
  kW14,  // a cache of states (with versions that are counts) is kept over a new generation
  kX01,  // the version is derived from the cause
  kX02,  // parked commands are taken out of order
  kX03,  // a timer is fired by two replicas
  kX04,  // k is the position in the list, and a reaction is inserted
  kX05,  // a request is acknowledged before the commit
  kX06,  // a replica that loses a partition notes what it has taken, not what it has applied
};

inline constexpr std::pair<std::string_view, Tooth> kTeeth[] = {
    {"E01", Tooth::kE01}, {"E02", Tooth::kE02}, {"E03", Tooth::kE03}, {"E04", Tooth::kE04}, {"E05", Tooth::kE05},
    {"W01", Tooth::kW01}, {"W05", Tooth::kW05}, {"W06", Tooth::kW06}, {"W08", Tooth::kW08}, {"W10", Tooth::kW10},
    {"W11", Tooth::kW11}, {"W12", Tooth::kW12}, {"W13", Tooth::kW13}, {"W14", Tooth::kW14}, {"X01", Tooth::kX01},
    {"X02", Tooth::kX02}, {"X03", Tooth::kX03}, {"X04", Tooth::kX04}, {"X05", Tooth::kX05}, {"X06", Tooth::kX06},
};

#ifdef TANDEM_TEETH
// Set once, before anything runs.
inline Tooth in_force = Tooth::kNone;
inline bool bites(Tooth tooth) { return in_force == tooth; }
#else
inline constexpr bool bites(Tooth) { return false; }
#endif

}  // namespace tandem::teeth

#define TANDEM_TOOTH(name) ::tandem::teeth::bites(::tandem::teeth::Tooth::name)
