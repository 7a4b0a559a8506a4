#include "tests/simulation/trace.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

#include "shared/base/services.h"
#include "shared/bus/envelope.h"
#include "shared/store/encoding.h"
#include "tandem/exchange/v1/exchange.pb.h"

namespace tandem::simulation {
namespace {

using Kind = TraceLine::Kind;

bool alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

// As a whole word; `inside`: what besides letters and digits goes on with a word.
bool mentions(std::string_view text, std::string_view word, std::string_view inside) {
  const auto goes_on = [&](char c) { return alnum(c) || inside.find(c) != std::string_view::npos; };
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !goes_on(text[at - 1])) && (end == text.size() || !goes_on(text[end]))) return true;
  }
  return false;
}

// What a violation is about.
struct Concern {
  std::set<std::string> names;     // events, aggregates, requests
  std::set<std::string> around;    // shards, replicas
  std::set<std::string> services;  // any of these

  bool nothing() const { return names.empty() && around.empty(); }
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool part = alnum(c) || c == '-' || c == '_' || c == '/' || c == '.';
    if (part) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  for (std::string& word : words) word.erase(word.find_last_not_of('.') + 1);
  return words;
}

// "sales/3" for "sales/3" and for "sales-3-d49c87699f2487af"; empty for what begins otherwise.
std::string shard_of_word(const std::string& word) {
  for (const std::string& service : kServices) {
    const size_t begin = service.size() + 1;
    if (!word.starts_with(service) || word.size() <= begin || word[begin - 1] == '.') continue;
    const size_t end =
        std::find_if_not(word.begin() + static_cast<std::ptrdiff_t>(begin), word.end(), digit) - word.begin();
    if (end > begin && (end == word.size() || word[end] == '-')) {
      return service + "/" + word.substr(begin, end - begin);
    }
  }
  return "";
}

void add_word(Concern& concern, const std::string& word, const std::string& before) {
  const auto topic_of = [&](const std::string& service) { return before == bus::events_topic(service); };
  if (const auto of = std::ranges::find_if(kServices, topic_of); of != kServices.end()) {
    concern.around.insert(*of + "/" + word);  // "tandem.sales.events[3]"
    return;
  }
  const bool name =
      std::ranges::any_of(word, letter) && (std::ranges::any_of(word, digit) || word.find('/') != word.npos);
  if (!name || word.starts_with("tandem.")) return;
  const std::string shard = shard_of_word(word);
  if (!shard.empty()) concern.around.insert(shard);
  if (shard == word) return;
  const bool replica = std::ranges::any_of(kServices, [&](const std::string& s) { return word.starts_with(s + "."); });
  if (replica) {
    concern.around.insert(word);
  } else {
    concern.names.insert(word.substr(word.find('/') + 1));  // of "assignment/assignment-7" the id
  }
}

Concern concern_of(const std::string& violation) {
  Concern concern;
  for (const std::string& service : kServices) {
    if (mentions(violation, service, "_")) concern.services.insert(service);
  }
  std::string before;
  for (const std::string& word : words_of(violation)) {
    add_word(concern, word, before);
    before = word;
  }
  return concern;
}

// 2: it names what the violation names; 1: it happened around it; 0: neither.
int weight(const TraceLine& line, const Concern& concern) {
  const auto named = [&](const std::string& word) { return mentions(line.what, word, "-_"); };
  if (line.kind == Kind::kPause) return 0;
  if (std::ranges::any_of(concern.names, named)) return 2;
  if (concern.nothing()) return 1;
  if (line.kind == Kind::kFault || line.kind == Kind::kRecovery) {
    const auto of_service = [&](const std::string& service) { return mentions(line.what, service, "_"); };
    return concern.services.empty() || std::ranges::any_of(concern.services, of_service);
  }
  return (line.kind != Kind::kWork || concern.names.empty()) && std::ranges::any_of(concern.around, named);
}

