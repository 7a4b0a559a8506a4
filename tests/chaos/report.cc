#include "tests/chaos/report.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <ostream>

namespace tandem::chaos {
namespace {

using std::chrono::milliseconds;

struct Row {
  uint64_t faults = 0;
  uint64_t sent = 0;
  uint64_t acknowledged = 0;
  uint64_t unknown = 0;
  uint64_t lost = 0;
  uint64_t doubled = 0;
  milliseconds outage{};
  std::vector<milliseconds> recoveries;

  void add(const Act& act, const Findings& findings) {
    sent++;
    acknowledged += act.outcome == Outcome::kAcknowledged ? 1 : 0;
    unknown += act.outcome == Outcome::kUnknown || act.outcome == Outcome::kUnderWay ? 1 : 0;
    lost += findings.lost.count(act.request_id);
    doubled += findings.doubled.count(act.request_id);
  }
  void add(const Ordeal& ordeal) {
    faults++;
    outage = std::max(outage, ordeal.outage);
    recoveries.push_back(ordeal.recovery);
  }
};

void print_row(std::ostream& out, const std::string& name, Row row) {
  std::ranges::sort(row.recoveries);
  const bool none = row.recoveries.empty();
  const std::string median = none ? "-" : in_seconds(row.recoveries[row.recoveries.size() / 2]);
  const std::string longest = none ? "-" : in_seconds(row.recoveries.back());
  char line[200];
  std::snprintf(line, sizeof line, "%-18s %6llu %8llu %12llu %8llu %5llu %8llu %9s %9s %9s\n", name.c_str(),
                static_cast<unsigned long long>(row.faults), static_cast<unsigned long long>(row.sent),
                static_cast<unsigned long long>(row.acknowledged), static_cast<unsigned long long>(row.unknown),
                static_cast<unsigned long long>(row.lost), static_cast<unsigned long long>(row.doubled),
                none ? "-" : in_seconds(row.outage).c_str(), median.c_str(), longest.c_str());
  out << line;
}

}  // namespace

std::string in_seconds(milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1000.0);
  return text;
}

void print_table(std::ostream& out, const std::vector<Ordeal>& ordeals, const std::vector<Act>& acts,
                 const Findings& findings) {
  std::map<std::string, Row> rows;
  Row total;
  for (const Ordeal& ordeal : ordeals) {
    rows[ordeal.kind].add(ordeal);
    total.add(ordeal);
  }
  for (const Act& act : acts) {
    rows[act.fault].add(act, findings);
    total.add(act, findings);
  }
  char head[200];
  std::snprintf(head, sizeof head, "%-18s %6s %8s %12s %8s %5s %8s %9s %9s %9s\n", "fault", "faults", "commands",
                "acknowledged", "unknown", "lost", "doubled", "outage", "recovery", "longest");
  out << head;
  for (const auto& [kind, row] : rows) print_row(out, kind, row);
  print_row(out, "all", total);
}

void print_findings(std::ostream& out, const Findings& findings, size_t most) {
  const auto print = [&](const char* title, const auto& found) {
    size_t shown = 0;
    for (const auto& [request, what] : found) {
      if (shown++ == most) break;
      out << title << ": " << request << ": " << what << "\n";
    }
    if (found.size() > most) out << title << ": " << found.size() - most << " more\n";
  };
  const auto print_lines = [&](const char* title, const std::vector<std::string>& found) {
    for (size_t i = 0; i < std::min(most, found.size()); i++) out << title << ": " << found[i] << "\n";
    if (found.size() > most) out << title << ": " << found.size() - most << " more\n";
  };
  print("LOST", findings.lost);
  print("DOUBLED", findings.doubled);
  print_lines("BOOKS", findings.books);
  print_lines("BROKEN", findings.broken);
  const bool unknown = findings.lost.empty() && findings.doubled.empty() && findings.books.empty();
  out << "books: "
      << (findings.well() ? "balance: " + findings.balance
          : unknown       ? "WERE NOT COMPARED"
                          : "DO NOT BALANCE")
      << "\n";
}

}  // namespace tandem::chaos
