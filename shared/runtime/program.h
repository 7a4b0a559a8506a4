// The main function of every service. With --rebuild [--verify] it runs no service, but compares the service's state
// with its log and puts right what differs (rebuild_program.h); the exit status is then 0 if nothing differs any more,
// 1 if something does (with --verify: at all) or it could not be compared.
#pragma once

#include "shared/aggregate/service_definition.h"

namespace tandem::runtime {

// Reads the settings, starts the service and runs it until SIGTERM or SIGINT; while it starts these end it at once.
// Options: --config FILE, --print-config, --help. Returns the exit status: 0 after an end that was asked for, 1 if it
// could not start (one line on standard error says why and what to do), 2 for a wrong command line or wrong settings.
int service_main(int argc, char** argv, ServiceDefinition (*make_definition)(const InstallationKeys&));

}  // namespace tandem::runtime
