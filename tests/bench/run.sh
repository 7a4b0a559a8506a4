#!/bin/bash
# Starts a Kafka for the benchmark, runs it (build/release/bin/tandem-bench; `--help` says what it takes), stops Kafka.
#   tests/bench/run.sh --quick
set -euo pipefail
cd "$(dirname "$0")/../.."
folder="$(mktemp -d "${TMPDIR:-/tmp}/tandem-bench-XXXXXX")"

finish() {
  deploy/kafka/kafka.sh stop "$folder/kafka" >/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

# With the memory that a broker has in life, so that what is measured is not its garbage collector.
export TANDEM_KAFKA_JVM="${TANDEM_KAFKA_JVM:--Xms1g -Xmx1g -XX:+UseSerialGC}"
kafka="$(deploy/kafka/kafka.sh start "$folder/kafka")"
build/release/bin/tandem-bench --kafka "$kafka" --kafka-pid "$(cat "$folder/kafka/node.pid")" --folder "$folder" "$@"
