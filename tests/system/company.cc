#include "tests/system/company.h"

#include <google/protobuf/text_format.h>

#include <atomic>
#include <thread>

#include "tandem/incentives/v1/service.pb.h"

namespace tandem::testing {

void parse_text(const std::string& proto, google::protobuf::Message& message) {
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(proto, &message)) << proto;
}

std::string Company::service_of(const google::protobuf::Descriptor& message) {
  const std::string& name = message.full_name();  // tandem.<service>.v1.<Message>
  return name.substr(7, name.find('.', 7) - 7);
}

std::string Company::method_of_page(const google::protobuf::Descriptor& page) {
  return page.name().substr(0, page.name().size() - std::string("Result").size());
}

int Company::size_of(const google::protobuf::Message& page) {
  return page.GetReflection()->FieldSize(page, page.GetDescriptor()->field(0));
}

Result<type::v1::CommandResult> Company::give(const google::protobuf::Message& command,
                                              std::chrono::milliseconds patience) {
  static std::atomic<uint64_t> drawn{0};
  std::unique_ptr<google::protobuf::Message> request(command.New());
  request->CopyFrom(command);
  const auto& descriptor = *request->GetDescriptor();
  const auto* request_id = descriptor.FindFieldByName("request_id");
  if (request->GetReflection()->GetString(*request, request_id).empty()) {
    request->GetReflection()->SetString(request.get(), request_id, "request-" + std::to_string(++drawn));
  }
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    rpc::CallOptions options;
    options.deadline = std::min<std::chrono::milliseconds>(patience, std::chrono::seconds(3));
    auto result = tandem_.call<type::v1::CommandResult>(service_of(descriptor), descriptor.name(), *request, options);
    const bool again = result.code() == Code::kUnavailable || result.code() == Code::kDeadlineExceeded ||
                       result.code() == Code::kAborted || result.code() == Code::kCancelled;
    if (!again || std::chrono::steady_clock::now() >= deadline) return result;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

type::v1::CommandResult Company::done(const google::protobuf::Message& command) {
  auto result = give(command);
  EXPECT_TRUE(result.ok()) << command.GetDescriptor()->name() << ": " << to_line(result.error());
  return result.ok() ? *result : type::v1::CommandResult();
}

void Company::define() {
  define_campaign();
  define_sales();
  define_plan("ae");
  define_plan("lead");
}

void Company::define_campaign() {
  done(text<marketing::v1::DefineCampaign>(R"(
    campaign: "spring" definition { name: "Spring" form: CAMPAIGN_FORM_INBOUND channel: "webinar" team: "north"
                                    budget { minor_units: 100000 currency: "EUR" } })"));
  done(text<marketing::v1::LaunchCampaign>(R"(campaign: "spring")"));
  done(text<marketing::v1::PublishScoringPolicy>(R"(
    policy: "default" threshold: 10 effective_from { seconds: 1000000 }
    rules { name: "mail" attribute: "has_email" comparison: COMPARISON_PRESENT points: 10 })"));
}

void Company::define_sales() {
  done(text<sales::v1::DefinePipeline>(R"(
    pipeline: "standard" definition { name: "Standard"
      stages { stage: "new" name: "New" probability_bp: 1000 }
      stages { stage: "offer" name: "Offer" probability_bp: 6000 } })"));
  done(text<sales::v1::DefineTeam>(R"(
    team: "north" definition { name: "North" manager: "mia" manager_plan: "lead" accept_within_minutes: 60 max_hops: 3
      pipeline: "standard"
      members { member: "ana" name: "Ana" weight: 2 plan: "ae" }
      members { member: "ben" name: "Ben" weight: 1 plan: "ae" } })"));
}

void Company::define_plan(const std::string& plan) {
  const bool direct = plan == "ae";
  auto command = text<incentives::v1::PublishPlan>(R"(
    effective_from { seconds: 1000000 } definition { name: "A plan" currency: "EUR"
      period: PERIOD_KIND_MONTH time_zone: "Europe/Berlin"
      tiers { from_minor_units: 0 mode: TIER_MODE_GRADUATED } })");
  command.set_plan(plan);
  auto& definition = *command.mutable_definition();
  definition.set_kind(direct ? incentives::v1::PLAN_KIND_DIRECT : incentives::v1::PLAN_KIND_OVERRIDE);
  definition.mutable_tiers(0)->set_rate(direct ? "0.06" : "0.01");
  if (direct) {
    *definition.add_tiers() =
        text<incentives::v1::Tier>(R"(from_minor_units: 10000000 rate: "0.08" mode: TIER_MODE_GRADUATED)");
  }
  done(command);
}

marketing::v1::CaptureLead Company::person(const std::string& email) const {
  marketing::v1::CaptureLead command;
  command.mutable_person()->set_email(email);
  command.mutable_person()->set_name("Somebody");
  command.set_campaign("spring");
  return command;
}

std::vector<sales::v1::Assignment> Company::assignments(const std::string& filter) {
  return list<sales::v1::Assignment, sales::v1::ListAssignmentsResult>(filter);
}

sales::v1::Assignment Company::assignment_of(const std::string& lead) {
  std::vector<sales::v1::Assignment> found;
  EXPECT_TRUE(eventually([&] {
    found = assignments("lead = \"" + lead + "\"");
    return !found.empty() && found[0].status() == sales::v1::ASSIGNMENT_STATUS_ASSIGNED;
  })) << "nobody got "
      << lead;
  return found.empty() ? sales::v1::Assignment() : found[0];
}

std::string Company::accept(const sales::v1::Assignment& assignment) {
  sales::v1::AcceptLead command;
  command.set_assignment(assignment.assignment());
  command.set_member(assignment.member());
  done(command);
  std::vector<sales::v1::Opportunity> found;
  EXPECT_TRUE(eventually([&] {
    found = list<sales::v1::Opportunity, sales::v1::ListOpportunitiesResult>("lead = \"" + assignment.lead() + "\"");
    return !found.empty();
  }));
  return found.empty() ? "" : found[0].opportunity();
}

void Company::win(const std::string& opportunity, int64_t minor_units) {
  sales::v1::WinDeal command;
  command.set_opportunity(opportunity);
  command.mutable_amount()->set_minor_units(minor_units);
  command.mutable_amount()->set_currency("EUR");
  done(command);
}

}  // namespace tandem::testing
