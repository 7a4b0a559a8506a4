# proto/**/*.proto and the google/ files that they and our code use, compiled once into one library. Linked whole, so that
# every descriptor is registered in every program: the dispatcher, the envelope and the tests find types by name.
include_guard()

set(TANDEM_GENERATED_DIR "${CMAKE_BINARY_DIR}/gen")
set(TANDEM_GOOGLE_PROTO_DIR "${CMAKE_BINARY_DIR}/google_protos")
set(TANDEM_GOOGLE_PROTOS
    google/rpc/status.proto google/rpc/error_details.proto google/api/field_behavior.proto)

function(tandem_unpack_google_protos)
  set(stamp "${TANDEM_GOOGLE_PROTO_DIR}/google/rpc/status.proto")
  if(NOT EXISTS "${stamp}" OR "${TANDEM_COMMON_PROTOS_JAR}" IS_NEWER_THAN "${stamp}")
    file(ARCHIVE_EXTRACT INPUT "${TANDEM_COMMON_PROTOS_JAR}" DESTINATION "${TANDEM_GOOGLE_PROTO_DIR}" TOUCH
         PATTERNS "google/rpc/*.proto" "google/api/*.proto")
  endif()
endfunction()

function(tandem_proto_library)
  tandem_unpack_google_protos()
  file(GLOB_RECURSE ours CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/proto" "${CMAKE_SOURCE_DIR}/proto/*.proto")
  set(out "${TANDEM_GENERATED_DIR}/proto")
  file(MAKE_DIRECTORY "${out}")
  set(sources)
  foreach(proto ${ours} ${TANDEM_GOOGLE_PROTOS})
    if(EXISTS "${CMAKE_SOURCE_DIR}/proto/${proto}")
      set(input "${CMAKE_SOURCE_DIR}/proto/${proto}")
    else()
      set(input "${TANDEM_GOOGLE_PROTO_DIR}/${proto}")
    endif()
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    add_custom_command(
      OUTPUT "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h"
      COMMAND ${PROTOC} -I "${CMAKE_SOURCE_DIR}/proto" -I "${TANDEM_GOOGLE_PROTO_DIR}" -I /usr/include
              "--cpp_out=${out}" "--dependency_out=${out}/${stem}.pb.d" "${input}"
      DEPENDS "${input}"
      DEPFILE "${out}/${stem}.pb.d"
      COMMENT "protoc ${proto}"
      VERBATIM)
    list(APPEND sources "${out}/${stem}.pb.cc")
  endforeach()

  list(TRANSFORM ours PREPEND "${CMAKE_SOURCE_DIR}/proto/" OUTPUT_VARIABLE inputs)
  add_custom_command(
    OUTPUT "${CMAKE_BINARY_DIR}/tandem.binpb"
    COMMAND ${PROTOC} -I "${CMAKE_SOURCE_DIR}/proto" -I "${TANDEM_GOOGLE_PROTO_DIR}" -I /usr/include
            --include_imports --include_source_info "--descriptor_set_out=${CMAKE_BINARY_DIR}/tandem.binpb"
            ${ours} ${TANDEM_GOOGLE_PROTOS}
    DEPENDS ${inputs}
    COMMENT "protoc tandem.binpb"
    VERBATIM)
  add_custom_target(tandem_descriptors ALL DEPENDS "${CMAKE_BINARY_DIR}/tandem.binpb")

  add_custom_target(generated DEPENDS ${sources} COMMENT "Everything that is generated")

  add_library(tandem_proto_code STATIC ${sources})
  target_include_directories(tandem_proto_code SYSTEM PUBLIC "${out}")
  target_compile_options(tandem_proto_code PRIVATE -w)
  target_link_libraries(tandem_proto_code PUBLIC PkgConfig::PROTOBUF)
  target_precompile_headers(tandem_proto_code REUSE_FROM tandem_pch)

  add_library(tandem_proto INTERFACE)
  target_link_libraries(tandem_proto INTERFACE "$<LINK_LIBRARY:WHOLE_ARCHIVE,tandem_proto_code>")
  # The generated headers must exist before anything that includes them is compiled.
  add_dependencies(tandem_proto tandem_proto_code tandem_descriptors)
endfunction()
