// docs/performance.md and docs/scale.md: a section for each experiment, with the machine and the versions above them.
// What is measured again replaces its section; the others stay.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/result.h"
#include "tests/bench/driver/experiments.h"

namespace tandem::bench {

// Figures of earlier runs, for experiments that need what others measured; empty if there are none.
Findings read_findings(const std::filesystem::path& file);
Status write_findings(const std::filesystem::path& file, const Findings& findings);

// Puts a section into the document, in the order of experiments(); `text` begins with its title.
Status put_section(const std::filesystem::path& document, const std::string& heading, const std::string& text);

// Processor, memory, system; versions of Redis, Kafka, librdkafka and gRPC.
std::string machine_and_versions(const BenchOptions& options);

}  // namespace tandem::bench
