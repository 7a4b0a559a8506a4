# cmake -DINPUT= -DOUTPUT= -DHEADER= -DNAMESPACE= -P EmbedFile.cmake: writes OUTPUT.h and OUTPUT.cc (see TandemEmbed.cmake).
cmake_minimum_required(VERSION 3.25)

cmake_path(GET INPUT FILENAME name)
string(REGEX REPLACE "[^A-Za-z0-9]+" ";" words "${name}")
set(symbol k)
foreach(word ${words})
  string(SUBSTRING "${word}" 0 1 first)
  string(SUBSTRING "${word}" 1 -1 rest)
  string(TOUPPER "${first}" first)
  string(APPEND symbol "${first}${rest}")
endforeach()

# By hexadecimal, since CMake changes semicolons and brackets of what it reads as text.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "(('[^']*',){24})" "\\1\n    " bytes "${bytes}")

file(WRITE "${OUTPUT}.h"
     "// Generated from ${name}.\n#pragma once\n\n#include <string_view>\n\nnamespace ${NAMESPACE} {\n\n"
     "extern const std::string_view ${symbol};\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE "${OUTPUT}.cc"
     "// Generated from ${name}.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\n"
     "static constexpr char kBytes[] = {\n    ${bytes}'\\0'};\n"
     "constinit const std::string_view ${symbol}(kBytes, sizeof(kBytes) - 1);\n\n}  // namespace ${NAMESPACE}\n")
