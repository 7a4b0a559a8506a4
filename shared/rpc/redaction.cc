#include "shared/rpc/redaction.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <vector>

#include "tandem/policy/v1/policy.pb.h"

namespace tandem::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool is_personal(const google::protobuf::Descriptor& type) {
  return type.options().GetExtension(policy::v1::message).personal_data();
}

bool is_personal(const FieldDescriptor& field) {
  return field.options().GetExtension(policy::v1::field).personal_data();
}

void redact_fields(Message& message, bool personal);

void redact_field(Message& message, const FieldDescriptor& field, bool personal) {
  const Reflection& reflection = *message.GetReflection();
  personal = personal || is_personal(field);
  const int size = field.is_repeated() ? reflection.FieldSize(message, &field) : 0;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    if (!field.is_repeated()) redact_fields(*reflection.MutableMessage(&message, &field), personal);
    for (int i = 0; i < size; ++i) redact_fields(*reflection.MutableRepeatedMessage(&message, &field, i), personal);
  } else if (personal && field.type() == FieldDescriptor::TYPE_STRING) {
    if (!field.is_repeated()) reflection.SetString(&message, &field, kRedacted);
    for (int i = 0; i < size; ++i) reflection.SetRepeatedString(&message, &field, i, kRedacted);
  } else if (personal) {
    reflection.ClearField(&message, &field);
  }
}

void redact_fields(Message& message, bool personal) {
  personal = personal || is_personal(*message.GetDescriptor());
  const Reflection& reflection = *message.GetReflection();
  reflection.MutableUnknownFields(&message)->Clear();
  std::vector<const FieldDescriptor*> set;
  reflection.ListFields(message, &set);
  for (const FieldDescriptor* field : set) redact_field(message, *field, personal);
}

}  // namespace

std::unique_ptr<Message> redact(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  redact_fields(*copy, false);
  return copy;
}

std::string redacted_line(const Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string line;
  printer.PrintToString(*redact(message), &line);
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace tandem::rpc
