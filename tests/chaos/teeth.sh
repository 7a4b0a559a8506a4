#!/bin/bash
# Two deliberate bugs (shared/base/teeth.h) in real services, which chaos must find: W08, request ids do not come back
# when Redis was emptied; X05, a request is acknowledged before its commit. Prints after how many faults each was run and
# what was found; exit status 1 if one was not.
#   tests/chaos/teeth.sh     FAULTS=n: how many each gets. What it printed goes into docs/chaos.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/record.sh
cmake --preset teeth --log-level=WARNING
cmake --build --preset teeth -- --quiet
status=0
bite() {
  local bug="$1" kinds="$2" out what
  what="$(sed -nE "s|^ *k$bug,  // (.*)|\1|p" shared/base/teeth.h)"
  if out="$(TANDEM_TOOTH="$bug" build/teeth/bin/chaos --faults "${FAULTS:-6}" --replicas 1 --only "$kinds" 2>&1)"; then
    echo "$bug  NOT FOUND  $what"
    status=1
    return
  fi
  echo "$bug  found      $what"
  # What is not a violation (a machine too slow, say) is no proof.
  if ! grep -E '^(LOST|DOUBLED|BOOKS): ' <<<"$out" | head -n 3 | cut -c1-160 | sed 's/^/     /' | grep .; then
    echo "$bug  NOT FOUND: the run failed for another reason" && tail -n 5 <<<"$out"
    status=1
  fi
}
printed="$(mktemp)"
trap 'rm -f "$printed"' EXIT
{
  bite W08 "redis emptied"
  bite X05 "kill redis,stop redis"
} >"$printed"
cat "$printed"
{
  echo "$(date -u +%F), $(machine):"
  echo '```'
  cat "$printed"
  echo '```'
} | record docs/chaos.md teeth
exit $status
