#include "services/incentives/plan.h"

#include <string>

#include "services/incentives/plan_validation.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "shared/base/violations.h"

namespace tandem::incentives {
namespace {

std::optional<Error> wrong_in_itself(const v1::PublishPlan& c) {
  Violations wrong;
  wrong.add(violations_of(c.definition()));
  // Ledgers are named payee/plan, so a plan's id has no slash.
  if (!is_slug(c.plan())) {
    wrong.add(invalid("plan", "is not a slug", "use letters, digits, - _ and . only"));
  }
  if (!c.has_effective_from()) {
    wrong.add(invalid("effective_from", "is missing", "say from when the version pays"));
  }
  return wrong.take_any();
}

std::optional<Error> against_history(const v1::Plan& s, const v1::PlanDefinition& definition) {
  if (s.versions().empty()) return std::nullopt;
  Violations wrong;
  if (definition.kind() != s.kind()) {
    wrong.add(Code::kFailedPrecondition, "definition.kind", "of a plan never changes",
              "publish a plan with another id");
  }
  // What is taken back of a month is settled with the months that follow, and a quarter has its own statements.
  if (definition.period() != s.versions(0).definition().period()) {
    wrong.add(Code::kFailedPrecondition, "definition.period", "of a plan never changes",
              "keep " + enum_label(s.versions(0).definition().period()) + ", or publish a plan with another id");
  }
  if (definition.currency() != s.currency()) {
    wrong.add(Code::kFailedPrecondition, "definition.currency", "of a plan never changes",
              "keep " + s.currency() + ", or publish a plan with another id");
  }
  return wrong.take_any();
}

}  // namespace

Decision Plan::decide(const State& s, const v1::PublishPlan& c, const Context&) {
  if (auto error = wrong_in_itself(c)) return *std::move(error);
  const v1::PlanDefinition definition = normalised(c.definition());
  const v1::PlanVersion* in_force = version_in_force(s, to_instant(c.effective_from()));
  // No map fields: equal messages have equal bytes.
  if (in_force != nullptr && in_force->definition().SerializeAsString() == definition.SerializeAsString()) {
    return nothing();
  }
  if (auto error = against_history(s, definition)) return *std::move(error);
  v1::PlanPublished e;
  e.set_plan(c.plan());
  e.set_version(static_cast<std::uint32_t>(s.versions_size() + 1));
  *e.mutable_effective_from() = c.effective_from();
  *e.mutable_definition() = definition;
  return e;
}

void Plan::evolve(State& s, const v1::PlanPublished& e, const EventMeta& meta) {
  if (s.versions().empty()) {
    s.set_plan(e.plan());
    *s.mutable_created_at() = to_timestamp(meta.recorded_at);
    s.set_kind(e.definition().kind());
    s.set_currency(e.definition().currency());
  }
  s.set_name(e.definition().name());
  v1::PlanVersion* version = s.add_versions();
  version->set_version(e.version());
  *version->mutable_effective_from() = e.effective_from();
  *version->mutable_definition() = e.definition();
}

Indexes Plan::indexes(const State& s) {
  return {s.plan(), {{"kind", enum_label(s.kind())}, {"currency", s.currency()}}};
}

const v1::PlanVersion* version_in_force(const v1::Plan& plan, Instant at) {
  const v1::PlanVersion* latest = nullptr;
  for (const v1::PlanVersion& version : plan.versions()) {
    const Instant from = to_instant(version.effective_from());
    if (from <= at && (latest == nullptr || from >= to_instant(latest->effective_from()))) latest = &version;
  }
  return latest;
}

const v1::PlanVersion* version_of(const v1::Plan& plan, std::uint32_t version) {
  for (const v1::PlanVersion& v : plan.versions()) {
    if (v.version() == version) return &v;
  }
  return nullptr;
}

}  // namespace tandem::incentives
