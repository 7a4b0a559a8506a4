#include "shared/base/case_fold.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace tandem {
namespace {

// The letters from `first` to `last`, every one or every second, are folded to those `distance` further on.
struct Range {
  std::uint16_t first;
  std::uint16_t last;
  std::uint8_t every;
  std::int16_t distance;
};

// From Unicode's CaseFolding.txt, version 14.0, status C and S, of the blocks Basic Latin, Latin-1 Supplement, Latin
// Extended-A, Greek and Coptic, Cyrillic, Cyrillic Supplement. In order. Status F and T are left out: they make two
// letters of one, or are for Turkish alone.
constexpr Range kRanges[] = {
    {0x0041, 0x005A, 1, 32},   {0x00B5, 0x00B5, 1, 775}, {0x00C0, 0x00D6, 1, 32},   {0x00D8, 0x00DE, 1, 32},
    {0x0100, 0x012E, 2, 1},    {0x0132, 0x0136, 2, 1},   {0x0139, 0x0147, 2, 1},    {0x014A, 0x0176, 2, 1},
    {0x0178, 0x0178, 1, -121}, {0x0179, 0x017D, 2, 1},   {0x017F, 0x017F, 1, -268}, {0x0370, 0x0372, 2, 1},
    {0x0376, 0x0376, 1, 1},    {0x037F, 0x037F, 1, 116}, {0x0386, 0x0386, 1, 38},   {0x0388, 0x038A, 1, 37},
    {0x038C, 0x038C, 1, 64},   {0x038E, 0x038F, 1, 63},  {0x0391, 0x03A1, 1, 32},   {0x03A3, 0x03AB, 1, 32},
    {0x03C2, 0x03C2, 1, 1},    {0x03CF, 0x03CF, 1, 8},   {0x03D0, 0x03D0, 1, -30},  {0x03D1, 0x03D1, 1, -25},
    {0x03D5, 0x03D5, 1, -15},  {0x03D6, 0x03D6, 1, -22}, {0x03D8, 0x03EE, 2, 1},    {0x03F0, 0x03F0, 1, -54},
    {0x03F1, 0x03F1, 1, -48},  {0x03F4, 0x03F4, 1, -60}, {0x03F5, 0x03F5, 1, -64},  {0x03F7, 0x03F7, 1, 1},
    {0x03F9, 0x03F9, 1, -7},   {0x03FA, 0x03FA, 1, 1},   {0x03FD, 0x03FF, 1, -130}, {0x0400, 0x040F, 1, 80},
    {0x0410, 0x042F, 1, 32},   {0x0460, 0x0480, 2, 1},   {0x048A, 0x04BE, 2, 1},    {0x04C0, 0x04C0, 1, 15},
    {0x04C1, 0x04CD, 2, 1},    {0x04D0, 0x052E, 2, 1},
};

char32_t folded(char32_t letter) {
  const auto* range =
      std::find_if(std::begin(kRanges), std::end(kRanges), [letter](const Range& r) { return letter <= r.last; });
  if (range == std::end(kRanges) || letter < range->first || (letter - range->first) % range->every != 0) return letter;
  return static_cast<char32_t>(static_cast<std::int32_t>(letter) + range->distance);
}

void append(std::string& to, char32_t letter) {  // below U+0800
  if (letter < 0x80) {
    to += static_cast<char>(letter);
  } else {
    to += static_cast<char>(0xC0 | (letter >> 6));
    to += static_cast<char>(0x80 | (letter & 0x3F));
  }
}

// The capital of a Latin-1 letter, far from it: U+1E9E to U+00DF.
constexpr std::string_view kCapitalSharpS = "\xE1\xBA\x9E";
constexpr std::string_view kSharpS = "\xC3\x9F";

}  // namespace

// All letters of the table have one byte or two. What has three or four goes through byte by byte: none of those bytes
// begins a letter of two.
std::string fold_case(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    const auto second = static_cast<unsigned char>(text.size() > 1 ? text[1] : 0);
    std::size_t taken = 1;
    if (first < 0x80) {
      append(result, folded(first));
    } else if (first >= 0xC2 && first <= 0xDF && (second & 0xC0) == 0x80) {
      append(result, folded(static_cast<char32_t>((first & 0x1F) << 6 | (second & 0x3F))));
      taken = 2;
    } else if (text.starts_with(kCapitalSharpS)) {
      result += kSharpS;
      taken = kCapitalSharpS.size();
    } else {
      result += text[0];
    }
    text.remove_prefix(taken);
  }
  return result;
}

}  // namespace tandem
