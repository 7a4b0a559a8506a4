// The version of all programs; equal to CMakeLists.txt's project(VERSION).
#pragma once

namespace tandem {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace tandem
