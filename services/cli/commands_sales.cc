// team, pipelines: how sales is organised. Assignments and deals are in commands_deals.cc.
#include <memory>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/apply/apply_command.h"
#include "services/cli/calls.h"
#include "services/cli/choice_text.h"
#include "services/cli/sales_commands.h"
#include "services/cli/times.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::cli {
namespace {

using namespace sales::v1;  // NOLINT(google-build-using-namespace): the messages of one service

std::string words(const google::protobuf::RepeatedPtrField<std::string>& list) {
  return join(std::vector<std::string>(list.begin(), list.end()), ", ");
}

const MemberRotation* rotation_of(const Team& team, const std::string& member) {
  for (const MemberRotation& one : team.rotation()) {
    if (one.member() == member) return &one;
  }
  return nullptr;
}

std::string presence(const MemberDefinition& member) {
  if (member.has_left_at()) return "left " + readable(member, "left_at");
  std::string text;
  for (const auto& range : member.leave()) {
    text += (text.empty() ? "leave from " : ", from ") + readable(range, "from");
    if (range.has_to()) text += " to " + readable(range, "to");
  }
  return text;
}

// "2 h 30 min", "5 s".
std::string accept_within(const TeamDefinition& definition) {
  const uint64_t seconds = uint64_t{60} * definition.accept_within_minutes() + definition.accept_within_seconds();
  std::string text;
  const auto add = [&](uint64_t amount, const char* unit) {
    if (amount) text += (text.empty() ? "" : " ") + std::to_string(amount) + unit;
  };
  add(seconds / 3600, " h");
  add(seconds / 60 % 60, " min");
  add(seconds % 60, " s");
  return text;
}

std::string describe_team(const google::protobuf::Message& message) {
  using enum Table::Align;
  const Team& team = static_cast<const Team&>(message);
  const TeamDefinition& definition = team.definition();
  std::string text = definition.name() + " (" + team.team() + ", version " + std::to_string(team.version()) + ")\n";
  if (!definition.manager().empty()) {
    text += "manager " + definition.manager() + ", on plan " + definition.manager_plan() + "\n";
  }
  text += "pipeline " + definition.pipeline() + "; a lead must be accepted within " + accept_within(definition) +
          " of working time, at most " + std::to_string(definition.max_hops()) + " owners\n\n";
  Table table({"MEMBER", "NAME", "WEIGHT", "IN HAND", "OF", "GIVEN", "OWED", "TERRITORIES", "SKILLS", "PLAN", "AWAY"},
              {kLeft, kLeft, kRight, kRight, kRight, kRight, kRight, kLeft, kLeft, kLeft, kLeft});
  for (const MemberDefinition& member : definition.members()) {
    const MemberRotation* r = rotation_of(team, member.member());
    table.add({member.member(), member.name(), std::to_string(member.weight()), std::to_string(r ? r->open() : 0),
               member.capacity() ? std::to_string(member.capacity()) : "any", std::to_string(r ? r->given() : 0),
               in_leads(r ? r->current() : 0, team.lead_unit()), words(member.territories()), words(member.skills()),
               member.plan(), presence(member)});
  }
  text += table.to_string();
  if (team.queue_size() > 0) text += "\nIn the queue:\n";
  for (const QueuedLead& queued : team.queue()) {
    text += "  " + queued.lead().lead() + "  " + queued.reason() + (queued.needs_person() ? "  (needs a person)" : "") +
            "\n";
  }
  return text;
}

struct LeaveOptions {
  std::string member;
  std::string team;
  std::string from;
  std::string to;
  bool clear = false;
  WriteOptions write;
};

Result<Instant> leave_time(Session& session, const char* option, const std::string& text, const Zone& zone) {
  auto time = parse_time(text, zone);
  if (!time.ok()) return session.usage(option, "is not a time: " + text, "write 2026-10-05");
  return *time;
}

// The service replaces the whole of somebody's leave; here one is added to what there is, unless --clear.
Status set_leave(Session& session, const LeaveOptions& options) {
  if (options.from.empty() && !options.clear) {
    return session.usage("--from", "is missing", "give --from DATE and --to DATE, or --clear for no leave");
  }
  GetTeam get;
  get.set_team(options.team);
  TANDEM_ASSIGN_OR_RETURN(const Team team, session.call<Team>(sales_method("GetTeam"), get));
  SetLeave command;
  command.set_team(options.team);
  command.set_member(options.member);
  Zone zone;  // a day of leave is a day where the member works
  for (const MemberDefinition& member : team.definition().members()) {
    if (member.member() != options.member) continue;
    if (!options.clear) *command.mutable_leave() = member.leave();
    if (auto found = find_zone(member.working_hours().time_zone()); found.ok()) zone = *found;
  }
  if (!options.from.empty()) {
    auto& range = *command.add_leave();
    TANDEM_ASSIGN_OR_RETURN(const Instant from, leave_time(session, "--from", options.from, zone));
    *range.mutable_from() = to_timestamp(from);
    if (!options.to.empty()) {
      TANDEM_ASSIGN_OR_RETURN(const Instant to, leave_time(session, "--to", options.to, zone));
      *range.mutable_to() = to_timestamp(to);
    }
  }
  TANDEM_RETURN_IF_ERROR(options.write.apply_to(command, session));
  TANDEM_ASSIGN_OR_RETURN(const auto result, session.call<type::v1::CommandResult>(sales_method("SetLeave"), command));
  print_result(session, result);
  return {};
}

void add_leave(CLI::App& team, Session& session) {
  auto options = std::make_shared<LeaveOptions>();
  CLI::App& command = add_command(team, "leave", "Somebody is away: adds to their leave",
                                  "tandem team leave ana --team inside --from 2026-11-02 --to 2026-11-16\n"
                                  "tandem team leave ana --team inside --clear",
                                  [&session, options] { return set_leave(session, *options); });
  command.add_option("MEMBER", options->member, "Who is away")->required()->type_name(" ");
  command.add_option("--team", options->team, "Their team")->required()->type_name("TEAM");
  command.add_option("--from", options->from, "First day, in their time zone")->type_name("DATE");
  command.add_option("--to", options->to, "Day of return (open)")->type_name("DATE");
  command.add_flag("--clear", options->clear, "Forget the leave that there was");
  options->write.add_to(command);
}

void add_team(CLI::App& root, Session& session) {
  CLI::App& team = add_group(root, "team", "Sales teams and their rotation");
  add_apply(team, session, "Make teams be as files say",
            "tandem team apply deploy/samples/team.yaml --dry-run\n"
            "tandem team apply deploy/samples/team.yaml",
            {"team"});
  add_list(team, session,
           {{"list", "Teams", "tandem team list"},
            sales_method("ListTeams"),
            ListTeamsResult::default_instance(),
            {{"TEAM", "team"},
             {"NAME", "definition.name"},
             {"MEMBERS", "definition.members"},
             {"MANAGER", "definition.manager"},
             {"PIPELINE", "definition.pipeline"},
             {"VERSION", "version"},
             {"QUEUE", "queue"}},
            {}});
  add_get(team, session,
          {{"get", "One team: members, what they have in hand, what the rotation owes them, the queue",
            "tandem team get inside\n"
            "tandem team get inside --output yaml"},
           sales_method("GetTeam"),
           GetTeam::default_instance(),
           Team::default_instance(),
           {"TEAM", "team", "Id of the team"},
           describe_team});
  add_leave(team, session);
}

void add_pipelines(CLI::App& root, Session& session) {
  CLI::App& pipelines = add_group(root, "pipelines", "Sales processes and their stages");
  add_apply(pipelines, session, "Make pipelines be as files say",
            "tandem pipelines apply deploy/samples/pipeline.yaml --dry-run\n"
            "tandem pipelines apply deploy/samples/pipeline.yaml",
            {"pipeline"});
  add_list(
      pipelines, session,
      {{"list", "Pipelines", "tandem pipelines list"},
       sales_method("ListPipelines"),
       ListPipelinesResult::default_instance(),
       {{"PIPELINE", "pipeline"}, {"NAME", "definition.name"}, {"STAGES", "definition.stages"}, {"VERSION", "version"}},
       {}});
  add_get(pipelines, session,
          {{"get", "One pipeline with its stages", "tandem pipelines get standard"},
           sales_method("GetPipeline"),
           GetPipeline::default_instance(),
           Pipeline::default_instance(),
           {"PIPELINE", "pipeline", "Id of the pipeline"}});
}

}  // namespace

void add_sales_commands(CLI::App& root, Session& session) {
  add_team(root, session);
  add_pipelines(root, session);
  add_assignments(root, session);
  add_deals(root, session);
}

}  // namespace tandem::cli
