#!/bin/bash
# The alarms: the sample and the rules are valid, every alarm does what its test says, has a test that sees it fire, and
# stands in docs/operations.md. That the metrics exist is tested on a running service (tests/system/observe_test.cc).
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v promtool >/dev/null; then
  echo "alarms: promtool is missing, run deploy/setup.sh all" >&2
  exit 1
fi
promtool check config prometheus.yml >/dev/null
promtool test rules alarms_test.yml

alarms="$(sed -nE 's/^ *- alert: (\w+)$/\1/p' alarms.yml)"
failed=0
for alarm in $alarms; do
  if ! grep -q "exp_samples: \[{labels: 'ALERTS{alertname=\"$alarm\"," alarms_test.yml; then
    echo "$alarm has no test that sees it fire; add one to deploy/prometheus/alarms_test.yml" >&2
    failed=1
  fi
  if ! grep -q "^| \`$alarm\` |" ../../docs/operations.md; then
    echo "$alarm is not explained; add a line to docs/operations.md" >&2
    failed=1
  fi
done
# What is explained must be there, too.
for explained in $(sed -nE 's/^\| `(Tandem\w+)` \|.*/\1/p' ../../docs/operations.md); do
  if ! grep -qx "$explained" <<<"$alarms"; then
    echo "docs/operations.md explains $explained, which is no alarm; take the line out" >&2
    failed=1
  fi
done
[ "$failed" = 0 ] || exit 1
echo "alarms: $(wc -w <<<"$alarms"), each tested and explained"
