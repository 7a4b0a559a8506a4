#include "services/marketing/scoring_policy.h"

#include <optional>
#include <set>
#include <string>

#include "services/marketing/score.h"
#include "shared/aggregate/convert.h"
#include "shared/base/violations.h"

namespace tandem::marketing {
namespace {

std::optional<Error> problems(const v1::PublishScoringPolicy& c) {
  Violations wrong;
  std::set<std::string> names;
  for (int i = 0; i < c.rules_size(); ++i) {
    const std::string path = "rules[" + std::to_string(i) + "]";
    wrong.add(rule_problems(c.rules(i), path));
    if (!c.rules(i).name().empty() && !names.insert(c.rules(i).name()).second) {
      wrong.add(
          invalid(path + ".name", "\"" + c.rules(i).name() + "\" is there twice", "give every rule its own name"));
    }
  }
  return wrong.take_any();
}

bool same_content(const v1::ScoringPolicyVersion& version, const v1::PublishScoringPolicy& c) {
  v1::ScoringPolicyVersion other = version;
  *other.mutable_rules() = c.rules();
  other.set_threshold(c.threshold());
  return other.SerializeAsString() == version.SerializeAsString();
}

}  // namespace

Decision ScoringPolicy::decide(const State& s, const v1::PublishScoringPolicy& c, const Context& ctx) {
  if (auto error = problems(c)) return *std::move(error);
  const Instant from = c.has_effective_from() ? to_instant(c.effective_from()) : ctx.occurred_at();
  const v1::ScoringPolicyVersion* standing = in_force(s, from);
  if (standing != nullptr && same_content(*standing, c)) return nothing();
  if (s.versions_size() > 0) {
    const Instant last = to_instant(s.versions(s.versions_size() - 1).effective_from());
    if (from < last) {
      return reject(Code::kFailedPrecondition, "effective_from",
                    "is before the last version's, " + format_instant(last), "begin then or later");
    }
  }
  v1::ScoringPolicyPublished e;
  e.set_policy(c.policy());
  e.set_version(static_cast<uint32_t>(s.versions_size()) + 1);
  *e.mutable_effective_from() = to_timestamp(from);
  *e.mutable_rules() = c.rules();
  e.set_threshold(c.threshold());
  return e;
}

void ScoringPolicy::evolve(State& s, const v1::ScoringPolicyPublished& e, const EventMeta& meta) {
  if (s.policy().empty()) {
    s.set_policy(e.policy());
    *s.mutable_created_at() = to_timestamp(meta.occurred_at);
  }
  v1::ScoringPolicyVersion* version = s.add_versions();
  version->set_version(e.version());
  *version->mutable_effective_from() = e.effective_from();
  *version->mutable_rules() = e.rules();
  version->set_threshold(e.threshold());
}

Indexes ScoringPolicy::indexes(const State& s) { return {order_key(to_instant(s.created_at())), {}}; }

const v1::ScoringPolicyVersion* ScoringPolicy::in_force(const State& s, Instant at) {
  for (int i = s.versions_size() - 1; i >= 0; --i) {
    if (to_instant(s.versions(i).effective_from()) <= at) return &s.versions(i);
  }
  return nullptr;
}

}  // namespace tandem::marketing
