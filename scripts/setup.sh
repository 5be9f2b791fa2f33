#!/usr/bin/env bash
# Installs what is missing to build and test: Debian packages, Rust's wasm targets, npm packages.
# What is there already is left alone, so that a second run takes a second.
set -euo pipefail
cd "$(dirname "$0")/.."

# For QuickJS, which the engine embeds and which is C (sdk/build/build.rs).
packages=(clang-19 lld-19 llvm-19 libclang-19-dev libclang-rt-19-dev-wasm32 wasi-libc pkg-config)
targets=(wasm32-wasip1 wasm32-wasip2)

missing_packages() {
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

install_packages() {
  if ! command -v apt-get >/dev/null; then
    echo "error: this is no Debian: install what corresponds to: $*" >&2
    return 1
  fi
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "error: run as root, or install sudo: apt-get install $*" >&2
      return 1
    }
    root=(sudo)
  fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

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

# The lock file's digest is kept beside what was installed from it.
npm_install() {
  local folder=$1 stamp="$1/node_modules/.installed" want
  want=$(cat "$folder/package-lock.json" "$folder/package.json" | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return
  scripts/step.sh "npm packages of $folder" npm ci --silent --no-fund --no-audit --prefix "$folder"
  mkdir -p "$folder/node_modules"
  printf '%s' "$want" >"$stamp"
}

need cc "install a C compiler, as with: apt-get install build-essential"
need rustup "see https://rustup.rs"
need node "install Node.js 20 or later"
need npm "it comes with Node.js"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || {
  echo "error: Node.js $(node --version) is too old: 20 or later is needed" >&2
  exit 1
}

mapfile -t packages_missing < <(missing_packages)
if [ ${#packages_missing[@]} -gt 0 ]; then
  export -f install_packages
  scripts/step.sh "Debian packages: ${packages_missing[*]}" bash -c 'set -e; install_packages "$@"' _ "${packages_missing[@]}"
fi

mapfile -t targets_missing < <(missing_targets)
if [ ${#targets_missing[@]} -gt 0 ]; then
  scripts/step.sh "Rust targets: ${targets_missing[*]}" rustup target add "${targets_missing[@]}"
fi

# The packages of bench/, tests/packages and tests/frameworks are large: the targets that use them install them.
while read -r lock; do
  npm_install "$(dirname "$lock")"
done < <(find examples management sdk adapters tests -name package-lock.json -not -path '*/node_modules/*' -not -path 'tests/packages/*' -not -path 'tests/frameworks/*' | sort)

echo "set-up: complete"
