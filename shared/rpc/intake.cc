#include "shared/rpc/intake.h"

#include <google/protobuf/timestamp.pb.h>

#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/aggregate/instance.h"
#include "shared/base/ids.h"
#include "shared/rpc/formats.h"
#include "shared/rpc/validation.h"

namespace tandem::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxNameLength = 128;

Result<std::string> metadata_name(const grpc::ServerContext& context, const std::string& key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return std::string();
  const std::string value(found->second.data(), found->second.size());
  if (value.size() > kMaxNameLength) return invalid(key, "has more than 128 characters", "use a shorter one");
  if (auto wrong = check_format(policy::v1::FORMAT_ID, value)) return invalid(key, wrong->reason, wrong->remedy);
  return value;
}

bool is_hex(std::string_view text) {
  bool all_zero = true;
  for (const char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    all_zero = all_zero && c == '0';
  }
  return !all_zero;
}

std::string string_of(const Message& message, const FieldDescriptor* field) {
  return field ? message.GetReflection()->GetString(message, field) : std::string();
}

// What makes two requests with the same id the same request. It stands in the log for ever, and the content may be a
// person's: without the key nobody can try telephone numbers against it.
std::string fingerprint_of(const Method& method, const Message& message, std::string_view key) {
  const std::unique_ptr<Message> content(message.New());
  content->CopyFrom(message);
  if (method.request_id) content->GetReflection()->ClearField(content.get(), method.request_id);
  if (method.acknowledgement) content->GetReflection()->ClearField(content.get(), method.acknowledgement);
  if (method.validate_only) content->GetReflection()->ClearField(content.get(), method.validate_only);
  return to_hex(hmac_sha256(key, method.path + "\n" + serialize(*content)));
}

type::v1::Acknowledgement acknowledgement_of(const Method& method, const Message& message) {
  const int wanted =
      method.acknowledgement ? message.GetReflection()->GetEnumValue(message, method.acknowledgement) : 0;
  return wanted == type::v1::ACKNOWLEDGEMENT_PUBLISHED ? type::v1::ACKNOWLEDGEMENT_PUBLISHED
                                                       : type::v1::ACKNOWLEDGEMENT_STORED;
}

// The epoch stands for "not given"; and who gives it means that the date is not known.
Result<Instant> occurred_at_of(const Method& method, const Message& message) {
  const auto& reflection = *message.GetReflection();
  if (!method.occurred_at || !reflection.HasField(message, method.occurred_at)) return Instant{};
  const Instant given =
      to_instant(static_cast<const google::protobuf::Timestamp&>(reflection.GetMessage(message, method.occurred_at)));
  if (given == Instant{}) {
    return make_error(Code::kInvalidArgument, "occurred_at",
                      "is 1970-01-01T00:00:00Z, as exports write an unknown date",
                      "give the date, or leave it out if it happened now");
  }
  return given;
}

}  // namespace

Result<RequestHead> read_head(const grpc::ServerContext& context) {
  RequestHead head;
  TANDEM_ASSIGN_OR_RETURN(head.caller.name, metadata_name(context, "tandem-caller"));
  TANDEM_ASSIGN_OR_RETURN(head.caller.role, metadata_name(context, "tandem-role"));
  const auto trace = context.client_metadata().find("traceparent");
  if (trace != context.client_metadata().end()) {
    const std::string_view text(trace->second.data(), trace->second.size());
    // W3C: what is malformed is ignored, never refused.
    if (is_traceparent(text)) head.traceparent = text;
  }
  head.deadline = context.deadline();
  // gRPC's "none" is the far end of time.
  head.has_deadline = head.deadline < std::chrono::system_clock::now() + std::chrono::hours(24 * 365);
  return head;
}

bool is_traceparent(std::string_view text) {
  return text.size() == 55 && text.starts_with("00-") && text[35] == '-' && text[52] == '-' &&
         is_hex(text.substr(3, 32)) && is_hex(text.substr(36, 16)) &&
         text.substr(53).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string new_traceparent(Chance& chance) {
  const std::string trace = fresh_token(chance) + fresh_token(chance);
  return "00-" + trace + "-" + fresh_token(chance) + "-01";
}

Result<IncomingCommand> make_command(const Method& method, std::shared_ptr<Message> message, const RequestHead& head,
                                     std::string_view fingerprint_key, Chance& chance) {
  TANDEM_RETURN_IF_ERROR(check(*message));
  IncomingCommand command;
  command.method = &method;
  command.request_id = string_of(*message, method.request_id);
  if (command.request_id.empty()) command.request_id = fresh_token(chance) + fresh_token(chance);
  TANDEM_ASSIGN_OR_RETURN(command.target, method.target(*message, RequestInfo{command.request_id}));
  command.fingerprint = fingerprint_of(method, *message, fingerprint_key);
  TANDEM_ASSIGN_OR_RETURN(command.occurred_at, occurred_at_of(method, *message));
  command.acknowledgement = acknowledgement_of(method, *message);
  command.validate_only = method.validate_only && message->GetReflection()->GetBool(*message, method.validate_only);
  command.caller = head.caller;
  command.traceparent = head.traceparent.empty() ? new_traceparent(chance) : head.traceparent;
  command.deadline = head.deadline;
  command.message = std::move(message);
  return command;
}

}  // namespace tandem::rpc
