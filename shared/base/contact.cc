#include "shared/base/contact.h"

#include <algorithm>

#include "shared/base/text.h"

namespace tandem {
namespace {

bool beyond_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80) != 0; }

// RFC 5322's atext, and UTF-8 as RFC 6531 adds it.
bool is_atext(char c) {
  return is_letter(c) || is_digit(c) || beyond_ascii(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_label_character(char c) { return is_letter(c) || is_digit(c) || beyond_ascii(c) || c == '-'; }

Error bad_email(std::string reason) { return invalid("email", std::move(reason), "write it like name@example.com"); }

// Empty, or what is wrong.
std::string local_part_problem(std::string_view local) {
  if (local.empty()) return "has nothing before the @";
  if (local.size() > 64) return "has more than 64 bytes before the @";
  for (const std::string& atom : split(local, '.')) {
    if (atom.empty()) return "has a dot too many before the @";
    if (!std::all_of(atom.begin(), atom.end(), is_atext)) return "has a character that addresses cannot have";
  }
  return "";
}

std::string domain_problem(std::string_view domain) {
  if (domain.empty()) return "has nothing after the @";
  const auto labels = split(domain, '.');
  if (labels.size() < 2) return "has a domain without a dot";
  for (const std::string& label : labels) {
    if (label.empty()) return "has a dot too many in its domain";
    if (label.size() > 63) return "has more than 63 bytes between two dots of its domain";
    if (label.front() == '-' || label.back() == '-') return "has a hyphen at the edge of a name in its domain";
    if (!std::all_of(label.begin(), label.end(), is_label_character)) {
      return "has a character that domains cannot have";
    }
  }
  if (std::all_of(labels.back().begin(), labels.back().end(), is_digit)) return "has a number for a top-level domain";
  return "";
}

Error bad_phone(std::string reason) { return invalid("phone", std::move(reason), "write it like +49 151 12345678"); }

}  // namespace

Result<std::string> normalize_email(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (trimmed.empty()) return bad_email("is empty");
  if (trimmed.size() > 254) return bad_email("is longer than 254 bytes");
  if (!utf8_valid(trimmed)) return bad_email("is not UTF-8");
  const std::size_t at = trimmed.find('@');
  if (at == std::string_view::npos) return bad_email("has no @");
  if (trimmed.find('@', at + 1) != std::string_view::npos) return bad_email("has more than one @");
  std::string problem = local_part_problem(trimmed.substr(0, at));
  if (problem.empty()) problem = domain_problem(trimmed.substr(at + 1));
  if (!problem.empty()) return bad_email(std::move(problem));
  return to_lower(trimmed);
}

Result<std::string> normalize_phone(std::string_view text, std::string_view default_country_code) {
  std::string_view rest = trim(text);
  if (rest.empty()) return bad_phone("is empty");
  bool international = rest.front() == '+';
  if (international) rest.remove_prefix(1);

  std::string digits;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    // "+49 (0) 30": the trunk prefix, shown to those who dial from inside the country.
    if (international && !digits.empty() && rest.substr(i, 3) == "(0)") {
      i += 2;
      continue;
    }
    if (is_digit(rest[i])) {
      digits += rest[i];
    } else if (std::string_view(" -./()\t").find(rest[i]) == std::string_view::npos) {
      return bad_phone("has a character that phone numbers cannot have");
    }
    if (!international && digits == "00") {
      international = true;
      digits.clear();
    }
  }
  if (digits.empty()) return bad_phone("has no digits");
  if (!international) {
    if (default_country_code.starts_with('+')) default_country_code.remove_prefix(1);
    if (default_country_code.empty()) return bad_phone("has no country code");
    if (!std::all_of(default_country_code.begin(), default_country_code.end(), is_digit)) {
      return invalid("default_country_code", "is not a number", "write it like 49");
    }
    if (digits.front() == '0') digits.erase(0, 1);
    digits.insert(0, default_country_code);
  }
  if (digits.front() == '0') return bad_phone("has a country code that begins with 0");
  if (digits.size() < 7) return bad_phone("has fewer than 7 digits");
  if (digits.size() > 15) return bad_phone("has more than 15 digits");
  return "+" + digits;
}

}  // namespace tandem
