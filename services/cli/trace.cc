#include "services/cli/trace.h"

#include <algorithm>
#include <set>

#include "services/cli/calls.h"
#include "services/cli/event_text.h"
#include "services/cli/output.h"
#include "shared/aggregate/convert.h"
#include "shared/base/commission_ids.h"
#include "shared/base/text.h"
#include "shared/base/time.h"
#include "shared/bus/kafka_log.h"
#include "shared/bus/tail.h"
#include "tandem/incentives/v1/service.pb.h"
#include "tandem/marketing/v1/service.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using incentives::v1::Entry;

// Builds the chain, step by step.
class Tracer {
 public:
  Tracer(Session& session, Chain& chain) : session_(session), chain_(chain) {}

  Status run(const std::string& id) {
    incentives::v1::GetEntry request;
    request.set_entry(id);
    TANDEM_ASSIGN_OR_RETURN(chain_.entry, session_.call<Entry>(std::string(kIncentives) + "GetEntry", request));
    chain_.links.push_back(origin_of(chain_.entry));
    TANDEM_RETURN_IF_ERROR(add_plan());
    TANDEM_ASSIGN_OR_RETURN(const std::string lead, add_deal());
    if (lead.empty()) return {};
    TANDEM_RETURN_IF_ERROR(add_assignment(lead));
    return add_lead(lead);
  }

 private:
  ChainLink& add(std::string title, std::string subject) {
    auto& link = chain_.links.emplace_back();
    link.title = std::move(title);
    link.subject = std::move(subject);
    return link;
  }

  void gap(const std::string& what) { chain_.gaps.push_back(what); }

  // Unknown is a gap; anything else that goes wrong is an error.
  template <class Resource>
  Result<std::optional<Resource>> get(const std::string& method, const google::protobuf::Message& request,
                                      const std::string& what) {
    auto answer = session_.call<Resource>(method, request);
    if (answer.ok()) return std::optional<Resource>(*std::move(answer));
    if (answer.code() != Code::kNotFound) return std::move(answer).error();
    gap(what + " is not known to its service");
    return std::optional<Resource>();
  }

  Status add_plan() {
    const Entry& entry = chain_.entry;
    if (entry.plan().empty()) return {};  // what is carried forward belongs to none
    incentives::v1::GetPlan request;
    request.set_plan(entry.plan());
    TANDEM_ASSIGN_OR_RETURN(const auto plan, get<incentives::v1::Plan>(std::string(kIncentives) + "GetPlan", request,
                                                                       "plan " + entry.plan()));
    std::string name = entry.plan();
    std::string since;
    const incentives::v1::Plan known = plan.value_or(incentives::v1::Plan());
    for (const auto& version : known.versions()) {
      if (version.version() != entry.plan_version()) continue;
      name = version.definition().name();
      const auto zone = find_zone(version.definition().time_zone());
      const Date day = date_of(to_instant(version.effective_from()), zone.ok() ? *zone : Zone());
      since = ", in force since " + format_date(day);
    }
    std::set<uint32_t> tiers;
    for (const auto& line : entry.working()) {
      if (line.tier()) tiers.insert(line.tier());
    }
    std::vector<std::string> numbers;
    for (const uint32_t tier : tiers) numbers.push_back(std::to_string(tier));
    const std::string which =
        numbers.empty() ? "" : (numbers.size() > 1 ? "tiers " : "tier ") + join(numbers, ", ") + " of ";
    ChainLink& link = add("Plan", entry.plan());
    link.brief = which + "plan \"" + name + "\" v" + std::to_string(entry.plan_version());
    link.what = link.brief + since;
    return {};
  }

