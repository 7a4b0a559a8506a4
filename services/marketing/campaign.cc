#include "services/marketing/campaign.h"

#include <google/protobuf/util/message_differencer.h>

#include <optional>
#include <string>

#include "shared/aggregate/convert.h"
#include "shared/base/money.h"
#include "shared/base/violations.h"

namespace tandem::marketing {
namespace {

using google::protobuf::util::MessageDifferencer;

Error unknown_campaign(const std::string& campaign) {
  return reject(Code::kNotFound, "campaign", "\"" + campaign + "\" is not known",
                "define it first, or see ListCampaigns");
}

Error ended(const std::string& field) {
  return reject(Code::kFailedPrecondition, field, "belongs to a campaign that has ended", "define another campaign");
}

// Everything that is wrong with a definition, or nothing.
std::optional<Error> problems(const v1::CampaignDefinition& d) {
  Violations wrong;
  if (d.name().empty()) wrong.add(invalid("definition.name", "is missing", "name the campaign"));
  if (d.form() == v1::CAMPAIGN_FORM_UNSPECIFIED) {
    wrong.add(invalid("definition.form", "is missing", "say INBOUND, OUTBOUND or SOCIAL"));
  }
  if (d.channel().empty()) wrong.add(invalid("definition.channel", "is missing", "for example \"webinar\""));
  if (d.team().empty()) wrong.add(invalid("definition.team", "is missing", "name the sales team that gets its leads"));
  if (!d.has_budget()) {
    wrong.add(invalid("definition.budget", "is missing", "give one, 0 if there is none: its currency is needed"));
  } else {
    wrong.add(wrong_amount(d.budget(), "definition.budget"));
  }
  return wrong.take_any();
}

}  // namespace

Decision Campaign::decide(const State& s, const v1::DefineCampaign& c, const Context&) {
  if (auto error = problems(c.definition())) return *std::move(error);
  if (MessageDifferencer::Equals(s.definition(), c.definition())) return nothing();
  if (s.status() == v1::CAMPAIGN_STATUS_ENDED) return ended("definition");
  if (s.spent().minor_units() != 0 && s.spent().currency() != c.definition().budget().currency()) {
    return reject(Code::kFailedPrecondition, "definition.budget.currency",
                  "differs from that of the spending so far, " + s.spent().currency(), "keep the currency");
  }
  v1::CampaignDefined e;
  e.set_campaign(c.campaign());
  *e.mutable_definition() = c.definition();
  return e;
}

Decision Campaign::decide(const State& s, const v1::LaunchCampaign& c, const Context&) {
  switch (s.status()) {
    case v1::CAMPAIGN_STATUS_DRAFT: {
      v1::CampaignLaunched e;
      e.set_campaign(c.campaign());
      return e;
    }
    case v1::CAMPAIGN_STATUS_LAUNCHED:
      return nothing();
    case v1::CAMPAIGN_STATUS_ENDED:
      return ended("campaign");
    default:
      return unknown_campaign(c.campaign());
  }
}

Decision Campaign::decide(const State& s, const v1::EndCampaign& c, const Context&) {
  if (s.campaign().empty()) return unknown_campaign(c.campaign());
  if (s.status() == v1::CAMPAIGN_STATUS_ENDED) return nothing();
  v1::CampaignEnded e;
  e.set_campaign(c.campaign());
  e.set_reason(c.reason());
  return e;
}

Decision Campaign::decide(const State& s, const v1::RecordSpend& c, const Context&) {
  if (s.campaign().empty()) return unknown_campaign(c.campaign());
  const std::string& currency = s.definition().budget().currency();
  if (c.amount().currency() != currency) {
    return reject(Code::kInvalidArgument, "amount.currency", "is not the budget's, " + currency, "convert the amount");
  }
  if (c.amount().minor_units() == 0) {
    return reject(Code::kInvalidArgument, "amount.minor_units", "is 0", "give what was spent, or refunded as negative");
  }
  const auto total = add_minor(s.spent().minor_units(), c.amount().minor_units());
  if (!total.ok()) {
    return reject(Code::kOutOfRange, "amount.minor_units", "makes a total that does not fit", "check the amount");
  }
  if (*total < 0) {
    return reject(Code::kFailedPrecondition, "amount.minor_units",
                  "refunds more than was spent, " + format_money({s.spent().minor_units(), currency}),
                  "refund at most that");
  }
  v1::SpendRecorded e;
  e.set_campaign(c.campaign());
  *e.mutable_amount() = c.amount();
  e.set_note(c.note());
  return e;
}

void Campaign::evolve(State& s, const v1::CampaignDefined& e, const EventMeta& meta) {
  if (s.campaign().empty()) {
    s.set_campaign(e.campaign());
    s.set_status(v1::CAMPAIGN_STATUS_DRAFT);
    *s.mutable_created_at() = to_timestamp(meta.occurred_at);
  }
  *s.mutable_definition() = e.definition();
  s.mutable_spent()->set_currency(e.definition().budget().currency());
}

void Campaign::evolve(State& s, const v1::CampaignLaunched&, const EventMeta& meta) {
  s.set_status(v1::CAMPAIGN_STATUS_LAUNCHED);
  *s.mutable_launched_at() = to_timestamp(meta.occurred_at);
}

void Campaign::evolve(State& s, const v1::CampaignEnded& e, const EventMeta& meta) {
  s.set_status(v1::CAMPAIGN_STATUS_ENDED);
  *s.mutable_ended_at() = to_timestamp(meta.occurred_at);
  s.set_end_reason(e.reason());
}

void Campaign::evolve(State& s, const v1::SpendRecorded& e) {
  s.mutable_spent()->set_minor_units(s.spent().minor_units() + e.amount().minor_units());
}

Indexes Campaign::indexes(const State& s) {
  return {order_key(to_instant(s.created_at())),
          {{"status", enum_label(s.status())},
           {"definition.form", enum_label(s.definition().form())},
           {"definition.team", s.definition().team()}}};
}

}  // namespace tandem::marketing
