#!/bin/sh
# A private PostgreSQL for tests: a socket in a new directory, no TCP port, no durability; with RECOUP_POSTGRES_DURABLE=1,
# which benches set, as durable as it is by default.
#
#   postgres.sh start          starts one and prints its URL
#   postgres.sh stop URL       ends it and removes its directory (URL: also from RECOUP_TEST_POSTGRES)
#   postgres.sh new NAME       makes an empty database on RECOUP_TEST_POSTGRES and prints its URL
#   postgres.sh run COMMAND…   runs a command with RECOUP_TEST_POSTGRES set, and ends the server whatever happens
set -eu

fail() {
    echo "postgres.sh: $*" >&2
    exit 1
}

# Server programs of the newest version that is installed.
programs() {
    if [ -n "${RECOUP_POSTGRES_BIN:-}" ]; then
        echo "$RECOUP_POSTGRES_BIN"
        return
    fi
    found=$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$found" ] || found=$(dirname "$(command -v pg_ctl || true)")
    [ -x "$found/pg_ctl" ] || fail "no PostgreSQL server programs: install postgresql, or set RECOUP_POSTGRES_BIN to their directory, or RECOUP_TEST_POSTGRES to a server's URL"
    echo "$found"
}

# The server programs refuse to run as root.
unprivileged() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
        return
    fi
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    if command -v runuser >/dev/null; then
        runuser -u "$user" -- "$@"
    else
        setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"
    fi
}

start() {
    bin=$(programs)
    dir=$(unprivileged mktemp -d /tmp/recoup-postgres.XXXXXX)
    cd "$dir"
    unprivileged "$bin/initdb" -D "$dir/data" -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync >"$dir.log" 2>&1 ||
        fail "initdb failed: $(cat "$dir.log")"
    options="-c listen_addresses= -c unix_socket_directories=$dir"
    [ -n "${RECOUP_POSTGRES_DURABLE:-}" ] || options="$options -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
    options="$options -c max_connections=200 -c max_wal_size=4GB -c shared_buffers=128MB"
    unprivileged "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/server.log" -o "$options" start >"$dir.log" 2>&1 ||
        fail "the server did not start: $(cat "$dir.log" "$dir/server.log")"
    rm -f "$dir.log"
    echo "postgres://postgres@localhost/postgres?host=$dir"
}

stop() {
    url=${1:-${RECOUP_TEST_POSTGRES:-}}
    dir=${url##*host=}
    case $dir in
    /tmp/recoup-postgres.*) ;;
    *) fail "\`$url\` is no server of this script" ;;
    esac
    [ -d "$dir/data" ] || return 0
    cd /
    unprivileged "$(programs)/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null
    rm -rf "$dir"
}

# Makes a database beside the one that RECOUP_TEST_POSTGRES names.
new() {
    url=${RECOUP_TEST_POSTGRES:?names no server}
    "$(programs)/psql" -qX -v ON_ERROR_STOP=1 -d "$url" -c "CREATE DATABASE \"$1\" TEMPLATE template0" || fail "the database $1 was not made"
    options=${url#"${url%%\?*}"}
    url=${url%%\?*}
    echo "${url%/*}/$1$options"
}

case ${1:-} in
start) start ;;
new)
    shift
    new "$@"
    ;;
stop)
    shift
    stop "$@"
    ;;
run)
    shift
    RECOUP_TEST_POSTGRES=$(start)
    export RECOUP_TEST_POSTGRES
    trap 'stop "$RECOUP_TEST_POSTGRES"' EXIT
    trap 'exit 130' INT TERM
    "$@"
    ;;
*) fail "say start, stop URL, new NAME or run COMMAND…" ;;
esac
