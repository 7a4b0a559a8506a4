#!/bin/bash
# Switches one deliberate bug on at a time (shared/base/teeth.h) and prints after how many histories the simulator found
# it, and by what. Exit status 1 if one was not found.
#   tests/simulation/teeth.sh [NAME...]     HISTORIES=n: how many each gets, JOBS=n: how many at once
set -euo pipefail
cd "$(dirname "$0")/../.."
simulate=build/simulation/bin/simulate
[ -x $simulate ] || { echo "teeth: $simulate is not built; run make simulator" >&2; exit 1; }
export simulate histories="${HISTORIES:-20000}"
names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(grep -oE '"[A-Z][0-9]{2}"' shared/base/teeth.h | tr -d '"')
bite() {
  local what out taken
  what="$(sed -nE "s|^ *k$1,  // (.*)|\1|p" shared/base/teeth.h)"
  if out="$($simulate --tooth "$1" --histories "$histories" --jobs 1 2>&1)"; then
    printf '%-4s %9s  %s\n' "$1" "NOT FOUND" "$what"
    return 1
  fi
  taken="$(sed -nE 's/.*history ([0-9]+): VIOLATED.*/\1/p' <<<"$out")"
  printf '%-4s %9s  %s\n%16s%s\n' "$1" "$taken" "$what" "" "$(sed -nE 's/.*VIOLATED: (.*)/\1/p' <<<"$out" | cut -c1-140)"
}
export -f bite
printf '%-4s %9s  %s\n' bug histories "what it is, and what was violated"
printf '%s\0' "${names[@]}" | xargs -0 -P "${JOBS:-2}" -I{} bash -c 'bite {}'
