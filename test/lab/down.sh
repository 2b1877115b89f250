#!/bin/bash
# down.sh [--purge]: takes the lab down and leaves nothing of it running or mounted. Keeps certificates and data unless --purge; the cache of
# binaries and images stays in both cases. Safe to repeat, and when there is no lab.
set -euo pipefail
. "$(dirname "$0")/lab.sh"
[ "$(id -u)" = 0 ] || die 'the lab belongs to root'
case ${1:-} in '' | --purge) ;; *) die 'usage: down.sh [--purge]' ;; esac
take_lock
"$LAB/setup/tear-down.sh"
if [ "${1:-}" = --purge ]; then
  # directories that the nodes' own ones were mounted over, and that this machine did not have
  if [ -e $STATE/made-directories ]; then sort -ru $STATE/made-directories | xargs -r rmdir --ignore-fail-on-non-empty 2>/dev/null || true; fi
  rm -rf $STATE
fi
say "down${1:+, data purged}"
