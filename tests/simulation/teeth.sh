#!/bin/bash
# Switches one deliberate bug on at a time (shared/base/teeth.h) and prints after how many histories the simulator found
# it, and by what. Exit status 1 if one was not found.
#   tests/simulation/teeth.sh [NAME...]        HISTORIES=n: how many each gets, JOBS=n: how many at once
#   tests/simulation/teeth.sh --record         all of them; what it printed goes into docs/simulation.md
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/record.sh
. tests/simulation/program.sh
export simulate histories="${HISTORIES:-20000}"
record=no
[ "${1:-}" != --record ] || { record=yes; shift; }
names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(grep -oE '"[A-Z][0-9]{2}"' shared/base/teeth.h | tr -d '"')

bite() {
  local what out taken found=0
  what="$(sed -nE "s|^ *k$1,  // (.*)|\1|p" shared/base/teeth.h)"
  out="$($simulate --tooth "$1" --histories "$histories" --jobs 1 2>&1)" || found=1
  taken="$(sed -nE 's/.*history ([0-9]+): VIOLATED.*/\1/p' <<<"$out")"
  if [ -z "$taken" ]; then
    echo "| $1 | NOT FOUND in $histories | $what | $([ $found = 0 ] || tail -1 <<<"$out") |"
    return 1
  fi
  echo "| $1 | $taken | $what | $(sed -nE 's/.*VIOLATED: (.*)/\1/p' <<<"$out" | cut -c1-120) |"
}
export -f bite

table() {
  echo "| bug | found in history | what it is | what was violated |"
  echo "|---|---|---|---|"
  printf '%s\0' "${names[@]}" | xargs -0 -P "${JOBS:-$(nproc)}" -I{} bash -c 'bite {}'
}

status=0
printed="$(mktemp)"
trap 'rm -f "$printed"' EXIT
table | tee "$printed" || status=1
if [ $record = yes ]; then
  {
    echo "$(date -u +%F), $(machine):"
    echo
    head -2 "$printed"
    tail -n +3 "$printed" | sort
  } | record docs/simulation.md teeth
fi
[ $status = 0 ] || echo "teeth: not all were found" >&2
exit $status
