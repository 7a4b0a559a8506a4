// Page tokens: where a list goes on, signed, and good for that list only.
#pragma once

#include <string>
#include <string_view>

#include "shared/aggregate/store.h"
#include "shared/base/result.h"

namespace tandem {

// `scope` says which list it is, all that must not change between pages included (type, filter, order). The token is
// base64url: the last entry seen and an HMAC-SHA-256 of both under `key`, cut to 128 bits.
std::string seal_page_token(std::string_view key, std::string_view scope, const IndexEntry& after);

// INVALID_ARGUMENT on "page_token" for what was not sealed with this key for this scope.
Result<IndexEntry> open_page_token(std::string_view key, std::string_view scope, std::string_view token);

}  // namespace tandem
