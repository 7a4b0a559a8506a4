#include "services/cli/choice_text.h"

#include <cstdlib>

#include "services/cli/output.h"
#include "services/cli/times.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

using sales::v1::Assignment;
using sales::v1::Candidate;

std::string time_of(const google::protobuf::Timestamp& timestamp) { return readable_time(to_instant(timestamp)); }

Table considered_table(const Assignment& assignment) {
  using enum Table::Align;
  Table table({"", "MEMBER", "VERDICT", "WEIGHT", "IN HAND", "OWED BEFORE", "AFTER"},
              {kLeft, kLeft, kLeft, kRight, kRight, kRight, kRight});
  for (const Candidate& one : assignment.considered()) {
    const bool chosen = one.member() == assignment.member();
    const std::string verdict = one.eligible() ? "eligible" : one.verdict() + (one.turn_kept() ? " (turn kept)" : "");
    table.add({chosen ? "->" : "", one.member(), verdict, std::to_string(one.weight()), std::to_string(one.open()),
               in_leads(one.current_before(), assignment.lead_unit()),
               in_leads(one.current_after(), assignment.lead_unit())});
  }
  return table;
}

// The one sentence that answers "why them?".
std::string reason_of(const Assignment& assignment) {
  const std::string& member = assignment.member();
  if (!assignment.assigned_by().empty()) {
    return assignment.assigned_by() + " gave it to " + member + " by hand; the rotation stays as it was.";
  }
  int eligible = 0;
  int64_t weights = 0;
  for (const Candidate& one : assignment.considered()) {
    if (!one.eligible()) continue;
    ++eligible;
    weights += one.weight();
  }
  std::string text = member + " was chosen: of " + std::to_string(assignment.considered_size()) + " considered, " +
                     std::to_string(eligible) + (eligible == 1 ? " was" : " were") + " eligible";
  for (const Candidate& one : assignment.considered()) {
    if (one.member() != member || eligible < 2) continue;
    text += "; every choice owes " + member + " " + std::to_string(one.weight()) + "/" + std::to_string(weights) +
            " of a lead, and with that the rotation owed them most (the choice itself costs 1)";
  }
  return text + ".";
}

std::string state_of(const Assignment& assignment) {
  std::string text = to_lower(enum_label(assignment.status()));
  if (assignment.status() == sales::v1::ASSIGNMENT_STATUS_ASSIGNED) {
    text += ", to be accepted by " + time_of(assignment.deadline());
  } else if (assignment.status() == sales::v1::ASSIGNMENT_STATUS_ACCEPTED) {
    text += " at " + time_of(assignment.accepted_at()) + " -> " + assignment.opportunity();
  }
  return text;
}

std::string earlier_owners(const Assignment& assignment) {
  std::string text;
  for (const auto& earlier : assignment.earlier()) {
    text += "Before        " + earlier.member() + ", from " + time_of(earlier.assigned_at()) + ": " +
            to_lower(enum_label(earlier.outcome()));
    if (!earlier.reason().empty()) text += ", \"" + earlier.reason() + "\"";
    text += "\n";
  }
  return text;
}

std::string needs_of(const sales::v1::LeadNeeds& needs) {
  std::vector<std::string> parts;
  if (!needs.territory().empty()) parts.push_back("territory " + needs.territory());
  for (const std::string& skill : needs.skills()) parts.push_back("skill " + skill);
  if (!needs.product().empty()) parts.push_back("product " + needs.product());
  if (needs.has_value()) parts.push_back("worth " + readable(needs, "value"));
  return parts.empty() ? "nothing in particular" : join(parts, ", ");
}

}  // namespace

std::string in_leads(int64_t weight, int64_t lead_unit) {
  if (lead_unit <= 0) return std::to_string(weight);
  // Rounded to hundredths, half away from zero; __int128 for the product.
  const __int128 doubled = static_cast<__int128>(weight) * 200 / lead_unit;
  const auto hundredths = static_cast<int64_t>((doubled + (doubled < 0 ? -1 : 1)) / 2);
  const std::string digits = std::to_string(std::abs(hundredths) % 100);
  return (hundredths < 0 ? "-" : "") + std::to_string(std::abs(hundredths) / 100) + "." +
         (digits.size() < 2 ? "0" : "") + digits;
}

std::string describe_assignment(const Assignment& assignment) {
  std::string text = "Lead          " + assignment.lead() + "\n";
  text += "Asks for      " + needs_of(assignment.needs()) + "\n";
  text += "Assignment    " + assignment.assignment() + ", " + std::to_string(assignment.hop()) + " of at most " +
          std::to_string(assignment.max_hops()) + "\n";
  text += "Team          " + assignment.team() + ", version " + std::to_string(assignment.team_version()) +
          (assignment.was_queued() ? "; the lead had waited in the queue" : "") + "\n";
  text += "Captured      " + time_of(assignment.captured_at()) + "\n";
  text += earlier_owners(assignment);
  text += "Assigned      " + time_of(assignment.assigned_at()) + " to " + assignment.member() + "\n";
  text += "Status        " + state_of(assignment) + "\n\n";
  text += reason_of(assignment) + "\n\n";
  text += considered_table(assignment).to_string();
  return text;
}

std::string describe_queued(const sales::v1::Team& team, const sales::v1::QueuedLead& queued) {
  std::string text = "Lead          " + queued.lead().lead() + "\n";
  text += "Asks for      " + needs_of(queued.lead()) + "\n";
  text += "Waits         in the queue of " + team.team() + " since " + time_of(queued.queued_at()) + "\n";
  text += "Why           " + queued.reason() + "\n";
  std::vector<std::string> excluded(queued.excluded().begin(), queued.excluded().end());
  if (!excluded.empty()) text += "Not again     " + join(excluded, ", ") + ", who had it before\n";
  text += queued.needs_person() ? "Next          tandem assignments assign " + queued.lead().lead() +
                                      " MEMBER --team " + team.team() + "\n"
                                : std::string("Next          it is taken up as soon as somebody is eligible\n");
  return text;
}

}  // namespace tandem::cli
