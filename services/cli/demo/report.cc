#include "services/cli/demo/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "services/cli/output.h"
#include "shared/aggregate/convert.h"
#include "shared/base/money.h"
#include "shared/base/ports.h"
#include "shared/base/text.h"

namespace tandem::cli {
namespace {

constexpr size_t kIndent = 12;
constexpr double kWithin = 1.0;  // of a lead

std::string decimals(double value, int places) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", places, value);
  return text;
}

std::string heading(const std::string& name) { return name + std::string(kIndent - name.size(), ' '); }

// "EUR 1.02 M".
std::string millions(int64_t minor) {
  if (std::abs(minor) < 1'000'000'00) return format_money({minor, kDemoCurrency});
  return "EUR " + decimals(static_cast<double>(minor) / 1e8, 2) + " M";
}

std::string percent_of(int64_t part, int64_t whole) {
  if (whole <= 0) return "-";
  return std::to_string(
             static_cast<int64_t>(std::llround(static_cast<double>(part) * 100 / static_cast<double>(whole)))) +
         " %";
}

std::string first_word(const std::string& name) { return name.substr(0, name.find(' ')); }

std::string funnel(const DemoReport& report) {
  const Company& before = report.books.before;
  const Company& after = report.books.after;
  const Seen& seen = report.seen;
  return heading("Funnel") + "captured " + with_commas(report.books.new_leads()) + " -> qualified " +
         with_commas(after.qualified - before.qualified) + " -> accepted " +
         with_commas(after.accepted - before.accepted) + " -> won " + with_commas(after.won - before.won) + " (" +
         millions(after.won_minor - before.won_minor) + ")     known already " + with_commas(report.books.known()) +
         ", refused " + with_commas(report.books.sent.refused_in_all()) + "\n" + std::string(kIndent, ' ') +
         "declined " + with_commas(seen.declined) + ", deadlines passed " + with_commas(seen.expired) + ", queued " +
         with_commas(seen.queued) + ", left for a person " + with_commas(seen.need_person) + ", deals lost " +
         with_commas(report.books.sales.lost) + ", still open " + with_commas(after.still_open) + ", taken back " +
         with_commas(report.books.sales.reversed) + "\n";
}

std::string p50_p99(const std::vector<int64_t>& micros) {
  return "p50 " + readable_micros(percentile(micros, 50)) + "   p99 " + readable_micros(percentile(micros, 99));
}

std::string speed(const DemoReport& report) {
  std::string text = heading("Speed") + "captured -> assigned   " + p50_p99(report.latencies.at_once) + "      " +
                     with_commas(static_cast<uint64_t>(static_cast<double>(report.events) / report.seconds)) +
                     " events/s (" + with_commas(report.events) + " in " + decimals(report.seconds, 1) + " s)\n";
  const std::string indent(kIndent, ' ');
  if (report.rate) {
    text += indent + "at " + decimals(*report.rate, *report.rate < 10 ? 1 : 0) +
            " leads/s, from when each was due until its assignment was seen on the bus   " +
            p50_p99(report.from_intended) + "\n";
  }
  if (!report.latencies.from_queue.empty()) {
    text += indent + with_commas(report.latencies.from_queue.size()) +
            " waited in the queue until somebody was free   " + p50_p99(report.latencies.from_queue) + "\n";
  }
  if (report.bus == "embedded") {
    text += indent + "the embedded bus looks for events every few ms: latencies are those of Kafka only on Kafka\n";
  }
  return text;
}

std::string away(const sales::v1::MemberDefinition& member) {
  const Instant now = SystemClock().now();
  if (member.has_left_at() && to_instant(member.left_at()) <= now) return "has left";
  for (const auto& leave : member.leave()) {
    if (to_instant(leave.from()) <= now && (!leave.has_to() || now < to_instant(leave.to()))) return "on leave";
  }
  return "";
}

std::string members(const DemoReport& report) {
  using enum Table::Align;
  Table table({"member", "weight", "leads", "ideal", "off", "won", "attainment", "commission", ""},
              {kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kRight, kLeft});
  const Ledgers& ledgers = report.books.ledgers;
  const auto pay_of = [&ledgers](const std::string& payee) {
    const auto found = ledgers.by_payee.find(payee);
    return found == ledgers.by_payee.end() ? Pay() : found->second;
  };
  for (const auto& member : report.team.definition().members()) {
    const auto share = share_of(report, member.member());
    const Pay pay = pay_of(member.member());
    const auto won = report.books.after.won_by.find(member.member());
    table.add({first_word(member.name()), std::to_string(member.weight()), with_commas(share.given),
               decimals(static_cast<double>(share.ideal_millionths) / 1e6, 1), decimals(share.off(), 1),
               with_commas(won == report.books.after.won_by.end() ? 0 : won->second),
               percent_of(pay.attained_minor, pay.quota_minor), format_minor(pay.commission_minor, 2), away(member)});
  }
  const std::string& manager = report.team.definition().manager();
  table.add({manager, "", "", "", "", "", "", format_minor(pay_of(manager).commission_minor, 2),
             "manager: on every deal of the team"});
  std::string text;
  for (const std::string& line : split(trim(table.to_string()), '\n')) text += std::string(kIndent, ' ') + line + "\n";
  return text;
}

// That nobody is off by more than a lead is claimed where it holds.
std::string fairness(const DemoReport& report) {
  double most = 0;
  for (const auto& member : report.team.definition().members()) {
    most = std::max(most, std::abs(share_of(report, member.member()).off()));
  }
  std::string text =
      std::string(kIndent, ' ') + "ideal: of each choice, weight over the weights of all who could take it";
  if (most <= kWithin) text += "; nobody is off by more than " + decimals(most, 1) + " of a lead";
  std::string groups;
  for (const auto& together : report.seen.rotation.always_eligible_together()) {
    groups += (groups.empty() ? "" : "; ") + join(together, ", ");
  }
  if (!groups.empty()) text += "; equally eligible all the time: " + groups;
  return text + "\n";
}

std::string refusals(const Sent& sent) {
  std::vector<std::string> parts;
  for (const auto& [what, count] : sent.refused) parts.push_back(what + " " + with_commas(count));
  return parts.empty() ? "" : " (" + join(parts, ", ") + ")";
}

std::string books(const DemoReport& report) {
  const Books& b = report.books;
  const std::string indent(kIndent, ' ');
  std::string text = heading("Books") + with_commas(b.sent.sent) + " sent = " + with_commas(b.new_leads()) + " new + " +
                     with_commas(b.known()) + " known + " + with_commas(b.sent.refused_in_all()) + " refused" +
                     refusals(b.sent);
  if (b.sent.repeated > 0) text += " + " + with_commas(b.sent.repeated) + " sent before";
  const auto bad = b.ledgers.out_of_balance.size();
  text += "      " +
          (bad == 0 ? "all " + with_commas(b.ledgers.count) + " ledgers sum to zero"
                    : with_commas(bad) + " of " + with_commas(b.ledgers.count) + " ledgers do NOT sum to zero") +
          "      unpublished " + with_commas(b.unpublished) + "   parked " + with_commas(b.parked) + "\n";
  text += indent + "won " + with_commas(b.sales.won) + " deals as sent, " +
          format_money({b.sales.won_minor, kDemoCurrency}) + ", taken back " +
          format_money({b.sales.reversed_minor, kDemoCurrency}) + "; commission " +
          format_money({b.ledgers.commission_minor, kDemoCurrency}) + " in the ledgers and on the statements\n";
  text += indent + report.paid_period.to_string() + ": " + with_commas(report.paid.statements) +
          " statements approved and paid, " + format_money({report.paid.minor, kDemoCurrency}) + "; then " +
          with_commas(report.late.deals) + " of its deals taken back, " +
          format_money({report.late.minor, kDemoCurrency}) + ": the clawback stands on the open statements\n";
  return text;
}

std::string next_steps(const DemoReport& report) {
  std::string text = heading("Next");
  for (size_t i = 0; i < report.next.size(); ++i) text += (i ? std::string(kIndent, ' ') : "") + report.next[i] + "\n";
  return text;
}

}  // namespace

std::string readable_micros(std::optional<int64_t> micros) {
  if (!micros) return "-";
  const auto ms = static_cast<double>(*micros) / 1000;
  return ms < 1000 ? decimals(ms, 1) + " ms" : decimals(ms / 1000, 2) + " s";
}

std::string demo_title(const sales::v1::Team& team, uint64_t campaigns, uint64_t leads, const std::string& bus) {
  return "Nordlicht GmbH · " + std::to_string(team.definition().members_size()) + " salespeople · " +
         with_commas(campaigns) + " campaigns · " + with_commas(leads) + " leads · " +
         (bus == "embedded" ? "embedded bus" : "Kafka");
}

std::string to_text(const DemoReport& report) {
  std::string text = "\n" + funnel(report) + speed(report) + members(report) + fairness(report) + books(report);
  text += heading("One cent") + report.one_cent + "\n" + next_steps(report);
  if (report.seen.gaps > 0) {
    text += heading("Note") + "the embedded bus dropped events before the demonstration had read them (" +
            with_commas(report.seen.gaps) + " gaps): some latencies are missing; the books are not touched by it\n";
  }
  for (const auto& [why, count] : report.tried_again) {
    text += heading("Note") + with_commas(count) + " commands were sent again: " + why + "\n";
  }
  for (const std::string& wrong : report.wrong) text += heading("WRONG") + wrong + "\n";
  return text;
}

}  // namespace tandem::cli
