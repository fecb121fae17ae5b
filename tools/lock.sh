#!/usr/bin/env bash
# Make the two locks anew from pyproject.toml. Needs uv. Usage: tools/lock.sh [YYYY-MM-DD]
# The day defaults to fourteen days ago: nothing younger is taken, so that a bad release has time to be found.
set -euo pipefail
cd "$(dirname "$0")/.."
until=${1:-$(date -u -d '14 days ago' +%F)}
uv=.venv/bin/uv
[ -x "$uv" ] || uv=uv
options=(--universal --python-version 3.11 --fork-strategy fewest --generate-hashes
         --no-emit-index-url --no-emit-find-links --no-annotate --no-header --no-strip-extras --quiet
         --exclude-newer "$until")
"$uv" pip compile pyproject.toml "${options[@]}" -o requirements.txt >/dev/null
"$uv" pip compile pyproject.toml "${options[@]}" --extra dev -c requirements.txt \
    -o requirements-dev.txt >/dev/null
