# Text files as constants. shared/store/functions.lua becomes
#   #include "shared/store/functions.lua.h"    tandem::store::kFunctionsLua, a std::string_view
# and services/cli/embed/sample.yaml becomes "services/cli/embed/sample.yaml.h", tandem::cli::kSampleYaml.
include_guard()

set(TANDEM_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/EmbedFile.cmake")

# Sets <out> to the generated sources for the *.lua and embed/* of a folder.
function(tandem_embed_folder out folder)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}"
       "${CMAKE_SOURCE_DIR}/${folder}/*.lua" "${CMAKE_SOURCE_DIR}/${folder}/embed/*")
  get_filename_component(namespace "${folder}" NAME)
  set(generated)
  foreach(file ${files})
    set(target_file "${TANDEM_GENERATED_DIR}/embed/${file}")
    add_custom_command(
      OUTPUT "${target_file}.h" "${target_file}.cc"
      COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_SOURCE_DIR}/${file} -DOUTPUT=${target_file} -DHEADER=${file}.h
              -DNAMESPACE=tandem::${namespace} -P "${TANDEM_EMBED_SCRIPT}"
      DEPENDS "${CMAKE_SOURCE_DIR}/${file}" "${TANDEM_EMBED_SCRIPT}"
      COMMENT "embed ${file}"
      VERBATIM)
    list(APPEND generated "${target_file}.cc" "${target_file}.h")
  endforeach()
  set(${out} ${generated} PARENT_SCOPE)
endfunction()
