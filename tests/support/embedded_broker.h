// The embedded broker, for tests of everything.
#pragma once

#include "shared/bus/embedded_broker_testing.h"
