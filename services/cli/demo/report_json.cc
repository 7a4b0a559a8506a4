// The figures of the demonstration for programs.
#include <nlohmann/json.hpp>

#include "services/cli/demo/report.h"

namespace tandem::cli {
namespace {

using nlohmann::ordered_json;

const sales::v1::MemberRotation* rotation_of(const sales::v1::Team& team, const std::string& member) {
  for (const auto& place : team.rotation()) {
    if (place.member() == member) return &place;
  }
  return nullptr;
}

ordered_json latency(const std::vector<int64_t>& micros) {
  ordered_json json = {{"count", micros.size()}};
  if (const auto p50 = percentile(micros, 50)) json["p50_us"] = *p50;
  if (const auto p99 = percentile(micros, 99)) json["p99_us"] = *p99;
  return json;
}

ordered_json speed_json(const DemoReport& report) {
  ordered_json json = {{"captured_to_assigned", latency(report.latencies.at_once)},
                       {"waited_in_queue", latency(report.latencies.from_queue)},
                       {"events", report.events},
                       {"seconds", report.seconds}};
  if (report.rate) json["rate"] = *report.rate;
  if (report.rate) json["due_to_seen"] = latency(report.from_intended);
  return json;
}

ordered_json members_json(const DemoReport& report) {
  ordered_json json = ordered_json::array();
  for (const auto& member : report.team.definition().members()) {
    const auto share = share_of(report, member.member());
    const auto won = report.books.after.won_by.find(member.member());
    const auto pay = report.books.ledgers.by_payee.find(member.member());
    json.push_back({{"member", member.member()},
                    {"weight", member.weight()},
                    {"leads", share.given},
                    {"ideal_millionths", share.ideal_millionths},
                    {"won", won == report.books.after.won_by.end() ? 0 : won->second},
                    {"commission", pay == report.books.ledgers.by_payee.end() ? 0 : pay->second.commission_minor}});
  }
  return json;
}

ordered_json books(const Books& books) {
  return {{"sent", books.sent.sent},
          {"new", books.new_leads()},
          {"known", books.known()},
          {"refused", books.sent.refused},
          {"ledgers", books.ledgers.count},
          {"ledgers_out_of_balance", books.ledgers.out_of_balance},
          {"commission", books.ledgers.commission_minor},
          {"unpublished", books.unpublished},
          {"parked", books.parked}};
}

}  // namespace

IdealShares::Share share_of(const DemoReport& report, const std::string& member) {
  const auto* before = rotation_of(report.team_before, member);
  const auto* after = rotation_of(report.team, member);
  IdealShares::Share share;
  if (after != nullptr) share = {after->given(), after->ideal_millionths()};
  if (before != nullptr) {
    // The rotation goes on over runs: what somebody was owed, or had too early, is settled in this one. The bound of a
    // lead holds for all leads since the team began; for the difference of two such it would be two.
    share.given -= before->given();
    share.ideal_millionths -= static_cast<int64_t>(before->given()) * 1'000'000;
  }
  return share;
}

ordered_json to_json(const DemoReport& report) {
  const Company& before = report.books.before;
  const Company& after = report.books.after;
  return {{"bus", report.bus},
          {"funnel",
           {{"captured", report.books.new_leads()},
            {"qualified", after.qualified - before.qualified},
            {"accepted", after.accepted - before.accepted},
            {"won", after.won - before.won},
            {"won_amount", after.won_minor - before.won_minor}}},
          {"speed", speed_json(report)},
          {"members", members_json(report)},
          {"books", books(report.books)},
          {"one_cent", report.one_cent},
          {"next", report.next},
          {"wrong", report.wrong}};
}

}  // namespace tandem::cli
