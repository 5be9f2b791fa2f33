#!/usr/bin/env bash
# Starts a server on its defaults, deploys examples/guestbook, calls it and serves until Ctrl-C.
#   scripts/demo.sh <ouro binary>
set -euo pipefail
cd "$(dirname "$0")/.."
ouro=$1
api=http://localhost:8080
call="node scripts/call.mjs"

if $call GET "$api/health" >/dev/null 2>&1; then
  echo "error: a server runs at $api already; stop it first" >&2
  exit 1
fi

# A session of its own: Ctrl-C reaches this script alone, which then ends the server as a service manager would.
setsid "$ouro" serve &
server=$!
stop() {
  trap - EXIT INT TERM
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" || true
  echo "stopped; the data stays in ./data"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

scripts/step.sh "waiting for the server" $call --wait "$server" GET "$api/health"
echo "==> deploying examples/guestbook"
url=$("$ouro" deploy --url "$api" --config examples/guestbook/ouro.toml --message "make demo")
echo "==> calling it"
$call POST "$url/api/entries" '{"name":"make demo","text":"Hello from the demo"}'
$call GET "$url/api/entries"
$call GET "$url/style.css" | sed -n 1,4p
cat <<END

The guestbook:       $url
Its entries, JSON:   $url/api/entries
The management API:  $api/api/v1/workers (the token is in ./data/admin-token)

Try, in another terminal:
  $ouro workers list
  $ouro executions guestbook --logs
  $ouro databases exec guestbook 'SELECT * FROM entries'

Serving until Ctrl-C.
END
wait "$server"
