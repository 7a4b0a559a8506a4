#!/bin/bash
# Counts the instructions that the engine takes for a captured lead, and compares them with what was recorded last. A count
# does not depend on what else the machine does. It prints, and judges nothing.
#   tests/bench/instructions.sh            compares
#   tests/bench/instructions.sh --record   writes tests/bench/instructions.txt anew
set -euo pipefail
cd "$(dirname "$0")/../.."
program=build/simulation/bin/bench-instructions
record=tests/bench/instructions.txt

count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" 2>&1 | sed -nE 's/.*Collected : ([0-9]+).*/\1/p'
}

# The difference of two runs leaves out how a program starts and ends.
few=160
many=480
now=$((($(count $many) - $(count $few)) / (many - few)))
if [ "${1:-}" = --record ]; then
  echo "$now" >"$record"
fi
[ -s "$record" ] || { echo "engine: $now instructions a captured lead, none recorded yet (--record)"; exit 0; }
before="$(cat "$record")"
awk -v now="$now" -v before="$before" 'BEGIN {
  printf "engine: %d instructions a captured lead, recorded %d (%+.1f %%)\n", now, before, (now - before) * 100 / before
}'
