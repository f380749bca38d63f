#!/bin/sh
# Writes the lock files anew from pyproject.toml. Needs uv.
set -eu
cd "$(dirname "$0")/.."
compile() {
  uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 "$@"
}
compile --extra demo --extra lgtm --extra postgres --group build pyproject.toml -o requirements.lock
compile --extra demo --extra lgtm --extra postgres --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
compile --extra server --extra lgtm --extra redaction -c requirements-dev.lock pyproject.toml -o requirements-server.lock
compile --extra demo --extra postgres --extra auto --extra langsmith --extra openllmetry --extra openinference -c requirements-dev.lock \
  pyproject.toml -o requirements-qa.lock
compile --group build -c requirements.lock -o requirements-build.lock
compile --group injected --no-deps -c requirements.lock -o deploy/images/injected.lock
compile --group node -o requirements-node.lock
compile --group openai-v2 --no-deps -o requirements-openai-v2.lock
compile --extra demo --group overhead -c requirements-dev.lock -o requirements-overhead.lock pyproject.toml
