// Between the values of base and their protobuf messages.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "shared/base/money.h"
#include "shared/base/time.h"
#include "tandem/type/v1/type.pb.h"

namespace tandem {

// Instants are whole microseconds: a timestamp's nanoseconds below that are cut.
Instant to_instant(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp to_timestamp(Instant instant);

Money to_money(const type::v1::Money& money);
type::v1::Money to_proto(const Money& money);

}  // namespace tandem
