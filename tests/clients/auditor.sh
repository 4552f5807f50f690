#!/usr/bin/env bash
# The auditor's way over HTTP: where a figure comes from, who answers, what was known when, the year's postings, and proof.
#
#   RECOUP_URL=http://127.0.0.1:8080 RECOUP_LOGIN=anna RECOUP_PASSWORD=… RECOUP_DAY_BEFORE=DAY RECOUP_KNOWN_UNTIL=MOMENT auditor.sh
#
# The books are those that run.sh makes in ledger demo-cn. Figures are those of the regulation's example: 2,000,000.00 due
# on 30 June 2019; 1,200,000.00 comes in on 15 March 2024, 4 years overdue, and earns 3 % = 36,000.00; 800,000.00 on
# 20 November 2024, 5 years overdue, earns 4 % = 32,000.00. Of a debt that is not settled, 0.5 % of 333,333.33 = 1,666.67.
# 150,000.00 due on 31 March 2019: 50,000.00 of 12 December 2023, 4 years overdue, earns 3 % = 1,500.00; 100,000.00 of
# 20 May 2024, 5 years overdue, earns 4 % = 4,000.00 and clears the letter, so that both are payable in May.
# Needs curl and Python 3, nothing of Recoup.
set -euo pipefail

books="$RECOUP_URL/api/v1/ledgers/demo-cn"
work=$(mktemp -d "${TMPDIR:-/tmp}/recoup-auditor.XXXXXX")
trap 'rm -rf "$work"' EXIT

say() { printf '   %s\n' "$*"; }
# check WHAT FOUND EXPECTED
check() {
  [ "$2" = "$3" ] || { printf 'FAILED: %s: `%s` instead of `%s`\n' "$1" "$2" "$3" >&2; exit 1; }
}
# pick EXPRESSION: what Python says of the JSON on standard input, called `it`; lists line by line.
pick() {
  python3 -c 'import json, sys
it = json.load(sys.stdin)
found = eval(sys.argv[1])
print("\n".join(map(str, found)) if isinstance(found, list) else found)' "$1"
}
# get URL: the answer of a GET; ends the walk if it is a problem. The token is in a file, where nobody else sees it.
get() { curl -fsS -H "@$work/token" "$1"; }

python3 -c 'import json, os
print(json.dumps({"login": os.environ["RECOUP_LOGIN"], "password": os.environ["RECOUP_PASSWORD"]}))' |
  curl -fsS -H 'Content-Type: application/json' --data-binary @- "$RECOUP_URL/api/v1/sign-in" |
  pick '"Authorization: Bearer " + it["token"]' >"$work/token"
say "$RECOUP_LOGIN signed in"

echo "   1. Why did Zhao get 5,500.00 in May?"
zhao=$(get "$books/people?code=zhao" | pick '[p["id"] for p in it["items"]]')
get "$books/postings?person=$zhao&period=2024-05&balance=payable&as_of=2024-05-31&sort=on" >"$work/may"
check "Zhao's postings of May" "$(pick 'sorted(" ".join((p["clause"], p["amount"], p["on"], p["period"])) for p in it["items"])' <"$work/may")" \
  "LC-1 1500.00 2024-05-20 2024-05
LC-1 4000.00 2024-05-20 2024-05"
for line in $(pick '[p["line"] for p in it["items"]]' <"$work/may"); do
  get "$books/lines/$line?as_of=2024-05-31&language=en" | pick '[s["clause"] + ": " + s["text"] for s in it["trace"]]' >>"$work/trace.may"
done
sed 's/^/      /' "$work/trace.may"
for step in 'LC-1: 50000.00 recovered × 0.03 = 1500.00.' 'LC-1: 100000.00 recovered × 0.04 = 4000.00.'; do
  grep -qxF "$step" "$work/trace.may" || check "a step of the trace" "$(cat "$work/trace.may")" "… $step"
done
check "Zhao's postings before May" "$(get "$books/postings?person=$zhao&as_of=2024-04-30" | pick '[p["on"] + " " + p["balance"] + " " + p["amount"] for p in it["items"]]')" \
  "2023-12-12 contingent 1500.00"

