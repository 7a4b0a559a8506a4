// A campaign: what it is, whether it takes leads, what was spent on it.
#pragma once

#include <string_view>

#include "shared/aggregate/aggregate.h"
#include "tandem/marketing/v1/events.pb.h"
#include "tandem/marketing/v1/resources.pb.h"
#include "tandem/marketing/v1/service.pb.h"

namespace tandem::marketing {

struct Campaign {
  using State = v1::Campaign;
  static constexpr std::string_view kType = "campaign";
  using Commands = Types<v1::DefineCampaign, v1::LaunchCampaign, v1::EndCampaign, v1::RecordSpend>;
  using Events = Types<v1::CampaignDefined, v1::CampaignLaunched, v1::CampaignEnded, v1::SpendRecorded>;

  static Decision decide(const State&, const v1::DefineCampaign&, const Context&);
  static Decision decide(const State&, const v1::LaunchCampaign&, const Context&);
  static Decision decide(const State&, const v1::EndCampaign&, const Context&);
  static Decision decide(const State&, const v1::RecordSpend&, const Context&);

  static void evolve(State&, const v1::CampaignDefined&, const EventMeta&);
  static void evolve(State&, const v1::CampaignLaunched&, const EventMeta&);
  static void evolve(State&, const v1::CampaignEnded&, const EventMeta&);
  static void evolve(State&, const v1::SpendRecorded&);

  static Indexes indexes(const State&);
};

}  // namespace tandem::marketing
