#!/bin/sh
# Starts Redis, the bus and the services on this machine and runs the demo; they stay up until `make down`. Options that
# say how to start are for `tandem up`, where it is for both, the others for `tandem demo`.
set -eu
cd "$(dirname "$0")/.."
tandem=build/release/bin/tandem
both=""
up=""
demo=""
while [ $# -gt 0 ]; do
  case "$1" in
    --bus | --kafka | --shards | --replicas | --redis) up="$up $1 ${2:-}"; [ $# -lt 2 ] || shift ;;
    --folder) both="$both $1 ${2:-}"; [ $# -lt 2 ] || shift ;;
    --folder=*) both="$both $1" ;;
    --bus=* | --kafka=* | --shards=* | --replicas=* | --redis=*) up="$up $1" ;;
    *) demo="$demo $1" ;;
  esac
  shift
done
# Words without blanks, all of them.
# shellcheck disable=SC2086
$tandem up $both $up
# shellcheck disable=SC2086
exec $tandem demo $both $demo
