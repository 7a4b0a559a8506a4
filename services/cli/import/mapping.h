// How the rows of a CSV file become commands: a YAML file, described for users in docs/import.md. Read here, applied by
// row_values.h.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/cli/import/csv.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace tandem::cli {

// Where the value of one field comes from.
struct FieldRule {
  enum class Unknown { kRefuse, kKeep, kLeaveOut };
  enum class Names { kNone, kMembers, kManagers };

  std::string path;    // of the command's field, "person.email"
  std::string column;  // empty: `constant`
  std::string constant;
  bool required = false;  // an empty cell refuses the row
  // For each cell what it means; a cell that is not there goes by `unknown`.
  std::map<std::string, std::string> values;
  Unknown unknown = Unknown::kRefuse;
  // The cell is the name or the id of a salesperson; or of a manager, and means their team.
  Names names = Names::kNone;
  std::string date_format;  // of parse_local; empty: a date, or RFC 3339
  Zone zone;
  std::string currency;         // of amounts; empty: the cell says it, or
  std::string currency_column;  // this column
  char decimal = '.';
  std::string separator;  // of several values in a cell
};

// How a deal stands. `column` empty: always `constant`.
struct OutcomeRule {
  std::string column;
  std::string constant;                       // "open", "won" or "lost"
  std::map<std::string, std::string> cells;   // what a cell means: the same words
  std::map<std::string, std::string> stages;  // of cells that mean "open"
};

struct DealRules {
  // Of deals that belong to leads: their file, and its columns that hold the lead's key.
  std::string file;
  std::vector<std::string> on;
  std::vector<std::string> key;
  OutcomeRule outcome;
  std::vector<FieldRule> open;
  std::vector<FieldRule> win;
  std::vector<FieldRule> lose;
};

struct Mapping {
  std::string file;    // for messages
  std::string source;  // names the system that it comes from: with the key, it makes the ids
  CsvOptions csv;
  std::vector<std::string> key;  // columns that tell one lead's row from another's
  std::vector<FieldRule> lead;
  std::optional<DealRules> deals;
};

// `kind`: "leads" or "deals". INVALID_ARGUMENT with every mistake as "file:line: path ...".
Result<Mapping> parse_mapping(const std::string& file, const std::string& text, const std::string& kind);

// NOT_FOUND, naming the nearest column, if the table lacks one that the rules need.
Status check_columns(const Mapping& mapping, const CsvTable& leads);
Status check_columns(const DealRules& rules, const CsvTable& deals);

}  // namespace tandem::cli
