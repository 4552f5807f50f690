"""What Schemathesis cannot know from the description: records that are there, and what a problem is."""

import json
import os
import random
import re
import urllib.request
import uuid

import schemathesis

URL = os.environ["RECOUP_URL"]


def get(path):
    request = urllib.request.Request(URL + path, headers={"Authorization": f"Bearer {os.environ['RECOUP_TOKEN']}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def names(rows):
    """What paths name the rows of a list by."""
    return [str(row.get("id", row.get("leaf", row.get("name", row.get("position"))))) for row in rows]


STATUS = {problem["code"]: problem["status"] for problem in get("/api/v1/problems")}
LEDGERS = [ledger["code"] for ledger in get("/api/v1/ledgers")["items"]]
known = {}


def keys(listed):
    """Names of some records of a list, by its path."""
    if listed not in known:
        try:
            answer = get(listed)
            known[listed] = names(answer if isinstance(answer, list) else answer["items"])
        except OSError:
            known[listed] = []
    return known[listed]


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Most requests name what is there and come with a key of their own; the rest stay as they were made up."""
    chance = random.Random(repr((case.path, case.path_parameters, case.query, case.body)))
    if LEDGERS and "ledger" in case.path_parameters and chance.random() < 0.9:
        case.path_parameters["ledger"] = chance.choice(LEDGERS)
    listed = case.path.split("/{key}")[0].replace("{ledger}", str(case.path_parameters.get("ledger")))
    if "{key}" in case.path and chance.random() < 0.8 and keys(listed):
        case.path_parameters["key"] = chance.choice(keys(listed))
        if case.method.upper() == "PUT" and case.path.endswith("/sources/{key}"):
            case.headers["If-Match"] = '"%s"' % get(f"{listed}/{case.path_parameters['key']}")["version"]
    if case.headers.get("Idempotency-Key") is not None and chance.random() < 0.9:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if "code" in case.path_parameters and chance.random() < 0.8:
        case.path_parameters["code"] = chance.choice(list(STATUS))
    if "file_name" in case.query and chance.random() < 0.8:
        case.query["file_name"] = "made-up.csv"
    if isinstance(case.body, dict) and chance.random() < 0.8:
        # What cannot be guessed: a profile that is there, and names that are nobody's yet.
        taken = {"profile": "receivables-simple", "name": f"made-up-{uuid.uuid4().hex}", "login": f"u{uuid.uuid4().hex[:12]}", "password": "a made-up password"}
        of = {"/sources/{key}": ["profile"], "/sources": ["profile", "name"], "/users": ["login", "password"]}
        for path, fields in of.items():
            if case.path.endswith(path):
                case.body.update({field: taken[field] for field in fields if field in case.body})
    # A cursor is opaque, and a position is one of the log: hardly any that is made up is one.
    if chance.random() < 0.9:
        case.query.pop("cursor", None)
    if "known_at" in case.query and chance.random() < 0.8:
        case.query["known_at"] = chance.choice([1, 2, 3])


@schemathesis.check
def problem_of_the_catalogue(ctx, response, case):
    """A problem has a code of the catalogue, with that code's status, and the operation names it."""
    if response.status_code < 400:
        return
    kind = response.headers["content-type"][0]
    assert re.match(r"application/problem\+json", kind), f"a problem is {kind}"
    if case.method.upper() == "HEAD":
        return
    problem = response.json()
    found = STATUS.get(problem["code"])
    assert found == response.status_code == problem["status"], f"{problem['code']} has {found} in the catalogue"
    if problem["code"] in ("request.no_route", "request.method"):
        return
    stated = case.operation.definition.raw["responses"].get(str(response.status_code), {}).get("x-problems", [])
    assert problem["code"] in stated, f"{problem['code']} is not described"
