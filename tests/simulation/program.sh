# For the scripts beside it: where the program is (SIMULATE, if another one is meant).
simulate="${SIMULATE:-build/simulation/bin/simulate}"
[ -x "$simulate" ] || { echo "$(basename "$0"): $simulate is not built; run make simulator" >&2; exit 1; }
