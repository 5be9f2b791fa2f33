#!/usr/bin/env bash
# Installs what is missing to build and test: Debian packages, Rust's wasm targets, npm packages.
# What is there already is left alone, so that a second run takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install.sh

# For QuickJS, which the engine embeds and which is C (sdk/build/build.rs).
packages=(clang-19 lld-19 llvm-19 libclang-19-dev libclang-rt-19-dev-wasm32 wasi-libc pkg-config)
targets=(wasm32-wasip1 wasm32-wasip2)

need() {
  command -v "$1" >/dev/null || {
    echo "error: \`$1\` is missing: $2" >&2
    exit 1
  }
}

# Reads rust-toolchain.toml by itself: rustup installs that toolchain when it is first asked.
missing_targets() {
  local installed
  installed=$(rustup target list --installed)
  for target in "${targets[@]}"; do
    grep -qx "$target" <<<"$installed" || echo "$target"
  done
}

need cc "install a C compiler, as with: apt-get install build-essential"
need rustup "see https://rustup.rs"
need node "install Node.js 20 or later"
need npm "it comes with Node.js"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || {
  echo "error: Node.js $(node --version) is too old: 20 or later is needed" >&2
  exit 1
}

debian_packages "${packages[@]}"

mapfile -t targets_missing < <(missing_targets)
if [ ${#targets_missing[@]} -gt 0 ]; then
  scripts/step.sh "Rust targets: ${targets_missing[*]}" rustup target add "${targets_missing[@]}"
fi

# The packages of bench/, tests/packages and tests/frameworks are large: the targets that use them install them.
while read -r lock; do
  npm_install "$(dirname "$lock")"
done < <(find examples management sdk adapters tests -name package-lock.json -not -path '*/node_modules/*' -not -path 'tests/packages/*' -not -path 'tests/frameworks/*' | sort)

echo "set-up: complete"