// Of each line the pause that it is in; its own place if it is in none.
std::vector<size_t> pauses_of(std::span<const TraceLine> trace) {
  std::vector<size_t> pauses(trace.size());
  std::map<int, size_t> last;  // by depth
  for (size_t i = 0; i < trace.size(); i++) {
    const auto pause = last.find(trace[i].depth - 1);
    pauses[i] = pause == last.end() ? i : pause->second;
    if (trace[i].kind == Kind::kPause) last[trace[i].depth] = i;
  }
  return pauses;
}

std::string cause_of(const Commit& commit) {
  if (!commit.request_id.empty()) return commit.request_id;
  if (!commit.mark) return "a timer";
  // Written unlike a shard's name: what a violation's shard causes elsewhere is another matter.
  const Source& source = commit.mark->source;
  return source.service + "[" + std::to_string(source.partition) + "] " + store::mark_text(commit.mark->to);
}

}  // namespace

std::string to_text(const TraceLine& line) {
  return std::to_string(line.act) + " @" + std::to_string(line.millis) + "ms " +
         std::string(static_cast<size_t>(line.depth) * 2, ' ') + (line.kind == Kind::kFault ? "! " : "") + line.what;
}

TraceLine line_of(const std::string& service, const Commit& commit, const CommitOutcome& outcome) {
  using Status = CommitOutcome::Status;
  const std::string shard = service + "/" + std::to_string(commit.shard) + ": ";
  const std::string of = commit.aggregate.type + "/" + commit.aggregate.id + " by " + cause_of(commit);
  if (outcome.status != Status::kCommitted) {
    const char* why = outcome.status == Status::kDuplicate         ? "the request is known"
                      : outcome.status == Status::kWrongGeneration ? "another generation"
                      : outcome.status == Status::kWrongMark       ? "another mark"
                      : outcome.status == Status::kWrongVersion    ? "another version"
                                                                   : "it does not serve";
    return {.kind = Kind::kWork, .what = shard + "refused (" + why + ") " + of};
  }
  if (!commit.change) return {.kind = Kind::kWork, .what = shard + "nothing to do for " + of};
  exchange::v1::OutboxRecord record;
  record.ParseFromString(commit.change->outbox_record);
  return {.kind = Kind::kWork,
          .what = shard + "event " + std::to_string(outcome.n) + ", " + record.envelope().event_id() + ", " +
                  record.envelope().event_type() + " of " + of};
}

TraceLine line_of(const bus::LogRecord& record) {
  const auto service = bus::service_of_topic(record.topic);
  const auto decoded = bus::decode(record);
  if (!service.ok() || !decoded.ok()) return {};
  const std::string at =
      *service + "/" + std::to_string(record.partition) + ": the log has at offset " + std::to_string(record.offset);
  if (const auto* fence = std::get_if<bus::FenceRecord>(&*decoded)) {
    return {.kind = Kind::kRecovery,
            .what = at + " a fence that ends generation " + std::to_string(fence->fence.ends())};
  }
  const exchange::v1::Envelope& envelope = std::get<bus::EventRecord>(*decoded).envelope;
  return {.kind = Kind::kWork,
          .what = at + " event " + std::to_string(envelope.position().number()) + " of generation " +
                  std::to_string(envelope.position().generation()) + ", " + envelope.event_id()};
}

std::vector<std::string> excerpt(std::span<const TraceLine> trace, const std::string& violation, size_t most) {
  const Concern concern = concern_of(violation);
  const std::vector<size_t> pauses = pauses_of(trace);
  std::set<size_t> chosen;
  const auto choose = [&](int least, size_t limit) {
    for (size_t i = trace.size(); i-- > 0;) {
      if (weight(trace[i], concern) < least) continue;
      if (chosen.size() + static_cast<size_t>(trace[i].depth) >= limit) return;  // with its pauses it would be too much
      for (size_t at = i; chosen.insert(at).second && pauses[at] != at;) at = pauses[at];
    }
  };
  choose(2, most * 2 / 3);  // the rest, at least, is for what happened around
  choose(1, most);
  std::vector<std::string> lines;
  for (const size_t i : chosen) lines.push_back(to_text(trace[i]));
  return lines;
}

}  // namespace tandem::simulation
