#!/bin/sh
# Writes the lock files anew from pyproject.toml. Needs uv.
set -eu
cd "$(dirname "$0")/.."
compile() {
  uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 "$@"
}
compile --extra demo --extra postgres --group build pyproject.toml -o requirements.lock
compile --extra demo --extra postgres --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
compile --group node -o requirements-node.lock
compile --group openai-v2 --no-deps -o requirements-openai-v2.lock
