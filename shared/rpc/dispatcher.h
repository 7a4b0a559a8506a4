// Which handler a call gets: looks its method up, sees who calls, and refuses what may not be. Everything is refused
// that is not in a table.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "shared/rpc/core.h"
#include "shared/rpc/health.h"

namespace tandem::rpc {

class Dispatcher {
 public:
  Dispatcher(Core& core, Health& health);

  // Gives the call its handler and reads its first message, or finishes it.
  void begin(Call& call);

  // The names that health and reflection know.
  static std::vector<std::string> all_services(const MethodTable& table);

 private:
  std::unique_ptr<Handler> handler_for(Call& call, const Method& method, Error& error);

  Core& core_;
  std::vector<std::string> services_;
  // gRPC's own, which any caller may use at any time.
  std::unordered_map<std::string, std::function<std::unique_ptr<Handler>()>> standard_;
};

}  // namespace tandem::rpc
