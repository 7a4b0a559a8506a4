#include "shared/rpc/formats.h"

#include <algorithm>

#include "shared/base/contact.h"
#include "shared/base/decimal.h"
#include "shared/base/money.h"
#include "shared/base/text.h"
#include "shared/base/time.h"

namespace tandem::rpc {
namespace {

using policy::v1::Format;

// ISO 3166-1 alpha-2, as officially assigned.
constexpr std::string_view kCountries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA "
    "CC "
    "CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB "
    "GD "
    "GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG "
    "KH "
    "KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW "
    "MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB "
    "SC "
    "SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US "
    "UY "
    "UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

std::optional<Violation> wrong(std::string reason, std::string remedy) {
  return Violation{"", std::move(reason), std::move(remedy)};
}

// The first violation of what a parser said, else its message.
template <class T>
std::optional<Violation> unless_parsed(const Result<T>& parsed) {
  if (parsed.ok()) return std::nullopt;
  const Error& error = parsed.error();
  if (error.violations.empty()) return wrong(error.message, "");
  return wrong(error.violations.front().reason, error.violations.front().remedy);
}

bool has_control_characters(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return true;
    // U+0080 to U+009F.
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

std::optional<Violation> check_id(std::string_view text) {
  constexpr std::string_view kMarks = "-_.:/@+";
  const bool ok = std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
  if (!ok) return wrong("is not an identifier", "use letters, digits and - _ . : / @ + only");
  return std::nullopt;
}

std::optional<Violation> check_phone(std::string_view text) {
  constexpr std::string_view kMarks = " +-()/.";
  const bool ok = std::all_of(text.begin(), text.end(),
                              [&](char c) { return is_digit(c) || kMarks.find(c) != std::string_view::npos; });
  if (!ok || std::count_if(text.begin(), text.end(), is_digit) < 5) {
    return wrong("is not a telephone number", "use at least five digits, and blanks and + - ( ) / . between them");
  }
  return std::nullopt;
}

std::optional<Violation> check_country(std::string_view text) {
  if (text.size() == 2 && is_letter(text[0]) && is_letter(text[1]) &&
      kCountries.find(std::string(text) + " ") != std::string_view::npos) {
    return std::nullopt;
  }
  return wrong("is not a country", "use an ISO 3166-1 alpha-2 code in capitals, for example DE");
}

std::optional<Violation> check_request_id(std::string_view text) {
  const bool ok = std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!ok) return wrong("has characters other than visible ASCII", "use a UUID, for example");
  return std::nullopt;
}

}  // namespace

std::optional<Violation> check_format(Format format, std::string_view text) {
  switch (format) {
    case policy::v1::FORMAT_TEXT:
      if (has_control_characters(text)) return wrong("has control characters", "remove line breaks, tabs and the like");
      return std::nullopt;
    case policy::v1::FORMAT_ID:
      return check_id(text);
    case policy::v1::FORMAT_EMAIL:
      return unless_parsed(normalize_email(text));
    case policy::v1::FORMAT_PHONE:
      return check_phone(text);
    case policy::v1::FORMAT_CURRENCY:
      return unless_parsed(currency_exponent(text));
    case policy::v1::FORMAT_DECIMAL:
      return unless_parsed(Decimal::parse(text));
    case policy::v1::FORMAT_TIME_ZONE:
      return unless_parsed(find_zone(text));
    case policy::v1::FORMAT_PERIOD:
      return unless_parsed(parse_period(text));
    case policy::v1::FORMAT_DATE:
      return unless_parsed(parse_date(text));
    case policy::v1::FORMAT_COUNTRY:
      return check_country(text);
    case policy::v1::FORMAT_REQUEST_ID:
      return check_request_id(text);
    default:
      return std::nullopt;
  }
}

}  // namespace tandem::rpc
