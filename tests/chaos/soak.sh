#!/bin/bash
# Faults from a seed that nobody has tried, shared by three worlds at once, since most of a fault is waiting. The table
# goes into docs/chaos.md, above those of earlier runs. Exit status 1 if something was lost, doubled, or not got over.
#   tests/chaos/soak.sh FAULTS      SEED=n, WORLDS=n
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/record.sh
[[ "${1:-}" =~ ^[1-9][0-9]*$ ]] || { echo "usage: tests/chaos/soak.sh FAULTS" >&2; exit 2; }
seed="${SEED:-$(($(date +%s) % 1000000000))}"  # chaos takes no larger one
where="$(machine)"
printed="$(mktemp)"
trap 'rm -f "$printed"' EXIT
status=0
build/dev/bin/chaos --faults "$1" --worlds "${WORLDS:-3}" --seed "$seed" | tee "$printed" || status=1
{
  echo "$(date -u +%F), $where, \`--faults $1 --worlds ${WORLDS:-3} --seed $seed\`:"
  echo '```'
  sed -n '/^fault  /,$p' "$printed"
  echo '```'
  recorded docs/chaos.md soak
} | record docs/chaos.md soak
exit $status
