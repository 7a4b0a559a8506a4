// Small things with text that several places need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tandem {

// ASCII, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// Letters, digits and - _ . only, at least one: an id that others are made of, with a slash between.
bool is_slug(std::string_view text);

std::string_view trim(std::string_view text);                           // ASCII white space at both ends
std::string to_lower(std::string_view text);                            // ASCII only; other bytes stay
std::string to_upper(std::string_view text);                            // ASCII only
std::vector<std::string> split(std::string_view text, char separator);  // "a,,b" has three parts; "" has one, empty
std::string join(std::span<const std::string> parts, std::string_view separator);

// A whole number in decimal and nothing else (no blanks, no plus sign); none if it is not one or does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Insertions, deletions, substitutions and swaps of neighbours (each neighbour pair once), in bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that is most like `word`, case aside; none if nothing is like it: up to two changes, or a third of the
// longer word, are allowed, but never more than half of it. Ties: the first.
std::optional<std::string> nearest_name(std::string_view word, std::span<const std::string> candidates);
// For error messages: `did you mean "Pro Line"?`, or, if nothing is like it, `known are: A, B, C` (the first eight;
// empty if there are no candidates).
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool utf8_valid(std::string_view text);
// ISO 8859-1, byte for byte, to UTF-8. Always succeeds.
std::string latin1_to_utf8(std::string_view text);
// And back. What ISO 8859-1 has no letter for, and what is no UTF-8, becomes a question mark.
std::string utf8_to_latin1(std::string_view text);

}  // namespace tandem
