// Errors on the wire: an Error as a gRPC status with google.rpc details, and back.
//
//   BadRequest   a field violation for each of the error's; its description is "reason; remedy"
//   ErrorInfo    reason = the code's name, domain "tandem"
//   RetryInfo    where trying again later can help
//
// Details travel in trailing metadata, of which gRPC takes 8 KB: so many violations as fit are sent, and the message
// says how many more there are.
#pragma once

#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include "shared/base/result.h"

namespace tandem::rpc {

inline constexpr char kErrorDomain[] = "tandem";

google::rpc::Status to_rpc_status(const Error& error);
grpc::Status to_grpc_status(const Error& error);

// Of a status that is not OK. Details that cannot be read are left out: code and message always come back.
Error from_rpc_status(const google::rpc::Status& status);
Error from_grpc_status(const grpc::Status& status);

}  // namespace tandem::rpc
