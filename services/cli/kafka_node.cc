#include "services/cli/kafka_node.h"

#include <fstream>
#include <string_view>

#include "services/cli/embed/kafka.sh.h"
#include "services/cli/embed/log4j2.properties.h"
#include "services/cli/embed/pom.xml.h"
#include "services/cli/embed/single-node.properties.h"
#include "shared/base/free_port.h"
#include "shared/bus/kafka_log.h"

namespace tandem::cli {
namespace {

constexpr bus::Millis kProbeTimeout{500};

Status write_program_file(const std::filesystem::path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (out) return {};
  return make_error(Code::kUnavailable, file.string(), "cannot be written", "check the folder's permissions and disk");
}

}  // namespace

std::filesystem::path kafka_program(const std::filesystem::path& folder) {
  return folder / "kafka" / "program" / "kafka.sh";
}
std::filesystem::path kafka_data(const std::filesystem::path& folder) { return folder / "kafka" / "data"; }

Result<KafkaNode> prepare_kafka_node(const std::filesystem::path& folder) {
  const auto program = kafka_program(folder).parent_path();
  std::error_code error;
  std::filesystem::create_directories(program, error);
  if (error) return make_error(Code::kUnavailable, program.string(), "cannot be made: " + error.message(), "");
  TANDEM_RETURN_IF_ERROR(write_program_file(program / "pom.xml", kPomXml));
  TANDEM_RETURN_IF_ERROR(write_program_file(program / "log4j2.properties", kLog4j2Properties));
  TANDEM_RETURN_IF_ERROR(write_program_file(program / "single-node.properties", kSingleNodeProperties));
  TANDEM_RETURN_IF_ERROR(write_program_file(kafka_program(folder), kKafkaSh));
  std::filesystem::permissions(kafka_program(folder), std::filesystem::perms::owner_all, error);
  if (error) return make_error(Code::kUnavailable, program.string(), "cannot be used: " + error.message(), "");
  TANDEM_ASSIGN_OR_RETURN(const uint16_t port, free_port());
  TANDEM_ASSIGN_OR_RETURN(const uint16_t controller_port, free_port());
  return KafkaNode{kafka_program(folder).string(),
                   {"node", (folder / "kafka").string(), "--port", std::to_string(port), "--controller-port",
                    std::to_string(controller_port)},
                   "127.0.0.1:" + std::to_string(port)};
}

Result<BrokerProbe> BrokerProbe::make(const std::string& bootstrap_servers) {
  bus::KafkaOptions options;
  options.bootstrap_servers = bootstrap_servers;
  options.client_id = "tandem-up";
  options.on_log = [](int, const std::string&) {};  // that nobody answers yet is no news
  TANDEM_ASSIGN_OR_RETURN(auto admin, bus::KafkaLog(options).make_admin());
  return BrokerProbe(std::move(admin));
}

// Any answer will do: there is no such topic.
bool BrokerProbe::answers() { return admin_->describe("tandem.none", kProbeTimeout).code() == Code::kNotFound; }

}  // namespace tandem::cli
