#include "tests/bench/driver/documents.h"

#include <grpcpp/grpcpp.h>
#include <librdkafka/rdkafka.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

namespace tandem::bench {
namespace {

constexpr std::string_view kSection = "\n## ";

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The value after the first line that begins with `name`.
std::string value_in(const std::filesystem::path& file, const std::string& name) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with(name)) continue;
    const size_t at = line.find_first_not_of(" \t:=\"", name.size());
    std::string value = at == std::string::npos ? "" : line.substr(at);
    if (value.ends_with('"')) value.pop_back();
    return value;
  }
  return "unknown";
}

std::string first_line_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "unknown";
  char line[256] = {};
  const bool read = std::fgets(line, sizeof line, pipe) != nullptr;
  pclose(pipe);
  std::string text = read ? line : "unknown";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Heading and first title apart, then a piece for each section.
std::vector<std::string> split_sections(const std::string& text) {
  std::vector<std::string> pieces;
  size_t from = 0;
  for (size_t at = text.find(kSection); at != std::string::npos; at = text.find(kSection, at + 1)) {
    pieces.push_back(text.substr(from, at + 1 - from));
    from = at + 1;
  }
  pieces.push_back(text.substr(from));
  return pieces;
}

std::string title_line(const std::string& piece) { return piece.substr(0, piece.find('\n')); }

size_t rank(const std::string& piece) {
  const auto all = experiments();
  const auto at = std::find_if(all.begin(), all.end(), [&](const Experiment& experiment) {
    return title_line(piece) == std::string("## ") + experiment.title;
  });
  return static_cast<size_t>(at - all.begin());  // others last
}

}  // namespace

Findings read_findings(const std::filesystem::path& file) {
  const auto json = nlohmann::json::parse(content_of(file), nullptr, /*allow_exceptions=*/false);
  Findings findings;
  if (!json.is_object()) return findings;
  for (const auto& [name, value] : json.items()) {
    if (value.is_number()) findings[name] = value.get<double>();
  }
  return findings;
}

Status write_findings(const std::filesystem::path& file, const Findings& findings) {
  nlohmann::json json;
  for (const auto& [name, value] : findings) json[name] = value;
  std::ofstream out(file);
  out << json.dump(1) << "\n";
  if (out) return {};
  return make_error(Code::kUnavailable, file.string() + " cannot be written");
}

Status put_section(const std::filesystem::path& document, const std::string& heading, const std::string& text) {
  std::vector<std::string> pieces = split_sections(content_of(document));
  pieces.erase(pieces.begin());
  std::erase_if(pieces, [&](const std::string& piece) { return title_line(piece) == title_line(text); });
  pieces.push_back(text);
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const std::string& a, const std::string& b) { return rank(a) < rank(b); });
  std::string whole = heading + "\n";
  for (const std::string& piece : pieces) whole += piece.substr(0, piece.find_last_not_of('\n') + 1) + "\n\n";
  whole.pop_back();
  std::ofstream out(document);
  out << whole;
  if (out) return {};
  return make_error(Code::kUnavailable, document.string() + " cannot be written");
}

std::string machine_and_versions(const BenchOptions&) {
  utsname system = {};
  uname(&system);
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e9;
  std::ostringstream out;
  out << "- machine: " << sysconf(_SC_NPROCESSORS_ONLN) << " processors (" << value_in("/proc/cpuinfo", "model name")
      << "), " << fixed(memory, 0) << " GB, " << value_in("/etc/os-release", "PRETTY_NAME") << ", Linux "
      << system.release << "; everything on it, the driver too\n";
  out << "- versions: " << "Redis " << first_line_of("redis-server --version | sed -nE 's/.* v=([0-9.]+) .*/\\1/p'")
      << " (`appendfsync always`), "
      << "Kafka " << first_line_of("deploy/kafka/kafka.sh libs | sed -nE 's/.*kafka-([0-9.]+).*/\\1/p'")
      << " (one node), librdkafka " << rd_kafka_version_str() << ", gRPC " << grpc::Version() << ", "
      << first_line_of("g++ --version") << ", release build\n";
  return out.str();
}

}  // namespace tandem::bench
