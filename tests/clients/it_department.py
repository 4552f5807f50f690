#!/usr/bin/env python3
"""The IT department's way over HTTP: create a source, send a file, follow its progress, mend the quarantine.

    RECOUP_URL=http://127.0.0.1:8080 RECOUP_TOKEN=… it_department.py

The token is an integrator's of the ledger `main`. Nothing but Python's standard library is used, and nothing of Recoup
but what /api/v1/openapi describes. Figures are summed by hand from the two files below.
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid

URL = os.environ["RECOUP_URL"]
TOKEN = os.environ["RECOUP_TOKEN"]
LEDGER = "/api/v1/ledgers/main"

# Five rows, of which two are in order: IT-1 and IT-2, together 120,000.00 + 80,000.00 = 200,000.00.
# Records are claims and customers: 5 rows and the customers K100 and K200 are 7, of which the two claims and customers enter.
# IT-3 has a tenth of a fen, IT-4 is dated 31 June, and the last one is somebody's test without a number.
SENT = """customer code,customer name,invoice no,invoice date,due date,amount,currency,stage
K100,Harbour Cranes,IT-1,2024-01-15,2024-03-15,120000.00,CNY,settled
K100,Harbour Cranes,IT-2,2024-02-20,2024-04-20,"80,000.00",CNY,settled
K200,North Road,IT-3,2024-05-06,2024-06-05,45600.505,CNY,unsettled
K200,North Road,IT-4,2024-06-31,2024-07-31,30000.00,CNY,settled
K300,Test Customer,,2024-07-12,2024-09-10,1.00,CNY,settled
total,,,,,275601.50,,
"""

# Mended: 120,000.00 + 80,000.00 + 45,600.50 + 30,000.00 = 275,600.50, as its last row states.
MENDED = """customer code,customer name,invoice no,invoice date,due date,amount,currency,stage
K100,Harbour Cranes,IT-1,2024-01-15,2024-03-15,120000.00,CNY,settled
K100,Harbour Cranes,IT-2,2024-02-20,2024-04-20,"80,000.00",CNY,settled
K200,North Road,IT-3,2024-05-06,2024-06-05,45600.50,CNY,unsettled
K200,North Road,IT-4,2024-06-30,2024-07-31,30000.00,CNY,settled
total,,,,,275600.50,,
"""


def ask(method, path, body=None, key=None, kind="application/json", expected=200):
    """Sends a request; answers with its JSON, or ends with the problem if the status is another one than expected."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
    if body is not None:
        body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        headers["Content-Type"] = kind
    if key is not None:
        headers["Idempotency-Key"] = key
    request = urllib.request.Request(URL + path, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as problem:
        status, text = problem.code, problem.read()
    check(f"{method} {path} answers {expected}", status, expected, text.decode())
    return json.loads(text)


def check(what, found, expected, more=""):
    """Ends the walk unless two things are the same."""
    if found != expected:
        sys.exit(f"FAILED: {what}: {found!r} instead of {expected!r} {more}")


def say(text):
    print("  ", text, flush=True)


def upload(name, text, key):
    """Sends a file; answers with the address of the job that imports it."""
    path = f"{LEDGER}/sources/it-books/imports?file_name={name}"
    return ask("POST", path, text, key, "application/octet-stream", 202)["state"]


def follow(job):
    """Follows a job's server-sent events to the end; answers with what the last one says, and how many there were."""
    request = urllib.request.Request(f"{URL}{job}/events", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=60) as stream:
        check("the stream's kind", stream.headers.get_content_type(), "text/event-stream")
        event, data, events = "message", [], 0
        for line in stream:
            line = line.decode().rstrip("\r\n")
            if line.startswith("event:"):
                event = line[6:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].strip())
            elif not line and data:
                events += 1
                if event == "end":
                    return json.loads("\n".join(data)), events
                event, data = "message", []
    sys.exit(f"FAILED: the events of {job} ended without an `end`")


def quarantine(of, state):
    return ask("GET", f"{LEDGER}/quarantine?import={of}&state={state}")["items"]


def control(imported, name):
    """What the file states, what was read, what the ledger holds, and whether they agree."""
    found = [c for c in imported["controls"] if c["name"] == name]
    check(f"control totals called {name}", len(found), 1, json.dumps(imported["controls"]))
    return tuple(found[0][column] for column in ("stated", "read", "stored", "agrees"))


