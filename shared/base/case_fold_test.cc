#include "shared/base/case_fold.h"

#include <gtest/gtest.h>

#include <string>

#include "shared/base/text.h"

namespace tandem {
namespace {

TEST(CaseFold, OfAsciiIsLowerCase) {
  std::string all;
  for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
  EXPECT_EQ(fold_case(all), to_lower(all));
  EXPECT_EQ(fold_case(""), "");
}

TEST(CaseFold, OfLatinLettersWithAccents) {
  EXPECT_EQ(fold_case("MÜLLER GMBH"), "müller gmbh");
  EXPECT_EQ(fold_case("ÀÖ×ØÞ÷ÿ"), "àö×øþ÷ÿ") << "the signs between the letters have no case";
  EXPECT_EQ(fold_case("ĀĮĲĶĹŇŊŶŸŹŽ"), "āįĳķĺňŋŷÿźž");
  EXPECT_EQ(fold_case("āĸňŋŷž"), "āĸňŋŷž") << "small letters stay";
  EXPECT_EQ(fold_case("İıŉ"), "İıŉ") << "of Turkish alone, or two letters";
}

TEST(CaseFold, KeepsTheSharpS) {
  EXPECT_EQ(fold_case("Weiß"), "weiß");
  EXPECT_EQ(fold_case("WEIẞ"), "weiß");
  EXPECT_NE(fold_case("WEISS"), fold_case("Weiß"));
}

TEST(CaseFold, OfGreek) {
  EXPECT_EQ(fold_case("ΑΒΓΡΣΤΩ ΆΈΌΏΫ"), "αβγρστω άέόώϋ");
  EXPECT_EQ(fold_case("ΟΔΟΣ"), fold_case("οδος"));
  EXPECT_EQ(fold_case("ς"), "σ");
  EXPECT_EQ(fold_case("ΐΰ"), "ΐΰ");
}

TEST(CaseFold, OfCyrillic) {
  EXPECT_EQ(fold_case("ЗАВОД ЁЂЏЯ"), "завод ёђџя");
  EXPECT_EQ(fold_case("ҐҮӀӁӍӘӾԮ"), "ґүӏӂӎәӿԯ");
}

TEST(CaseFold, TwiceIsOnce) {
  for (int code = 0x80; code < 0x800; ++code) {
    const std::string letter{static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
    const std::string folded = fold_case(letter);
    EXPECT_EQ(fold_case(folded), folded) << "U+" << std::hex << code;
    EXPECT_TRUE(utf8_valid(folded)) << "U+" << std::hex << code;
  }
}

TEST(CaseFold, LeavesOtherLettersAndWhatIsNoTextAsItIs) {
  EXPECT_EQ(fold_case("株式会社 Ա 🏗"), "株式会社 Ա 🏗");
  EXPECT_EQ(fold_case("A\xC3"), "a\xC3") << "cut off";
  const std::string cut = "\xC3";
  EXPECT_EQ(fold_case(cut + "A\x9C"), cut + "a\x9C");
  EXPECT_EQ(fold_case("\xC1\x81\xFF\x80"), "\xC1\x81\xFF\x80") << "an overlong form";
  EXPECT_EQ(fold_case("\xE1\xBA"), "\xE1\xBA");
}

}  // namespace
}  // namespace tandem
