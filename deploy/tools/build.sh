#!/bin/sh
# build.sh NAME...: the Go programs that the checks use, each pinned in a go.mod of its own, into .build/tools.
# Build tags stand in go.mod as `// tags: ...`.
set -eu
cd "$(dirname "$0")"
out=$(cd ../.. && pwd)/.build/tools
for name in "$@"; do
  [ -f "$name/go.mod" ] || { echo "No such tool: $name" >&2; exit 1; }
  if [ -x "$out/$name" ] && cmp -s "$name/go.mod" "$out/$name.mod"; then continue; fi
  command -v go >/dev/null || { echo "$name needs Go to be built: https://go.dev/doc/install" >&2; exit 1; }
  package=$(sed -n 's/^tool //p' "$name/go.mod")
  tags=$(sed -n 's#^// tags: ##p' "$name/go.mod")
  (cd "$name" && GOFLAGS="${GOFLAGS:-} -p=2 -trimpath" CGO_ENABLED=0 nice go build -tags "$tags" -ldflags '-s -w' -o "$out/$name" "$package")
  cp "$name/go.mod" "$out/$name.mod"
done
