#!/bin/bash
# clang-tidy over our code, tests apart: `deploy/lint/tidy.sh [BUILD_DIR]`; the build directory (build/dev) has the
# generated headers and the flags. Most of the time goes into the headers of others, so the files of a folder are checked
# several at a time, included in one translation unit, as they are compiled. A group that was clean is not checked again
# until one of its files or any header changes.
set -euo pipefail
cd "$(dirname "$0")/../.."
export TIDY="${CLANG_TIDY:-clang-tidy-19}"
build="$(realpath "${1:-build/dev}")"
export WORK="$build/tidy"
group_size=16
mkdir -p "$WORK"
command -v "$TIDY" >/dev/null || { echo "tidy: no $TIDY here, run deploy/setup.sh all" >&2; exit 1; }

# What all our targets are compiled with, in one: includes and defines, without what only tests get.
FLAGS="-std=c++20 -pthread $(grep -ohE '(-D|-isystem )[^ \\]+' "$build/compile_commands.json" |
  grep -vE 'TANDEM_|GTEST_|-isystem /usr/include' | sort -u | tr '\n' ' ') -I$PWD -I$build/gen/embed"
export FLAGS

common="$({ cat .clang-tidy "$0"; echo "$FLAGS"; find shared services proto -name '*.h' -o -name '*.proto' | sort | xargs cat; } |
  sha256sum)"
export COMMON="$common"

check_group() {
  local out unit key clean
  unit="$WORK/$1.cc"
  out="$WORK/$1.out"
  clean="$WORK/$1.clean"
  shift
  key="$(echo "$COMMON" | cat - "$@" | sha256sum)"
  [ -f "$clean" ] && [ "$(cat "$clean")" = "$key" ] && return 0
  printf "#include \"$PWD/%s\"\n" "$@" >"$unit"
  # shellcheck disable=SC2086
  if ! "$TIDY" --quiet "$unit" -- $FLAGS >"$out" 2>&1; then
    grep -vE '^[0-9]+ warnings? (generated|treated)' "$out" >&2 || true
    return 1
  fi
  echo "$key" >"$clean"
}
export -f check_group

files=()
while IFS= read -r file; do files+=("$file"); done < <(
  find shared services -name '*.cc' ! -name '*_test.cc' ! -name '*_testing.cc' ! -name '*main.cc' | sort
  find shared services -name '*main.cc' | sort)

# One line a group: its name and its files, of one folder; a program's main file stands alone.
groups() {
  local line="" last="" count=0 number=0 dir
  for file in "${files[@]}"; do
    dir="$(dirname "$file")"
    if [ "$dir" != "$last" ] || [ "$count" -ge "$group_size" ] || [[ "$file" == *main.cc ]]; then
      [ -z "$line" ] || echo "$line"
      number=$((number + 1))
      line="${dir//\//_}_$number"
      count=0
    fi
    last="$dir"
    count=$((count + 1))
    line="$line $file"
  done
  [ -z "$line" ] || echo "$line"
}

if ! groups | xargs -P "$(nproc)" -L 1 bash -c 'check_group "$@"' check; then
  echo "tidy: see above" >&2
  exit 1
fi
echo "tidy: ${#files[@]} files are clean"
