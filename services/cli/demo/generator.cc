#include "services/cli/demo/generator.h"

#include <array>
#include <utility>

#include "shared/aggregate/convert.h"
#include "shared/base/ids.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using marketing::v1::CaptureLead;

constexpr uint64_t kComeAgain = 8;  // of a hundred
constexpr uint64_t kWrong = 2;      // of a hundred

constexpr std::array<std::string_view, 24> kFirstNames = {
    "Anna",  "Bruno", "Clara", "David", "Elif",  "Felix", "Greta", "Henrik", "Ines",   "Jonas", "Katja",  "Lars",
    "Marie", "Niels", "Olga",  "Pavel", "Quinn", "Rosa",  "Sven",  "Tilda",  "Ulrich", "Vera",  "Willem", "Yann"};
constexpr std::array<std::string_view, 24> kLastNames = {"Ahrens",  "Bakker",  "Claes", "Dubois", "Ekberg", "Fischer",
                                                         "Garnier", "Huber",   "Ibsen", "Jansen", "Keller", "Lindqvist",
                                                         "Moreau",  "Nilsson", "Olsen", "Peters", "Roux",   "Schmidt",
                                                         "Thomsen", "Ulmer",   "Vogel", "Weber",  "Yilmaz", "Zimmer"};
constexpr std::array<std::string_view, 12> kCompanies = {"Alster", "Brocken", "Cassel", "Drost", "Elbe",  "Fjord",
                                                         "Gravel", "Hansa",   "Isar",   "Jura",  "Kogge", "Lech"};
constexpr std::array<std::string_view, 8> kTrades = {"Logistik", "Maschinen", "Optik",  "Textil",
                                                     "Energie",  "Medien",    "Chemie", "Werkzeug"};
constexpr std::array<std::string_view, 6> kCampaigns = {"spring-webinar", "search",        "trade-fair",
                                                        "cold-mail",      "professionals", "community"};
constexpr std::array<std::string_view, 4> kBusinessTypes = {"manufacturer", "reseller", "services", "public"};

struct Home {
  std::string_view country;
  std::string_view territory;
  std::string_view calling_code;
};
// As often as they stand here.
constexpr std::array<Home, 14> kHomes = {{{"DE", "dach", "+49"},
                                          {"DE", "dach", "+49"},
                                          {"DE", "dach", "+49"},
                                          {"DE", "dach", "+49"},
                                          {"DE", "dach", "+49"},
                                          {"AT", "dach", "+43"},
                                          {"CH", "dach", "+41"},
                                          {"FR", "france", "+33"},
                                          {"FR", "france", "+33"},
                                          {"NL", "benelux", "+31"},
                                          {"BE", "benelux", "+32"},
                                          {"SE", "nordics", "+46"},
                                          {"DK", "nordics", "+45"},
                                          {"PL", "", "+48"}}};

template <size_t N>
std::string pick(Chance& chance, const std::array<std::string_view, N>& of) {
  return std::string(of[below(chance, N)]);
}

bool happens(Chance& chance, uint64_t percent) { return below(chance, 100) < percent; }

// "+49 30 123-4567" or "+49301234567": the same number.
std::string telephone(std::string_view code, uint64_t number, bool spaced) {
  const std::string digits = std::to_string(1'000'000 + number % 9'000'000);
  if (!spaced) return std::string(code) + "30" + digits;
  return std::string(code) + " 30 " + digits.substr(0, 3) + "-" + digits.substr(3);
}

}  // namespace

LeadGenerator::LeadGenerator(GeneratorOptions options)
    : options_(std::move(options)), chance_(stable_hash({"demo", std::to_string(options_.seed)})) {}

