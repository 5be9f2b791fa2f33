# Functions for scripts that install what is missing; to be sourced at the root of the repository.

missing_packages() {
  local package
  for package in "$@"; do
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

debian_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  export -f install_packages
  scripts/step.sh "Debian packages: ${missing[*]}" bash -c 'set -e; install_packages "$@"' _ "${missing[@]}"
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
