#include "services/marketing/score.h"

#include <algorithm>

#include "shared/aggregate/convert.h"
#include "shared/base/decimal.h"
#include "shared/base/money.h"
#include "shared/base/text.h"
#include "shared/base/violations.h"

namespace tandem::marketing {
namespace {

enum class Kind { kText, kNumber, kMark };

struct Attribute {
  std::string_view name;
  Kind kind;
  // One of these, according to the kind. No text, no number, false: not known.
  std::vector<std::string> (*texts)(const Scorable&) = nullptr;
  std::optional<Decimal> (*number)(const Scorable&) = nullptr;
  bool (*mark)(const Scorable&) = nullptr;
};

using Texts = std::vector<std::string>;

Texts known(const std::string& text) { return text.empty() ? Texts{} : Texts{text}; }

// Of all touches, each once, in their order.
template <class F>
Texts of_touches(const Scorable& lead, F text) {
  Texts texts;
  for (const v1::Touch* touch : lead.touches) {
    std::string one = text(*touch);
    if (!one.empty() && std::find(texts.begin(), texts.end(), one) == texts.end()) texts.push_back(std::move(one));
  }
  return texts;
}

std::string form_of(const v1::Touch& touch) {
  return touch.form() == v1::CAMPAIGN_FORM_UNSPECIFIED ? "" : to_lower(enum_label(touch.form()));
}

std::optional<Decimal> value_of(const Scorable& lead) {
  if (!lead.facts.has_value()) return std::nullopt;
  const auto exponent = currency_exponent(lead.facts.value().currency());
  if (!exponent.ok()) return std::nullopt;
  const auto value = Decimal::make(lead.facts.value().minor_units(), *exponent);
  return value.ok() ? std::optional(*value) : std::nullopt;
}

const std::vector<Attribute>& attributes() {
  using L = const Scorable&;
  static const std::vector<Attribute> all{
      {.name = "form", .kind = Kind::kText, .texts = [](L l) { return of_touches(l, form_of); }},
      {.name = "channel",
       .kind = Kind::kText,
       .texts = [](L l) { return of_touches(l, [](const v1::Touch& t) { return t.channel(); }); }},
      {.name = "campaign",
       .kind = Kind::kText,
       .texts = [](L l) { return of_touches(l, [](const v1::Touch& t) { return t.campaign(); }); }},
      {.name = "country", .kind = Kind::kText, .texts = [](L l) { return known(l.facts.country()); }},
      {.name = "territory", .kind = Kind::kText, .texts = [](L l) { return known(l.facts.territory()); }},
      {.name = "product", .kind = Kind::kText, .texts = [](L l) { return known(l.facts.product()); }},
      {.name = "business_type", .kind = Kind::kText, .texts = [](L l) { return known(l.facts.business_type()); }},
      {.name = "company_size",
       .kind = Kind::kNumber,
       .number =
           [](L l) {
             return l.facts.company_size() > 0 ? std::optional(Decimal::whole(l.facts.company_size())) : std::nullopt;
           }},
      {.name = "touches",
       .kind = Kind::kNumber,
       .number = [](L l) { return std::optional(Decimal::whole(l.touch_count)); }},
      {.name = "value", .kind = Kind::kNumber, .number = value_of},
      {.name = "has_email", .kind = Kind::kMark, .mark = [](L l) { return l.has_email; }},
      {.name = "has_phone", .kind = Kind::kMark, .mark = [](L l) { return l.has_phone; }},
      {.name = "has_company", .kind = Kind::kMark, .mark = [](L l) { return !l.facts.company().empty(); }},
  };
  return all;
}

const Attribute* find_attribute(std::string_view name) {
  const auto& all = attributes();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Attribute& a) { return a.name == name; });
  return found == all.end() ? nullptr : &*found;
}

bool fits(Kind kind, v1::Comparison comparison) {
  switch (comparison) {
    case v1::COMPARISON_IN:
      return kind == Kind::kText;
    case v1::COMPARISON_AT_LEAST:
    case v1::COMPARISON_AT_MOST:
      return kind == Kind::kNumber;
    case v1::COMPARISON_PRESENT:
      return true;
    default:
      return false;
  }
}

// Why a rule gives its points, or nothing if it does not.
std::optional<std::string> match_text(const v1::ScoringRule& rule, const Texts& texts) {
  if (texts.empty()) return std::nullopt;
  if (rule.comparison() == v1::COMPARISON_PRESENT) return rule.attribute() + " " + texts.front() + " is known";
  for (const std::string& text : texts) {
    for (const std::string& value : rule.values()) {
      if (to_lower(text) != to_lower(value)) continue;
      if (rule.values_size() == 1) return rule.attribute() + " is " + text;
      const Texts values(rule.values().begin(), rule.values().end());
      return rule.attribute() + " " + text + " is one of " + join(values, ", ");
    }
  }
  return std::nullopt;
}

