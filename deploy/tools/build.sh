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
  built=0
  (cd "$name" && GOFLAGS="${GOFLAGS:-} -p=2 -trimpath" CGO_ENABLED=0 nice go build -tags "$tags" -ldflags '-s -w' -o "$out/$name" "$package") || built=$?
  if [ "$built" != 0 ]; then
    echo "$name was not built ($built). Its modules come from GOPROXY=$(go env GOPROXY): is it reached, and does it have them?" >&2
    echo "Loki takes the most: 2.3 GB of memory; all of them 10 GB of disk in $(go env GOCACHE) and $(go env GOMODCACHE)." >&2
    exit 1
  fi
  cp "$name/go.mod" "$out/$name.mod"
done
