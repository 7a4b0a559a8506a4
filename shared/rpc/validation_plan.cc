#include "shared/rpc/validation_plan.h"

#include <google/api/field_behavior.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace tandem::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Plans of types that contain each other are made together, under one lock.
class Plans {
 public:
  const ValidationPlan& get(const Descriptor& type) {
    {
      std::shared_lock lock(mutex_);
      if (const auto found = plans_.find(&type); found != plans_.end()) return *found->second;
    }
    std::unique_lock lock(mutex_);
    return make(type);
  }

 private:
  const ValidationPlan& make(const Descriptor& type) {
    auto& plan = plans_[&type];
    if (plan) return *plan;
    plan = std::make_unique<ValidationPlan>();
    ValidationPlan& made = *plan;  // `plan` moves when the map grows
    for (int i = 0; i < type.field_count(); ++i) add_field(*type.field(i), made);
    return made;
  }

  void add_field(const FieldDescriptor& field, ValidationPlan& plan);

  std::shared_mutex mutex_;
  std::unordered_map<const Descriptor*, std::unique_ptr<ValidationPlan>> plans_;
};

bool is_required(const FieldDescriptor& field) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == google::api::REQUIRED) return true;
  }
  return false;
}

uint32_t default_max_length(const FieldDescriptor& field, policy::v1::Format format) {
  if (field.type() == FieldDescriptor::TYPE_BYTES) return std::numeric_limits<uint32_t>::max();
  switch (format) {
    case policy::v1::FORMAT_ID:
    case policy::v1::FORMAT_REQUEST_ID:
      return 128;
    case policy::v1::FORMAT_EMAIL:
      return 254;
    default:
      return 256;
  }
}

std::string range_remedy(const policy::v1::FieldPolicy& policy) {
  if (policy.has_min() && policy.has_max()) {
    return "use " + std::to_string(policy.min()) + " to " + std::to_string(policy.max());
  }
  if (policy.has_min()) return "use " + std::to_string(policy.min()) + " or more";
  return "use " + std::to_string(policy.max()) + " or less";
}

void Plans::add_field(const FieldDescriptor& field, ValidationPlan& plan) {
  const policy::v1::FieldPolicy& policy = field.options().GetExtension(policy::v1::field);
  FieldPlan made;
  made.field = &field;
  made.required = is_required(field);
  made.bounded = policy.has_min() || policy.has_max();
  if (policy.has_min()) made.min = policy.min();
  if (policy.has_max()) made.max = policy.max();
  if (made.bounded) made.range_remedy = range_remedy(policy);
  made.format = policy.format();
  made.min_length = policy.min_length();
  made.max_length = policy.has_max_length() ? policy.max_length() : default_max_length(field, policy.format());
  made.min_items = policy.min_items();
  if (policy.has_max_items()) made.max_items = policy.max_items();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    made.timestamp = field.message_type() == google::protobuf::Timestamp::descriptor();
    if (field.message_type()->file()->package() != "google.protobuf") made.message = &make(*field.message_type());
  }
  if (const auto* oneof = field.real_containing_oneof(); oneof && made.required) {
    made.required = false;
    auto& oneofs = plan.required_oneofs;
    if (std::find(oneofs.begin(), oneofs.end(), oneof) == oneofs.end()) oneofs.push_back(oneof);
  }
  plan.fields.push_back(std::move(made));
}

}  // namespace

const ValidationPlan& validation_plan(const Descriptor& type) {
  static Plans plans;
  return plans.get(type);
}

}  // namespace tandem::rpc
