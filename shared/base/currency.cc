// The minor units of ISO 4217's currencies (list one, with the amendments up to 2026).
#include <string_view>

#include "shared/base/money.h"

namespace tandem {
namespace {

// Codes of three letters, in alphabetical order.
constexpr std::string_view kNone = "BIFCLPDJFGNFISKJPYKMFKRWPYGRWFUGXUYIVNDVUVXAFXOFXPF";
constexpr std::string_view kThree = "BHDIQDJODKWDLYDOMRTND";
constexpr std::string_view kFour = "CLFUYW";
constexpr std::string_view kTwo =
    "AEDAFNALLAMDAOAARSAUDAWGAZNBAMBBDBDTBMDBNDBOBBOVBRLBSDBTNBWPBYNBZDCADCDFCHECHFCHWCNYCOPCOUCRCCUPCVECZKDKKDOPDZDEGP"
    "ERN"
    "ETBEURFJDFKPGBPGELGHSGIPGMDGTQGYDHKDHNLHTGHUFIDRILSINRIRRJMDKESKGSKHRKPWKYDKZTLAKLBPLKRLRDLSLMADMDLMGAMKDMMKMNTMOP"
    "MRU"
    "MURMVRMWKMXNMXVMYRMZNNADNGNNIONOKNPRNZDPABPENPGKPHPPKRPLNQARRONRSDRUBSARSBDSCRSDGSEKSGDSHPSLESOSSRDSSPSTNSVCSYPSZL"
    "THB"
    "TJSTMTTOPTRYTTDTWDTZSUAHUSDUSNUYUUZSVEDVESWSTXCDXCGYERZARZMWZWG";
constexpr std::string_view kWithdrawnTwo = "ANGBGNCUCHRKSLLZWL";

constexpr bool contains(std::string_view codes, std::string_view code) {
  for (std::size_t i = 0; i < codes.size(); i += 3) {
    if (codes.substr(i, 3) == code) return true;
  }
  return false;
}

static_assert(kNone.size() % 3 == 0 && kTwo.size() % 3 == 0 && kThree.size() % 3 == 0 && kFour.size() % 3 == 0 &&
              kWithdrawnTwo.size() % 3 == 0);

}  // namespace

Result<int> currency_exponent(std::string_view code) {
  if (code.size() == 3) {
    if (contains(kTwo, code) || contains(kWithdrawnTwo, code)) return 2;
    if (contains(kNone, code)) return 0;
    if (contains(kThree, code)) return 3;
    if (contains(kFour, code)) return 4;
  }
  return invalid("currency", code.empty() ? "is empty" : "\"" + std::string(code) + "\" is not a currency",
                 "use an ISO 4217 code in capitals, such as EUR");
}

}  // namespace tandem
