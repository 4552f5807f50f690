#!/usr/bin/env bash
# Two clients that are not ours, over real HTTP: an IT department that brings a file in and mends what was refused
# (it_department.py), and an auditor who asks where figures come from (auditor.sh).
#
#   tests/clients/run.sh DATABASE [CLIENT…]
#
# DATABASE is an empty one: sqlite:PATH or postgres://…. Users, tokens and the auditor's books are made from the command
# line, `recoup serve` takes a free port of the loopback, and both clients run, or those that are named. It exits with 0
# only if every check held, and leaves nothing running. RECOUP_BIN is the program; it runs at the repository's root.
set -euo pipefail
cd "$(dirname "$0")/../.."

database="${1:?name an empty database: sqlite:PATH or postgres://…}"
shift
here=tests/clients
[ $# -gt 0 ] || set -- "$here/it_department.py" "$here/auditor.sh"
work=$(mktemp -d "${TMPDIR:-/tmp}/recoup-clients.XXXXXX")
server=

finish() {
  local ended=$?
  trap - EXIT
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" || { echo "the server did not end gracefully" >&2; ended=1; }
  fi
  [ "$ended" -eq 0 ] || cat "$work"/server.err >&2 2>/dev/null || true
  rm -rf "$work"
  exit "$ended"
}
trap finish EXIT
trap 'exit 130' INT TERM

program="${RECOUP_BIN:-target/debug/recoup}"
recoup() { "$program" --database "$database" "$@"; }
say() { printf '   %s\n' "$*"; }

echo "== set-up from the command line, on ${database%%:*}"
export ADA='correct horse battery' BOB='staple battery horse' FIRST='first password of all'
export INES='bring in the exports' ANNA='look into the books'
as=(--as ada --as-password env:ADA)
approve() { recoup user decide "$1" approve --as bob --as-password env:BOB >/dev/null; }
# user LOGIN PASSWORD: somebody who chose their own password.
user() {
  recoup user add "$1" --password env:FIRST "${as[@]}" >/dev/null
  recoup user password "$1" --old env:FIRST --new "env:$2" >/dev/null
}
# grant LOGIN ROLE [--books LEDGER]: two administrators give somebody a right.
grant() { approve "$(recoup user propose "${as[@]}" grant "$@" | cut -d' ' -f2)"; }
# token LOGIN: a program's token, which takes two administrators as well.
token() {
  recoup token issue "$1" --label clients --days 1 "${as[@]}" 2>"$work/note"
  approve "$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$work/note")"
}
# The auditor's books.
import() { recoup --ledger demo-cn import "$here/books/$1" --profile "$2" --system books >/dev/null; }
record() { recoup --ledger demo-cn record "$here/books/$1" --system books >/dev/null; }
evaluate() { recoup --ledger demo-cn evaluate --pack legacy-construction --as-of "$1" >/dev/null; }

recoup --ledger main report aging >/dev/null
# Nothing is recorded by the end of the day before the books are brought in, where they are kept.
RECOUP_DAY_BEFORE=$(TZ=Asia/Shanghai date -d yesterday +%Y-%m-%d)
import receivables.csv receivables-simple
import receipts.csv receipts-simple
record facts.toml
evaluate 2024-12-31
# What is recorded until now stands for what was known on 15 January, and the rest for what was found later.
sleep 0.01
RECOUP_KNOWN_UNTIL=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
sleep 0.01
import receipt-found-late.csv receipts-simple
record facts-found-late.toml
evaluate 2025-01-31
say "the auditor's books are in ledger demo-cn; what was known on 15 January was recorded until $RECOUP_KNOWN_UNTIL"

recoup user add ada --administrator --password env:ADA >/dev/null
recoup user add bob --administrator --password env:BOB >/dev/null
user ines INES
grant ines integrator --books main
user anna ANNA
grant anna auditor --books demo-cn
RECOUP_TOKEN=$(token ines)
say "ines brings exports into main with a token; anna audits demo-cn and signs in"
if [ -n "${RECOUP_EVERYTHING:-}" ]; then
  for role in service collector payroll; do grant ada "$role"; done
  grant bob approver
  RECOUP_TOKEN=$(token ada)
  RECOUP_APPROVER=$(token bob)
  export RECOUP_APPROVER
  say "in place of the token of ines, one for all that one person may, and another for an approver"
fi

"$program" --database "$database" serve --bind 127.0.0.1:0 >"$work/server.out" 2>"$work/server.err" &
server=$!
# until_true SECONDS COMMAND…
until_true() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    kill -0 "$server" 2>/dev/null || { echo "the server ended" >&2; return 1; }
    [ "$SECONDS" -lt "$deadline" ] || { echo "waited too long: $*" >&2; return 1; }
    sleep 0.05
  done
}
until_true 30 grep -qs '^listening on ' "$work/server.out"
RECOUP_URL=$(sed -n 's/^listening on //p' "$work/server.out")
until_true 30 curl -fs -o "$work/ready" "$RECOUP_URL/readyz"
say "recoup serve is ready at $RECOUP_URL"

export RECOUP_URL RECOUP_TOKEN RECOUP_DAY_BEFORE RECOUP_KNOWN_UNTIL RECOUP_LOGIN=anna RECOUP_PASSWORD="$ANNA"
for client in "$@"; do
  echo "== ${client##*/}"
  "$client"
done
