// The log is kept for ever: bytes that were written once must be read in the same way by every later version. For each
// event tests/contracts/golden/<full name>.txt has an example, in hexadecimal and as text.
//
// A new event, or a new field of one, needs a new example:
//
//   TANDEM_UPDATE_GOLDEN=1 contracts_test --gtest_filter='Golden.*'
//
// writes the files that are missing, and those whose event has new fields. It never writes over an example that can not
// be read as it was: such a change breaks the log and must not be made.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "shared/aggregate/instance.h"
#include "tandem/policy/v1/policy.pb.h"
#include "tests/contracts/event_filler.h"

namespace tandem::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

const std::filesystem::path kProto = std::filesystem::path(TANDEM_SOURCE_DIR) / "proto";
const std::filesystem::path kGolden = std::filesystem::path(TANDEM_SOURCE_DIR) / "tests" / "contracts" / "golden";

std::vector<const Descriptor*> events() {
  std::vector<const Descriptor*> events;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kProto / "tandem")) {
    if (entry.path().extension() != ".proto") continue;
    const auto* file =
        DescriptorPool::generated_pool()->FindFileByName(std::filesystem::relative(entry.path(), kProto).string());
    for (int i = 0; file != nullptr && i < file->message_type_count(); i++) {
      const Descriptor* message = file->message_type(i);
      if (!message->options().GetExtension(policy::v1::message).event_of().empty()) events.push_back(message);
    }
  }
  return events;
}

std::unique_ptr<Message> make(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::string as_text(const Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

std::string to_hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : bytes) {
    if (!hex.empty() && hex.size() % 101 == 100) hex += '\n';
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string from_hex(const std::string& hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != '\n') digits += c;
  }
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

struct Example {
  std::string bytes;
  std::string text;
};

std::filesystem::path file_of(const Descriptor& event) { return kGolden / (event.full_name() + ".txt"); }

// The bytes in hexadecimal, an empty line, the text.
std::string format(const Message& message) { return to_hex(serialize(message)) + "\n\n" + as_text(message); }

Example read_example(const Descriptor& event) {
  std::ifstream in(file_of(event));
  std::stringstream whole;
  whole << in.rdbuf();
  const std::string content = whole.str();
  const size_t gap = content.find("\n\n");
  if (gap == std::string::npos) return {};
  return {from_hex(content.substr(0, gap)), content.substr(gap + 2)};
}

bool may_write() { return std::getenv("TANDEM_UPDATE_GOLDEN") != nullptr; }

TEST(Golden, OldBytesAreReadAsTheyWereWritten) {
  for (const Descriptor* event : events()) {
    if (!std::filesystem::exists(file_of(*event))) continue;
    const Example example = read_example(*event);
    auto message = make(*event);
    ASSERT_TRUE(message->ParseFromString(example.bytes)) << event->full_name();
    EXPECT_EQ(as_text(*message), example.text) << event->full_name();
    EXPECT_EQ(serialize(*message), example.bytes) << event->full_name();
  }
}

TEST(Golden, EveryFieldOfEveryEventHasAnExample) {
  int examples = 0;
  for (const Descriptor* event : events()) {
    auto filled = make(*event);
    fill(*filled);
    const bool known = std::filesystem::exists(file_of(*event));
    if (may_write()) {
      const Example old = read_example(*event);
      auto message = make(*event);
      const bool unbroken = !known || (message->ParseFromString(old.bytes) && as_text(*message) == old.text);
      ASSERT_TRUE(unbroken) << event->full_name() << " can not be read any more as it was written";
      std::ofstream(file_of(*event)) << format(*filled);
    }
    EXPECT_EQ(read_example(*event).text, as_text(*filled))
        << event->full_name() << ": if this only adds, write the example anew, see the head of golden_test.cc";
    EXPECT_EQ(to_hex(read_example(*event).bytes), to_hex(serialize(*filled))) << event->full_name();
    examples++;
  }
  EXPECT_GT(examples, 20);
}

TEST(Golden, NoEventEverGoesAway) {
  std::set<std::string> known;
  for (const Descriptor* event : events()) known.insert(event->full_name() + ".txt");
  for (const auto& entry : std::filesystem::directory_iterator(kGolden)) {
    EXPECT_TRUE(known.contains(entry.path().filename().string())) << entry.path() << " is an example of no event";
  }
}

}  // namespace
}  // namespace tandem::testing
