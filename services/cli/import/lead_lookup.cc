#include "services/cli/import/lead_lookup.h"

#include <chrono>
#include <optional>
#include <utility>

#include "shared/base/identity.h"
#include "shared/rpc/client.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::cli {
namespace {

constexpr size_t kInFlight = 256;

}  // namespace

Result<std::vector<LeadOrigin>> look_up_leads(Session& session, const std::vector<std::string>& ids) {
  const std::string method = std::string(kMarketing) + "GetLead";
  TANDEM_ASSIGN_OR_RETURN(rpc::Client * marketing, session.client(Session::service_of(method)));
  std::vector<LeadOrigin> origins(ids.size());
  std::optional<Error> failed;
  rpc::AsyncCaller caller(marketing->address());
  const auto wait = [&] { caller.poll(std::chrono::steady_clock::now() + std::chrono::seconds(1)); };
  for (size_t i = 0; i < ids.size() && !failed; ++i) {
    while (caller.in_flight() >= kInFlight) wait();
    marketing::v1::GetLead request;
    request.set_lead(ids[i]);
    caller.call<marketing::v1::Lead>(method, request, session.call_options(), [&, i](Result<marketing::v1::Lead> lead) {
      if (lead.ok()) {
        origins[i] = {lead->customer(), lead->first_touch().touch(), lead->campaign()};
      } else if (lead.code() == Code::kNotFound) {
        origins[i].customer = customer_id(ids[i]);
      } else {
        failed = std::move(lead).error();
      }
    });
  }
  while (caller.in_flight() > 0) wait();
  if (failed) return *std::move(failed);
  return origins;
}

}  // namespace tandem::cli