# A source says once how its files are read.
source = ask("POST", f"{LEDGER}/sources", {"name": "it-books", "profile": "receivables-simple", "system": "books"}, str(uuid.uuid4()), expected=201)
check("what is done about bad records", source["bad_records"], "quarantine")
say(f"created the source {source['name']}, which reads {source['profile']} with the adapter {source['adapter']}")

# The network may swallow an answer: the same request with the same key is one request, however often it is sent.
key = str(uuid.uuid4())
job = upload("receivables.csv", SENT, key)
check("the job of the request that was sent again", upload("receivables.csv", SENT, key), job)
check("jobs of the ledger", len(ask("GET", f"{LEDGER}/jobs")["items"]), 1)
refused = ask("POST", f"{LEDGER}/sources/it-books/imports?file_name=receivables.csv", MENDED, key, "application/octet-stream", 409)
check("another file under that key", refused["code"], "store.idempotency_conflict")
say(f"sent receivables.csv twice under one key: one job; another file under it is refused with {refused['code']}")

ended, events = follow(job)
check("how the job ended", ended["state"], "done", json.dumps(ended))
first = ended["import"]
counts = {fate: first["counts"][fate] for fate in ("read", "added", "refused")}
check("what became of the records", counts, {"read": 7, "added": 4, "refused": 3})
say(f"followed the job through {events} event(s): {counts['read']} records read, {counts['added']} added, {counts['refused']} refused")

# What is wrong, where, and how to mend it.
waiting = quarantine(first["id"], "open")
found = [(row["code"], row["key"]) for row in waiting]
check("what waits", found, [("import.below_minor_unit", "IT-3"), ("table.bad_date", "IT-4"), ("table.missing_field", "")])
for row in waiting:
    say(f"in quarantine: {row['locator']}: {row['message']}")
issues = ask("GET", f"{LEDGER}/issues?import={first['id']}&kind=refused")["items"]
check("issues are those", [issue["number"] for issue in issues], [row["number"] for row in waiting])
imported = ask("GET", f"{LEDGER}/imports/{first['id']}")
check("what the ledger holds of the first file", control(imported, "ledger.receivables")[2], "200000.00")
check("whether the control totals agree", imported["import"]["controls_agree"], False)

# Two rows are mended by a later file of the same source; the third will never be, which somebody says with a reason.
ended, _ = follow(upload("receivables-mended.csv", MENDED, str(uuid.uuid4())))
check("how the job ended", ended["state"], "done", json.dumps(ended))
second = ended["import"]
counts = {fate: second["counts"][fate] for fate in ("read", "added", "unchanged", "refused")}
check("what became of the mended records", counts, {"read": 6, "added": 2, "unchanged": 4, "refused": 0})
check("what was mended", [row["key"] for row in quarantine(first["id"], "mended")], ["IT-3", "IT-4"])
say(f"sent the mended file: {counts['added']} added, {counts['unchanged']} unchanged; two rows left the quarantine")

(left,) = quarantine(first["id"], "open")
dismissal = {"import": left["import"], "number": left["number"], "reason": "a test booking without a number, not a claim"}
ask("POST", f"{LEDGER}/quarantine/dismissals", dismissal, str(uuid.uuid4()), expected=201)
check("what still waits in the whole ledger", ask("GET", f"{LEDGER}/quarantine?state=open")["items"], [])
check("what was dismissed", [row["number"] for row in quarantine(first["id"], "dismissed")], [left["number"]])
say(f"dismissed {left['locator']} with a reason: the quarantine is empty")

# Three requests sent two files, and there are two imports; the books are those of the mended file, to the fen.
check("imports of the ledger", [row["id"] for row in ask("GET", f"{LEDGER}/imports")["items"]], [first["id"], second["id"]])
imported = ask("GET", f"{LEDGER}/imports/{second['id']}")
stated, read, _, agrees = control(imported, "total.amount")
check("the total of the file", (stated, read, agrees), ("275600.50", "275600.50", True))
check("the claims in the ledger", control(imported, "ledger.receivables")[2:], ("275600.50", True))
check("whether the control totals agree", imported["import"]["controls_agree"], True)
aging = ask("GET", f"{LEDGER}/aging?as_of=2024-12-31")
check("what is open", aging["open"], "275600.50")
say("275,600.50 is stated, read, stored and open")
