#include "services/cli/doctor.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "services/cli/output.h"
#include "shared/aggregate/convert.h"
#include "shared/base/text.h"
#include "shared/bus/topics.h"

namespace tandem::cli {
namespace {

using runtime::v1::ServiceStatus;
using runtime::v1::TroubleKind;

constexpr std::chrono::seconds kFarBehind{60};
constexpr std::chrono::seconds kClocksApart{2};
// Redis with appendfsync always stops when its disk is full.
constexpr uint64_t kDiskFree = 1ull << 30;  // bytes; and less than a tenth of it

constexpr char kUp[] = "tandem up starts what is missing; ";
constexpr char kKept[] = "what was committed is on Redis' disk, what was published is on Kafka";
constexpr char kLost[] = "with the embedded bus it begins anew, without data";

std::string quoted_end(const std::string& last_words) {
  return last_words.empty() ? "" : "; its log ends with: " + last_words;
}

std::string service_of_process(const std::string& process) { return process.substr(0, process.find('.')); }

std::string restart(const std::string& service) {
  return "restart it: tandem up --restart " + service + ", or whatever else starts its processes";
}

std::string in_seconds(std::chrono::microseconds duration) {
  return with_commas(static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count())) + " s";
}

class Diagnosis {
 public:
  explicit Diagnosis(const Checkup& checkup) : checkup_(checkup) {}

  std::vector<Finding> take() {
    disk();
    redis();
    bus();
    for (const ServiceReport& report : checkup_.services) {
      if (report.status) {
        service(report, *report.status);
      } else {
        down(report);
      }
    }
    versions();
    return std::move(found_);
  }

 private:
  // The same of several replicas is one finding.
  void find(Finding finding) {
    if (std::find(found_.begin(), found_.end(), finding) == found_.end()) found_.push_back(std::move(finding));
  }

  void disk() {
    if (!checkup_.disk) return;
    const auto& [path, free, size] = *checkup_.disk;
    if (free >= kDiskFree || free >= size / 10) return;
    find({"disk-full", "the disk of " + path, "has " + with_commas(free >> 20) + " MB left",
          "make room: Redis and Kafka stop when they cannot write; nothing that was acknowledged is lost by it"});
  }

  void redis() {
    for (const auto& [health, last_words] : checkup_.redis) {
      const std::string subject = "redis " + health.endpoint;
      if (!health.reachable) {
        redis_down_ = true;
        const bool full = last_words.find("No space left") != std::string::npos;
        find({"redis-down", subject, "does not answer (" + join(health.problems, ", ") + ")" + quoted_end(last_words),
              (full ? "make room on its disk first; then " : "") + std::string(kUp) +
                  (checkup_.bus.embedded ? kLost : kKept)});
        continue;
      }
      for (const std::string& problem : health.problems) {
        if (health.refuses_writes) {
          find({"redis-writes", subject, "may refuse writes: " + problem,
                "make room on its disk or raise maxmemory; services go on by themselves"});
        } else {
          find({"redis-settings", subject, "is not as it must be: " + problem,
                "set it so, in its configuration too; until then what is acknowledged may get lost"});
        }
      }
    }
  }

  void bus() {
    const Checkup::Bus& bus = checkup_.bus;
    bus_down_ = bus.no_answer.has_value();
    if (bus_down_) {
      find({"kafka-down", (bus.embedded ? "the embedded broker " : "kafka ") + bus.address,
            "does not answer (" + bus.no_answer->message + ")",
            bus.embedded ? std::string(kUp) + kLost
                         : "start the brokers, if they are this folder's with tandem up; commands are still taken, "
                           "and published when Kafka is back: keep Redis running until then"});
    }
    for (const Error& topic : bus.topics) {
      for (const Violation& wrong : topic.violations) {
        find({"topic", wrong.field, wrong.reason, with_brokers(wrong.remedy)});
      }
      if (topic.violations.empty()) {
        find({"topic", "kafka", topic.message,
              "the service that the topic is of makes it when it starts: tandem up --restart SERVICE"});
      }
    }
  }

  std::string with_brokers(std::string remedy) const {
    if (!remedy.starts_with(bus::kConfigsCommand)) return remedy;
    const std::string& own = checkup_.bus.configs_tool;
    const std::string tool = own.empty() ? "kafka-configs.sh" : own;
    return remedy.replace(0, bus::kConfigsCommand.size(), tool + " --bootstrap-server " + checkup_.bus.address);
  }

  void down(const ServiceReport& report) {
    const auto said = checkup_.last_words.find(report.name);
    std::string to_do = "tandem up starts it again; nothing that was acknowledged is lost";
    if (redis_down_ || bus_down_) to_do = "first put right what stands above; then tandem up starts it again";
    find({"service-down", report.name,
          join(report.wrong, "; ") + quoted_end(said == checkup_.last_words.end() ? "" : said->second), to_do});
  }

