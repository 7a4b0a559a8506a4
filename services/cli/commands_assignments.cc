// assignments: who works on which lead, and why.
#include <memory>
#include <optional>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/calls.h"
#include "services/cli/choice_text.h"
#include "services/cli/sales_commands.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using namespace sales::v1;  // NOLINT(google-build-using-namespace): the messages of one service

constexpr char kLeadPrefix[] = "lead-";

// None if the lead was never assigned.
Result<std::optional<Assignment>> assignment_of_lead(Session& session, const std::string& lead) {
  type::v1::ListRequest request;
  request.set_filter(condition("lead", lead));
  TANDEM_ASSIGN_OR_RETURN(const auto page,
                          session.call<ListAssignmentsResult>(sales_method("ListAssignments"), request));
  if (page.assignments().empty()) return std::optional<Assignment>();
  return std::optional<Assignment>(page.assignments(0));
}

struct Waiting {
  Team team;
  QueuedLead lead;
};

// None if it waits in no team's queue.
Result<std::optional<Waiting>> waiting_lead(Session& session, const std::string& lead) {
  std::optional<Waiting> found;
  TANDEM_RETURN_IF_ERROR(session.pages<ListTeamsResult>(sales_method("ListTeams"), {}, [&](ListTeamsResult& page) {
    for (const Team& team : page.teams()) {
      for (const QueuedLead& queued : team.queue()) {
        if (queued.lead().lead() == lead) found = Waiting{team, queued};
      }
    }
    return !found;
  }));
  return found;
}

Error not_with_sales(const std::string& lead) {
  return make_error(Code::kNotFound, lead, "is not with sales: neither assigned nor in a queue",
                    "tandem leads get " + lead + " says how far it is");
}

Status explain(Session& session, const std::string& id) {
  std::optional<Assignment> assignment;
  if (id.starts_with(kLeadPrefix)) {
    TANDEM_ASSIGN_OR_RETURN(assignment, assignment_of_lead(session, id));
  } else {
    GetAssignment request;
    request.set_assignment(id);
    auto answer = session.call<Assignment>(sales_method("GetAssignment"), request);
    if (answer.ok())
      assignment = *std::move(answer);
    else if (answer.code() != Code::kNotFound)
      return std::move(answer).error();
    // Ids of leads need not look like ours.
    if (!assignment) {
      TANDEM_ASSIGN_OR_RETURN(assignment, assignment_of_lead(session, id));
    }
  }
  TANDEM_ASSIGN_OR_RETURN(const auto waiting, waiting_lead(session, assignment ? assignment->lead() : id));
  if (!assignment && !waiting) return not_with_sales(id);
  if (session.output != Format::kTable) {
    if (assignment)
      print(session.out(), session.output, *assignment);
    else
      print(session.out(), session.output, waiting->lead);
    return {};
  }
  if (assignment) session.out() << describe_assignment(*assignment);
  if (assignment && waiting) session.out() << "\nNow it waits again:\n";
  if (waiting) session.out() << describe_queued(waiting->team, waiting->lead);
  return {};
}

void add_explain(CLI::App& assignments, Session& session) {
  auto id = std::make_shared<std::string>();
  CLI::App& command = add_command(assignments, "explain", "Why a lead is with whom it is: everyone considered",
                                  "tandem assignments explain lead-9c1e\n"
                                  "tandem assignments explain assignment-7f3a --output json",
                                  [&session, id] { return explain(session, *id); });
  command.add_option("ID", *id, "Of the assignment, or of the lead")->required()->type_name(" ");
}

// A lead's id is as good as the assignment's.
template <class Command>
Status resolve_lead(Session& session, google::protobuf::Message& message) {
  auto& command = static_cast<Command&>(message);
  if (!command.assignment().starts_with(kLeadPrefix)) return {};
  TANDEM_ASSIGN_OR_RETURN(const auto found, assignment_of_lead(session, command.assignment()));
  if (!found) return not_with_sales(command.assignment());
  command.set_assignment(found->assignment());
  return {};
}

// The team in whose queue the lead is, unless it was given.
Status resolve_team(Session& session, google::protobuf::Message& message) {
  auto& command = static_cast<AssignQueuedLead&>(message);
  if (!command.team().empty()) return {};
  TANDEM_ASSIGN_OR_RETURN(const auto waiting, waiting_lead(session, command.lead()));
  if (!waiting) {
    return make_error(Code::kFailedPrecondition, command.lead(), "waits in no team's queue",
                      "tandem assignments explain " + command.lead() + " says where it is");
  }
  command.set_team(waiting->team.team());
  return {};
}

}  // namespace

void add_assignments(CLI::App& root, Session& session) {
  CLI::App& assignments = add_group(root, "assignments", "Who works on which lead, and why");
  add_list(assignments, session,
           {{"list", "Assignments, in the order in which leads were first assigned",
             "tandem assignments list --member ana --status assigned\n"
             "tandem assignments list --filter 'hop >= 2' --all"},
            sales_method("ListAssignments"),
            ListAssignmentsResult::default_instance(),
            {{"ASSIGNMENT", "assignment"},
             {"LEAD", "lead"},
             {"MEMBER", "member"},
             {"STATUS", "status"},
             {"HOP", "hop"},
             {"ASSIGNED", "assigned_at"},
             {"DEADLINE", "deadline"},
             {"OPPORTUNITY", "opportunity"}},
            {{"--status", "status", "assigned, accepted, declined or expired"},
             {"--member", "member", "With this salesperson"},
             {"--team", "team", "Of this team"},
             {"--lead", "lead", "Of this lead"}}});
  add_explain(assignments, session);
  add_write(assignments, session,
            {{"accept", "The owner takes the lead: an opportunity opens",
              "tandem assignments accept assignment-7f3a --member ana\n"
              "tandem assignments accept lead-9c1e --member ana --published"},
             sales_method("AcceptLead"),
             AcceptLead::default_instance(),
             {{"ID", "assignment", "Of the assignment, or of the lead"}, {"--member", "member", "Who accepts", true}},
             [&session](auto& command) { return resolve_lead<AcceptLead>(session, command); }});
  add_write(assignments, session,
            {{"decline", "The owner gives the lead back; somebody else is chosen",
              "tandem assignments decline assignment-7f3a --member ana --reason \"a competitor of my customer\""},
             sales_method("DeclineLead"),
             DeclineLead::default_instance(),
             {{"ID", "assignment", "Of the assignment, or of the lead"},
              {"--member", "member", "Who declines", true},
              {"--reason", "reason", "Why", true}},
             [&session](auto& command) { return resolve_lead<DeclineLead>(session, command); }});
  add_write(assignments, session,
            {{"assign", "Give a lead that waits in the queue to somebody",
              "tandem assignments assign lead-9c1e ana\n"
              "tandem assignments assign lead-9c1e ana --team inside"},
             sales_method("AssignQueuedLead"),
             AssignQueuedLead::default_instance(),
             {{"LEAD", "lead", "Id of the lead"},
              {"MEMBER", "member", "Who gets it"},
              {"--team", "team", "Their team (that in whose queue the lead is)"}},
             [&session](auto& command) { return resolve_team(session, command); }});
}

}  // namespace tandem::cli
