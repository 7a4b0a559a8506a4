// What validation has to look at in a type of message, worked out once from its descriptor.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tandem/policy/v1/policy.pb.h"

namespace tandem::rpc {

struct ValidationPlan;

struct FieldPlan {
  const google::protobuf::FieldDescriptor* field = nullptr;
  bool required = false;
  // Of numbers. `bounded` = the contract says min or max.
  bool bounded = false;
  int64_t min = std::numeric_limits<int64_t>::min();
  int64_t max = std::numeric_limits<int64_t>::max();
  // Of strings, in Unicode characters; of bytes, in bytes.
  policy::v1::Format format = policy::v1::FORMAT_UNSPECIFIED;
  uint32_t min_length = 0;
  uint32_t max_length = 256;
  // Of repeated fields.
  uint32_t min_items = 0;
  uint32_t max_items = 1000;
  // Of messages; null where there is nothing to look at inside.
  const ValidationPlan* message = nullptr;
  bool timestamp = false;
  // "is less than 1"'s remedy: "use 1 to 10000".
  std::string range_remedy;
};

struct ValidationPlan {
  std::vector<FieldPlan> fields;
  // Of which one member must be set.
  std::vector<const google::protobuf::OneofDescriptor*> required_oneofs;
};

// From a cache; safe from any thread. The plan lives for ever.
const ValidationPlan& validation_plan(const google::protobuf::Descriptor& type);

}  // namespace tandem::rpc