echo "   2. Why did Wang get 36,000.00?"
wang=$(get "$books/people?code=wang" | pick '[p["id"] for p in it["items"]]')
get "$books/lines?as_of=2024-12-31&person=$wang" >"$work/lines"
check "Wang's lines" "$(pick '[" ".join((l["clause"], l["amount"], l["state"], l["since"])) for l in it["items"]]' <"$work/lines")" \
  "LC-1 36000.00 payable 2024-11-20"
line=$(pick 'it["items"][0]["id"]' <"$work/lines")
for language in en zh; do
  get "$books/lines/$line?as_of=2024-12-31&language=$language" | pick '[s["clause"] + ": " + s["text"] for s in it["trace"]]' >"$work/trace.$language"
  sed 's/^/      /' "$work/trace.$language"
done
grep -qxF 'LC-1: 1200000.00 recovered × 0.03 = 36000.00.' "$work/trace.en" || check "the English trace" "$(cat "$work/trace.en")" "… × 0.03 = 36000.00."
grep -qxF 'LC-1: 收回1200000.00 × 0.03 = 36000.00。' "$work/trace.zh" || check "the Chinese trace" "$(cat "$work/trace.zh")" "… × 0.03 = 36000.00。"
check "the day before the letter was cleared" "$(get "$books/lines?as_of=2024-11-19&person=$wang" | pick '[l["amount"] + " " + l["state"] for l in it["items"]]')" \
  "36000.00 contingent"

echo "   3. Who answered for the old debt, since when?"
debt=$(get "$books/receivables?document=AR-2019-0001" | pick 'it["items"][0]["id"]')
get "$books/receivables/$debt?as_of=2024-12-31" | pick '["%s from %s to %s, in force: %s" % (r["person_code"], r["from"], r["to"] or "now", r["in_force"]) for r in it["responsible"]]' >"$work/who"
sed 's/^/      /' "$work/who"
check "who answered" "$(cat "$work/who")" "wang from 2024-01-01 to 2024-06-30, in force: False
li from 2024-07-01 to now, in force: True"

echo "   4. What was open on 31 December, as known on 15 January, and as known today?"
known=$RECOUP_KNOWN_UNTIL
then=$(get "$books/aging?as_of=2024-12-31&known_at=$known" | pick 'it["open"]')
now=$(get "$books/aging?as_of=2024-12-31" | pick 'it["open"]')
say "   as known at $known: $then; as known now, with the receipt of 20 December that was found later: $now"
# 2,000,000.00 − 1,200,000.00 − 800,000.00 + 500,000.00, and less 333,333.33 when that was known.
check "open as known then" "$then" 500000.00
check "open as known now" "$now" 166666.67
# By days: nothing is known yet at the end of the day before the books were brought in, and all of it at the end of the day after.
status=$(curl -sS -o "$work/before" -w '%{http_code}' -H "@$work/token" "$books/aging?as_of=2024-12-31&known_at=$RECOUP_DAY_BEFORE")
check "open as known on $RECOUP_DAY_BEFORE" "$status $(pick 'it["code"]' <"$work/before")" "400 request.known_at"
after=$(date -d "$RECOUP_DAY_BEFORE + 2 days" +%Y-%m-%d)
check "open as known on $after" "$(get "$books/aging?as_of=2024-12-31&known_at=$after" | pick 'it["open"]')" "$now"
check "what was open by receivable" "$(get "$books/receivables?as_of=2024-12-31&known_at=$known&open=true" | pick '[r["document"] + " " + r["ledger_open"] for r in it["items"]]')" \
  "AR-2023-0007 500000.00"

echo "   5. The year's postings, for a spreadsheet"
get "$books/postings?from=2024-01-01&as_of=2024-12-31&format=csv" >"$work/postings.csv"
get "$books/postings?from=2024-01-01&as_of=2024-12-31&format=xlsx" >"$work/postings.xlsx"
python3 - "$work/postings.csv" "$work/postings.xlsx" <<'PYTHON' >"$work/sums"
import csv, decimal, re, sys, xml.etree.ElementTree as xml, zipfile

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    heading, *rows = csv.reader(file)

# A spreadsheet is a folder of XML: a cell names its column, and texts stand in a list of their own or in the cell.
space = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
with zipfile.ZipFile(sys.argv[2]) as book:
    sheet = xml.fromstring(book.read("xl/worksheets/sheet1.xml"))
    shared = [] if "xl/sharedStrings.xml" not in book.namelist() else [
        "".join(t.itertext()) for t in xml.fromstring(book.read("xl/sharedStrings.xml")).findall("s:si", space)]

