#!/usr/bin/env bash
# Runs a command under a title and says how long it took.
#   scripts/step.sh "title" command [argument...]
set -uo pipefail

title=$1
shift
printf '==> %s\n' "$title"
begun=$SECONDS
"$@"
status=$?
took=$((SECONDS - begun))
if [ $status -eq 0 ]; then
  printf '    %s: done in %d s\n' "$title" $took
else
  printf '    %s: FAILED after %d s (exit status %d)\n' "$title" $took $status >&2
fi
exit $status
