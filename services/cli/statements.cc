#include "services/cli/statements.h"

#include <algorithm>
#include <map>

#include "services/cli/calls.h"
#include "services/cli/output.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "shared/base/time.h"
#include "tandem/incentives/v1/service.pb.h"

namespace tandem::cli {
namespace {

using namespace incentives::v1;  // NOLINT(google-build-using-namespace): the messages of one service

Error no_statement(Session& session, const StatementName& name) {
  type::v1::ListRequest request;
  request.set_filter(condition("payee", name.who));
  std::vector<std::string> there;
  const auto page = session.call<ListStatementsResult>(std::string(kIncentives) + "ListStatements", request);
  if (page.ok()) {
    for (const Statement& statement : page->statements()) there.push_back(statement.statement());
  }
  const std::string what = name.who + (name.period.empty() ? "" : " in " + name.period);
  return make_error(Code::kNotFound, what, "has no statement",
                    there.empty() ? "tandem statements list shows who has" : "there are: " + join(there, ", "));
}

std::string describe_entry(const StatementLine& line, const Entry* entry) {
  std::string text = entry ? readable(*entry, "happened_at").substr(0, 10) : std::string("          ");
  text += "  " + to_lower(enum_label(line.kind()));
  if (!line.deal().empty()) text += "  deal " + line.deal();
  if (!line.plan().empty()) text += "  plan " + line.plan() + " v" + std::to_string(line.plan_version());
  if (!line.prior_period().empty()) text += "  (belongs to " + line.prior_period() + ", which was closed)";
  text += "\n            entry " + line.entry() + "\n";
  if (!entry) return text + "            (its working cannot be looked up yet)\n";
  for (const WorkingLine& working : entry->working()) text += "            " + working.text() + "\n";
  if (entry->cites_size() > 0) {
    text += "            cites " + join(std::vector<std::string>(entry->cites().begin(), entry->cites().end()), ", ") +
            "\n";
  }
  return text;
}

}  // namespace

Result<std::vector<Statement>> find_statements(Session& session, const StatementName& name) {
  if (name.who.find('/') != std::string::npos) {
    GetStatement request;
    request.set_statement(name.who);
    TANDEM_ASSIGN_OR_RETURN(auto one, session.call<Statement>(std::string(kIncentives) + "GetStatement", request));
    return std::vector<Statement>{std::move(one)};
  }
  type::v1::ListRequest request;
  std::string filter = condition("payee", name.who);
  if (!name.period.empty()) filter += " AND " + condition("period", name.period);
  if (!name.currency.empty()) filter += " AND " + condition("currency", to_upper(name.currency));
  request.set_filter(filter);
  request.set_order_by("desc");
  std::vector<Statement> found;
  TANDEM_RETURN_IF_ERROR(session.pages<ListStatementsResult>(
      std::string(kIncentives) + "ListStatements", request, [&](ListStatementsResult& page) {
        found.insert(found.end(), page.statements().begin(), page.statements().end());
        return true;
      }));
  if (found.empty()) return no_statement(session, name);
  return found;
}

void keep_latest(std::vector<Statement>& statements) {
  // By time, not by text, in which every quarter comes after December. A period's zone is its plan's; days are enough.
  const auto end_of = [](const Statement& statement) {
    const auto period = parse_period(statement.period());
    return period.ok() ? period->end(Zone()) : Instant();
  };
  Instant latest = Instant::min();
  for (const Statement& statement : statements) latest = std::max(latest, end_of(statement));
  std::erase_if(statements, [&](const Statement& statement) { return end_of(statement) != latest; });
}

Result<Statement> find_statement(Session& session, const StatementName& name) {
  TANDEM_ASSIGN_OR_RETURN(auto found, find_statements(session, name));
  if (found.size() == 1) return std::move(found.front());
  std::vector<std::string> ids;
  for (const Statement& statement : found) ids.push_back(statement.statement());
  return make_error(Code::kFailedPrecondition, name.who, "has several statements",
                    "name one, or give --period and --currency: " + join(ids, ", "));
}

Result<std::vector<Entry>> entries_of(Session& session, const Statement& statement) {
  std::vector<Entry> entries;
  for (const StatementLine& line : statement.lines()) {
    GetEntry request;
    request.set_entry(line.entry());
    auto entry = session.call<Entry>(std::string(kIncentives) + "GetEntry", request);
    if (entry.ok())
      entries.push_back(*std::move(entry));
    else if (entry.code() != Code::kNotFound)
      return std::move(entry).error();
  }
  return entries;
}

std::string describe_statement(const Statement& statement, const std::vector<Entry>& entries) {
  std::map<std::string, const Entry*> by_id;
  for (const Entry& entry : entries) by_id[entry.entry()] = &entry;
  std::string text = statement.payee() + " · " + statement.period() + " · " + to_lower(enum_label(statement.status())) +
                     " · total " + readable(statement, "total") + "\n";
  if (statement.has_approved_at()) {
    text += "approved " + readable(statement, "approved_at") + " by " + statement.approved_by() + "\n";
  }
  if (statement.has_paid_at()) {
    text += "paid " + readable(statement, "paid_at") + ": " + readable(statement, "paid") +
            (statement.payment_reference().empty() ? "" : ", reference " + statement.payment_reference());
    if (statement.carried_forward().minor_units() != 0) {
      text += ", carried forward " + readable(statement, "carried_forward");
    }
    text += "\n";
  }
  for (const StatementLine& line : statement.lines()) {
    const auto entry = by_id.find(line.entry());
    const std::string amount = format_money({line.amount_minor_units(), statement.currency()});
    text += "\n" + std::string(amount.size() < 16 ? 16 - amount.size() : 0, ' ') + amount + "  " +
            describe_entry(line, entry == by_id.end() ? nullptr : entry->second);
  }
  return text;
}

}  // namespace tandem::cli
