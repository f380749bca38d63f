#!/bin/sh
# build.sh [PROGRAM]: the project's slim collector, built with ocb from manifest.yaml. Needs Go, as new as tools/go.mod says.
# The program is kept under .build/; it is built anew when the manifest changes. Go's own caches make that a minute.
set -eu
cd "$(dirname "$0")/../.."
out=${1:-.build/otelcol-llm}
mark=$out.manifest
if [ -x "$out" ] && cmp -s deploy/collector/manifest.yaml "$mark"; then exit 0; fi
command -v go >/dev/null || { echo "The collector needs Go to be built: https://go.dev/doc/install" >&2; exit 1; }
folder=$(pwd)/.build/collector
mkdir -p "$folder" "$(dirname "$out")"
deploy/tools/build.sh ocb
sed "s|^dist:|dist:\n  output_path: $folder|" deploy/collector/manifest.yaml > "$folder.yaml"
export GOFLAGS="${GOFLAGS:-} -p=2"
nice .build/tools/ocb --config "$folder.yaml" >"$folder.log" 2>&1 || { tail -40 "$folder.log" >&2; exit 1; }
mv "$folder/otelcol-llm" "$out"
cp deploy/collector/manifest.yaml "$mark"
