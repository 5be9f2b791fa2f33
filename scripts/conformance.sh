#!/usr/bin/env bash
# Runs one suite of tests/conformance, after building what it needs.
#   scripts/conformance.sh wpt|diff|packages|suites [arguments of `ouro-conformance`]
set -euo pipefail
cd "$(dirname "$0")/.."
suite=$1
target=${CARGO_TARGET_DIR:-target}
npm_ci() { scripts/step.sh "npm packages of $1" npm ci --silent --no-fund --no-audit --prefix "$1"; }

case $suite in
diff) [ -d bench/node_modules ] || npm_ci bench ;;
packages | suites) [ -d tests/packages/node_modules ] || npm_ci tests/packages ;;
esac
scripts/build.sh conformance
exec "$target/debug/ouro-conformance" "$@"
