#!/usr/bin/env bash
# Runs tests/frameworks, after installing and building what it needs.
#   scripts/frameworks.sh [names of applications...]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh
target=${CARGO_TARGET_DIR:-target}
folder=tests/frameworks

debian_packages chromium
while read -r lock; do
  npm_install "$(dirname "$lock")"
done < <(find "$folder" -name package-lock.json -not -path '*/node_modules/*' | sort)
scripts/build.sh conformance
"$folder/node_modules/.bin/node" "$folder/run.mjs" "$target/debug/ouro" \
  --report out/report/frameworks.json --docs docs/reference/compatibility.md "$@"
