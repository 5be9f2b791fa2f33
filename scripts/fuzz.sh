#!/usr/bin/env bash
# Fuzzes what reads hostile bytes (tests/fuzz).
#   scripts/fuzz.sh [--seconds N] [--seed N] [target...]
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
# With the packages of the release build, so that nothing is compiled twice with other features.
scripts/step.sh "ouro-fuzz" cargo build --locked --release -p ouro-cli -p ouro-bench -p ouro-fuzz
"$target/release/ouro-fuzz" run "$@"
