# The vocabulary of CMakeLists.txt. Folders are globbed, so a new file needs no change here; tests that a folder does not
# have are skipped.
#
#   x.cc                -> the folder's library            x_test.cc         -> <folder>_test         (label unit)
#   main.cc, x_main.cc  -> a program, never in a library   x_server_test.cc  -> <folder>_server_test  (label integration)
#   x.lua, embed/*      -> constants, see tandem_embed     x_testing.cc      -> tandem_<folder>_testing, for tests only
include_guard()

include(TandemProto)
include(TandemEmbed)

add_custom_target(programs COMMENT "All programs, without tests")
add_custom_target(tests COMMENT "All tests")

# Precompiled headers: for code that includes protobuf, for tests, for the command line; built once each and reused by
# all targets.
function(tandem_pch_targets)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/pch/empty.cc" CONTENT "// Only here to carry the precompiled header.\n")
  foreach(name pch pch_test pch_cli)
    add_library(tandem_${name} OBJECT "${CMAKE_BINARY_DIR}/pch/empty.cc")
    target_link_libraries(tandem_${name} PRIVATE PkgConfig::PROTOBUF)
    target_include_directories(tandem_${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  endforeach()
  target_link_libraries(tandem_pch_test PRIVATE GTest::gmock)
  target_link_libraries(tandem_pch_cli PRIVATE tandem_runtime CLI11::CLI11 nlohmann_json::nlohmann_json)
  target_precompile_headers(tandem_pch PRIVATE "${CMAKE_SOURCE_DIR}/shared/base/pch_proto.h")
  target_precompile_headers(tandem_pch_test PRIVATE "${CMAKE_SOURCE_DIR}/shared/base/pch_test.h")
  target_precompile_headers(tandem_pch_cli PRIVATE "${CMAKE_SOURCE_DIR}/services/cli/pch_cli.h")
endfunction()

# What every target of ours has in common.
function(tandem_common target pch)
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}" "${TANDEM_GENERATED_DIR}/embed")
  target_compile_options(${target} PRIVATE ${TANDEM_WARNINGS})
  target_precompile_headers(${target} REUSE_FROM ${pch})
endfunction()

# Its files are compiled several at a time: see TANDEM_UNITY_BATCH.
function(tandem_unity target)
  # g++ takes unnamed namespaces of files that are not the main one for those of a header.
  target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${TANDEM_UNITY_BATCH})
endfunction()

