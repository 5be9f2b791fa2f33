#!/usr/bin/env bash
# Installs Garage, the S3 server that the tests of adapters/s3 run against, from crates.io, where it is missing.
#   scripts/garage.sh <folder>        (the program is <folder>/bin/garage)
set -euo pipefail
folder=$1
version=2.5.0
[ -x "$folder/bin/garage" ] && exit 0

# A target folder of its own: Garage's dependencies would only push ours aside.
export CARGO_TARGET_DIR="$folder/build" CARGO_PROFILE_DEV_DEBUG=0
cargo install garage --version "$version" --locked --debug --no-default-features --features bundled-libs,lmdb --root "$folder" --quiet
rm -rf "$folder/build"
