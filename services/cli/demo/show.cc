#include "services/cli/demo/show.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "services/cli/processes.h"
#include "services/cli/trace.h"
#include "shared/base/text.h"
#include "tandem/incentives/v1/service.pb.h"

namespace tandem::cli {
namespace {

// Of how many the most telling one is chosen.
constexpr int kLookedAt = 200;

// Higher tiers tell more; what was earned in one tier is easier to follow than what spans two.
int worth_showing(const incentives::v1::Entry& entry) {
  if (entry.kind() != incentives::v1::ENTRY_KIND_EARNING || entry.amount().minor_units() <= 0) return 0;
  uint32_t highest = 0;
  for (const auto& line : entry.working()) highest = std::max(highest, line.tier());
  return 1 + static_cast<int>(highest) * 2 + (entry.working_size() == 1 ? 1 : 0);
}

Result<std::optional<incentives::v1::Entry>> an_entry(Session& session) {
  type::v1::ListRequest request;
  request.set_filter("kind = EARNING");
  request.set_order_by("desc");
  request.set_page_size(kLookedAt);
  TANDEM_ASSIGN_OR_RETURN(const auto page, session.call<incentives::v1::ListEntriesResult>(
                                               std::string(kIncentives) + "ListEntries", request));
  std::optional<incentives::v1::Entry> best;
  for (const auto& entry : page.entries()) {
    if (worth_showing(entry) > (best ? worth_showing(*best) : 0)) best = entry;
  }
  return best;
}

// How the user can call this program from where they are.
std::string program() {
  const std::filesystem::path folder = own_folder();
  const char* path = std::getenv("PATH");
  for (const std::string& entry : split(path ? path : "", ':')) {
    std::error_code error;
    if (!entry.empty() && std::filesystem::equivalent(entry, folder, error) && !error) return "tandem";
  }
  std::error_code error;
  const auto relative = std::filesystem::relative(folder / "tandem", error);
  return error || relative.string().starts_with("..") ? (folder / "tandem").string() : relative.string();
}

}  // namespace

Result<Shown> something_to_show(Session& session, const Period& paid_period) {
  const std::string tandem = program();
  const std::string where = session.folder == default_folder() ? "" : " --folder " + session.folder.string();
  const auto command = [&](const std::string& rest) { return tandem + where + " " + rest; };
  Shown shown;
  TANDEM_ASSIGN_OR_RETURN(const auto entry, an_entry(session));
  if (entry) {
    TANDEM_ASSIGN_OR_RETURN(const Chain chain, trace_entry(session, entry->entry()));
    shown.chain = in_one_line(chain);
    for (const ChainLink& link : chain.links) {
      if (link.title == "LeadCaptured") shown.commands.push_back(command("assignments explain " + link.subject));
    }
    shown.commands.push_back(command("trace " + entry->entry()));
    shown.commands.push_back(command("statements show " + entry->payee() + " --period " + paid_period.to_string()));
  } else {
    shown.chain = "nothing was earned: too few leads for a deal";
  }
  shown.commands.push_back(command("events tail --type DealWon --from beginning"));
  shown.commands.push_back(command("status"));
  shown.commands.push_back(where.empty() ? "make down" : command("down"));
  return shown;
}

}  // namespace tandem::cli
