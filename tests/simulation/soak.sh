#!/bin/bash
# So many histories, or as many as there is time for, from seeds that nobody has tried, on all cores. What it printed
# goes into docs/simulation.md, above earlier runs. Exit status 1 if an invariant was violated.
#   tests/simulation/soak.sh --histories N
#   tests/simulation/soak.sh --seconds N
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/record.sh
. tests/simulation/program.sh
[[ "$*" =~ ^--(histories|seconds)\ [1-9][0-9]*$ ]] || {
  echo "usage: tests/simulation/soak.sh --histories N | --seconds N" >&2
  exit 2
}
from=$(($(date +%s) * 100000))
where="$(machine)"
status=0
printed="$($simulate --histories 1000000000 "$@" --from $from)" || status=1
echo "$printed"
{
  echo "- $(date -u +%F), $where, from seed $from on:"
  sed 's/^/  /' <<<"$printed"
} | record_above docs/simulation.md soak '
  $2 == "histories" { sum += $1; runs++ }
  END { printf "In all %d histories in %d runs, each of the code of its day; the newest first.\n", sum, runs }'
exit $status
