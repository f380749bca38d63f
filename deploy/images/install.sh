#!/bin/sh
# install.sh LOCK WHEELS PREFIX: the wheel in WHEELS with the packages of LOCK, hashes checked, into a new environment.
set -eu
lock=$1 wheels=$2 prefix=$3 python=${PYTHON:-python3}
"$python" -m venv "$prefix"
pip() { "$prefix/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
pip install --require-hashes --only-binary :all: --no-compile -r "$lock"
pip install --no-deps --no-index --no-compile "$wheels"/llm_tracing-*.whl
# What a running program needs no more.
pip uninstall --yes pip setuptools 2>/dev/null || true
find "$prefix" -depth -type d \( -name __pycache__ -o -name tests \) -path '*site-packages*' -exec rm -rf {} +
# Else every start compiles what it imports: a second of CPU.
# What is not meant for this Python does not compile, and is not imported either.
"$prefix/bin/python" -m compileall -qq --invalidation-mode unchecked-hash "$prefix"/lib/python*/site-packages || true
