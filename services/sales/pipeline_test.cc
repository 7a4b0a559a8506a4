#include "services/sales/pipeline.h"

#include "services/sales/sales_testing.h"
#include "shared/aggregate/spec.h"

namespace tandem::sales {
namespace {

using testing::standard_pipeline;

v1::DefinePipeline define(const v1::PipelineDefinition& definition) {
  v1::DefinePipeline c;
  c.set_pipeline("standard");
  *c.mutable_definition() = definition;
  return c;
}

SPEC(Pipeline, IsDefinedAndDefinedAnew) {
  auto definition = standard_pipeline().definition();
  when(define(definition));
  v1::PipelineDefined expected;
  expected.set_pipeline("standard");
  *expected.mutable_definition() = definition;
  expected.set_version(1);
  then(expected);
  when(define(definition));
  then_nothing();
  definition.mutable_stages(0)->set_probability_bp(500);
  when(define(definition));
  EXPECT_EQ(then_event<v1::PipelineDefined>().version(), 2U);
  EXPECT_EQ(state().definition().stages(0).probability_bp(), 500U);
}

SPEC(Pipeline, NeedsUniqueStages) {
  when(define({}));
  then_rejected(Code::kInvalidArgument, "definition.name");
  auto definition = standard_pipeline().definition();
  definition.mutable_stages(2)->set_stage("new");
  when(define(definition));
  then_rejected(Code::kInvalidArgument, "definition.stages[2].stage");
  definition = standard_pipeline().definition();
  definition.mutable_stages(1)->set_probability_bp(10001);
  when(define(definition));
  then_rejected(Code::kInvalidArgument, "definition.stages[1].probability_bp");
}

}  // namespace
}  // namespace tandem::sales
