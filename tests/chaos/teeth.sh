#!/bin/bash
# Two deliberate bugs (shared/base/teeth.h) in real services, which chaos must find: W08, request ids do not come back
# when Redis was emptied; X05, a request is acknowledged before its commit. Prints what was found; exit status 1 if one was
# not. What it printed goes into docs/chaos.md.
#   tests/chaos/teeth.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/record.sh
cmake --preset teeth --log-level=WARNING
cmake --build --preset teeth -- --quiet
status=0
# bite BUG OPTIONS OF CHAOS
bite() {
  local bug="$1" out what
  shift
  what="$(sed -nE "s|^ *k$bug,  // (.*)|\1|p" shared/base/teeth.h)"
  echo "$bug, $what (chaos --replicas 1 $*):"
  if out="$(TANDEM_TOOTH="$bug" build/teeth/bin/chaos --replicas 1 "$@" 2>&1)"; then
    echo "     NOT FOUND"
    status=1
    return
  fi
  # What is not a violation is no proof: a machine too slow (NOT WELL), a run that broke off (BROKEN).
  if ! grep -E '^(LOST|DOUBLED|BOOKS): ' <<<"$out" | head -n 3 | cut -c1-160 | sed 's/^/     /' | grep .; then
    echo "     NOT FOUND: the run failed for another reason" && tail -n 5 <<<"$out"
    status=1
  fi
}
printed="$(mktemp)"
trap 'rm -f "$printed"' EXIT
{
  bite W08 --faults 6 --only "redis emptied"
  # A commit is under way in one of some moments at which Redis is killed.
  bite X05 --faults 30 --only "kill redis" --rate 40
} >"$printed"
cat "$printed"
{
  echo "$(date -u +%F), $(machine):"
  echo '```'
  cat "$printed"
  echo '```'
} | record docs/chaos.md teeth
exit $status
