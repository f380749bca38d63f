#!/bin/sh
# wheel.sh FOLDER: the package with its web UI as a wheel in FOLDER. Needs Node (or PyPI's) and Python 3.11 or newer.
set -eu
cd "$(dirname "$0")/../.."
out=$1 python=${PYTHON:-python3}
mkdir -p "$out"
if [ ! -f src/llm_tracing/ui/dist/index.html ]; then
  scripts/with_node.sh npm --prefix frontend ci --no-audit --no-fund --loglevel=error
  scripts/with_node.sh npm --prefix frontend run --silent build
fi
env=$(mktemp -d)
trap 'rm -rf "$env"' EXIT
"$python" -m venv "$env"
"$env/bin/python" -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: -r requirements-build.lock
"$env/bin/python" -m pip --disable-pip-version-check --quiet wheel --no-deps --no-build-isolation --wheel-dir "$out" .
