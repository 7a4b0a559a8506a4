// What a captured lead takes until it is assigned and everybody who follows it has noted it: the commits, the hops over
// Kafka between them, and how large they are. The floor program carries this out and nothing else; plan_test.cc counts
// it in the product, so that both do the same work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tandem::bench {

// What causes a step: a request, or an event that was read from a topic.
enum class Cause : uint8_t {
  kRequest,
  kLeadCaptured,
  kLeadQualified,
  kMemberPicked,
  kLeadAssigned,
  kCustomerRegistered,
  kInteractionRecorded,
};

// One commit with one event.
struct Step {
  std::string_view service;    // that commits it, and whose topic has the event
  Cause on;                    // what it follows from
  Cause makes;                 // the event
  std::string_view aggregate;  // its type
  bool shared;                 // one aggregate for many leads (a team), not one of its own for each
  bool begins;                 // the first commit of its aggregate, which puts it into the list of its type
  bool timer;                  // sets one timer
  size_t envelope_bytes;       // in the outbox, and in a header on Kafka
  size_t payload_bytes;        // value of the record
  size_t state_bytes;          // what is stored in Redis
};

std::span<const Step> steps();

// All other headers of a record on Kafka, those of CloudEvents.
inline constexpr size_t kOtherHeaderBytes = 350;

// The commits of one lead.
size_t commits_of_a_lead();
// Commits and hops from the request until LeadAssigned can be read.
size_t commits_until_assigned();

// Of the product: "tandem.sales.v1.LeadAssigned".
std::string_view event_type(Cause event);

}  // namespace tandem::bench
