#include "services/cli/event_text.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "services/cli/output.h"
#include "services/cli/times.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "shared/rpc/redaction.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::ordered_json;

constexpr size_t kLongestFields = 160;

bool is_value(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return true;
  const std::string& type = field.message_type()->full_name();
  return type == "tandem.type.v1.Money" || type == "google.protobuf.Timestamp";
}

// "member=ana hop=1"; ids that stand in the line already are left out.
std::string plain_fields(const Message& message, const std::string& subject) {
  const auto safe = rpc::redact(message);
  std::vector<const FieldDescriptor*> fields;
  safe->GetReflection()->ListFields(*safe, &fields);
  std::string text;
  for (const FieldDescriptor* field : fields) {
    if (!is_value(*field)) continue;
    const std::string value = readable(*safe, field->name());
    if (value == subject || value.empty()) continue;
    const bool quoted = value.find(' ') != std::string::npos;
    text += (text.empty() ? "" : " ") + field->name() + "=" + (quoted ? "\"" + value + "\"" : value);
    if (text.size() > kLongestFields) return text.substr(0, kLongestFields) + "...";
  }
  return text;
}

ordered_json cause_json(const exchange::v1::Cause& cause) { return ordered_json::parse(to_json(cause, false)); }

bool is_one_of(const std::string& value, const std::vector<std::string>& wanted) {
  if (wanted.empty()) return true;
  const std::string lower = to_lower(value);
  return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& each) { return to_lower(each) == lower; });
}

}  // namespace

std::string short_type(const std::string& full_name) { return full_name.substr(full_name.rfind('.') + 1); }

std::unique_ptr<Message> event_message(const bus::ConsumedEvent& event) {
  const auto* type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(event.envelope.event_type());
  if (!type) return nullptr;
  std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromString(event.payload)) return nullptr;
  return message;
}

std::string event_line(const bus::ConsumedEvent& event) {
  const auto& envelope = event.envelope;
  const std::string place = source_name(event.source) + ":" + std::to_string(event.offset);
  const std::string type = short_type(envelope.event_type());
  const auto pad = [](const std::string& text, size_t width) {
    return text + std::string(text.size() < width ? width - text.size() : 0, ' ');
  };
  const auto message = event_message(event);
  return readable_time(to_instant(envelope.occurred_at())) + "  " + pad(place, 20) + " " + pad(type, 18) + " " +
         pad(envelope.aggregate_id(), 32) + " " +
         (message ? plain_fields(*message, envelope.aggregate_id()) : std::string("(of a type unknown here)"));
}

ordered_json event_json(const bus::ConsumedEvent& event) {
  const auto& envelope = event.envelope;
  ordered_json json = {{"service", event.source.service},
                       {"partition", event.source.partition},
                       {"offset", event.offset},
                       {"generation", event.generation},
                       {"number", event.n},
                       {"event_id", envelope.event_id()},
                       {"type", envelope.event_type()},
                       {"aggregate_type", envelope.aggregate_type()},
                       {"subject", envelope.aggregate_id()},
                       {"occurred_at", format_instant(to_instant(envelope.occurred_at()))},
                       {"recorded_at", format_instant(to_instant(envelope.recorded_at()))},
                       {"cause", cause_json(envelope.cause())}};
  if (envelope.has_caller()) json["caller"] = ordered_json::parse(to_json(envelope.caller(), false));
  if (!envelope.traceparent().empty()) json["traceparent"] = envelope.traceparent();
  if (const auto message = event_message(event)) json["data"] = ordered_json::parse(to_json(*message, false));
  return json;
}

bool EventFilter::wants(const bus::ConsumedEvent& event) const {
  const std::string& type = event.envelope.event_type();
  return (is_one_of(type, types) || is_one_of(short_type(type), types)) &&
         (subjects.empty() ||
          std::find(subjects.begin(), subjects.end(), event.envelope.aggregate_id()) != subjects.end());
}

}  // namespace tandem::cli
