#!/bin/sh
# Makes sure that the browser tests have a Chromium: the machine's, else Debian's where it may be installed.
# Without one they are skipped, and pytest's summary says so; with CI set they fail.
set -eu
for name in chromium chromium-browser google-chrome-stable google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -n "${CHROMIUM:-}" ] && [ -x "$CHROMIUM" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Debian's Chromium for the browser tests"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "No Chromium here: the browser tests are skipped (install chromium, or name one in CHROMIUM)."
