# For scripts whose findings stand in a document: how what they print gets there, and which machine it was.

machine() {
  echo "$(nproc) x $(sed -nE 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(. /etc/os-release && echo "$PRETTY_NAME")," \
    "load $(cut -d' ' -f1 /proc/loadavg) of others"
}

# record PAGE NAME: standard input takes the place of what stands between "<!-- NAME -->" and "<!-- end of NAME -->".
record() {
  local page="$1" text
  text="$(cat)"
  name="$2" text="$text" awk '
    $0 == "<!-- end of " ENVIRON["name"] " -->" { inside = 0 }
    !inside { print }
    $0 == "<!-- " ENVIRON["name"] " -->" { inside = 1; print "\n" ENVIRON["text"] "\n" }' "$page" >"$page.new"
  mv "$page.new" "$page"
}

# What stands there now, without empty lines.
recorded() { sed -n "/^<!-- $2 -->\$/,/^<!-- end of $2 -->\$/p" "$1" | sed '1d;$d' | sed '/^$/d'; }

# record_above PAGE NAME SUMMARY: standard input, a run, comes above the earlier runs that stand there, and over them all
# what the awk program SUMMARY says of them, a paragraph that begins with "In all ".
record_above() {
  local runs
  runs="$(cat; recorded "$1" "$2" | sed '/^In all /d')"
  { awk "$3" <<<"$runs"; echo; echo "$runs"; } | record "$1" "$2"
}
