// What is asked of a Redis on a new connection.
#pragma once

#include <string>
#include <string_view>

#include "shared/store/redis_connection.h"

namespace tandem::store {

// The value of a line "name:value" of INFO's answer; empty if there is none.
std::string info_field(std::string_view info, std::string_view name);

// Checks that it is a primary that has loaded its data, loads the function library if it is not there in exactly this
// text, and returns the instance: run_id and master_replid. Several clients may do so at once.
Result<std::string> prepare_redis(RedisConnection& redis);

}  // namespace tandem::store
