#include "services/sales/pipeline.h"

#include <set>
#include <vector>

#include "shared/aggregate/convert.h"
#include "shared/base/text.h"

namespace tandem::sales {
namespace {

void check(const v1::PipelineDefinition& definition, Violations& violations) {
  if (definition.name().empty()) {
    violations.add(Code::kInvalidArgument, "definition.name", "is missing", "give the pipeline a name");
  }
  if (definition.stages().empty()) {
    violations.add(Code::kInvalidArgument, "definition.stages", "are missing", "name at least one stage");
  }
  std::set<std::string> seen;
  for (int i = 0; i < definition.stages_size(); ++i) {
    const v1::Stage& stage = definition.stages(i);
    const std::string field = "definition.stages[" + std::to_string(i) + "]";
    if (stage.stage().empty()) {
      violations.add(Code::kInvalidArgument, field + ".stage", "is missing", "give the stage an id");
    } else if (!seen.insert(stage.stage()).second) {
      violations.add(Code::kInvalidArgument, field + ".stage", "is in the pipeline twice", "name each stage once");
    }
    if (stage.probability_bp() > 10000) {
      violations.add(Code::kInvalidArgument, field + ".probability_bp", "is above 10000",
                     "use basis points: 2500 for 25 %");
    }
  }
}

}  // namespace

Decision Pipeline::decide(const State& s, const v1::DefinePipeline& c, const Context&) {
  Violations violations;
  check(c.definition(), violations);
  if (!violations.empty()) return violations.take();
  // No map fields: equal messages have equal bytes.
  if (s.version() > 0 && s.definition().SerializeAsString() == c.definition().SerializeAsString()) return nothing();
  v1::PipelineDefined e;
  e.set_pipeline(c.pipeline());
  *e.mutable_definition() = c.definition();
  e.set_version(s.version() + 1);
  return e;
}

void Pipeline::evolve(State& s, const v1::PipelineDefined& e, const EventMeta& meta) {
  s.set_pipeline(e.pipeline());
  *s.mutable_definition() = e.definition();
  s.set_version(e.version());
  *s.mutable_defined_at() = to_timestamp(meta.recorded_at);
  if (!s.has_created_at()) *s.mutable_created_at() = s.defined_at();
}

Indexes Pipeline::indexes(const State& s) { return {s.pipeline(), {}}; }

const v1::Stage* find_stage(const Stages& stages, const std::string& stage) {
  for (const auto& known : stages) {
    if (known.stage() == stage) return &known;
  }
  return nullptr;
}

void add_unknown_stage(const Stages& stages, const std::string& pipeline, const std::string& stage,
                       Violations& violations) {
  std::vector<std::string> ids;
  for (const auto& known : stages) ids.push_back(known.stage());
  violations.add(Code::kNotFound, "stage", "\"" + stage + "\" is not in pipeline " + pipeline,
                 did_you_mean(stage, ids));
}

}  // namespace tandem::sales
