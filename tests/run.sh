#!/bin/bash
# All checks, in the order in which they are quick to fail; each says how long it took, the first failure ends the run.
# `make test` calls it after the packages are installed, `make sanitize` with "sanitizers". It ends with one line that
# counts the tests of all runs.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs="$(nproc)"
started=$SECONDS

step() {
  local name="$1" begin=$SECONDS
  shift
  echo "== $name"
  if ! "$@"; then
    echo "== $name: FAILED after $((SECONDS - begin)) s" >&2
    exit 1
  fi
  echo "== $name: $((SECONDS - begin)) s"
}

configure() { cmake --preset "$1" --log-level=WARNING; }
build() { cmake --build --preset "$1" "${@:2}" -- -j"$jobs" --quiet; }
built() { configure "$1" && build "$1"; }
sanitized() { configure "$1" && build "$1" && tests "$1"; }

# Runs a test preset; its counts are added up for the closing line. To ctest, what was skipped has passed.
passed=0
skipped=0
tests() {
  local log status=0 ran left_out
  log="$(mktemp)"
  ctest --preset "$1" 2>&1 | tee "$log" || status=$?
  ran="$(sed -nE 's/^100% tests passed, 0 tests failed out of ([0-9]+)$/\1/p' "$log")"
  left_out="$(grep -cE '^[[:space:]]+[0-9]+ - .* \(Skipped\)$' "$log" || true)"
  rm -f "$log"
  passed=$((passed + ${ran:-0} - left_out))
  skipped=$((skipped + left_out))
  return $status
}

closing_line() {
  echo "$passed passed, 0 failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
}

if [ "${1:-all}" = sanitizers ]; then
  step "address and undefined behaviour" sanitized asan
  step "threads" sanitized tsan
  closing_line
  exit 0
fi

step "format" make -s format-check
step "layers and contracts" make -s lint
step "protocol model" docs/protocol/check.sh
step "alarms" deploy/prometheus/check.sh
step "configure" configure dev
step "build" build dev
step "build the simulator" built simulation
step "instructions" tests/bench/instructions.sh
step "simulation" build/simulation/bin/simulate --histories 20000 --seconds 120
step "clang-tidy" deploy/lint/tidy.sh build/dev
step "unit tests" tests unit
step "tests with servers" tests servers
step "chaos" build/dev/bin/chaos --faults 30 --replicas 1
echo "== all: $((SECONDS - started)) s"
closing_line
