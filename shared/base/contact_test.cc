#include "shared/base/contact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Email, HasOneSpelling) {
  EXPECT_EQ(normalize_email("  Ana.Silva+News@Example.COM \n").value(), "ana.silva+news@example.com");
  EXPECT_EQ(normalize_email("o'neil_1-x@mail.example.co.uk").value(), "o'neil_1-x@mail.example.co.uk");
  EXPECT_EQ(normalize_email("josé@exämple.de").value(), "josé@exämple.de");
  EXPECT_EQ(normalize_email("a@b.museum").value(), "a@b.museum");
  EXPECT_EQ(normalize_email("x@1and1.de").value(), "x@1and1.de");
  EXPECT_EQ(normalize_email(std::string(64, 'a') + "@b.de").value(), std::string(64, 'a') + "@b.de");
}

struct Refused {
  std::string text;
  std::string reason;
};

TEST(Email, RefusedOnesSayWhy) {
  const std::vector<Refused> cases = {
      {"", "is empty"},
      {"   ", "is empty"},
      {"ana.example.com", "has no @"},
      {"ana@silva@example.com", "has more than one @"},
      {"@example.com", "has nothing before the @"},
      {"ana@", "has nothing after the @"},
      {"ana@localhost", "has a domain without a dot"},
      {".ana@example.com", "has a dot too many before the @"},
      {"a..b@example.com", "has a dot too many before the @"},
      {"ana silva@example.com", "has a character that addresses cannot have"},
      {"<ana@example.com>", "has a character that addresses cannot have"},
      {"ana@example..com", "has a dot too many in its domain"},
      {"ana@example.com.", "has a dot too many in its domain"},
      {"ana@-example.com", "has a hyphen at the edge of a name in its domain"},
      {"ana@exam ple.com", "has a character that domains cannot have"},
      {"ana@example.com, ben", "has a character that domains cannot have"},
      {"ana@192.168.0.1", "has a number for a top-level domain"},
      {"ana@" + std::string(64, 'x') + ".com", "has more than 63 bytes between two dots of its domain"},
      {std::string(65, 'a') + "@b.de", "has more than 64 bytes before the @"},
      {"a@" + std::string(250, 'b') + ".de", "is longer than 254 bytes"},
      {"caf\xE9@example.com", "is not UTF-8"},
  };
  for (const Refused& refused : cases) {
    const auto result = normalize_email(refused.text);
    ASSERT_EQ(result.code(), Code::kInvalidArgument) << refused.text;
    EXPECT_EQ(result.error().violations.front().field, "email");
    EXPECT_EQ(result.error().violations.front().reason, refused.reason) << refused.text;
  }
}

TEST(Email, ErrorsDoNotRepeatTheAddress) {
  // Errors are logged, and an address is personal data.
  EXPECT_THAT(to_line(normalize_email("secret@localhost").error()), testing::Not(testing::HasSubstr("secret")));
  EXPECT_THAT(to_line(normalize_phone("0151 7654321").error()), testing::Not(testing::HasSubstr("7654321")));
}

TEST(Phone, HasOneSpelling) {
  for (const char* same : {"+49 151 12345678", "+49-151-12345678", "0049 (151) 123.456/78", " +49 (0) 151 12345678 ",
                           "0049 (0)15112345678", "+4915112345678"}) {
    EXPECT_EQ(normalize_phone(same).value(), "+4915112345678") << same;
  }
}

TEST(Phone, NationalNumbersNeedACountry) {
  EXPECT_EQ(normalize_phone("0151 12345678", "49").value(), "+4915112345678");
  EXPECT_EQ(normalize_phone("151 12345678", "+49").value(), "+4915112345678");
  EXPECT_EQ(normalize_phone("(11) 91234-5678", "55").value(), "+5511912345678");
  EXPECT_EQ(normalize_phone("+1 212 555 0100", "49").value(), "+12125550100");
  EXPECT_EQ(normalize_phone("0151 12345678").code(), Code::kInvalidArgument);
  EXPECT_EQ(normalize_phone("0151 12345678", "DE").error().violations.front().field, "default_country_code");
}

TEST(Phone, RefusedOnesSayWhy) {
  const std::vector<Refused> cases = {
      {"", "is empty"},
      {" - ", "has no digits"},
      {"+", "has no digits"},
      {"call me", "has a character that phone numbers cannot have"},
      {"+49 151 12345678 ext. 5", "has a character that phone numbers cannot have"},
      {"++49 151 12345678", "has a character that phone numbers cannot have"},
      {"151 12345678", "has no country code"},
      {"+0 151 12345678", "has a country code that begins with 0"},
      {"+49 151", "has fewer than 7 digits"},
      {"+49 151 1234 5678 9012", "has more than 15 digits"},
  };
  for (const Refused& refused : cases) {
    const auto result = normalize_phone(refused.text);
    ASSERT_EQ(result.code(), Code::kInvalidArgument) << refused.text;
    EXPECT_EQ(result.error().violations.front().field, "phone");
    EXPECT_EQ(result.error().violations.front().reason, refused.reason) << refused.text;
  }
}

TEST(Contact, NormalisingTwiceChangesNothing) {
  for (const char* email : {"Ana@Example.com", " A.B@c.DE "}) {
    const std::string once = normalize_email(email).value();
    EXPECT_EQ(normalize_email(once).value(), once);
  }
  for (const char* phone : {"0049 (0)151 12345678", "+1 212 555 0100"}) {
    const std::string once = normalize_phone(phone).value();
    EXPECT_EQ(normalize_phone(once, "55").value(), once);
  }
}

}  // namespace
}  // namespace tandem
