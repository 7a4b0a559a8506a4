#include "shared/aggregate/page_token.h"

#include <openssl/crypto.h>

#include <cstdint>
#include <optional>

#include "shared/base/ids.h"

namespace tandem {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kMacBytes = 16;

std::string base64url(std::string_view bytes) {
  std::string text;
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : bytes) {
    pending = pending << 8 | static_cast<uint8_t>(c);
    for (bits += 8; bits >= 6; bits -= 6) text.push_back(kAlphabet[pending >> (bits - 6) & 63]);
  }
  if (bits > 0) text.push_back(kAlphabet[pending << (6 - bits) & 63]);
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    pending = pending << 6 | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>(pending >> bits & 255));
    }
  }
  return bytes;
}

// Each part after its length, so that nothing can move from one into the next.
void append_part(std::string& to, std::string_view part) {
  const auto size = static_cast<uint32_t>(part.size());
  for (int shift = 0; shift < 32; shift += 8) to.push_back(static_cast<char>(size >> shift & 255));
  to.append(part);
}

std::optional<std::string> take_part(std::string_view& from) {
  if (from.size() < 4) return std::nullopt;
  uint32_t size = 0;
  for (int i = 3; i >= 0; --i) size = size << 8 | static_cast<uint8_t>(from[i]);
  from.remove_prefix(4);
  if (from.size() < size) return std::nullopt;
  std::string part(from.substr(0, size));
  from.remove_prefix(size);
  return part;
}

std::string mac_of(std::string_view key, std::string_view scope, std::string_view payload) {
  std::string signed_text;
  append_part(signed_text, "page_token.v1");
  append_part(signed_text, scope);
  append_part(signed_text, payload);
  const Digest digest = hmac_sha256(key, signed_text);
  return {reinterpret_cast<const char*>(digest.data()), kMacBytes};
}

Error bad_token() {
  return invalid("page_token", "is not one that this list gave for this filter and order",
                 "pass next_page_token on as it came, with the same filter and order, or leave it out to begin anew");
}

}  // namespace

std::string seal_page_token(std::string_view key, std::string_view scope, const IndexEntry& after) {
  std::string payload;
  append_part(payload, after.order);
  append_part(payload, after.id);
  return base64url(mac_of(key, scope, payload) + payload);
}

Result<IndexEntry> open_page_token(std::string_view key, std::string_view scope, std::string_view token) {
  const std::optional<std::string> bytes = from_base64url(token);
  if (!bytes || bytes->size() < kMacBytes) return bad_token();
  std::string_view payload = std::string_view(*bytes).substr(kMacBytes);
  const std::string expected = mac_of(key, scope, payload);
  if (CRYPTO_memcmp(expected.data(), bytes->data(), kMacBytes) != 0) return bad_token();
  const auto order = take_part(payload);
  const auto id = take_part(payload);
  if (!order || !id) return bad_token();
  return IndexEntry{*order, *id};
}

}  // namespace tandem
