// Precompiled for every test (cmake/Tandem.cmake): as pch_proto.h, and GoogleTest.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shared/base/pch_proto.h"
