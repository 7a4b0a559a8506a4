// Errors as values. A function that can fail for a reason its caller must hear returns Result<T> (or Status, when
// there is nothing to return); exceptions are left for bugs. An Error carries one of gRPC's canonical codes, a message
// for people, and any number of violations: which field, why, and what to do about it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace tandem {

// The canonical gRPC status codes, with the same numbers.
enum class Code : int {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "INVALID_ARGUMENT"; "CODE_42" for a number that is not a canonical code.
std::string code_name(Code code);

// One thing that is wrong. `field` is a path ("lead.person.email"), `reason` reads after it ("is not an address"),
// `remedy` is what the caller can do, in the imperative ("write name@domain"); it may be empty.
struct Violation {
  std::string field;
  std::string reason;
  std::string remedy;

  friend bool operator==(const Violation&, const Violation&) = default;
};

struct Error {
  Code code = Code::kUnknown;  // never kOk
  std::string message;
  std::vector<Violation> violations;
  std::optional<std::chrono::milliseconds> retry_after;  // set where trying again later can help

  friend bool operator==(const Error&, const Error&) = default;
};

Error make_error(Code code, std::string message);

// An error with one violation; the message is made of it ("field reason").
Error make_error(Code code, std::string field, std::string reason, std::string remedy);

// The same with INVALID_ARGUMENT.
Error invalid(std::string field, std::string reason, std::string remedy);

// The error with the field of every violation replaced by `field`: a parser of one value names a generic field
// ("email"), its caller knows the path ("lead.person.email").
Error with_field(Error error, std::string_view field);

// Adds the violations of `more` to `into`, for callers who report all that is wrong at once. The code stays that of
// `into`; the message then names both.
void append(Error& into, const Error& more);

// The error in one line, line breaks removed: "INVALID_ARGUMENT: email is empty (write name@domain)".
std::string to_line(const Error& error);

namespace internal {
[[noreturn]] void die_of_error(const Error& error);  // value() of an error: a bug of the caller
[[noreturn]] void die_of_value();                    // error() of a value
}  // namespace internal

// A value or an Error. Made implicitly from either: `return 7;`, `return invalid("weight", "is negative", "…");`.
template <class T>
class [[nodiscard]] Result {
  static_assert(!std::is_reference_v<T> && !std::is_same_v<std::remove_cv_t<T>, Error>);

 public:
  using value_type = T;

  template <class U = T>
    requires(std::is_constructible_v<T, U &&> && std::is_convertible_v<U &&, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result> && !std::is_same_v<std::remove_cvref_t<U>, Error>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }

  // The value; aborts with the error's text when there is none. Taken from a temporary it is returned by value, so
  // that `for (auto& x : f().value())` is safe.
  const T& value() const& {
    check();
    return *std::get_if<0>(&state_);
  }
  T& value() & {
    check();
    return *std::get_if<0>(&state_);
  }
  T value() && {
    check();
    return std::move(*std::get_if<0>(&state_));
  }

  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

  // The error; aborts when there is a value.
  const Error& error() const& {
    if (ok()) internal::die_of_value();
    return *std::get_if<1>(&state_);
  }
  Error error() && {
    if (ok()) internal::die_of_value();
    return std::move(*std::get_if<1>(&state_));
  }
  Code code() const { return ok() ? Code::kOk : std::get_if<1>(&state_)->code; }

  template <class U>
  T value_or(U&& fallback) const& {
    return ok() ? value() : static_cast<T>(std::forward<U>(fallback));
  }
  template <class U>
  T value_or(U&& fallback) && {
    return ok() ? std::move(*this).value() : static_cast<T>(std::forward<U>(fallback));
  }

 private:
  void check() const {
    if (!ok()) internal::die_of_error(*std::get_if<1>(&state_));
  }

  std::variant<T, Error> state_;
};

// Success, or an Error. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }

  void value() const {
    if (error_) internal::die_of_error(*error_);
  }
  const Error& error() const& {
    if (!error_) internal::die_of_value();
    return *error_;
  }
  Error error() && {
    if (!error_) internal::die_of_value();
    return std::move(*error_);
  }
  Code code() const { return error_ ? error_->code : Code::kOk; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace tandem

#define TANDEM_RESULT_CAT_(a, b) a##b
#define TANDEM_RESULT_CAT(a, b) TANDEM_RESULT_CAT_(a, b)
#define TANDEM_ASSIGN_OR_RETURN_IMPL(result, lhs, ...) \
  auto result = (__VA_ARGS__);                         \
  if (!result.ok()) return std::move(result).error();  \
  lhs = std::move(result).value()

// TANDEM_ASSIGN_OR_RETURN(auto zone, find_zone(name)); returns the error from the enclosing function (which must return
// some Result), else assigns the value. More than one statement: put braces around it after an `if`.
#define TANDEM_ASSIGN_OR_RETURN(lhs, ...) \
  TANDEM_ASSIGN_OR_RETURN_IMPL(TANDEM_RESULT_CAT(tandem_result_, __COUNTER__), lhs, __VA_ARGS__)

// TANDEM_RETURN_IF_ERROR(store.save(x)); for a Status, or for a Result whose value is not wanted.
#define TANDEM_RETURN_IF_ERROR(...)                                \
  do {                                                             \
    if (auto tandem_status = (__VA_ARGS__); !tandem_status.ok()) { \
      return std::move(tandem_status).error();                     \
    }                                                              \
  } while (false)
