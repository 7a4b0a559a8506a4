// The contracts against their own rules: walks every descriptor under proto/tandem.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "tandem/policy/v1/policy.pb.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using policy::v1::FieldPolicy;
using policy::v1::MessagePolicy;

const std::set<std::string> kRoles{"any",     "marketing_manager", "salesperson", "sales_manager",
                                   "finance", "customer_service",  "admin",       "service"};

std::vector<const FileDescriptor*> files() {
  const std::filesystem::path root = std::filesystem::path(TANDEM_SOURCE_DIR) / "proto";
  std::vector<const FileDescriptor*> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "tandem")) {
    if (entry.path().extension() != ".proto") continue;
    const std::string name = std::filesystem::relative(entry.path(), root).string();
    const FileDescriptor* file = DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name << " is not linked in";
    if (file) files.push_back(file);
  }
  EXPECT_GT(files.size(), 10u);
  return files;
}

void add_with_nested(const Descriptor* message, std::vector<const Descriptor*>& messages) {
  messages.push_back(message);
  for (int i = 0; i < message->nested_type_count(); ++i) add_with_nested(message->nested_type(i), messages);
}

std::vector<const Descriptor*> messages_of(const FileDescriptor& file) {
  std::vector<const Descriptor*> messages;
  for (int i = 0; i < file.message_type_count(); ++i) add_with_nested(file.message_type(i), messages);
  return messages;
}

std::vector<const FieldDescriptor*> all_fields() {
  std::vector<const FieldDescriptor*> fields;
  for (const FileDescriptor* file : files()) {
    for (const Descriptor* message : messages_of(*file)) {
      for (int i = 0; i < message->field_count(); ++i) fields.push_back(message->field(i));
    }
  }
  return fields;
}

std::vector<const MethodDescriptor*> all_methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const FileDescriptor* file : files()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) methods.push_back(file->service(s)->method(m));
    }
  }
  return methods;
}

const FieldPolicy& policy_of(const FieldDescriptor& field) { return field.options().GetExtension(policy::v1::field); }
const MessagePolicy& policy_of(const Descriptor& message) {
  return message.options().GetExtension(policy::v1::message);
}

// Personal data that stands beside facts all the same. An exception, for as long as it is listed (decision 25): the
// name by which colleagues know a member of a team.
const std::set<std::string> kBesideFacts{"tandem.sales.v1.MemberDefinition.name"};

bool is_command(const MethodDescriptor& method) {
  return method.output_type() == type::v1::CommandResult::descriptor() ||
         method.output_type() == type::v1::StreamResult::descriptor();
}

bool is_events_file(const FileDescriptor& file) { return std::string_view(file.name()).ends_with("/events.proto"); }

TEST(Contracts, EveryMethodHasRolesThatExist) {
  const auto methods = all_methods();
  EXPECT_GT(methods.size(), 30u);
  for (const MethodDescriptor* method : methods) {
    const auto& roles = method->options().GetExtension(policy::v1::method).roles();
    EXPECT_GT(roles.size(), 0) << method->full_name();
    for (const std::string& role : roles) EXPECT_TRUE(kRoles.contains(role)) << method->full_name() << ": " << role;
  }
}

TEST(Contracts, EveryCommandHasWhatTheExchangeNeeds) {
  int commands = 0;
  for (const MethodDescriptor* method : all_methods()) {
    if (!is_command(*method)) continue;
    ++commands;
    const Descriptor& input = *method->input_type();
    const FieldDescriptor* request_id = input.FindFieldByName("request_id");
    const FieldDescriptor* occurred_at = input.FindFieldByName("occurred_at");
    const FieldDescriptor* acknowledgement = input.FindFieldByName("acknowledgement");
    ASSERT_TRUE(request_id && occurred_at && acknowledgement) << input.full_name();
    EXPECT_EQ(request_id->number(), 1) << input.full_name();
    EXPECT_EQ(policy_of(*request_id).format(), policy::v1::FORMAT_REQUEST_ID) << input.full_name();
    EXPECT_EQ(occurred_at->number(), 2) << input.full_name();
    ASSERT_NE(occurred_at->message_type(), nullptr) << input.full_name();
    EXPECT_EQ(occurred_at->message_type()->full_name(), "google.protobuf.Timestamp") << input.full_name();
    EXPECT_EQ(acknowledgement->number(), 3) << input.full_name();
    EXPECT_EQ(acknowledgement->enum_type(), type::v1::Acknowledgement_descriptor()) << input.full_name();
    EXPECT_EQ(method->client_streaming(), method->server_streaming()) << method->full_name();
  }
  EXPECT_GT(commands, 15);
}

