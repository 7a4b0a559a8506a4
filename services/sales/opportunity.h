// A deal in the making: opened from an accepted lead, by hand or by an import; moved through its stages; won, lost, or
// won and taken back in part or as a whole.
#pragma once

#include <string>
#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/sales/v1/commands.pb.h"
#include "tandem/sales/v1/resources.pb.h"
#include "tandem/sales/v1/service.pb.h"

namespace tandem::sales {

struct Opportunity {
  using State = v1::Opportunity;
  static constexpr std::string_view kType = "opportunity";
  using Commands = Types<v1::OpenOpportunity, v1::OpenDeal, v1::MoveStage, v1::WinDeal, v1::LoseDeal, v1::ReverseDeal>;
  using Events = Types<v1::OpportunityOpened, v1::StageChanged, v1::DealWon, v1::DealLost, v1::DealReversed>;

  static Decision decide(const State&, const v1::OpenOpportunity&, const Context&);
  static Decision decide(const State&, const v1::OpenDeal&, const Context&);
  static Decision decide(const State&, const v1::MoveStage&, const Context&);
  static Decision decide(const State&, const v1::WinDeal&, const Context&);
  static Decision decide(const State&, const v1::LoseDeal&, const Context&);
  static Decision decide(const State&, const v1::ReverseDeal&, const Context&);

  static void evolve(State&, const v1::OpportunityOpened&, const EventMeta&);
  static void evolve(State&, const v1::StageChanged&, const EventMeta&);
  static void evolve(State&, const v1::DealWon&, const EventMeta&);
  static void evolve(State&, const v1::DealLost&, const EventMeta&);
  static void evolve(State&, const v1::DealReversed&, const EventMeta&);

  // The pipeline, for its stages; the team, for who is in it.
  static References references(const v1::OpenOpportunity&);
  static References references(const v1::OpenDeal&);
  static References references(const State&, const v1::WinDeal&);

  static Indexes indexes(const State&);
};

}  // namespace tandem::sales
