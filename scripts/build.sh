#!/usr/bin/env bash
# Builds `ouro` with the management API inside. The management API is a worker, so it takes an `ouro` to build it:
# stage 1 builds the binary, which builds the component, which stage 2 embeds.
#   scripts/build.sh release|dev|conformance
set -euo pipefail
cd "$(dirname "$0")/.."
profile=$1
target=${CARGO_TARGET_DIR:-target}
case $profile in
release)
  ouro=$target/release/ouro
  compile=(cargo build --locked --release -p ouro-cli -p ouro-bench)
  ;;
dev)
  ouro=$target/debug/ouro
  # What the tests build anyway, so that nothing is compiled twice with other features.
  compile=(cargo test --locked --workspace --no-run --quiet)
  ;;
conformance)
  ouro=$target/debug/ouro
  compile=(cargo build --locked --workspace --bins --quiet)
  ;;
*) echo "usage: scripts/build.sh release|dev|conformance" >&2 && exit 1 ;;
esac

# Keeps the time of a file that does not change, so that cargo does not build for nothing.
prelude() {
  local dist=sdk/js/dist old file
  old=$(mktemp -d)
  [ ! -d "$dist" ] || cp -pr "$dist/." "$old"
  # Its list of files; mistakes are told on stderr.
  npm run --silent build --prefix sdk/js >/dev/null
  for file in "$dist"/prelude.js "$dist"/modules.json.zz; do
    if cmp -s "$old/${file##*/}" "$file"; then touch -r "$old/${file##*/}" "$file"; fi
  done
  rm -r "$old"
}

management() {
  mkdir -p management/dist
  local new=management/dist/management.new.wasm
  "$ouro" build management/src/main.ts --management --minify -o "$new" >/dev/null
  if cmp -s "$new" management/dist/management.wasm; then rm "$new"; else mv "$new" management/dist/management.wasm; fi
}

export -f prelude management
export ouro
scripts/step.sh "JavaScript part of the engine" bash -c 'set -e; prelude'
scripts/step.sh "ouro, $profile build, stage 1" "${compile[@]}"
scripts/step.sh "management API" bash -c 'set -e; management'
scripts/step.sh "ouro, $profile build, stage 2 (with the management API)" "${compile[@]}"
echo "    $ouro: $(du -h "$ouro" | cut -f1)"