TEST(Contracts, EveryStringHasAFormat) {
  for (const FieldDescriptor* field : all_fields()) {
    // The language of the options describes itself nowhere.
    if (field->type() != FieldDescriptor::TYPE_STRING || field->file()->package() == "tandem.policy.v1") continue;
    EXPECT_NE(policy_of(*field).format(), policy::v1::FORMAT_UNSPECIFIED) << field->full_name();
  }
}

// What no other message of an events.proto contains is no part of one: it is an event, and says of what.
TEST(Contracts, EveryEventIsMarked) {
  std::set<const Descriptor*> contained;
  for (const FieldDescriptor* field : all_fields()) {
    if (field->message_type() && is_events_file(*field->file())) contained.insert(field->message_type());
  }
  int events = 0;
  for (const FileDescriptor* file : files()) {
    for (const Descriptor* message : messages_of(*file)) {
      if (!policy_of(*message).event_of().empty()) {
        ++events;
      } else if (is_events_file(*file)) {
        EXPECT_TRUE(contained.contains(message)) << message->full_name() << " is not marked with event_of";
      }
    }
  }
  EXPECT_GT(events, 20);
}

// It stands in messages of its own, so that it can be sealed and erased without touching the facts beside it.
TEST(Contracts, PersonalDataIsMarkedAndApart) {
  int personal = 0;
  for (const FieldDescriptor* field : all_fields()) {
    const FieldPolicy& policy = policy_of(*field);
    if (policy.format() == policy::v1::FORMAT_EMAIL || policy.format() == policy::v1::FORMAT_PHONE) {
      EXPECT_TRUE(policy.personal_data() || policy_of(*field->containing_type()).personal_data())
          << field->full_name() << " is not marked as personal data";
    }
    if (policy_of(*field->containing_type()).personal_data()) ++personal;
    if (policy.personal_data() && is_events_file(*field->file()) && !kBesideFacts.contains(field->full_name())) {
      EXPECT_TRUE(policy_of(*field->containing_type()).personal_data())
          << field->full_name() << " is personal data beside facts: put it into a message of its own";
    }
  }
  EXPECT_GT(personal, 2);
}

// The same log gives the same bytes, and nothing is ever a double.
TEST(Contracts, NothingIsAMapOrAFloatingPointNumber) {
  for (const FieldDescriptor* field : all_fields()) {
    EXPECT_FALSE(field->is_map()) << field->full_name();
    EXPECT_NE(field->cpp_type(), FieldDescriptor::CPPTYPE_DOUBLE) << field->full_name();
    EXPECT_NE(field->cpp_type(), FieldDescriptor::CPPTYPE_FLOAT) << field->full_name();
  }
}

TEST(Contracts, BoundsMakeSense) {
  for (const FieldDescriptor* field : all_fields()) {
    const FieldPolicy& policy = policy_of(*field);
    const bool number = field->cpp_type() <= FieldDescriptor::CPPTYPE_UINT64;
    EXPECT_TRUE(number || !(policy.has_min() || policy.has_max())) << field->full_name() << " is no number";
    EXPECT_TRUE(field->is_repeated() || !(policy.has_min_items() || policy.has_max_items())) << field->full_name();
    if (policy.has_min() && policy.has_max()) {
      EXPECT_LE(policy.min(), policy.max()) << field->full_name();
    }
    if (policy.format() != policy::v1::FORMAT_UNSPECIFIED) {
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING) << field->full_name() << " has a format";
    }
  }
}

TEST(Contracts, EnumsBeginUnspecified) {
  for (const FieldDescriptor* field : all_fields()) {
    const EnumDescriptor* type = field->enum_type();
    if (!type) continue;
    EXPECT_EQ(type->value(0)->number(), 0) << type->full_name();
    EXPECT_TRUE(type->value(0)->name().ends_with("_UNSPECIFIED")) << type->full_name();
  }
}

}  // namespace
}  // namespace tandem
