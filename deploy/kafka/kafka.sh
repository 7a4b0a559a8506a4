#!/bin/bash
# Apache Kafka without installing it: the jars come from Maven Central, once, into a cache that all clones share. Java and
# mvn must be there (deploy/setup.sh kafka). `kafka.sh help` says how it is used.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
version=4.3.1
cache="${TANDEM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tandem}/kafka-$version"

usage() {
  cat <<'TEXT'
kafka.sh libs                     brings the jars if they are not there; prints their folder
kafka.sh node FOLDER [option]...  one node, in the foreground: this process becomes the node. Its data are in FOLDER/data
kafka.sh start FOLDER [option]... the same in the background; returns when it is ready. FOLDER/node.log, FOLDER/node.pid
kafka.sh stop FOLDER              ends what start has started; the data stay
kafka.sh tool NAME [argument]...  topics, configs, consumer-groups, get-offsets, console-consumer, dump-log,
                                  metadata-quorum, storage
kafka.sh uuid                     draws an id for a cluster

  --port N             of clients, on 127.0.0.1 (a free one)
  --controller-port N  of the node for itself, on 127.0.0.1 (a free one)
  --config FILE        settings (single-node.properties). With this the ports are the file's
  --set NAME=VALUE     a setting over those of the file; may be repeated
  --cluster-id ID      of a new data folder; the same for all nodes of a cluster (drawn)

TANDEM_CACHE names another cache than ~/.cache/tandem, TANDEM_KAFKA_JVM options for Java (-Xmx512m -XX:+UseSerialGC).
TEXT
}

fail() {
  echo "kafka: $*" >&2
  exit 1
}

need() {
  command -v "$1" >/dev/null || fail "$1 is missing; install it: apt-get install $2 (make setup-kafka does)"
}

# Whole or not at all, and by one process at a time: others wait and find it done.
libs() {
  [ -e "$cache/ready" ] && return 0
  need java default-jre-headless
  need mvn maven
  mkdir -p "$(dirname "$cache")"
  exec 9>"$cache.lock"
  flock -n 9 || { echo "kafka: another process is preparing it, waiting" >&2; flock 9; }
  if [ ! -e "$cache/ready" ]; then
    echo "kafka: bringing Kafka $version from Maven Central into $cache (54 MB, once)" >&2
    end_leftover
    rm -rf "$cache"
    mkdir -p "$cache"
    # It keeps the lock, since nobody else may write there while it does.
    ends_with_us mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
      -DoutputDirectory="$cache/libs" >"$cache/mvn.log" 2>&1
    wait "$child" ||
      fail "mvn could not bring the jars; is repo.maven.apache.org reachable? Its output is in $cache/mvn.log:" \
        "$(grep -m 1 ERROR "$cache/mvn.log" | cut -c 1-200)"
    train
    touch "$cache/ready"
  fi
  exec 9>&-
}

# ends_with_us COMMAND...: in the background, as $child. A signal that ends this script ends it too; of one in the
# foreground the shell would wait for the end first.
ends_with_us() {
  trap 'kill "${child:-}" 2>/dev/null || true' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  "$@" &
  child=$!
}

# The node of a training that was killed together with its script.
end_leftover() {
  local pid
  pid="$(running "$cache/training")" || return 0
  kill -9 "$pid"
}

# Formats a folder once, to have what a new node starts from, and lets a node run for a moment, so that Java keeps the
# classes in the form that it starts with in half the time. Only the first is needed.
train() {
  local folder="$cache/training"
  echo "kafka: preparing it" >&2
  write_settings "$folder" "$here/single-node.properties" "$(single_node_settings "$folder" "$(free_port)" "$(free_port)")"
  ends_with_us java_run kafka.tools.StorageTool format -t "$(uuid)" -c "$folder/server.properties" \
    >"$cache/format.log" 2>&1
  wait "$child" || fail "the storage tool fails; its output is in $cache/format.log"
  cp "$folder/data/bootstrap.checkpoint" "$cache/"
  # Without the lock: should it outlive this script, nobody waits for it.
  ends_with_us java_run -XX:ArchiveClassesAtExit="$cache/classes.jsa" kafka.Kafka "$folder/server.properties" \
    >"$folder/node.log" 2>&1 9>&-
  echo "$child" >"$folder/node.pid"
  await_ready "$child" "$folder/node.log" || fail "a first node does not start; its output is in $folder/node.log"
  kill "$child"
  wait "$child" || true  # 143: by the signal
  trap - EXIT INT TERM HUP
  rm -rf "$folder"
}

uuid() { head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '='; }

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

# java_run [option of Java]... CLASS [argument]...: never returns; call it in a subshell to go on.
java_run() {
  local -a jvm
  read -ra jvm <<<"${TANDEM_KAFKA_JVM:--Xmx512m -XX:+UseSerialGC}"
  exec java "${jvm[@]}" "-Dlog4j2.configurationFile=$here/log4j2.properties" -cp "$cache/libs/*" "$@"
}

single_node_settings() {
  printf '%s\n' "log.dirs=$1/data" "listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$3" \
    "controller.quorum.voters=1@127.0.0.1:$3"
}