# Sorts the .cc files of folders by their names' endings into <prefix>_LIB, _UNIT, _SERVER and _TESTING.
function(tandem_sort_sources prefix)
  list(TRANSFORM ARGN REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/\\1/*.cc" OUTPUT_VARIABLE patterns)
  file(GLOB all CONFIGURE_DEPENDS ${patterns})
  set(server ${all})
  list(FILTER server INCLUDE REGEX "_server_test\\.cc$")
  set(unit ${all})
  list(FILTER unit INCLUDE REGEX "_test\\.cc$")
  list(FILTER unit EXCLUDE REGEX "_server_test\\.cc$")
  set(testing ${all})
  list(FILTER testing INCLUDE REGEX "_testing\\.cc$")
  list(FILTER all EXCLUDE REGEX "(_test|_testing|_main|/main)\\.cc$")
  set(${prefix}_LIB ${all} PARENT_SCOPE)
  set(${prefix}_UNIT ${unit} PARENT_SCOPE)
  set(${prefix}_SERVER ${server} PARENT_SCOPE)
  set(${prefix}_TESTING ${testing} PARENT_SCOPE)
endfunction()

# With a sanitizer only those tests exist that it is for: see make test.
function(tandem_is_wanted out target label)
  set(${out} TRUE PARENT_SCOPE)
  # librdkafka starts its threads by C11's thrd_create, which g++'s thread sanitizer does not know, and dies of.
  if(TANDEM_SANITIZE MATCHES "thread" AND NOT target MATCHES "^((aggregate|bus|heal|store)_test|store_server_test)$")
    set(${out} FALSE PARENT_SCOPE)
  elseif(TANDEM_SANITIZE MATCHES "address" AND NOT (label STREQUAL "unit" OR target STREQUAL "conformance_test"))
    set(${out} FALSE PARENT_SCOPE)
  endif()
endfunction()

# A test program; its cases become ctest tests when ctest starts, so building does not run it. With BOTH_BUSES they
# become so twice, the second time on a real Kafka (tests/support/test_bus.h), as <target>.kafka.<case>; but for those of
# EMBEDDED_ONLY, a filter of GoogleTest.
function(tandem_test target label)
  cmake_parse_arguments(arg "BOTH_BUSES" "TIMEOUT;EMBEDDED_ONLY" "SOURCES;LINK" ${ARGN})
  tandem_is_wanted(wanted ${target} ${label})
  if(NOT wanted)
    return()
  endif()
  add_executable(${target} ${arg_SOURCES})
  tandem_common(${target} tandem_pch_test)
  tandem_unity(${target})
  target_compile_definitions(${target} PRIVATE TANDEM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${arg_LINK} GTest::gmock_main)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  gtest_discover_tests(
    ${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_PREFIX ${target}.
    PROPERTIES LABELS ${label} TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "${TANDEM_TEST_ENVIRONMENT}")
  if(arg_BOTH_BUSES)
    gtest_discover_tests(
      ${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_PREFIX ${target}.kafka. TEST_LIST ${target}_on_kafka
      TEST_FILTER "-${arg_EMBEDDED_ONLY}"
      PROPERTIES LABELS ${label} TIMEOUT ${arg_TIMEOUT} ENVIRONMENT "TANDEM_TEST_BUS=kafka")
  endif()
  add_dependencies(tests ${target})
  if(NOT label STREQUAL "unit")  # such tests start our programs
    tandem_after_programs(${target})
  endif()
endfunction()

# tests/support/*_server.cc start foreign servers for tests, as child processes. A library of its own, below all others,
# so that a folder's server tests do not wait for everything to be built.
function(tandem_test_servers)
  if(TARGET tandem_test_servers)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/support/*_server.cc"
       "${CMAKE_SOURCE_DIR}/tests/support/child_process.cc")
  add_library(tandem_test_servers STATIC ${sources})
  tandem_common(tandem_test_servers tandem_pch_test)
  tandem_unity(tandem_test_servers)
  target_compile_definitions(tandem_test_servers PRIVATE TANDEM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(tandem_test_servers PUBLIC PkgConfig::HIREDIS PkgConfig::PROTOBUF GTest::gmock)
endfunction()

# The unit and server tests of one folder.
function(tandem_folder_tests name unit server)
  if(unit)
    tandem_test(${name}_test unit SOURCES ${unit} LINK ${ARGN})
  endif()
  if(server)
    tandem_test_servers()
    # Some start a Kafka for themselves, on a machine that may be busy with others.
    tandem_test(${name}_server_test integration SOURCES ${server} TIMEOUT 300 LINK ${ARGN} tandem_test_servers)
  endif()
endfunction()

# Builds the programs that a test starts before it. With a sanitizer that is the broker alone.
function(tandem_after_programs target)
  if(NOT TANDEM_SANITIZE)
    add_dependencies(${target} programs)
  elseif(TARGET tandem-broker)
    add_dependencies(${target} tandem-broker)
  endif()
endfunction()

# A library by folder. PCH: its precompiled header, where that is not the one of protobuf.
function(tandem_add_library target folder)
  cmake_parse_arguments(arg "" "PCH" "SOURCES;LINK" ${ARGN})
  if(NOT arg_PCH)
    set(arg_PCH tandem_pch)
  endif()
  tandem_embed_folder(embedded ${folder})
  if(embedded)
    add_custom_target(${target}_embedded DEPENDS ${embedded})
    add_dependencies(generated ${target}_embedded)
  endif()
  add_library(${target} STATIC ${arg_SOURCES} ${embedded})
  tandem_common(${target} ${arg_PCH})
  tandem_unity(${target})
  if(embedded)
    set_source_files_properties(${embedded} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  target_link_libraries(${target} PUBLIC ${arg_LINK})
endfunction()

# shared/<name>: library tandem_<name>, tests <name>_test and <name>_server_test. TEST_LINK is for the tests only.
function(tandem_library name)
  cmake_parse_arguments(arg "" "" "LINK;TEST_LINK" ${ARGN})
  tandem_sort_sources(src shared/${name})
  tandem_add_library(tandem_${name} shared/${name} SOURCES ${src_LIB} LINK ${arg_LINK})
  set(test_link tandem_${name})
  if(src_TESTING)
    add_library(tandem_${name}_testing STATIC ${src_TESTING})
    tandem_common(tandem_${name}_testing tandem_pch_test)
    tandem_unity(tandem_${name}_testing)
    target_link_libraries(tandem_${name}_testing PUBLIC tandem_${name} GTest::gmock)
    set_property(GLOBAL APPEND PROPERTY TANDEM_TESTING tandem_${name}_testing)
  endif()
  get_property(testing GLOBAL PROPERTY TANDEM_TESTING)
  tandem_folder_tests(
    ${name} "${src_UNIT}" "${src_SERVER}" tandem_${name} ${testing} ${arg_TEST_LINK} Threads::Threads)
endfunction()

# Decoding, deciding and encoding is much allocating: with glibc's malloc a fourth of a busy service's time is its. Redis
# brings the library. Only where it is fast otherwise: in other builds tools look into what is allocated, and set the
# clock, which jemalloc wants to see before libfaketime has begun.
function(tandem_allocator target)
  find_library(TANDEM_JEMALLOC NAMES jemalloc libjemalloc.so.2)
  if(TANDEM_JEMALLOC AND CMAKE_BUILD_TYPE STREQUAL Release)
    target_link_libraries(${target} PRIVATE ${TANDEM_JEMALLOC})
  endif()
endfunction()

# One program from one main file.
function(tandem_program name main)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  add_executable(${name} "${CMAKE_SOURCE_DIR}/${main}")
  tandem_common(${name} tandem_pch)
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  tandem_allocator(${name})
  add_dependencies(programs ${name})
endfunction()

# services/<name>: library <name>_service, which knows nothing of gRPC, Redis or Kafka; program tandem-<name>.
function(tandem_service name)
  tandem_sort_sources(src services/${name})
  tandem_add_library(
    ${name}_service services/${name} SOURCES ${src_LIB} LINK tandem_aggregate tandem_proto tandem_base)
  set_property(GLOBAL APPEND PROPERTY TANDEM_SERVICES ${name}_service)
  tandem_program(tandem-${name} services/${name}/main.cc LINK ${name}_service tandem_runtime)
  tandem_folder_tests(${name} "${src_UNIT}" "${src_SERVER}" ${name}_service)
endfunction()

# services/cli and the folders of its larger commands: library tandem_cli, program tandem.
function(tandem_cli)
  tandem_sort_sources(src services/cli services/cli/apply services/cli/import services/cli/demo)
  get_property(testing GLOBAL PROPERTY TANDEM_TESTING)
  tandem_add_library(
    tandem_cli services/cli PCH tandem_pch_cli SOURCES ${src_LIB} LINK tandem_runtime CLI11::CLI11
    nlohmann_json::nlohmann_json yaml-cpp ${TANDEM_LIBCSV})
  tandem_program(tandem services/cli/main.cc LINK tandem_cli)
  tandem_folder_tests(cli "${src_UNIT}" "${src_SERVER}" tandem_cli ${testing})
endfunction()

# tests/simulation: program `simulate`, of everything but the main loop and what it serves. So it builds without gRPC.
function(tandem_simulator)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/simulation/*.cc")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  get_property(services GLOBAL PROPERTY TANDEM_SERVICES)
  list(TRANSFORM TANDEM_SIMULATED_RUNTIME PREPEND "${CMAKE_SOURCE_DIR}/shared/runtime/" OUTPUT_VARIABLE runtime)
  # Built optimised, by the preset `simulation`: a debug build is of no use, and simulation_test has the sources as well.
  add_executable(simulate EXCLUDE_FROM_ALL ${sources} ${runtime} "${CMAKE_SOURCE_DIR}/tests/support/definitions.cc")
  tandem_common(simulate tandem_pch)
  tandem_unity(simulate)
  target_link_libraries(simulate PRIVATE ${services} tandem_store tandem_heal)
  # Deliberate bugs are there only if asked for: see shared/base/teeth.h.
  if(TANDEM_TEETH)
    foreach(target tandem_aggregate tandem_store tandem_bus tandem_heal tandem_runtime simulate)
      target_compile_definitions(${target} PRIVATE TANDEM_TEETH)
    endforeach()
    tandem_allocator(simulate)
  endif()
endfunction()

# tests/chaos: program `chaos`, which starts the others and torments them. After the test suites, whose library it uses.
function(tandem_chaos)
  if(TANDEM_SANITIZE OR NOT TARGET tandem_test_support)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/chaos/*.cc")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  add_executable(chaos ${sources} "${CMAKE_SOURCE_DIR}/tests/system/company.cc")
  tandem_common(chaos tandem_pch_test)
  tandem_unity(chaos)
  target_link_libraries(chaos PRIVATE tandem_test_support)
  tandem_after_programs(chaos)
endfunction()

# tests/<kind>: program <kind>_test of all *.cc there (helpers included), with everything we have linked in.
# tests/support/*.cc is a library for all of them.
function(tandem_test_suite kind)
  file(GLOB support CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/support/*.cc")
  list(FILTER support EXCLUDE REGEX "(_server|/child_process)\\.cc$")
  tandem_test_servers()
  if(NOT TARGET tandem_test_support)
    add_library(tandem_test_support STATIC ${support})
    tandem_common(tandem_test_support tandem_pch_test)
    tandem_unity(tandem_test_support)
    target_compile_definitions(tandem_test_support PUBLIC TANDEM_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    get_property(testing GLOBAL PROPERTY TANDEM_TESTING)
    get_property(services GLOBAL PROPERTY TANDEM_SERVICES)
    target_link_libraries(
      tandem_test_support PUBLIC tandem_runtime ${services} ${testing} tandem_test_servers GTest::gmock)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${kind}/*.cc")
  list(FILTER sources EXCLUDE REGEX "_main\\.cc$")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(NOT tests)
    return()
  endif()
  get_property(testing GLOBAL PROPERTY TANDEM_TESTING)
  get_property(services GLOBAL PROPERTY TANDEM_SERVICES)
  list(APPEND testing tandem_test_servers tandem_test_support)
  set(label unit)
  set(timeout 60)
  set(buses)
  if(kind MATCHES "^(conformance|integration)$")
    set(label integration)
    set(timeout 120)
  elseif(kind STREQUAL "system")
    set(label system)
    set(timeout 300)
    # The first never gets as far as the bus, the second is about Redis, the others start their own.
    set(buses BOTH_BUSES EMBEDDED_ONLY "BadInputTest.*:RebuildTest.*:LastingTest.*:ReplicatedUpTest.*:DemoRunTest.*")
  endif()
  tandem_test(${kind}_test ${label} ${buses} SOURCES ${sources} TIMEOUT ${timeout} LINK ${services} tandem_cli ${testing})
endfunction()

# tests/bench: bench-floor and tandem-bench, built by the target `bench` alone. tests/bench/*.cc is what both share, and
# bench_test.
function(tandem_bench)
  tandem_test_servers()
  tandem_sort_sources(common tests/bench)
  tandem_sort_sources(floor tests/bench/floor)
  tandem_sort_sources(driver tests/bench/driver)
  set(main "${CMAKE_SOURCE_DIR}/tests/bench/floor/floor_main.cc")
  add_executable(bench-floor EXCLUDE_FROM_ALL ${main} ${common_LIB} ${floor_LIB})
  target_link_libraries(
    bench-floor PRIVATE tandem_store tandem_proto tandem_grpc PkgConfig::HIREDIS PkgConfig::RDKAFKA Threads::Threads)
  set(main "${CMAKE_SOURCE_DIR}/tests/bench/driver/bench_main.cc")
  add_executable(
    tandem-bench EXCLUDE_FROM_ALL ${main} ${common_LIB} ${driver_LIB} "${CMAKE_SOURCE_DIR}/tests/bench/floor/redis.cc")
  target_link_libraries(tandem-bench PRIVATE tandem_cli tandem_test_servers tandem_bus_testing)
  foreach(program bench-floor tandem-bench)
    tandem_common(${program} tandem_pch)
  endforeach()
  # Built with the simulator, which is optimised and quick to build.
  add_executable(
    bench-instructions EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/tests/bench/instructions/instructions_main.cc" ${common_LIB})
  tandem_common(bench-instructions tandem_pch)
  target_link_libraries(bench-instructions PRIVATE marketing_service tandem_store)
  add_custom_target(bench DEPENDS programs bench-floor tandem-bench COMMENT "The benchmark and what it measures")
endfunction()
