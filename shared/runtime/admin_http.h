// The admin port: /metrics and /healthz over HTTP, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "shared/base/result.h"

namespace tandem::runtime {

class AdminHttp {
 public:
  struct Health {
    bool ok = false;
    std::string words;
  };

  // `address` is host:port; port 0 = a free one. Both functions are called on the server's threads. UNAVAILABLE if it
  // cannot listen there.
  static Result<std::unique_ptr<AdminHttp>> start(const std::string& address, std::function<std::string()> metrics,
                                                  std::function<Health()> health);
  virtual ~AdminHttp() = default;
  virtual std::string address() const = 0;
};

}  // namespace tandem::runtime
