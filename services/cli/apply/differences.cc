#include "services/cli/apply/differences.h"

#include <google/protobuf/util/message_differencer.h>

#include <map>
#include <memory>
#include <set>

#include "services/cli/apply/fields.h"
#include "services/cli/output.h"
#include "shared/base/decimal.h"
#include "tandem/policy/v1/policy.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::util::MessageDifferencer;

// Services keep a decimal in one spelling: 0.10 is 0.1.
void make_canonical(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        make_canonical(field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                            : *reflection.MutableMessage(&message, field));
      }
    } else if (field->options().GetExtension(policy::v1::field).format() == policy::v1::FORMAT_DECIMAL &&
               !field->is_repeated()) {
      const auto decimal = Decimal::parse(reflection.GetString(message, field));
      if (decimal.ok()) reflection.SetString(&message, field, decimal->to_string());
    }
  }
}

std::unique_ptr<Message> canonical_copy(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  make_canonical(*copy);
  return copy;
}

class Comparison {
 public:
  void compare(const Message& before, const Message& after, const std::string& prefix) {
    const auto& type = *before.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) compare_field(before, after, *type.field(i), prefix);
  }

  std::vector<std::string> lines;

 private:
  using Items = std::vector<std::pair<std::string, const Message*>>;

  // Messages of several fields, which are worth looking into.
  static bool is_nested(const FieldDescriptor& field) {
    return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
           field.message_type()->full_name() != "tandem.type.v1.Money" &&
           field.message_type()->full_name() != "google.protobuf.Timestamp";
  }

  void compare_field(const Message& before, const Message& after, const FieldDescriptor& field,
                     const std::string& prefix) {
    const std::string path = prefix + field.name();
    if (!is_nested(field)) {
      const std::string was = readable(before, field.name());
      const std::string is = readable(after, field.name());
      if (was != is) lines.push_back(path + ": " + shown(was) + " -> " + shown(is));
    } else if (field.is_repeated()) {
      compare_items(items_of(before, field), items_of(after, field), path);
    } else {
      compare(before.GetReflection()->GetMessage(before, &field), after.GetReflection()->GetMessage(after, &field),
              path + ".");
    }
  }

  static std::string shown(const std::string& text) { return text.empty() ? "(none)" : text; }

  static Items items_of(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    Items items;
    std::set<std::string> names;
    const FieldDescriptor* first = field.message_type()->field(0);
    const bool named = first->cpp_type() == FieldDescriptor::CPPTYPE_STRING && !first->is_repeated();
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const Message& item = reflection.GetRepeatedMessage(message, &field, i);
      std::string name = named ? item.GetReflection()->GetString(item, first) : "";
      if (!names.insert(name).second || name.empty()) name = std::to_string(i);
      items.emplace_back(name, &item);
    }
    return items;
  }

  void compare_items(const Items& before, const Items& after, const std::string& path) {
    std::map<std::string, const Message*> was(before.begin(), before.end());
    std::map<std::string, const Message*> is(after.begin(), after.end());
    for (const auto& [name, item] : before) {
      if (!is.contains(name)) lines.push_back(path + "[" + name + "]: removed");
    }
    for (const auto& [name, item] : after) {
      const std::string where = path + "[" + name + "]";
      if (const auto old = was.find(name); old != was.end()) {
        compare(*old->second, *item, where + ".");
      } else {
        lines.push_back(where + ": added");
      }
    }
    compare_order(before, after, path);
  }

  // The order of members, stages and tiers means something.
  void compare_order(const Items& before, const Items& after, const std::string& path) {
    if (before.size() != after.size()) return;
    std::set<std::string> names, same;
    bool moved = false;
    for (size_t i = 0; i < before.size(); ++i) {
      names.insert(before[i].first);
      same.insert(after[i].first);
      moved = moved || before[i].first != after[i].first;
    }
    if (moved && names == same) lines.push_back(path + ": in another order");
  }
};

}  // namespace

std::vector<std::string> differences(const Message& before, const Message& after) {
  const auto was = canonical_copy(before);
  const auto is = canonical_copy(after);
  if (MessageDifferencer::Equals(*was, *is)) return {};
  Comparison comparison;
  comparison.compare(*was, *is, "");
  // What people read may be the same where the bytes are not: parts of a second.
  if (comparison.lines.empty()) comparison.lines.push_back("differs in details");
  return std::move(comparison.lines);
}

}  // namespace tandem::cli
