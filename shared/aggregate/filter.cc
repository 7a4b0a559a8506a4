#include "shared/aggregate/filter.h"

#include <optional>
#include <utility>

#include "shared/base/text.h"

namespace tandem {
namespace {

constexpr std::string_view kShape = "write comparisons like: status = QUALIFIED AND campaign = \"spring\"";

Error malformed(std::string reason, std::string remedy = std::string(kShape)) {
  return invalid("filter", std::move(reason), std::move(remedy));
}

// Takes a filter apart into paths, operators and values.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(trim(text)) {}

  bool at_end() const { return rest_.empty(); }

  Result<std::string> path() {
    const std::string path = take_while([](char c) { return is_name(c) || c == '.'; });
    if (path.empty()) return malformed("has " + here() + " where a field was expected");
    if (path == "OR" || path == "NOT") return malformed("uses " + path + ", which is not supported", "use AND only");
    return path;
  }

  Result<FilterOperator> op(const std::string& path) {
    const std::string text =
        take_while([](char c) { return c == '=' || c == '!' || c == '<' || c == '>' || c == ':'; });
    if (text == "=" || text == "==") return FilterOperator::kEqual;
    if (text == "!=") return FilterOperator::kNotEqual;
    if (text == "<") return FilterOperator::kLess;
    if (text == "<=") return FilterOperator::kLessOrEqual;
    if (text == ">") return FilterOperator::kGreater;
    if (text == ">=") return FilterOperator::kGreaterOrEqual;
    const std::string found = text.empty() ? here() : "\"" + text + "\"";
    return malformed("has " + found + " after \"" + path + "\" where an operator was expected",
                     "known are = != < <= > >=");
  }

  Result<std::string> value(const std::string& path) {
    if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\'')) return quoted();
    const std::string word =
        take_while([](char c) { return !is_blank(c) && c != '"' && c != '\'' && c != '(' && c != ')'; });
    if (word.empty()) return malformed("has " + here() + " where a value for \"" + path + "\" was expected");
    return word;
  }

  Status conjunction() {
    const std::string word = take_while(is_name);
    if (to_upper(word) == "AND" && !rest_.empty()) return {};
    if (to_upper(word) == "AND") return malformed("ends with AND");
    const std::string found = word.empty() ? here() : "\"" + word + "\"";
    return malformed("has " + found + " where AND was expected", "join comparisons by AND; quote values with blanks");
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  static bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }

  template <class P>
  std::string take_while(P belongs) {
    size_t length = 0;
    while (length < rest_.size() && belongs(rest_[length])) ++length;
    std::string taken(rest_.substr(0, length));
    rest_ = trim(rest_.substr(length));
    return taken;
  }

  Result<std::string> quoted() {
    const char quote = rest_[0];
    std::string text;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_ = trim(rest_.substr(i + 1));
        return text;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      text.push_back(rest_[i]);
    }
    return malformed("has a quote that is not closed", "close it");
  }

  std::string here() const {
    if (rest_.empty()) return "its end";
    return "\"" + std::string(rest_.substr(0, 12)) + "\"";
  }

  std::string_view rest_;
};

}  // namespace

Result<Filter> Filter::parse(std::string_view text, const google::protobuf::Descriptor& state) {
  Filter filter;
  Scanner scanner(text);
  while (!scanner.at_end()) {
    if (!filter.conditions_.empty()) TANDEM_RETURN_IF_ERROR(scanner.conjunction());
    if (filter.conditions_.size() == kMaxConditions) return malformed("has more than 20 comparisons", "leave some out");
    TANDEM_ASSIGN_OR_RETURN(std::string path, scanner.path());
    TANDEM_ASSIGN_OR_RETURN(const FilterOperator op, scanner.op(path));
    TANDEM_ASSIGN_OR_RETURN(const std::string value, scanner.value(path));
    TANDEM_ASSIGN_OR_RETURN(FilterCondition condition, FilterCondition::make(state, std::move(path), op, value));
    filter.conditions_.push_back(std::move(condition));
  }
  return filter;
}

bool Filter::matches(const google::protobuf::Message& state) const {
  for (const FilterCondition& condition : conditions_) {
    if (!condition.matches(state)) return false;
  }
  return true;
}

}  // namespace tandem