CaptureLead LeadGenerator::next() {
  CaptureLead lead;
  const std::string row = std::to_string(number_);
  lead.set_request_id("demo-" + options_.run + "-lead-" + row);
  lead.set_external_reference("demo " + options_.run + " lead " + row);
  const auto span = options_.to - options_.from;
  const auto leads = static_cast<int64_t>(options_.leads);
  const Instant when = options_.from + span / leads * static_cast<int64_t>(number_ % options_.leads);
  *lead.mutable_occurred_at() = to_timestamp(when);
  lead.set_campaign(pick(chance_, kCampaigns));
  const bool again = people_ > 0 && happens(chance_, kComeAgain);
  fill_person(again ? below(chance_, people_) : people_++, again, lead);
  if (happens(chance_, kWrong)) spoil(lead);
  ++number_;
  return lead;
}

void LeadGenerator::fill_person(uint64_t person, bool again, CaptureLead& lead) {
  SeededChance chance(stable_hash({"person", std::to_string(options_.seed), std::to_string(person)}));
  const std::string first = pick(chance, kFirstNames);
  const std::string last = pick(chance, kLastNames);
  const std::string company = pick(chance, kCompanies) + " " + pick(chance, kTrades) + " GmbH";
  const Home& home = kHomes[below(chance, kHomes.size())];
  const std::string email = to_lower(first) + "." + to_lower(last) + "." + std::to_string(options_.seed) + "-" +
                            std::to_string(person) + "@" + to_lower(company.substr(0, company.find(' '))) + ".example";
  const uint64_t reachable = below(chance, 100);  // by e-mail, by telephone, by both, hardly ever by neither
  const uint64_t number = chance.next();
  if (reachable < 94) lead.mutable_person()->set_email(email);
  if (reachable >= 45 && reachable < 99) {
    lead.mutable_person()->set_phone(telephone(home.calling_code, number, happens(chance_, 50)));
  }
  if (happens(chance, 92)) lead.mutable_person()->set_name(first + " " + last);
  if (happens(chance_, again ? 40 : 4)) lead.mutable_person()->set_email(to_upper(lead.person().email()));
  if (happens(chance, 93)) lead.mutable_facts()->set_country(std::string(home.country));
  if (lead.facts().country() == home.country) lead.mutable_facts()->set_territory(std::string(home.territory));
  if (home.country == "FR" && happens(chance, 50)) lead.mutable_facts()->add_skills("french");
  fill_facts(chance, company, lead);
}

void LeadGenerator::fill_facts(SeededChance& chance, std::string_view company, CaptureLead& lead) {
  auto& facts = *lead.mutable_facts();
  if (happens(chance, 85)) facts.set_company(std::string(company));
  const uint64_t size = below(chance, 100);
  if (size < 80)
    facts.set_company_size(size < 45 ? 1 + static_cast<int64_t>(below(chance, 49))
                                     : 50 + static_cast<int64_t>(below(chance, size < 70 ? 450 : 4000)));
  if (facts.company_size() >= 1000) facts.add_skills("enterprise");
  if (happens(chance, 70)) facts.set_business_type(pick(chance, kBusinessTypes));
  const uint64_t product = below(chance, 100);
  if (product < 90) facts.set_product(product < 40 ? "aurora" : product < 70 ? "polaris" : "support");
  if (happens(chance, 88)) {
    const bool large = happens(chance, 7);
    const auto whole =
        static_cast<int64_t>(large ? 5000 + below(chance, 4000) : 100 + below(chance, 800) + below(chance, 1000));
    facts.mutable_value()->set_minor_units(whole * 100);
    facts.mutable_value()->set_currency("EUR");
  }
}

// What a website lets through that should have looked first.
void LeadGenerator::spoil(CaptureLead& lead) {
  switch (below(chance_, 6)) {
    case 0:
      return lead.mutable_person()->set_email("not an address");
    case 1:
      return lead.set_campaign("winter-fair");
    case 2: {
      auto& value = *lead.mutable_facts()->mutable_value();
      value.set_minor_units(-150'000);
      return value.set_currency("EUR");
    }
    case 3:
      return lead.mutable_facts()->set_country("Germany");
    case 4: {
      auto& value = *lead.mutable_facts()->mutable_value();
      value.set_minor_units(150'000);
      return value.set_currency("ABC");
    }
    default:
      return lead.mutable_person()->set_phone("call me");
  }
}

}  // namespace tandem::cli
