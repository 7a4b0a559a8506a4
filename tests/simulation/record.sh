# For the scripts beside it: where the program is (SIMULATE, if another one is meant), and how what they print gets into docs/simulation.md.
simulate="${SIMULATE:-build/simulation/bin/simulate}"
[ -x "$simulate" ] || { echo "$(basename "$0"): $simulate is not built; run make simulator" >&2; exit 1; }

machine() {
  echo "$(nproc) x $(sed -nE 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(. /etc/os-release && echo "$PRETTY_NAME")," \
    "load $(cut -d' ' -f1 /proc/loadavg) of others"
}

# Standard input takes the place of what stands between "<!-- NAME -->" and "<!-- end of NAME -->".
record() {
  local page=docs/simulation.md text
  text="$(cat)"
  name="$1" text="$text" awk '
    $0 == "<!-- end of " ENVIRON["name"] " -->" { inside = 0 }
    !inside { print }
    $0 == "<!-- " ENVIRON["name"] " -->" { inside = 1; print "\n" ENVIRON["text"] "\n" }' $page >$page.new
  mv $page.new $page
}