def text(cell):
    if cell.get("t") == "inlineStr":
        return "".join(cell.find("s:is", space).itertext())
    value = cell.findtext("s:v", "", space)
    return shared[int(value)] if cell.get("t") == "s" else value

cells = [{re.sub(r"\d", "", c.get("r")): text(c) for c in row} for row in sheet.iterfind("s:sheetData/s:row", space)]
table = [[row.get(chr(ord("A") + i), "") for i in range(len(heading))] for row in cells]

def sums(heading, rows):
    balance, amount = (heading.index(name) for name in ("balance", "amount"))
    total = {b: sum(decimal.Decimal(r[amount]) for r in rows if r[balance] == b) for b in ("contingent", "payable")}
    return "%d postings, contingent %.2f, payable %.2f" % (len(rows), total["contingent"], total["payable"])

print(sums(heading, rows))
print(sums(table[0], table[1:]))
PYTHON
# Wang: 36,000.00 contingent in March, turned payable in November (three postings); Li: 32,000.00 payable, 1,666.67 contingent;
# Zhao: 1,500.00 of the year before turned payable, 4,000.00 payable (three postings).
expected="8 postings, contingent 166.67, payable 73500.00"
check "CSV and XLSX" "$(cat "$work/sums")" "$expected
$expected"
say "   CSV and XLSX both: $expected"

echo "   6. Is the receipt of 800,000.00 in the log, unchanged?"
leaf=$(get "$books/leaves?limit=1000" | pick '[l["leaf"] for l in it["items"] if l["kind"] == "receipt" and "SK-2024-0102" in l["body"]][0]')
get "$books/leaves/$leaf" >"$work/leaf"
get "$books/log?limit=1000" >"$work/log"
python3 - "$work/leaf" "$work/log" <<'PYTHON'
import hashlib, json, sys

with open(sys.argv[1], encoding="utf-8") as file:
    proof = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    log = json.load(file)["items"]
leaf = proof["leaf"]

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

# A leaf is SHA-256(00 ‖ length as 8 bytes ‖ bytes ‖ commitment to its personal part, if any); a node SHA-256(01 ‖ left ‖ right).
body = leaf["body"].encode()
node = sha(b"\x00", len(body).to_bytes(8, "big"), body, bytes.fromhex(leaf["commitment"] or ""))
assert node.hex() == leaf["hash"], "the leaf's bytes have another hash"
assert json.loads(leaf["body"]) == proof["record"], "the record shown is not the one that was hashed"
# Up the path, as RFC 9162 says in 2.1.3.2.
index, last = leaf["leaf"], proof["size"] - 1
for beside in map(bytes.fromhex, proof["path"]):
    assert last > 0, "the path is too long"
    if index % 2 or index == last:
        node = sha(b"\x01", beside, node)
        while index % 2 == 0 and index:
            index, last = index >> 1, last >> 1
    else:
        node = sha(b"\x01", node, beside)
    index, last = index >> 1, last >> 1
assert last == 0, "the path is too short"
assert node.hex() == proof["root"], "the path leads to another root"
assert [c["root"] for c in log if c["size"] == proof["size"]] == [proof["root"]], "the log has another root at that size"
print("      leaf %d of %d: its hash, %d steps up, is the root %s…" % (leaf["leaf"], proof["size"], len(proof["path"]), proof["root"][:16]))
PYTHON

# The auditor reads and changes nothing: a fact of theirs is refused.
status=$(curl -sS -o "$work/refused" -w '%{http_code}' -H "@$work/token" -H 'Idempotency-Key: auditor-1' -H 'Content-Type: application/json' -d '{}' "$books/facts")
check "an auditor who states a fact" "$status $(pick 'it["code"]' <"$work/refused")" "403 access.forbidden"
curl -fsS -o "$work/out" -H "@$work/token" -H 'Content-Type: application/json' -H "Idempotency-Key: sign-out" -d '{}' "$RECOUP_URL/api/v1/sign-out"
check "the token after signing out" "$(curl -sS -o "$work/out" -w '%{http_code}' -H "@$work/token" "$books/log")" 401
say "nothing could be changed, and $RECOUP_LOGIN signed out"