  void service(const ServiceReport& report, const ServiceStatus& status) {
    if (!checkup_.installation.empty() && status.installation() != checkup_.installation) {
      find({"other-installation", report.name,
            "at " + report.address + " belongs to the installation \"" + status.installation() + "\", not to \"" +
                checkup_.installation + "\"",
            "another one has its port: run tandem down, then tandem up"});
    }
    if (!status.ready()) {
      find({"service-not-ready", report.name, "takes no requests: it is starting or ending",
            "wait; if it stays so, read its log: tandem up starts it again"});
    }
    for (int i = 0; i < status.troubles_size(); i++) {
      const auto kind = i < status.trouble_kinds_size() ? status.trouble_kinds(i) : 0;
      trouble(report, static_cast<TroubleKind>(kind), status.troubles(i));
    }
    const std::string whole = service_of_process(report.name);
    for (const std::string& stopped : status.stopped()) {
      find({"partition-stopped", whole, "reads no more of " + stopped,
            "nothing is applied twice or left out meanwhile; bring back the log that has the missing events, then " +
                restart(whole) + "; what it has not read it applies then"});
    }
    if (status.parked() > 0) {
      find({"parked", whole, "has parked commands of " + with_commas(status.parked()) + " aggregates",
            "tandem parked list shows them and why; put the reason right, then tandem parked retry, or discard"});
    }
    behind(report, status);
    clock(report);
  }

  void trouble(const ServiceReport& report, TroubleKind kind, const std::string& words) {
    const std::string whole = service_of_process(report.name);
    switch (kind) {
      case runtime::v1::TROUBLE_KIND_STORE_DOWN:
        if (redis_down_) return;
        return find({"redis-away", report.name, "does not reach Redis: " + words,
                     "Redis answers here: look at the network between, and at the setting redis of " + whole});
      case runtime::v1::TROUBLE_KIND_STORE_WRITES:
      case runtime::v1::TROUBLE_KIND_STORE_SETTINGS:
        if (!checkup_.redis.empty()) return;  // asked itself
        return find({kind == runtime::v1::TROUBLE_KIND_STORE_WRITES ? "redis-writes" : "redis-settings", whole,
                     "says: " + words, "put Redis right; services go on by themselves"});
      case runtime::v1::TROUBLE_KIND_SHARD_REFUSED:
        return find({"shard-refused", whole, words,
                     "Redis and Kafka do not belong together: give it back the one that does. Nothing was written, "
                     "and it is tried again every 5 s. To go by the log alone, empty this Redis: it is then rebuilt"});
      case runtime::v1::TROUBLE_KIND_SHARD_UNRECONCILED:
        if (redis_down_ || bus_down_) return;
        return find({"healing", whole, words,
                     "wait: Redis came up anew, and the shards are healed from the log, by themselves; tandem status "
                     "--watch shows it"});
      case runtime::v1::TROUBLE_KIND_UNPUBLISHED:
        return find({"unpublished", whole, words,
                     bus_down_ ? "it passes when Kafka is back; until then only Redis has these events: keep it running"
                               : "Kafka answers, so look at the log of " + whole +
                                     " for what it says of its producer or its leases"});
      case runtime::v1::TROUBLE_KIND_UNASSIGNED:
        if (bus_down_) return;
        return find({"no-partitions", report.name, words,
                     "it joins the group anew every 30 s; if that does not help, " + restart(whole)});
      case runtime::v1::TROUBLE_KIND_BUS:
        if (bus_down_ || redis_down_) return;
        return find({"bus-error", report.name, "has trouble with the " + words,
                     "look at the brokers' logs, and at the network between"});
      default:
        return find({"trouble", report.name, "says: " + words, "read its log"});
    }
  }

  void behind(const ServiceReport& report, const ServiceStatus& status) {
    if (!status.has_behind_since() || status.stopped_size() > 0) return;
    const auto age = to_instant(status.now()) - to_instant(status.behind_since());
    if (age <= kFarBehind) return;
    find({"behind", report.name,
          "is " + with_commas(status.lag()) + " events behind, the oldest for " + in_seconds(age),
          "watch it with tandem status --watch: if the lag falls, wait; if not, its log says what it waits for; if it "
          "is only too much, add replicas"});
  }

  void clock(const ServiceReport& report) {
    if (std::chrono::abs(report.clock_ahead) <= kClocksApart) return;
    const bool ahead = report.clock_ahead.count() > 0;
    find({"clock", report.name,
          "has a clock that is " + in_seconds(std::chrono::abs(report.clock_ahead)) +
              (ahead ? " ahead of" : " behind") + " this one's",
          "put the clock of its machine right (NTP): deadlines and times of events go by it"});
  }

  void versions() {
    std::map<std::string, std::set<std::string>> versions;
    for (const ServiceReport& report : checkup_.services) {
      if (report.status) versions[service_of_process(report.name)].insert(report.status->version());
    }
    for (const auto& [service, of_it] : versions) {
      if (of_it.size() < 2) continue;
      find({"versions", service, "runs in versions " + join(std::vector<std::string>(of_it.begin(), of_it.end()), ", "),
            "right in the middle of an upgrade; else " + restart(service)});
    }
  }

  const Checkup& checkup_;
  bool redis_down_ = false;
  bool bus_down_ = false;
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> diagnose(const Checkup& checkup) { return Diagnosis(checkup).take(); }

}  // namespace tandem::cli
