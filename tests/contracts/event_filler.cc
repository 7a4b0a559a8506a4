#include "tests/contracts/event_filler.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>

namespace tandem::testing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class Filler {
 public:
  void fill(Message& message) {
    if (message.GetDescriptor() == google::protobuf::Timestamp::descriptor()) {
      auto& at = static_cast<google::protobuf::Timestamp&>(message);
      at.set_seconds(1'790'000'000 + ++count_);
      at.set_nanos(123'456'000);
      return;
    }
    for (int i = 0; i < message.GetDescriptor()->field_count(); i++) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      const auto* oneof = field.real_containing_oneof();
      if (oneof != nullptr && oneof->field(0) != &field) continue;
      for (int item = 0; item < (field.is_repeated() ? 2 : 1); item++) set(message, field, item);
    }
  }

 private:
  void set(Message& message, const FieldDescriptor& field, int item) {
    const auto& reflection = *message.GetReflection();
    const uint64_t number = ++count_;
    auto put = [&](auto setter, auto adder, auto value) {
      field.is_repeated() ? (reflection.*adder)(&message, &field, value)
                          : (reflection.*setter)(&message, &field, value);
    };
    using R = google::protobuf::Reflection;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return put(&R::SetInt32, &R::AddInt32, -static_cast<int32_t>(number));
      case FieldDescriptor::CPPTYPE_INT64:
        return put(&R::SetInt64, &R::AddInt64, -static_cast<int64_t>(number << 40));
      case FieldDescriptor::CPPTYPE_UINT32:
        return put(&R::SetUInt32, &R::AddUInt32, static_cast<uint32_t>(number) | 0x8000'0000u);
      case FieldDescriptor::CPPTYPE_UINT64:
        return put(&R::SetUInt64, &R::AddUInt64, number | 0x8000'0000'0000'0000u);
      case FieldDescriptor::CPPTYPE_BOOL:
        return put(&R::SetBool, &R::AddBool, true);
      case FieldDescriptor::CPPTYPE_ENUM:
        return put(&R::SetEnumValue, &R::AddEnumValue,
                   field.enum_type()->value(field.enum_type()->value_count() - 1)->number());
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string value = field.name() + "-" + std::to_string(item + 1);
        return field.is_repeated() ? reflection.AddString(&message, &field, value)
                                   : reflection.SetString(&message, &field, value);
      }
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return fill(*(field.is_repeated() ? reflection.AddMessage(&message, &field)
                                          : reflection.MutableMessage(&message, &field)));
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return;  // no contract has any: contracts_test.cc
    }
  }

  uint32_t count_ = 0;
};

}  // namespace

void fill(Message& message) { Filler().fill(message); }

}  // namespace tandem::testing
