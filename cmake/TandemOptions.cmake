# How everything is compiled: standard, warnings, optimisation, sanitizers, ccache.
include_guard()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_COLOR_DIAGNOSTICS ON)

set(TANDEM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")

# Most of a compilation here goes into the headers of protobuf, so files of a folder are compiled several at a time: names
# in their unnamed namespaces must differ. 1: each by itself.
set(TANDEM_UNITY_BATCH 8 CACHE STRING "How many files of a folder are compiled as one")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
endif()
# Debug information doubles the time of a build here and is rarely looked at: ask for it with -DCMAKE_CXX_FLAGS=-g.
set(CMAKE_CXX_FLAGS_DEBUG "-O0" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "" FORCE)

# -pthread for all, since a precompiled header is refused where _REENTRANT differs.
add_compile_options(-pthread)
add_link_options(-pthread)

# Thirty programs are linked where we develop, each of them in seconds by the usual linker, in half of one by this.
find_program(TANDEM_MOLD mold)
if(TANDEM_MOLD AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
  add_link_options(-fuse-ld=mold)
endif()

# Warnings are errors where we develop and in CI, which build without optimisation. With it, g++ 12 and 14 warn of the
# insides of std::string and std::optional, pages of it: a user's build is quiet.
set(TANDEM_WARNINGS -Wall -Wextra -Werror)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(TANDEM_WARNINGS -w)
endif()
set(TANDEM_TEST_ENVIRONMENT "")
if(TANDEM_SANITIZE)
  # -g1: reports name lines.
  add_compile_options(-fsanitize=${TANDEM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  add_link_options(-fsanitize=${TANDEM_SANITIZE})
  # The instrumentation makes g++ see uninitialised values in the standard library that are none.
  list(APPEND TANDEM_WARNINGS -Wno-maybe-uninitialized)
  if(TANDEM_SANITIZE MATCHES "thread")
    add_compile_options(-O1)
    set(TANDEM_WARNINGS -w)  # optimised, see above
    set(TANDEM_TEST_ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/tsan.supp halt_on_error=1")
  else()
    set(TANDEM_TEST_ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
  endif()
endif()

# ccache: base directory is what source and build tree have in common, so that paths are relative in what is hashed and
# build trees beside each other share their hits. The sloppiness is what ccache's manual asks for with precompiled headers.
find_program(TANDEM_CCACHE ccache)
if(TANDEM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(base "${CMAKE_SOURCE_DIR}")
  while(TRUE)
    cmake_path(IS_PREFIX base "${CMAKE_BINARY_DIR}" NORMALIZE inside)
    if(inside)
      break()
    endif()
    cmake_path(GET base PARENT_PATH base)
  endwhile()
  if(base STREQUAL "/")
    set(base "${CMAKE_SOURCE_DIR}")
  endif()
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${base} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${TANDEM_CCACHE})
endif()