std::optional<std::string> match_number(const v1::ScoringRule& rule, const std::optional<Decimal>& number) {
  if (!number) return std::nullopt;
  const std::string is = rule.attribute() + " " + number->to_string() + " is ";
  if (rule.comparison() == v1::COMPARISON_PRESENT) return is + "known";
  const auto limit = Decimal::parse(rule.values(0));
  if (!limit.ok()) return std::nullopt;
  const bool least = rule.comparison() == v1::COMPARISON_AT_LEAST;
  if (least ? *number < *limit : *number > *limit) return std::nullopt;
  return is + (least ? "at least " : "at most ") + limit->to_string();
}

std::optional<std::string> match(const v1::ScoringRule& rule, const Scorable& lead) {
  const Attribute* attribute = find_attribute(rule.attribute());
  if (attribute == nullptr) return std::nullopt;
  switch (attribute->kind) {
    case Kind::kText:
      return match_text(rule, attribute->texts(lead));
    case Kind::kNumber:
      return match_number(rule, attribute->number(lead));
    case Kind::kMark:
      if (attribute->mark(lead)) return rule.attribute() + " is true";
      return std::nullopt;
  }
  return std::nullopt;
}

constexpr int32_t kMostPoints = 100'000;  // so that no sum of a policy's rules leaves 32 bits

}  // namespace

v1::Score score(const Scorable& lead, std::string_view policy, const v1::ScoringPolicyVersion* version) {
  v1::Score s;
  s.set_policy(std::string(policy));
  if (version == nullptr) {
    v1::ScoreLine* line = s.add_lines();
    line->set_rule("no-policy");
    line->set_reason("no scoring policy \"" + std::string(policy) + "\" was in force: the threshold is never reached");
    return s;
  }
  s.set_policy_version(version->version());
  s.set_threshold(version->threshold());
  int32_t points = 0;
  for (const v1::ScoringRule& rule : version->rules()) {
    auto reason = match(rule, lead);
    if (!reason) continue;
    points += rule.points();
    v1::ScoreLine* line = s.add_lines();
    line->set_rule(rule.name());
    line->set_points(rule.points());
    line->set_reason(*std::move(reason));
  }
  s.set_points(points);
  return s;
}

bool reached(const v1::Score& score) { return score.policy_version() != 0 && score.points() >= score.threshold(); }

std::optional<Error> rule_problems(const v1::ScoringRule& rule, const std::string& path) {
  Violations violations;
  const auto wrong = [&](const char* field, std::string reason, std::string remedy) {
    violations.add(Code::kInvalidArgument, path + field, std::move(reason), std::move(remedy));
  };
  if (rule.name().empty()) wrong(".name", "is missing", "name the rule: the score's lines do");
  if (rule.points() > kMostPoints || rule.points() < -kMostPoints) {
    wrong(".points", "is out of range", "give points from -100000 to 100000");
  }
  const Attribute* attribute = find_attribute(rule.attribute());
  if (attribute == nullptr) {
    Texts names;
    for (const Attribute& a : attributes()) names.emplace_back(a.name);
    wrong(".attribute", "\"" + rule.attribute() + "\" is not an attribute of a lead",
          did_you_mean(rule.attribute(), names));
    return violations.take_any();
  }
  if (!fits(attribute->kind, rule.comparison())) {
    constexpr const char* kRemedies[] = {"use IN or PRESENT", "use AT_LEAST, AT_MOST or PRESENT", "use PRESENT"};
    wrong(".comparison", "does not fit " + rule.attribute(), kRemedies[static_cast<int>(attribute->kind)]);
    return violations.take_any();
  }
  if (rule.comparison() == v1::COMPARISON_PRESENT) {
    if (rule.values_size() > 0) wrong(".values", "are not used with PRESENT", "leave them out");
  } else if (rule.comparison() == v1::COMPARISON_IN) {
    if (rule.values_size() == 0) wrong(".values", "are missing", "give one or more");
  } else if (rule.values_size() != 1 || !Decimal::parse(rule.values(0)).ok()) {
    wrong(".values", "is not one number", "give one, such as \"100\" or \"0.5\"");
  }
  return violations.take_any();
}

}  // namespace tandem::marketing
