#!/usr/bin/env bash
# Runs one suite of tests/conformance, after building what it needs.
#   scripts/conformance.sh wpt|diff|packages|suites [arguments of `ouro-conformance`]
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh
suite=$1
target=${CARGO_TARGET_DIR:-target}

case $suite in
diff) npm_install bench ;;
packages | suites) npm_install tests/packages ;;
esac
scripts/build.sh conformance
exec "$target/debug/ouro-conformance" "$@"
