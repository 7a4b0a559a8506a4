#include "shared/base/identity.h"

#include <gtest/gtest.h>

namespace tandem {
namespace {

TEST(Identity, IsInOneSpelling) {
  const auto identity = identify(" Ana@Example.COM ", "0049 151 123-45678", "person");
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->email, "ana@example.com");
  EXPECT_EQ(identity->phone, "+4915112345678");
  EXPECT_EQ(email_domain(identity->email), "example.com");
}

TEST(Identity, MayBeUnknown) {
  const auto identity = identify(" ", "", "person");
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->email, "");
  EXPECT_EQ(identity->phone, "");
  EXPECT_EQ(email_domain(""), "");
}

TEST(Identity, NamesAllThatIsWrongWithItsPath) {
  const auto identity = identify("ana", "12", "person");
  ASSERT_FALSE(identity.ok());
  EXPECT_EQ(identity.error().code, Code::kInvalidArgument);
  ASSERT_EQ(identity.error().violations.size(), 2u);
  EXPECT_EQ(identity.error().violations[0].field, "person.email");
  EXPECT_EQ(identity.error().violations[1].field, "person.phone");
}

TEST(Identity, GivesTheIdByEmailElsePhoneElseRequest) {
  const Identity both{"ana@example.com", "+4915112345678"};
  const Identity email{"ana@example.com", ""};
  const Identity phone{"", "+4915112345678"};
  EXPECT_EQ(lead_id(both, "r1", "key"), lead_id(email, "r2", "key"));
  EXPECT_NE(lead_id(phone, "r1", "key"), lead_id(email, "r1", "key"));
  EXPECT_EQ(lead_id(phone, "r1", "key"), lead_id(phone, "r2", "key"));
  EXPECT_NE(lead_id({}, "r1", "key"), lead_id({}, "r2", "key"));
  EXPECT_EQ(lead_id({}, "r1", "key"), lead_id({}, "r1", "key"));
  EXPECT_NE(lead_id({}, "+4915112345678", "key"), lead_id(phone, "", "key")) << "a request is not a number";
}

TEST(Identity, OfWhomNobodyCanReachIsTheReferencesWhateverTheRequest) {
  const Identity row{"", "", "shop:7"};
  EXPECT_EQ(lead_id(row, "r1", "key"), lead_id(row, "r2", "key"));
  EXPECT_NE(lead_id(row, "r1", "key"), lead_id({"", "", "shop:8"}, "r1", "key"));
  EXPECT_NE(lead_id(row, "r1", "key"), lead_id({}, "shop:7", "key")) << "a request is not a reference";
  EXPECT_EQ(lead_id({"ana@example.com", "", "shop:7"}, "r1", "key"), lead_id({"ana@example.com", ""}, "r1", "key"));
}

TEST(Identity, CannotBeTriedWithoutTheKey) {
  EXPECT_NE(lead_id({"ana@example.com", ""}, "", "key"), lead_id({"ana@example.com", ""}, "", "other key"));
}

TEST(Identity, IsOneCustomerALead) {
  EXPECT_EQ(customer_id("lead-1"), customer_id("lead-1"));
  EXPECT_NE(customer_id("lead-1"), customer_id("lead-2"));
  EXPECT_EQ(customer_id("lead-1").substr(0, 9), "customer-");
}

TEST(Identity, ACompanyIsOneCustomerHoweverItIsWritten) {
  EXPECT_EQ(account_customer_id(" Kranbau HUBER"), account_customer_id("kranbau huber"));
  EXPECT_NE(account_customer_id("kranbau huber"), account_customer_id("kranbau hubers"));
  EXPECT_EQ(account_customer_id("MÜLLER GMBH"), account_customer_id("Müller GmbH"));
  EXPECT_NE(account_customer_id("Müller GmbH"), account_customer_id("Muller GmbH"));
  EXPECT_NE(account_customer_id("lead-1"), customer_id("lead-1"));
}

}  // namespace
}  // namespace tandem
