#!/usr/bin/env bash
# Every check and every test. It stops at the first step that fails; the tests of the whole come last.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh
begun=$SECONDS
step=scripts/step.sh
tools=${CARGO_TARGET_DIR:-$PWD/target}/tools
export TEST_GARAGE=$tools/bin/garage

npm_scripts() {
  $step "$1: types" npm run --silent check --prefix "$1"
  $step "$1: tests" npm test --silent --prefix "$1"
}

$step "formatting" cargo fmt --all --check
npm_scripts sdk/js
npm_scripts management
$step "examples/guestbook: types" npm run --silent check --prefix examples/guestbook
scripts/build.sh dev
$step "examples/rust-component" cargo build --locked --release --target wasm32-wasip2 --manifest-path examples/rust-component/Cargo.toml
[ -x "$TEST_GARAGE" ] || $step "Garage, an S3 server for the tests (some ten minutes, once)" scripts/garage.sh "$tools"
$step "clippy" cargo clippy --locked --workspace --all-targets -- -D warnings
# `make hostile` runs what is left out: its limits on time are those of a release build.
$step "tests of the Rust workspace" cargo test --locked --workspace --exclude ouro-hostile
$step "the conformance runner" cargo build --locked --workspace --bins
conformance=${CARGO_TARGET_DIR:-target}/debug/ouro-conformance
# Fast parts; `make wpt` and `make packages` run all of them.
$step "Web Platform Tests, a part" "$conformance" wpt url/ urlpattern/ dom/ hr-time/ compression/ user-timing/
npm_install tests/packages
packages=(ajv axios date-fns-tz drizzle-orm graphql-yoga hono jose jsonwebtoken kysely openai protobufjs react-dom stripe vue zod)
$step "npm packages at work, a part" "$conformance" packages "${packages[@]}"
$step "zod's own tests, a part" "$conformance" suites zod/src/v4/classic/
echo "all tests passed in $((SECONDS - begun)) s"
