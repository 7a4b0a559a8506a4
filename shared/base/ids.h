// Ids and hashes. What a command creates has an id derived from its cause, so that doing it twice makes one thing. All
// functions here are part of the stored format: they must never change.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tandem {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view data);
Digest hmac_sha256(std::string_view key, std::string_view data);
std::string to_hex(std::span<const std::uint8_t> bytes);  // lower case

// 64 bits, the same on every machine and for ever: FNV-1a (offset 0xcbf29ce484222325, prime 0x100000001b3) and then the
// finaliser of MurmurHash3 (fmix64), because FNV alone mixes its low bits badly. Not for secrets.
std::uint64_t stable_hash(std::string_view data);
// Of several parts; ("ab","c") differs from ("a","bc"). Each part is preceded by its length, 8 bytes little-endian.
std::uint64_t stable_hash(std::initializer_list<std::string_view> parts);

// kind + "-" + 20 characters: the first 100 bits of SHA-256 over the parts, each preceded by its length (8 bytes,
// little-endian), in lower-case Crockford base 32. The kind comes first among the hashed parts.
std::string derive_id(std::string_view kind, std::initializer_list<std::string_view> parts);
// The same with HMAC-SHA-256 under `key`, for what is derived from personal data: without the key nobody can try
// addresses against it.
std::string keyed_id(std::string_view kind, std::string_view key, std::initializer_list<std::string_view> parts);

// Which of `shards` (at least 1) an aggregate lives in: stable_hash({aggregate_type, id}) modulo shards.
std::uint32_t shard_of(std::string_view aggregate_type, std::string_view id, std::uint32_t shards);

}  // namespace tandem
