// Statements of commission, for people: which one is meant, and what stands on it.
#pragma once

#include <string>
#include <vector>

#include "services/cli/session.h"
#include "shared/base/result.h"
#include "tandem/incentives/v1/resources.pb.h"

namespace tandem::cli {

// How a statement is named on the command line: "ana" with period and perhaps currency, or "ana/2026-10/EUR".
struct StatementName {
  std::string who;
  std::string period;
  std::string currency;
};

// Those that are meant. NOT_FOUND, saying which there are, if there is none.
Result<std::vector<incentives::v1::Statement>> find_statements(Session& session, const StatementName& name);
// Keeps those whose period ends last. They may be several: of a month and of a quarter, or in two currencies.
void keep_latest(std::vector<incentives::v1::Statement>& statements);
// The one that is meant: FAILED_PRECONDITION if there are several.
Result<incentives::v1::Statement> find_statement(Session& session, const StatementName& name);

// The entries behind its lines; one that cannot be looked up yet is left out.
Result<std::vector<incentives::v1::Entry>> entries_of(Session& session, const incentives::v1::Statement& statement);
// Every entry with its working, line by line.
std::string describe_statement(const incentives::v1::Statement& statement,
                               const std::vector<incentives::v1::Entry>& entries);

}  // namespace tandem::cli
