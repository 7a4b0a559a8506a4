// E-mail addresses and phone numbers in one spelling each, so that the same person is the same lead.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace tandem {

// Blanks around removed, all in lower case (also before the @: no mail provider of note tells cases apart, and people
// type both). Accepts what mail in practice accepts: a dot-atom of up to 64 bytes, @, a domain name with at least one
// dot; 254 bytes in all; UTF-8 beyond ASCII is kept as it is. INVALID_ARGUMENT, field "email", with the reason.
Result<std::string> normalize_email(std::string_view text);

// "+4915112345678": a plus and 7 to 15 digits (E.164). Blanks and - . / ( ) are dropped, 00 in front is a plus, "(0)"
// after a country code goes. A national number gets `default_country_code` ("49"), its trunk 0 removed; without a
// default it is refused. INVALID_ARGUMENT, field "phone", with the reason.
Result<std::string> normalize_phone(std::string_view text, std::string_view default_country_code = {});

}  // namespace tandem
