#!/bin/sh
# Starts Redis, the bus and the services on this machine and runs the demo; they stay up until `make down`.
set -eu
cd "$(dirname "$0")/.."
tandem=build/release/bin/tandem
$tandem up
exec $tandem demo "$@"
