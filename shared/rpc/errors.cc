#include "shared/rpc/errors.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <google/rpc/error_details.pb.h>

#include <string>
#include <utility>

namespace tandem::rpc {
namespace {

// The details come once more as base64, and gRPC takes 8 KB of metadata in all.
constexpr size_t kMaxMessageBytes = 1000;
constexpr size_t kMaxDetailBytes = 3500;
constexpr std::string_view kSeparator = "; ";

// Cut where no UTF-8 sequence is broken.
std::string shortened(std::string text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// The separator is ours: a reason that has it would be taken apart wrongly.
std::string description_of(const Violation& violation) {
  std::string reason = violation.reason;
  for (size_t at = reason.find(kSeparator); at != std::string::npos; at = reason.find(kSeparator)) reason[at] = ',';
  return violation.remedy.empty() ? reason : reason + std::string(kSeparator) + violation.remedy;
}

Violation violation_of(const google::rpc::BadRequest::FieldViolation& wire) {
  const size_t at = wire.description().find(kSeparator);
  if (at == std::string::npos) return {wire.field(), wire.description(), ""};
  return {wire.field(), wire.description().substr(0, at), wire.description().substr(at + kSeparator.size())};
}

// How many were left out.
size_t fill(google::rpc::BadRequest& bad_request, const std::vector<Violation>& violations) {
  size_t bytes = 0;
  for (size_t i = 0; i < violations.size(); ++i) {
    const std::string description = shortened(description_of(violations[i]), 500);
    bytes += violations[i].field.size() + description.size() + 8;
    if (i > 0 && bytes > kMaxDetailBytes) return violations.size() - i;
    auto* wire = bad_request.add_field_violations();
    wire->set_field(shortened(violations[i].field, 200));
    wire->set_description(description);
  }
  return 0;
}

// google.rpc.ErrorInfo {string reason = 1; string domain = 2;}. Written by hand, since the google/rpc of Debian 12 is
// older than it.
void add_error_info(const std::string& reason, google::protobuf::Any& detail) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::StringOutputStream bytes(detail.mutable_value());
  google::protobuf::io::CodedOutputStream out(&bytes);
  WireFormatLite::WriteString(1, reason, &out);
  WireFormatLite::WriteString(2, kErrorDomain, &out);
  detail.set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
}

void read_detail(const google::protobuf::Any& detail, Error& error) {
  if (google::rpc::BadRequest bad_request; detail.UnpackTo(&bad_request)) {
    for (const auto& wire : bad_request.field_violations()) error.violations.push_back(violation_of(wire));
  } else if (google::rpc::RetryInfo retry; detail.UnpackTo(&retry)) {
    error.retry_after =
        std::chrono::milliseconds(retry.retry_delay().seconds() * 1000 + retry.retry_delay().nanos() / 1'000'000);
  }
}

}  // namespace

google::rpc::Status to_rpc_status(const Error& error) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(error.code));
  std::string message = shortened(error.message, kMaxMessageBytes);
  if (!error.violations.empty()) {
    google::rpc::BadRequest bad_request;
    if (const size_t left_out = fill(bad_request, error.violations)) {
      message += " (and " + std::to_string(left_out) + " more)";
    }
    status.add_details()->PackFrom(bad_request);
  }
  add_error_info(code_name(error.code), *status.add_details());
  if (error.retry_after) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(error.retry_after->count() / 1000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(error.retry_after->count() % 1000 * 1'000'000));
    status.add_details()->PackFrom(retry);
  }
  status.set_message(std::move(message));
  return status;
}

grpc::Status to_grpc_status(const Error& error) {
  const google::rpc::Status status = to_rpc_status(error);
  return {static_cast<grpc::StatusCode>(status.code()), status.message(), status.SerializeAsString()};
}

Error from_rpc_status(const google::rpc::Status& status) {
  Error error;
  const bool known = status.code() > 0 && status.code() <= static_cast<int>(Code::kUnauthenticated);
  error.code = known ? static_cast<Code>(status.code()) : Code::kUnknown;
  error.message = status.message();
  for (const auto& detail : status.details()) read_detail(detail, error);
  return error;
}

Error from_grpc_status(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) details.Clear();
  details.set_code(static_cast<int>(status.error_code()));
  details.set_message(status.error_message());
  return from_rpc_status(details);
}

}  // namespace tandem::rpc
