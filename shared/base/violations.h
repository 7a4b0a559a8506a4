// Collects all that is wrong with a command, so that its caller hears everything at once.
//
//   Violations wrong;
//   if (c.name().empty()) wrong.add(invalid("name", "is missing", "give one"));
//   if (!wrong.empty()) return wrong.take();
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "shared/base/result.h"

namespace tandem {

class Violations {
 public:
  // The code of the first one is the error's.
  void add(Code code, std::string field, std::string reason, std::string remedy) {
    add(make_error(code, std::move(field), std::move(reason), std::move(remedy)));
  }
  void add(Error error) {
    if (error_) {
      append(*error_, error);
    } else {
      error_ = std::move(error);
    }
  }
  // Nothing is added by nothing.
  void add(std::optional<Error> error) {
    if (error) add(*std::move(error));
  }
  bool empty() const { return !error_.has_value(); }
  // There must be one.
  Error take() { return std::move(error_).value(); }
  // Or there may be none.
  std::optional<Error> take_any() { return std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace tandem
