#!/bin/sh
# injected.sh WHEELS TARGET: what the auto-instrumentation image has beyond the Operator's: our package and the LLM
# instrumentations, without their dependencies, which that image has already.
set -eu
wheels=$1 target=$2 python=${PYTHON:-python3}
cd "$(dirname "$0")/../.."
"$python" -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: --no-deps --no-compile \
  --target "$target" -r deploy/images/injected.lock
"$python" -m pip --disable-pip-version-check --quiet install --no-deps --no-index --no-compile \
  --target "$target" "$wheels"/llm_tracing-*.whl
# A service has no use for the server's pages.
rm -rf "$target/llm_tracing/ui/dist" "$target/bin"
