#include "shared/base/result.h"

#include <cstdio>
#include <cstdlib>

namespace tandem {
namespace {

std::string message_of(const Violation& violation) {
  return violation.field.empty() ? violation.reason : violation.field + " " + violation.reason;
}

}  // namespace

std::string code_name(Code code) {
  switch (code) {
    case Code::kOk:
      return "OK";
    case Code::kCancelled:
      return "CANCELLED";
    case Code::kUnknown:
      return "UNKNOWN";
    case Code::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case Code::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case Code::kNotFound:
      return "NOT_FOUND";
    case Code::kAlreadyExists:
      return "ALREADY_EXISTS";
    case Code::kPermissionDenied:
      return "PERMISSION_DENIED";
    case Code::kResourceExhausted:
      return "RESOURCE_EXHAUSTED";
    case Code::kFailedPrecondition:
      return "FAILED_PRECONDITION";
    case Code::kAborted:
      return "ABORTED";
    case Code::kOutOfRange:
      return "OUT_OF_RANGE";
    case Code::kUnimplemented:
      return "UNIMPLEMENTED";
    case Code::kInternal:
      return "INTERNAL";
    case Code::kUnavailable:
      return "UNAVAILABLE";
    case Code::kDataLoss:
      return "DATA_LOSS";
    case Code::kUnauthenticated:
      return "UNAUTHENTICATED";
  }
  return "CODE_" + std::to_string(static_cast<int>(code));
}

Error make_error(Code code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

Error make_error(Code code, std::string field, std::string reason, std::string remedy) {
  Error error;
  error.code = code;
  error.violations.push_back({std::move(field), std::move(reason), std::move(remedy)});
  error.message = message_of(error.violations.front());
  return error;
}

Error invalid(std::string field, std::string reason, std::string remedy) {
  return make_error(Code::kInvalidArgument, std::move(field), std::move(reason), std::move(remedy));
}

Error with_field(Error error, std::string_view field) {
  for (Violation& violation : error.violations) {
    // Only a message that was made of the violation follows it; one that was written by hand stays.
    const bool made = error.message == message_of(violation);
    violation.field = field;
    if (made) error.message = message_of(violation);
  }
  return error;
}

void append(Error& into, const Error& more) {
  into.message += into.message.empty() || more.message.empty() ? "" : "; ";
  into.message += more.message;
  into.violations.insert(into.violations.end(), more.violations.begin(), more.violations.end());
  if (more.retry_after && (!into.retry_after || *into.retry_after < *more.retry_after)) {
    into.retry_after = more.retry_after;
  }
}

std::string to_line(const Error& error) {
  std::string line = code_name(error.code);
  std::string rest = error.message;
  // What the message says already is not said again; a remedy goes behind the reason that it belongs to.
  for (const Violation& violation : error.violations) {
    const std::string said = message_of(violation);
    std::size_t at = rest.find(said);
    if (at == std::string::npos) {
      rest += (rest.empty() ? "" : "; ") + said;
      at = rest.size() - said.size();
    }
    if (!violation.remedy.empty() && rest.find(violation.remedy) == std::string::npos) {
      rest.insert(at + said.size(), " (" + violation.remedy + ")");
    }
  }
  if (error.retry_after) {
    rest += (rest.empty() ? "" : "; ") + ("try again in " + std::to_string(error.retry_after->count()) + " ms");
  }
  if (!rest.empty()) line += ": " + rest;
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return line;
}

namespace internal {

void die_of_error(const Error& error) {
  std::fprintf(stderr, "bug: value() of a Result that holds an error: %s\n", to_line(error).c_str());
  std::abort();
}

void die_of_value() {
  std::fprintf(stderr, "bug: error() of a Result that holds a value\n");
  std::abort();
}

}  // namespace internal
}  // namespace tandem
