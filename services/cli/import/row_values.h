// A row of a CSV file becomes a command, by the rules of a mapping.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <vector>

#include "services/cli/import/csv.h"
#include "services/cli/import/mapping.h"
#include "services/cli/import/team_names.h"
#include "shared/base/result.h"

namespace tandem::cli {

// One row of a table.
struct RowView {
  const CsvTable& table;
  const CsvRow& row;

  // Blanks around removed. The column must exist, and the row must not be ragged.
  std::string cell(const std::string& column) const;
};

// What is wrong with the row's shape, or nothing.
std::vector<Violation> ragged(const RowView& row);

// Fills `command`; an empty cell leaves its field as it is. All that is wrong: each violation's field is the column.
std::vector<Violation> fill_from_row(google::protobuf::Message& command, const std::vector<FieldRule>& rules,
                                     const RowView& row, const TeamNames& names);

// The row's cells of these columns; empty if one of them is empty, which is then among the violations.
std::vector<std::string> key_of(const RowView& row, const std::vector<std::string>& columns,
                                std::vector<Violation>& violations);

// "open", "won" or "lost"; empty, with a violation, for a cell that the rule does not know. `stage`: of open ones.
std::string outcome_of(const OutcomeRule& rule, const RowView& row, std::string& stage,
                       std::vector<Violation>& violations);

// The violations of an error, their fields by the column that they came from, if they came from one.
std::vector<Violation> by_column(const Error& error, const std::vector<FieldRule>& rules);

}  // namespace tandem::cli
