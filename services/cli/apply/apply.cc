#include "services/cli/apply/apply.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "services/cli/app.h"
#include "services/cli/apply/apply_document.h"
#include "services/cli/apply/apply_kinds.h"
#include "services/cli/apply/differences.h"
#include "shared/base/violations.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

std::string word(Applied::What what) {
  switch (what) {
    case Applied::What::kCreated:
      return "created";
    case Applied::What::kChanged:
      return "changed";
    default:
      return "unchanged";
  }
}

// A violation of the service names a field; here it is one of a document of a file.
Error in_document(Error error, const std::string& file, const ApplyDocument& document) {
  const std::string where = file + ": " + document.kind->name + " " + document.id;
  if (error.violations.empty())
    error.violations.push_back({where, "was not applied: " + error.message, ""});
  else
    for (Violation& violation : error.violations) violation.field = where + ": " + violation.field;
  return error;
}

// What is there; null if nothing is.
Result<std::unique_ptr<Message>> read_current(Session& session, const ApplyDocument& document) {
  const ApplyKind& kind = *document.kind;
  std::unique_ptr<Message> request(kind.get_request.New());
  request->GetReflection()->SetString(request.get(), request->GetDescriptor()->FindFieldByName(kind.id), document.id);
  std::unique_ptr<Message> resource(kind.resource.New());
  auto status = session.call(Session::service_of(kind.get), kind.get, *request, *resource);
  if (status.code() == Code::kNotFound)
    resource.reset();
  else if (!status.ok())
    return std::move(status).error();
  return resource;
}

// Compares with what is there.
Applied plan_for(const ApplyDocument& document, const Message* resource) {
  Applied applied{document.kind->name, document.id, Applied::What::kCreated, {}};
  std::unique_ptr<Message> there(document.command->New());
  there->CopyFrom(*document.command);
  if (resource && document.kind->current(*resource, *there)) {
    applied.changes = differences(*there, *document.command);
    applied.what = applied.changes.empty() ? Applied::What::kUnchanged : Applied::What::kChanged;
  } else if (resource) {
    applied.what = Applied::What::kChanged;  // a first version for that time
    applied.changes = {"a version of its own from then on"};
  }
  return applied;
}

bool must_launch(const ApplyDocument& document, const Message* resource) {
  if (!document.launched) return false;
  return !resource ||
         static_cast<const marketing::v1::Campaign*>(resource)->status() == marketing::v1::CAMPAIGN_STATUS_DRAFT;
}

Status define(Session& session, ApplyDocument& document, const WriteOptions& options, Applied& applied) {
  TANDEM_RETURN_IF_ERROR(options.apply_to(*document.command, session));
  TANDEM_ASSIGN_OR_RETURN(const auto result,
                          session.call<type::v1::CommandResult>(document.kind->define, *document.command));
  // The service has the last word on what is the same.
  if (result.unchanged()) {
    applied.what = Applied::What::kUnchanged;
    applied.changes.clear();
  } else if (applied.what == Applied::What::kUnchanged) {
    applied.what = Applied::What::kChanged;
  }
  return {};
}

Status launch(Session& session, const ApplyDocument& document, WriteOptions options) {
  if (!options.request_id.empty()) options.request_id += "-launch";
  marketing::v1::LaunchCampaign command;
  command.set_campaign(document.id);
  TANDEM_RETURN_IF_ERROR(options.apply_to(command, session));
  return session.call(std::string("marketing"), std::string(kMarketing) + "LaunchCampaign", command,
                      *std::make_unique<type::v1::CommandResult>());
}

Status apply_document(Session& session, ApplyDocument& document, const ApplyOptions& options,
                      const std::string& request_id, std::vector<Applied>& all) {
  TANDEM_ASSIGN_OR_RETURN(const auto resource, read_current(session, document));
  Applied applied = plan_for(document, resource.get());
  WriteOptions write;
  write.request_id = request_id;
  write.published = options.published;
  if (!options.dry_run && applied.what != Applied::What::kUnchanged) {
    TANDEM_RETURN_IF_ERROR(define(session, document, write, applied));
  }
  // Before the launch: where that is refused, the definition is done all the same.
  all.push_back(std::move(applied));
  if (must_launch(document, resource.get())) {
    if (!options.dry_run) TANDEM_RETURN_IF_ERROR(launch(session, document, write));
    if (all.back().what == Applied::What::kUnchanged) all.back().what = Applied::What::kChanged;
    all.back().changes.push_back("status: draft -> launched");
  }
  return {};
}