  // The deal's lead; empty: the chain ends here.
  Result<std::string> add_deal() {
    const Entry& entry = chain_.entry;
    if (entry.deal().empty()) {
      gap("the entry belongs to no deal: it carries a balance forward");
      return std::string();
    }
    sales::v1::GetOpportunity request;
    request.set_opportunity(entry.deal());
    TANDEM_ASSIGN_OR_RETURN(const auto deal, get<sales::v1::Opportunity>(std::string(kSales) + "GetOpportunity",
                                                                         request, "deal " + entry.deal()));
    if (!deal) return std::string();
    if (entry.kind() == incentives::v1::ENTRY_KIND_CLAWBACK) add_reversal(*deal);
    ChainLink& won = add("DealWon", deal->opportunity());
    won.brief = "DealWon " + deal->opportunity();
    won.what = readable(*deal, "amount") + " by " + deal->owner() +
               (deal->account().empty() ? "" : " from " + deal->account());
    won.service = "sales";
    won.event_type = "tandem.sales.v1.DealWon";
    won.happened_at = readable(*deal, "closed_at");
    if (deal->lead().empty()) gap("the deal has no lead behind it: it was opened by hand, or imported");
    return deal->lead();
  }

  void add_reversal(const sales::v1::Opportunity& deal) {
    const auto* reversal = reversal_of(chain_.entry, deal);
    if (!reversal) return gap("the reversal that took it back is not among those of deal " + deal.opportunity());
    ChainLink& link = add("DealReversed", deal.opportunity());
    link.brief = "DealReversed " + deal.opportunity();
    link.what = readable(*reversal, "amount") + ": " + reversal->reason();
    link.service = "sales";
    link.event_type = "tandem.sales.v1.DealReversed";
    link.key = reversal->reversal();
    link.happened_at = readable(*reversal, "reversed_at");
  }

  Status add_assignment(const std::string& lead) {
    type::v1::ListRequest request;
    request.set_filter(condition("lead", lead));
    TANDEM_ASSIGN_OR_RETURN(const auto page, session_.call<sales::v1::ListAssignmentsResult>(
                                                 std::string(kSales) + "ListAssignments", request));
    if (page.assignments().empty()) {
      gap("lead " + lead + " was never assigned: its deal was imported, or opened by hand");
      return {};
    }
    const auto& assignment = page.assignments(0);
    ChainLink& accepted = add("LeadAccepted", assignment.assignment());
    accepted.brief = "LeadAccepted";
    accepted.what = "by " + assignment.member();
    accepted.service = "sales";
    accepted.event_type = "tandem.sales.v1.LeadAccepted";
    accepted.happened_at = readable(assignment, "accepted_at");
    const auto eligible = std::count_if(assignment.considered().begin(), assignment.considered().end(),
                                        [](const auto& candidate) { return candidate.eligible(); });
    const std::string considered = std::to_string(assignment.considered_size()) + " considered";
    ChainLink& picked = add("MemberPicked", assignment.team());
    picked.brief = "MemberPicked (" + considered + ")";
    picked.what = assignment.member() + " of team " + assignment.team() + ": " + considered + ", " +
                  std::to_string(eligible) + " eligible" +
                  (assignment.assigned_by().empty() ? "" : "; by hand, by " + assignment.assigned_by());
    picked.service = "sales";
    picked.event_type = "tandem.sales.v1.MemberPicked";
    picked.key = lead;
    picked.happened_at = readable(assignment, "assigned_at");
    return {};
  }

  Status add_lead(const std::string& id) {
    marketing::v1::GetLead request;
    request.set_lead(id);
    TANDEM_ASSIGN_OR_RETURN(const auto lead,
                            get<marketing::v1::Lead>(std::string(kMarketing) + "GetLead", request, "lead " + id));
    if (!lead) return {};
    ChainLink& qualified = add("LeadQualified", id);
    qualified.brief = "LeadQualified";
    qualified.what =
        std::to_string(lead->score().points()) + " points" +
        (lead->qualified_by().empty() ? ", at the threshold of " + std::to_string(lead->score().threshold())
                                      : ", by " + lead->qualified_by());
    qualified.service = "marketing";
    qualified.event_type = "tandem.marketing.v1.LeadQualified";
    qualified.happened_at = readable(*lead, "qualified_at");
    ChainLink& captured = add("LeadCaptured", id);
    captured.brief = "LeadCaptured";
    captured.what = lead->facts().company().empty() ? id : lead->facts().company();
    captured.service = "marketing";
    captured.event_type = "tandem.marketing.v1.LeadCaptured";
    captured.happened_at = readable(*lead, "captured_at");
    const auto& touch = lead->first_touch();
    ChainLink& first = add("Touch", touch.touch());
    const std::string origin = touch.campaign().empty() ? "of unknown origin" : "\"" + touch.campaign() + "\"";
    first.brief = "touch " + origin;
    first.what = origin + (touch.channel().empty() ? "" : " by " + touch.channel());
    first.happened_at = readable(touch, "occurred_at");
    return {};
  }

