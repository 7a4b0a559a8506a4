// Precompiled for the command line (cmake/Tandem.cmake): as pch_proto.h, and what takes longer than the rest to parse.
#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "shared/base/pch_proto.h"
