#include "shared/base/ids.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdio>
#include <cstdlib>

namespace tandem {
namespace {

constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325ULL;
constexpr std::uint64_t kFnvPrime = 0x100000001b3ULL;

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "bug: %s\n", what);
  std::abort();
}

std::array<char, 8> length_prefix(std::string_view part) {
  std::array<char, 8> bytes{};
  std::uint64_t length = part.size();
  for (char& byte : bytes) {
    byte = static_cast<char>(length & 0xFF);
    length >>= 8;
  }
  return bytes;
}

void append_part(std::string& to, std::string_view part) {
  const auto prefix = length_prefix(part);
  to.append(prefix.data(), prefix.size());
  to.append(part);
}

std::string join_parts(std::string_view kind, std::initializer_list<std::string_view> parts) {
  std::string joined;
  append_part(joined, kind);
  for (const std::string_view part : parts) append_part(joined, part);
  return joined;
}

std::uint64_t fnv1a(std::uint64_t hash, std::string_view data) {
  for (const char c : data) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kFnvPrime;
  }
  return hash;
}

std::uint64_t fmix64(std::uint64_t hash) {
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 33);
}

// The first 100 bits, five at a time, the highest first.
std::string base32(const Digest& digest) {
  constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string text;
  unsigned bits = 0;
  int held = 0;
  for (const std::uint8_t byte : digest) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      text += kAlphabet[(bits >> held) & 31];
      if (text.size() == 20) return text;
    }
  }
  return text;
}

std::string with_kind(std::string_view kind, const Digest& digest) {
  return std::string(kind).append("-").append(base32(digest));
}

}  // namespace

Digest sha256(std::string_view data) {
  Digest digest{};
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) die("SHA-256 failed");
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view data) {
  Digest digest{};
  unsigned size = 0;
  // OpenSSL takes no key from a null pointer, and means the previous key then.
  const char* key_bytes = key.empty() ? "" : key.data();
  if (HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(data.data()),  // NOLINT: bytes are bytes
           data.size(), digest.data(), &size) == nullptr) {
    die("HMAC-SHA-256 failed");
  }
  return digest;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::uint64_t stable_hash(std::string_view data) { return fmix64(fnv1a(kFnvOffset, data)); }

std::uint64_t stable_hash(std::initializer_list<std::string_view> parts) {
  std::uint64_t hash = kFnvOffset;
  for (const std::string_view part : parts) {
    const auto prefix = length_prefix(part);
    hash = fnv1a(fnv1a(hash, std::string_view(prefix.data(), prefix.size())), part);
  }
  return fmix64(hash);
}

std::string derive_id(std::string_view kind, std::initializer_list<std::string_view> parts) {
  return with_kind(kind, sha256(join_parts(kind, parts)));
}

std::string keyed_id(std::string_view kind, std::string_view key, std::initializer_list<std::string_view> parts) {
  return with_kind(kind, hmac_sha256(key, join_parts(kind, parts)));
}

std::uint32_t shard_of(std::string_view aggregate_type, std::string_view id, std::uint32_t shards) {
  if (shards == 0) die("shard_of() with 0 shards");
  return static_cast<std::uint32_t>(stable_hash({aggregate_type, id}) % shards);
}

}  // namespace tandem
