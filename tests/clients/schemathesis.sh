#!/usr/bin/env bash
# Requests that Schemathesis makes up from /api/v1/openapi.json, against the running server: no server error, and no
# answer whose status, type or shape is not described.
#
#   tests/clients/schemathesis.sh DATABASE [EXAMPLES]
#
# DATABASE is an empty one, as for run.sh. EXAMPLES is how many requests are made up for each operation (50), besides
# those that cover each of its parameters. Schemathesis is installed into target/tools/python. Requests are made five
# times: by somebody who may do all that one person's token may, by an approver, by an administrator, by an auditor, and by one who leaves.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=4.32.5
tools="$PWD/target/tools/python"
here=tests/clients
# Progress is a stream that lasts as long as its job. A session that is ended ends a walk, so that has one of its own.
left_out='/events$|/sign-out$'

if [ -z "${RECOUP_URL:-}" ]; then
  database="${1:?name an empty database: sqlite:PATH or postgres://…}"
  [ -x "$tools/bin/st" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet "schemathesis==$version"; }
  export RECOUP_EXAMPLES="${2:-50}" RECOUP_EVERYTHING=yes
  # Limits on requests have their own tests.
  export RECOUP__SERVER__LIMITS__TOKEN__BURST=0 RECOUP__SERVER__LIMITS__PEER__BURST=0
  exec "$here/run.sh" "$database" "$here/it_department.py" "$here/schemathesis.sh"
fi

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance
checks=$checks,problem_of_the_catalogue
# ask WHO TOKEN FILTER…
ask() {
  printf '   as %s\n' "$1"
  # It keeps a folder of its own where it runs.
  env -C target/tools RECOUP_TOKEN="$2" PYTHONPATH="$PWD/$here/schemathesis" PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=hooks \
    "$tools/bin/st" run "$RECOUP_URL/api/v1/openapi.json" --header "Authorization: Bearer $2" --checks "$checks" \
    --max-examples "$RECOUP_EXAMPLES" --phases coverage,fuzzing --generation-deterministic \
    --request-timeout 60 --continue-on-failure --warnings off --no-color --exclude-path-regex "$left_out" "${@:3}"
}
# signed_in LOGIN PASSWORD: a token.
signed_in() {
  printf '{"login": "%s", "password": "%s"}' "$1" "$2" |
    curl -fsS -H 'Content-Type: application/json' --data-binary @- "$RECOUP_URL/api/v1/sign-in" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])'
}

failed=0
ask "somebody who may do all that one person may" "$RECOUP_TOKEN" || failed=1
ask "an approver" "$RECOUP_APPROVER" --include-path-regex '/(periods|jobs)' || failed=1
ask "an administrator" "$(signed_in ada "$ADA")" --include-path-regex '^/api/v1/installation' || failed=1
auditor="$(signed_in "$RECOUP_LOGIN" "$RECOUP_PASSWORD")"
ask "an auditor" "$auditor" --include-path-regex '/(disclosures|wage-months|log|leaves)' || failed=1
left_out='/events$'
ask "an auditor who leaves" "$auditor" --include-path-regex '/sign-out$' || failed=1
exit "$failed"
