#!/bin/sh
# make_venv.sh PYTHON FOLDER: a virtual environment, or one line that says what is missing.
set -eu
python=$1 folder=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "Python 3.11 or newer is needed; '$python' is not. Name one with: make PYTHON=/path/to/python3.11 ..." >&2
  exit 1
}
echo "Making $folder"
"$python" -m venv "$folder" || {
  rm -rf "$folder"
  echo "'$python -m venv' failed. On Debian and Ubuntu: apt-get install python3-venv" >&2
  exit 1
}