  Session& session_;
  Chain& chain_;
};

// Whether some text of the message is `id`.
bool holds(const google::protobuf::Message& message, const std::string& id) {
  return to_json(message, false).find("\"" + id + "\"") != std::string::npos;
}

}  // namespace

ChainLink origin_of(const Entry& entry) {
  ChainLink link;
  link.brief = readable(entry, "amount") + " to " + entry.payee();
  link.what = link.brief + " (" + to_lower(enum_label(entry.kind())) + ", " + entry.period() + ")";
  link.service = "incentives";
  link.happened_at = readable(entry, "happened_at");
  if (entry.kind() == incentives::v1::ENTRY_KIND_CARRIED_FORWARD) {
    link.title = "PayoutMade";
    // A statement is paid once, so its event needs no key.
    link.subject = statement_id(entry.payee(), entry.period(), entry.amount().currency());
  } else {
    link.title = entry.kind() == incentives::v1::ENTRY_KIND_CLAWBACK ? "CommissionClawedBack" : "CommissionEarned";
    link.subject = entry.entry();
    link.key = entry.entry();
  }
  link.event_type = "tandem.incentives.v1." + link.title;
  return link;
}

const sales::v1::Reversal* reversal_of(const Entry& clawback, const sales::v1::Opportunity& deal) {
  const std::string ledger = ledger_id(clawback.payee(), clawback.plan());
  const std::string& kind = incentives::v1::EntryKind_Name(clawback.kind());
  for (const auto& reversal : deal.reversals()) {
    if (entry_id(ledger, reversal.reversal(), kind) == clawback.entry()) return &reversal;
  }
  return nullptr;
}

Result<Chain> trace_entry(Session& session, const std::string& entry) {
  Chain chain;
  TANDEM_RETURN_IF_ERROR(Tracer(session, chain).run(entry));
  return chain;
}

Status locate_in_log(Session& session, Chain& chain) {
  TANDEM_ASSIGN_OR_RETURN(const auto kafka, session.kafka_options());
  bus::KafkaLog log(kafka);
  bus::TailStart start;
  start.from = bus::TailStart::From::kBeginning;
  const auto timeout = std::chrono::duration_cast<bus::Millis>(session.call_options().deadline);
  TANDEM_ASSIGN_OR_RETURN(const auto tail, bus::Tail::open(log, {"marketing", "sales", "incentives"}, start, timeout));
  while (!tail->at_end()) {
    auto event = tail->next(timeout);
    if (!event.ok() && event.code() == Code::kDataLoss) {
      chain.gaps.push_back("the log has lost its beginning: " + event.error().message);
      continue;
    }
    if (!event.ok()) return std::move(event).error();
    if (!*event) return make_error(Code::kUnavailable, "the log", "gives nothing", "see tandem status");
    for (ChainLink& link : chain.links) {
      const auto& envelope = (*event)->envelope;
      if (link.event_type.empty() || link.event_type != envelope.event_type()) continue;
      if (link.key.empty() && envelope.aggregate_id() != link.subject) continue;
      const auto message = event_message(**event);
      if (!link.key.empty() && (!message || !holds(*message, link.key))) continue;
      link.position = source_name((*event)->source) + ":" + std::to_string((*event)->offset);
    }
  }
  return {};
}

std::string in_one_line(const Chain& chain) {
  std::string text;
  for (const ChainLink& link : chain.links) {
    if (link.title == "LeadQualified") continue;  // of the long form only
    text += (text.empty() ? "" : " <- ") + link.brief;
  }
  return text;
}

}  // namespace tandem::cli
