# Everything comes from Debian; the packages are listed in deploy/packages.txt. pkg-config where a package's CMake files
# differ between Debian 12 and 13 or are missing.
include_guard()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(PROTOBUF REQUIRED IMPORTED_TARGET protobuf)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
# Its -D_FILE_OFFSET_BITS=64 means nothing on 64 bits, and would make the precompiled header unusable.
set_target_properties(PkgConfig::HIREDIS PROPERTIES INTERFACE_COMPILE_OPTIONS "" INTERFACE_INCLUDE_DIRECTORIES "")
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)

# gRPC by its names: pkg-config walks abseil's modules over and over for grpc++.pc, for minutes on Debian 13. Abseil's
# mutex is what gRPC's headers use inline.
find_package(absl CONFIG REQUIRED)
find_library(TANDEM_LIBGRPCPP grpc++ REQUIRED)
find_library(TANDEM_LIBGRPC grpc REQUIRED)
find_library(TANDEM_LIBGPR gpr REQUIRED)
add_library(tandem_grpc INTERFACE)
target_link_libraries(
  tandem_grpc INTERFACE ${TANDEM_LIBGRPCPP} ${TANDEM_LIBGRPC} ${TANDEM_LIBGPR} absl::synchronization)

find_package(OpenSSL REQUIRED)
find_package(date REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_library(TANDEM_LIBCSV csv REQUIRED)  # ships neither CMake nor pkg-config files
find_package(GTest REQUIRED)
include(GoogleTest)

find_program(PROTOC protoc REQUIRED)
find_file(
  TANDEM_COMMON_PROTOS_JAR proto-google-common-protos.jar
  PATHS /usr/share/java REQUIRED NO_DEFAULT_PATH
  DOC "google/rpc and google/api, from Debian's libgoogle-common-protos-java")
