// A sales process: its stages in order, each with the chance that a deal in it is won.
#pragma once

#include <string>
#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "shared/base/violations.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::sales {

using Stages = google::protobuf::RepeatedPtrField<v1::Stage>;

struct Pipeline {
  using State = v1::Pipeline;
  static constexpr std::string_view kType = "pipeline";
  using Commands = Types<v1::DefinePipeline>;
  using Events = Types<v1::PipelineDefined>;

  static Decision decide(const State&, const v1::DefinePipeline&, const Context&);
  static void evolve(State&, const v1::PipelineDefined&, const EventMeta&);
  static Indexes indexes(const State&);
};

// nullptr if it is not among them.
const v1::Stage* find_stage(const Stages& stages, const std::string& stage);

// Adds that a stage is not in the pipeline, with the nearest.
void add_unknown_stage(const Stages& stages, const std::string& pipeline, const std::string& stage,
                       Violations& violations);

}  // namespace tandem::sales
