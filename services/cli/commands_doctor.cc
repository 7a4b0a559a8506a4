// doctor.
#include <nlohmann/json.hpp>
#include <ostream>

#include "services/cli/app.h"
#include "services/cli/doctor.h"

namespace tandem::cli {
namespace {

void print_findings(Session& session, const Checkup& checkup, const std::vector<Finding>& findings) {
  if (session.output != Format::kTable) {
    auto list = nlohmann::ordered_json::array();
    for (const Finding& finding : findings) {
      list.push_back(
          {{"kind", finding.kind}, {"subject", finding.subject}, {"what", finding.what}, {"to_do", finding.to_do}});
    }
    return print_json(session.out(), session.output, {{"well", findings.empty()}, {"findings", std::move(list)}});
  }
  if (findings.empty()) {
    session.out() << "all is well: " << checkup.services.size() << " services, " << checkup.redis.size() << " Redis, "
                  << (checkup.bus.embedded ? "the embedded broker " : "kafka ") << checkup.bus.address << "\n";
  }
  for (size_t i = 0; i < findings.size(); i++) {
    session.out() << i + 1 << ". " << findings[i].subject << " " << findings[i].what << "\n"
                  << "   " << findings[i].to_do << "\n";
  }
}

Status doctor(Session& session) {
  TANDEM_ASSIGN_OR_RETURN(const Checkup checkup, examine(session));
  const std::vector<Finding> findings = diagnose(checkup);
  print_findings(session, checkup, findings);
  if (findings.empty()) return {};
  const bool one = findings.size() == 1;
  return make_error(Code::kFailedPrecondition, one ? "one thing" : std::to_string(findings.size()) + " things",
                    one ? "is wrong" : "are wrong", "do what stands above, from the first on");
}

}  // namespace

void add_doctor_commands(CLI::App& root, Session& session) {
  add_command(root, "doctor", "What is wrong, in words, and what to do; exit status 1 if something is",
              "tandem doctor\n"
              "tandem doctor --output json",
              [&session] { return doctor(session); });
}

}  // namespace tandem::cli
