#!/bin/sh
# Installs what Tandem needs from deploy/packages.txt: `deploy/setup.sh build` (to build and run it, the default),
# `deploy/setup.sh kafka` (on a Kafka of its own besides) or `deploy/setup.sh all` (to test it as well). As root, or with
# sudo. Changes nothing when everything is there.
set -eu
cd "$(dirname "$0")"

case "${1:-build}" in
  build) sections="build run" ;;
  kafka) sections="build run kafka" ;;
  all) sections="build run kafka test" ;;
  *) echo "usage: deploy/setup.sh [build|kafka|all]" >&2; exit 2 ;;
esac

if ! command -v apt-get >/dev/null; then
  echo "setup: this is not Debian; install by hand what deploy/packages.txt lists" >&2
  exit 1
fi

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=""
section=""
while read -r package program _; do
  case "$package" in
    "" | "#"*) continue ;;
    "["*"]") section="${package#[}"; section="${section%]}"; continue ;;
  esac
  case " $sections " in *" $section "*) ;; *) continue ;; esac
  if [ -n "$program" ] && command -v "$program" >/dev/null; then continue; fi
  installed "$package" || missing="$missing $package"
done <packages.txt

as_root=""
if [ "$(id -u)" = 0 ]; then
  as_root="env"
elif command -v sudo >/dev/null; then
  as_root="sudo"
fi

# Debian starts a system-wide Redis, and a Prometheus, when their packages are installed. Tandem starts its own Redis and
# leaves that one alone; of Prometheus only promtool is wanted. The file must not outlive this script: with it no package
# of this machine starts its service. What is left of a run that was killed is known by its second line.
policy=/usr/sbin/policy-rc.d
mark='# Written by deploy/setup.sh of Tandem while it installs packages. If that does not run, remove this file.'
ours() { grep -qxF "$mark" $policy 2>/dev/null; }

if [ -z "$missing" ]; then
  if ours; then
    echo "setup: removing $policy, which is left of a run that was killed"
    ${as_root:-env} rm -f $policy
  fi
  echo "setup: every package for '${1:-build}' is installed"
  exit 0
fi

if [ -z "$as_root" ]; then
  echo "setup: needs root to install, run as root: apt-get install$missing" >&2
  exit 1
fi

echo "setup: installing$missing"
if [ ! -e $policy ] || ours; then
  # Before the file is there. Without the two of signals, dash does not run that of EXIT when a signal ends it.
  trap '$as_root rm -f $policy' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" | $as_root tee $policy >/dev/null
  $as_root chmod +x $policy
fi

log="$(mktemp)"
apt() { $as_root DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1; }
# A source of this machine that cannot be reached is not our matter, as long as the packages can be had.
apt update || echo "setup: apt-get update reported errors, going on"
# shellcheck disable=SC2086
if ! apt install --no-install-recommends $missing; then
  tail -n 20 "$log" >&2
  echo "setup: apt-get could not install the packages, its whole output is in $log" >&2
  exit 1
fi
rm -f "$log"
echo "setup: done"
