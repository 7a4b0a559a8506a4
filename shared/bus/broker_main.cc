// tandem-broker: the embedded broker, for trying Tandem out and for tests. It speaks Kafka's protocol on loopback,
// keeps 5 MB or 100,000 records of a partition, and nothing after it ends. Prints one line of JSON when it is ready:
//
//   {"bootstrap_servers":"127.0.0.1:40123","pid":4711,"partitions":16,"topics":["tandem.sales.events", ...]}
//
// The port cannot be chosen: librdkafka picks a free one. Ends on SIGTERM or SIGINT with status 0.
#include <librdkafka/rdkafka.h>
// After rdkafka.h, which it needs.
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/services.h"
#include "shared/base/text.h"
#include "shared/bus/envelope.h"

namespace {

constexpr std::string_view kUsage =
    "tandem-broker [--partitions N] [--services a,b] [--topics t,u] [--ready-file PATH] [--fail-produce ERROR]...\n"
    "  --partitions N       of every topic (16)\n"
    "  --services a,b       makes tandem.<service>.events and .dead-letters (all)\n"
    "  --topics t,u         further topics\n"
    "  --ready-file PATH    writes the line of JSON there too\n"
    "  --fail-produce CODE  for tests: answers one produce request with this Kafka error code; may be repeated\n";

struct Arguments {
  int partitions = 16;
  std::vector<std::string> services = tandem::kServices;
  std::vector<std::string> topics;
  std::string ready_file;
  std::vector<int> produce_errors;
};

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string value = argv[i + 1];
    const auto number = tandem::parse_integer(value);
    if (name == "--partitions" && number && *number > 0 && *number <= 10'000) {
      arguments.partitions = static_cast<int>(*number);
    } else if (name == "--services") {
      arguments.services = value.empty() ? std::vector<std::string>() : tandem::split(value, ',');
    } else if (name == "--topics") {
      arguments.topics = tandem::split(value, ',');
    } else if (name == "--ready-file") {
      arguments.ready_file = value;
    } else if (name == "--fail-produce" && number) {
      arguments.produce_errors.push_back(static_cast<int>(*number));
    } else {
      return std::nullopt;
    }
  }
  if (argc % 2 == 0) return std::nullopt;  // a name without a value
  for (const std::string& service : arguments.services) {
    arguments.topics.push_back(tandem::bus::events_topic(service));
    arguments.topics.push_back(tandem::bus::dead_letters_topic(service));
  }
  return arguments;
}

int fail(const std::string& why) {
  std::fprintf(stderr, "tandem-broker: %s\n", why.c_str());
  return 1;
}

std::string ready_line(rd_kafka_mock_cluster_t* cluster, const Arguments& arguments) {
  std::string topics;
  for (const std::string& topic : arguments.topics)
    topics.append(topics.empty() ? "" : ",").append("\"" + topic + "\"");
  return std::string("{\"bootstrap_servers\":\"") + rd_kafka_mock_cluster_bootstraps(cluster) +
         "\",\"pid\":" + std::to_string(getpid()) + ",\"partitions\":" + std::to_string(arguments.partitions) +
         ",\"topics\":[" + topics + "]}\n";
}

// Whole or not at all: whoever waits for the file must not read half of it.
bool write_file(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  std::FILE* file = std::fopen(draft.c_str(), "w");
  if (file == nullptr) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return (std::fclose(file) == 0) && written && std::rename(draft.c_str(), path.c_str()) == 0;
}

int serve(rd_kafka_mock_cluster_t* cluster, const Arguments& arguments, const sigset_t& ends) {
  for (const std::string& topic : arguments.topics) {
    const auto error = rd_kafka_mock_topic_create(cluster, topic.c_str(), arguments.partitions, 1);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return fail("topic " + topic + ": " + rd_kafka_err2str(error));
  }
  for (const int error : arguments.produce_errors) {
    rd_kafka_mock_push_request_errors(cluster, /*Produce*/ 0, 1, static_cast<rd_kafka_resp_err_t>(error));
  }
  const std::string line = ready_line(cluster, arguments);
  if (!arguments.ready_file.empty() && !write_file(arguments.ready_file, line)) {
    return fail(arguments.ready_file + ": " + std::strerror(errno));
  }
  std::fputs(line.c_str(), stdout);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto arguments = parse(argc, argv);
  if (!arguments) {
    std::fputs(kUsage.data(), argc > 1 && std::string_view(argv[1]) == "--help" ? stdout : stderr);
    return argc > 1 && std::string_view(argv[1]) == "--help" ? 0 : 2;
  }
  // Before there are threads, so that they all inherit it.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  char text[512] = {};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "client.id", "tandem-broker", text, sizeof text);
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int level, const char*, const char* line) {
    if (level <= 3) std::fprintf(stderr, "tandem-broker: %s\n", line);
  });
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (handle == nullptr) return fail(text);
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(handle, 1);
  if (cluster == nullptr) return fail("no cluster could be made; is loopback there?");
  const int status = serve(cluster, *arguments, ends);
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(handle);
  return status;
}