# write_settings FOLDER FILE LINES: of settings with the same name the last counts.
write_settings() {
  mkdir -p "$1/data"
  { cat "$2"; printf '\n# Of this node.\n%s\n' "$3"; } >"$1/server.properties"
}

# What the storage tool writes for a new node; it takes Java seconds to do so.
format() {
  local data="$1" id="$2" node
  [ -e "$data/meta.properties" ] && return 0
  node="$(sed -n 's/^node\.id=//p' "$data/../server.properties" | tail -n 1)"
  cp "$cache/bootstrap.checkpoint" "$data/"
  printf 'node.id=%s\ndirectory.id=%s\nversion=1\ncluster.id=%s\n' "$node" "$(uuid)" "$id" >"$data/meta.properties.part"
  mv "$data/meta.properties.part" "$data/meta.properties"
}

await_ready() {
  until grep -q 'Kafka Server started' "$2" 2>/dev/null; do
    kill -0 "$1" 2>/dev/null || return 1
    sleep 0.05
  done
}

prepare() {
  local port="" controller_port="" config="" cluster_id="" lines="" pair
  local -a sets=()
  [ $# -gt 0 ] || { usage >&2; exit 2; }
  mkdir -p "$1"
  folder="$(cd "$1" && pwd)"
  shift
  while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail "$1 has no value"
    case "$1" in
      --port) port="$2" ;;
      --controller-port) controller_port="$2" ;;
      --config) config="$2" ;;
      --set) sets+=("$2") ;;
      --cluster-id) cluster_id="$2" ;;
      *) fail "$1 is not an option; see kafka.sh help" ;;
    esac
    shift 2
  done
  libs
  if [ -z "$config" ]; then
    config="$here/single-node.properties"
    lines="$(single_node_settings "$folder" "${port:-$(free_port)}" "${controller_port:-$(free_port)}")"
  else
    lines="log.dirs=$folder/data"
  fi
  for pair in "${sets[@]}"; do lines+=$'\n'"$pair"; done
  write_settings "$folder" "$config" "$lines"
  format "$folder/data" "${cluster_id:-$(uuid)}"
}

node() {
  prepare "$@"
  local -a archive=()
  [ -e "$cache/classes.jsa" ] && archive=("-XX:SharedArchiveFile=$cache/classes.jsa" -Xlog:cds=off -Xlog:cds+dynamic=off)
  java_run "${archive[@]}" kafka.Kafka "$folder/server.properties"
}

# The node that this folder's pid file names, if it is one: the id may be another process' by now.
running() {
  local pid
  pid="$(cat "$1/node.pid" 2>/dev/null)" || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "kafka.Kafka $1/server.properties" || return 1
  echo "$pid"
}

start() {
  local pid
  mkdir -p "$1"
  folder="$(cd "$1" && pwd)"
  ! running "$folder" >/dev/null || fail "a node runs in $folder already; kafka.sh stop $1 ends it"
  libs
  setsid "$here/kafka.sh" node "$@" >"$folder/node.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$folder/node.pid"
  if ! await_ready "$pid" "$folder/node.log"; then
    tail -n 12 "$folder/node.log" >&2
    fail "the node in $folder does not start; the whole of its output is in $folder/node.log"
  fi
  sed -nE 's/^listeners=PLAINTEXT:\/\/([^,]*).*/\1/p' "$folder/server.properties" | tail -n 1
}

stop() {
  local pid folder i
  folder="$(cd "$1" 2>/dev/null && pwd)" || fail "there is no folder $1"
  pid="$(running "$folder")" || { echo "kafka: nothing runs in $folder"; return 0; }
  kill "$pid"
  # The last nodes of a cluster would wait minutes for a quorum to tell that they go. What they have written stays.
  for ((i = 0; i < 600; i++)); do
    running "$folder" >/dev/null || break
    sleep 0.05
  done
  ! running "$folder" >/dev/null || kill -9 "$pid"
  rm -f "$folder/node.pid"
}

tool() {
  local main
  case "${1:-}" in
    topics) main=org.apache.kafka.tools.TopicCommand ;;
    configs) main=kafka.admin.ConfigCommand ;;
    consumer-groups) main=org.apache.kafka.tools.consumer.group.ConsumerGroupCommand ;;
    get-offsets) main=org.apache.kafka.tools.GetOffsetShell ;;
    console-consumer) main=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
    dump-log) main=org.apache.kafka.tools.DumpLogSegments ;;
    metadata-quorum) main=org.apache.kafka.tools.MetadataQuorumCommand ;;
    storage) main=kafka.tools.StorageTool ;;
    *) fail "tool \"${1:-}\" is not known; see kafka.sh help" ;;
  esac
  shift
  libs
  TANDEM_KAFKA_JVM="-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
  java_run -Dtandem.kafka.log=ERROR "$main" "$@"
}

case "${1:-help}" in
  libs) libs && echo "$cache/libs" ;;
  node | start | stop) "$@" ;;
  tool) shift; tool "$@" ;;
  uuid) uuid; echo ;;
  help | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