Result<std::vector<ApplyDocument>> read_documents(const ApplyFile& file, const std::vector<std::string>& kinds) {
  TANDEM_ASSIGN_OR_RETURN(const auto nodes, parse_yaml(file.name, file.text));
  YamlProblems problems(file.name);
  std::vector<ApplyDocument> documents;
  for (const YAML::Node& node : nodes) documents.push_back(read_document(node, kinds, problems));
  TANDEM_RETURN_IF_ERROR(problems.status());
  if (documents.empty()) return invalid(file.name, "has no document", "see deploy/samples for what one looks like");
  return documents;
}

// One document of all files.
struct Step {
  std::string file;
  std::string request_id;
  ApplyDocument document;
};

size_t rank(const Step& step) { return static_cast<size_t>(step.document.kind - apply_kinds().data()); }

// What all files ask for, in order; or what is wrong with any of them.
Result<std::vector<Step>> plan_steps(const std::vector<ApplyFile>& files, const std::vector<std::string>& kinds,
                                     const std::string& request_id) {
  std::vector<Step> steps;
  Violations wrong;
  for (size_t i = 0; i < files.size(); ++i) {
    auto documents = read_documents(files[i], kinds);
    if (!documents.ok()) {
      wrong.add(std::move(documents).error());
      continue;
    }
    const std::string of_file = i == 0 ? "" : "-file" + std::to_string(i);
    for (size_t j = 0; j < documents->size(); ++j) {
      const std::string of_document = documents->size() == 1 ? "" : "-" + std::to_string(j);
      steps.push_back(
          {files[i].name, request_id.empty() ? "" : request_id + of_file + of_document, std::move((*documents)[j])});
    }
  }
  if (!wrong.empty()) return wrong.take();
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return rank(a) < rank(b); });
  return steps;
}

}  // namespace

Result<ApplyFile> read_apply_file(Session& session, const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return session.usage(name, std::string("cannot be read: ") + std::strerror(errno), "give a YAML file");
  return ApplyFile{name, text.str()};
}

Status apply_files(Session& session, const std::vector<ApplyFile>& files, const std::vector<std::string>& kinds,
                   const ApplyOptions& options, std::vector<Applied>& applied) {
  TANDEM_ASSIGN_OR_RETURN(auto steps, plan_steps(files, kinds, options.request_id));
  for (Step& step : steps) {
    auto status = apply_document(session, step.document, options, step.request_id, applied);
    if (!status.ok()) return in_document(std::move(status).error(), step.file, step.document);
  }
  return {};
}

void print_applied(Session& session, const std::vector<Applied>& applied, bool dry_run, const Status& end) {
  if (!end.ok() && applied.empty()) return;
  if (session.output != Format::kTable) {
    auto list = nlohmann::ordered_json::array();
    for (const Applied& one : applied) {
      list.push_back({{"kind", one.kind}, {"id", one.id}, {"what", word(one.what)}, {"changes", one.changes}});
    }
    print_json(session.out(), session.output, list);
    return;
  }
  size_t unchanged = 0;
  for (const Applied& one : applied) {
    const std::string what = word(one.what);
    session.out() << what << std::string(11 - what.size(), ' ') << one.kind << " " << one.id << "\n";
    for (const std::string& change : one.changes) session.out() << "             " << change << "\n";
    unchanged += one.what == Applied::What::kUnchanged ? 1 : 0;
  }
  if (!end.ok()) return;
  if (unchanged == applied.size())
    session.out() << "nothing to do\n";
  else if (dry_run)
    session.out() << "dry run: nothing was done\n";
}

}  // namespace tandem::cli
