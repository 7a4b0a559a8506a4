#!/bin/sh
# buf lint on proto/, and buf breaking against the last git tag where there is one.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
work="$root/build/lint"
buf="$here/node_modules/.bin/buf"

# node_modules keeps a copy of the lockfile that it was installed from.
if ! cmp -s "$here/package-lock.json" "$here/node_modules/.from-lock.json"; then
  (cd "$here" && npm ci --no-fund --no-audit --ignore-scripts --loglevel=error)
  cp "$here/package-lock.json" "$here/node_modules/.from-lock.json"
fi

# One module of ours and of the google/ files that ours import, from the jar that the build takes them from.
jar=/usr/share/java/proto-google-common-protos.jar
module() {
  rm -rf "${work:?}/$1"
  mkdir -p "$work/$1"
  (cd "$work/$1" && cmake -E tar xf "$jar" && find . -type f ! -name '*.proto' -delete)
}

module now
cp -R "$root/proto/." "$work/now/"
"$buf" lint "$work/now"
echo "buf lint: $(find "$root/proto" -name '*.proto' | wc -l) files are clean"

tag="$(git -C "$root" describe --tags --abbrev=0 2>/dev/null || true)"
if [ -z "$tag" ] || ! git -C "$root" rev-parse -q --verify "$tag:proto" >/dev/null; then
  echo "buf breaking: no tag to compare with"
  exit 0
fi
module before
git -C "$root" archive "$tag" proto | tar -x -C "$work/before" --strip-components=1
"$buf" breaking "$work/now" --against "$work/before"
echo "buf breaking: nothing that $tag promised is broken"
