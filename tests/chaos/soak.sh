#!/bin/bash
# Faults from a seed that nobody has tried, shared by worlds of which some live at the same time, since most of a fault is
# waiting. The table goes into docs/chaos.md, above those of earlier runs. Exit status 1 if something was lost, doubled, or
# not got over in time.
#   tests/chaos/soak.sh FAULTS      SEED=n; WORLDS=n: so many at once (2); RATE=n: leads a second and world (3)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/record.sh
[[ "${1:-}" =~ ^[1-9][0-9]*$ ]] || { echo "usage: tests/chaos/soak.sh FAULTS" >&2; exit 2; }
seed="${SEED:-$(($(date +%s) % 1000000000))}"  # chaos takes no larger one
where="$(machine)"
printed="$(mktemp)"
trap 'rm -f "$printed"' EXIT
status=0
options=(--faults "$1" --worlds "${WORLDS:-2}" --rate "${RATE:-3}" --seed "$seed")
build/dev/bin/chaos "${options[@]}" | tee "$printed" || status=1
{
  echo "$(date -u +%F), $where, \`${options[*]}\`:"
  echo '```'
  sed -n '/^fault  /,$p' "$printed"
  echo '```'
} | record_above docs/chaos.md soak '
  $1 == "all" { faults += $2; lost += $6; doubled += $7; runs++ }
  END {
    printf "In all %d faults in %d runs, each of the code of its day; the newest first. ", faults, runs
    printf "Lost: %d, doubled: %d.\n", lost, doubled
  }'
exit $status
