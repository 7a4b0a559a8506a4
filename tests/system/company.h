// A small company that an installation works for, and what its people do, over gRPC: two salespeople, Ana (weight 2)
// and Ben (1), who earn 6 % and from 100,000.00 on 8 %, and their manager Mia, who earns 1 %.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/reflection.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shared/base/result.h"
#include "tandem/marketing/v1/resources.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"
#include "tandem/type/v1/type.pb.h"
#include "tests/support/installation.h"

namespace tandem::testing {

// From protobuf's text format; a failure of the test if it is none.
void parse_text(const std::string& proto, google::protobuf::Message& message);
template <class M>
M text(const std::string& proto) {
  M message;
  parse_text(proto, message);
  return message;
}

class Company {
 public:
  explicit Company(Installation& tandem) : tandem_(tandem) {}

  // Campaign "spring", scoring, pipeline "standard" (new, offer), team "north", plans "ae" and "lead".
  void define();
  void define_campaign();
  void define_sales();
  void define_plan(const std::string& plan);

  // The service and the method are found by the command's name. Tried again while there is no answer, with the request
  // id, which is drawn if it is empty: until `patience` is over.
  Result<type::v1::CommandResult> give(const google::protobuf::Message& command,
                                       std::chrono::milliseconds patience = std::chrono::seconds(10));
  // And a failure of the test if it is refused.
  type::v1::CommandResult done(const google::protobuf::Message& command);

  // All pages of a List method, which is found by the name of its answer.
  template <class Item, class Page>
  Result<std::vector<Item>> try_list(const std::string& filter = "", int page_size = 1000) {
    std::vector<Item> all;
    type::v1::ListRequest request;
    request.set_filter(filter);
    request.set_page_size(page_size);
    do {
      auto page = tandem_.call<Page>(service_of(*Page::descriptor()), method_of_page(*Page::descriptor()), request);
      if (!page.ok()) return page.error();
      EXPECT_LE(size_of(*page), page_size);
      const auto* items = Page::descriptor()->field(0);
      for (const Item& item : page->GetReflection()->template GetRepeatedFieldRef<Item>(*page, items)) {
        all.push_back(item);
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return all;
  }
  // And a failure of the test if there is no answer.
  template <class Item, class Page>
  std::vector<Item> list(const std::string& filter = "", int page_size = 1000) {
    auto all = try_list<Item, Page>(filter, page_size);
    EXPECT_TRUE(all.ok()) << Page::descriptor()->full_name() << ": " << to_line(all.error());
    return all.ok() ? *std::move(all) : std::vector<Item>();
  }

  marketing::v1::CaptureLead person(const std::string& email) const;
  std::vector<sales::v1::Assignment> assignments(const std::string& filter);
  // Waits until somebody has the lead.
  sales::v1::Assignment assignment_of(const std::string& lead);
  // The owner accepts; waits for the opportunity, and returns its id.
  std::string accept(const sales::v1::Assignment& assignment);
  void win(const std::string& opportunity, int64_t minor_units);

  Installation& tandem() { return tandem_; }

 private:
  static std::string service_of(const google::protobuf::Descriptor& message);
  static std::string method_of_page(const google::protobuf::Descriptor& page);
  static int size_of(const google::protobuf::Message& page);

  Installation& tandem_;
};

}  // namespace tandem::testing
