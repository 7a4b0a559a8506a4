#!/bin/bash
# As many histories as there is time for, from seeds that nobody has tried, on all cores. What it printed goes into
# docs/simulation.md, above earlier runs. Exit status 1 if an invariant was violated.
#   tests/simulation/soak.sh SECONDS
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/record.sh
. tests/simulation/program.sh
[[ "${1:-}" =~ ^[1-9][0-9]*$ ]] || { echo "usage: tests/simulation/soak.sh SECONDS" >&2; exit 2; }
from=$(($(date +%s) * 100000))
where="$(machine)"
status=0
printed="$($simulate --histories 1000000000 --seconds "$1" --from $from)" || status=1
echo "$printed"
{
  echo "- $(date -u +%F), $where, from seed $from on:"
  sed 's/^/  /' <<<"$printed"
  recorded docs/simulation.md soak
} | record docs/simulation.md soak
exit $status
