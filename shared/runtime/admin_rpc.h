// tandem.runtime.v1.AdminService, which every service offers: status, and parked commands.
#pragma once

#include <functional>
#include <optional>

#include "shared/aggregate/engine.h"
#include "shared/aggregate/query.h"
#include "shared/aggregate/store.h"
#include "shared/rpc/policy.h"
#include "tandem/runtime/v1/admin.pb.h"

namespace tandem::runtime {

// `lists` is as for the service's other lists. `status` is called by the loop's thread.
rpc::ExtraService admin_service(Store& store, const QueryOptions& lists, std::function<v1::ServiceStatus()> status);

// What a RetryParked or DiscardParked asks of the engine; absent for every other message.
std::optional<Command::Unpark> unpark_of(const google::protobuf::Message& message);

}  // namespace tandem::runtime
