#!/bin/bash
# Dependencies point down (ARCHITECTURE.md): base <- aggregate <- store, bus <- heal, rpc <- runtime <- services <- cli. Services
# share only proto/, and their business code knows no transport. No file is longer than 400 lines.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0

# forbid WHAT PATTERN FILE...: no #include of the files matches the pattern.
forbid() {
  local what="$1" pattern="$2"
  shift 2
  [ $# -gt 0 ] || return 0
  local hits
  hits="$(grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)" "$@" || true)"
  if [ -n "$hits" ]; then
    printf '%s\n' "$hits" | sed "s|\$|    <- $what|" >&2
    failed=1
  fi
}

# sources DIR [find arguments]: our C++ files below it. Tests may look up: a relay is tested on the store's twin.
sources() {
  [ -d "$1" ] && find "$1" \( -name '*.h' -o -name '*.cc' \) "${@:2}" || true
}

transports='grpc|hiredis/|librdkafka/|shared/(store|bus|heal|rpc|runtime)/'
forbid "base is the lowest layer" 'shared/(aggregate|store|bus|heal|rpc|runtime)/|services/|tests/|grpc|hiredis/|librdkafka/' \
  $(sources shared/base)
forbid "aggregate knows no server" "$transports|services/|tests/" $(sources shared/aggregate ! -name '*_server_test.cc')
forbid "store uses aggregate and base" 'grpc|librdkafka/|shared/(bus|heal|rpc|runtime)/|services/|tests/' $(sources shared/store ! -name '*_server_test.cc')
forbid "bus uses aggregate and base" 'grpc|hiredis/|shared/(store|heal|rpc|runtime)/|services/|tests/' \
  $(sources shared/bus ! -name '*_server_test.cc' ! -name '*_testing.*')
forbid "heal uses bus, aggregate and base" 'grpc|hiredis/|librdkafka/|shared/(store|rpc|runtime)/|services/|tests/' \
  $(sources shared/heal ! -name '*_test.cc' ! -name '*_testing.*')
forbid "rpc uses aggregate and base" 'hiredis/|librdkafka/|shared/(store|bus|heal|runtime)/|services/|tests/' \
  $(sources shared/rpc ! -name '*_test.cc' ! -name '*_testing.*')
forbid "runtime knows no service" 'services/|tests/' $(sources shared/runtime)

services=""
for dir in services/*/; do
  name="$(basename "$dir")"
  [ "$name" = cli ] && continue
  services="$services${services:+|}$name"
  others="$(ls services | grep -vx -e "$name" | paste -sd '|' -)"
  forbid "services share only proto/" "services/($others)/|tests/" $(sources "$dir")
  forbid "business code knows no transport" "$transports" $(sources "$dir" ! -name main.cc ! -name '*_server_test.cc')
done
forbid "the command line knows services by their contracts" "services/($services)/|tests/" $(sources services/cli)

# Everything that people write; lockfiles and the licence are not.
while IFS= read -r file; do
  lines="$(wc -l <"$file")"
  if [ "$lines" -gt 400 ]; then
    echo "$file: $lines lines, 400 are the limit" >&2
    failed=1
  fi
done < <(find shared services tests proto cmake deploy CMakeLists.txt Makefile \
  -type f ! -path '*/node_modules/*' ! -name package-lock.json 2>/dev/null)

[ "$failed" = 0 ] || exit 1
echo "layers: dependencies point down, no file is over 400 lines"
