#!/bin/bash
# Checks the protocol's model with spin: as designed it must hold, and with one rule taken away it must be violated.
#   docs/protocol/check.sh               the bounded configurations, one CPU minute or less
#   docs/protocol/check.sh --all         the long ones too: CPU minutes, up to 2 GB each
#   docs/protocol/check.sh --trace NAME  prints the steps by which that configuration is violated
# Prints a table; exit status 1 where one is not as it must be.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
jobs="${JOBS:-2}"
for tool in spin gcc; do
  command -v $tool >/dev/null || { echo "check: $tool is missing; run deploy/setup.sh all" >&2; exit 1; }
done
what="${1:-}"
case "$what" in
  "" | --all) pattern='|quick|'; [ -z "$what" ] || pattern='|' ;;
  --trace) pattern="^${2:?check: --trace needs the name of a configuration, see configurations.txt}|" ;;
  *) echo "usage: docs/protocol/check.sh [--all | --trace NAME]" >&2; exit 2 ;;
esac
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# check LINE: one configuration in a folder of its own; writes its line of the table.
check() {
  local name want search size flags begin=$EPOCHREALTIME options run verdict=unfinished
  IFS='|' read -r name want search size flags <<<"$1"
  mkdir "$work/$name" && cd "$work/$name" && cp "$here/exchange.pml" .
  spin -a $flags exchange.pml >spin.out 2>&1 || { echo "$name: $(head -1 spin.out)" >"$work/$name.row"; return; }
  case "$search" in
    dfs) options="-DSAFETY -DCOLLAPSE" run="-m2000000 -E -w20" ;;
    bfs) options="-DSAFETY -DBFS -DCOLLAPSE" run="-E -w20" ;;
    live) options="-DNP -DNOFAIR -DCOLLAPSE" run="-m4000000 -E -l -w20" ;;
  esac
  gcc -O1 -w -DMEMLIM=6000 $options -o pan pan.c
  nice -n 10 ./pan $run >pan.out 2>&1 || true
  # Only a search that was not cut short says that it holds.
  if ! grep -qE 'max search depth too small|out of memory|reached -DMEMLIM' pan.out; then
    grep -q 'errors: 0$' pan.out && verdict=holds
  fi
  grep -qE 'errors: [1-9]' pan.out && verdict=violated
  local answer=UNEXPECTED
  case "$want$verdict" in OKholds | BADviolated) answer="as expected" ;; esac
  printf '%-44s %-9s %-12s %9s states %5.1f s\n' "$name" "$verdict" "$answer" \
    "$(awk '/states, stored/ {print $1; exit}' pan.out)" "$(bc <<<"$EPOCHREALTIME - $begin")" >"$work/$name.row"
  if [ "$what" = --trace ] && [ $verdict = violated ]; then
    spin -t $flags exchange.pml 2>&1 | sed -E 's/^\s+//; /^spin: trail ends/,$d' >"$work/$name.trace"
  fi
}
export -f check
export here work what
chosen="$(grep -v '^#' "$here/configurations.txt" | grep -e "$pattern" || true)"
[ -n "$chosen" ] || { echo "check: there is no configuration $2; configurations.txt lists them" >&2; exit 1; }
tr '\n' '\0' <<<"$chosen" |
  xargs -0 -P "$jobs" -I{} bash -c 'check "$1"' _ {}
rows=("$work"/*.row)
cat "${rows[@]}"
cat "$work"/*.trace 2>/dev/null || true
good="$(cat "${rows[@]}" | grep -c 'as expected' || true)"
echo "protocol model: $good of ${#rows[@]} configurations as expected"
[ "$good" = "${#rows[@]}" ]
