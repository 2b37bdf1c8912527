"""`peakops security ratelimit` end to end: the page and the envelope, standard input, what is refused, and the end."""

import gzip
import json
import os
import signal
import subprocess
import time

import jsonschema
import pytest

from peakops.render import schema

from .conftest import PEAKOPS, environment
from .scenarios.security import planted_logs as planted
from .test_worlds import golden, steady

VALIDATOR = jsonschema.Draft202012Validator(schema.of("security ratelimit"))
PRACTICE, PERSON = "22222222-2222-4222-8222-000000000001", "55555555-5555-4555-8555-000000000101"
NOW = "2026-11-20T15:00:00Z"
WORLD = {
    "world": "ratelimit",
    "says": "A clinic whose people work behind one address.",
    "now": NOW,
    "tables": {
        "practices": [{"id": PRACTICE, "name": "Smile Care"}],
        "users": [
            {"id": PERSON, "email": "anna@smilecare.example", "practice_id": PRACTICE, "role": "member"},
        ],
        "audit_logs": [
            {"created_at": "-2d", "user_id": PERSON, "action": "auth.login", "ip_address": "203.0.113.40"},
            {"created_at": "-1d", "user_id": PERSON, "action": "records.viewed", "ip_address": "203.0.113.40"},
            {"created_at": "-40d", "user_id": PERSON, "action": "auth.login", "ip_address": "198.51.100.30"},
            {"created_at": "-1d", "user_id": PERSON, "action": "auth.login_failed", "ip_address": "198.51.100.31"},
        ],
    },
}
COMMAND = ("security", "ratelimit")


@pytest.fixture
def log(tmp_path):
    """Write rows, as text or bytes, and give the file's name."""

    def log(rows, name="drain.ndjson"):
        content = rows if isinstance(rows, bytes) else b"\n".join(planted.lines(rows)) + b"\n"
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return str(tmp_path / name)

    return log


def test_an_attack_beside_a_clinic(peakops, load, log, snapshot):
    """Each by its name; a block for the attackers alone, and a person of the portal masked."""
    load(WORLD)
    file = log(planted.some(), "drain.ndjson.gz")

    def settled(text):
        return steady(text).replace(file, "drain.ndjson.gz")

    words = (*COMMAND, file)
    printed = golden(words, ("attack", None, 2), VALIDATOR, peakops, snapshot, page=settled, envelope=settled)

    assert "anna@smilecare.example" not in printed
    assert "security block 198.51.100." in printed


def test_standard_input_is_a_log_too(peakops, load, log):
    """What a pipe brings is counted as the file is."""
    load(WORLD)
    file = log(planted.office())
    with open(file, "rb") as piped:  # noqa: PTH123  (a descriptor for a process)
        by_pipe = peakops("--sandbox", *COMMAND, "-", "--json", stdin=piped)
    by_name = peakops("--sandbox", *COMMAND, file, "--json")

    assert ("legitimate_heavy", 1) == (by_pipe.json["verdict"]["code"], by_pipe.code)
    assert by_name.json["data"] == by_pipe.json["data"]


def test_an_office_is_known_to_the_portal(peakops, load, log):
    """Whom the portal's log knows in the last 30 days, masked; a failed log-in and an old one count for nobody."""
    load(WORLD)
    ran = peakops("--sandbox", *COMMAND, log([*planted.office(), *planted.attack_24()]), "--json")
    people = {each["network"]: (each["people"], each["people_some"]) for each in ran.json["data"]["networks"]}

    assert {"203.0.113.0/24": (1, ["a…@smilecare.example"]), "198.51.100.0/24": (0, [])} == people


def test_a_person_noted_in_the_spelling_of_ipv6_is_known_too(peakops, load, log):
    """A server that listens on both writes ::ffff:198.51.100.30: a block of 198.51.100.30 would hit that person."""
    noted = [
        {"created_at": "-1d", "user_id": PERSON, "action": "records.viewed", "ip_address": "::ffff:198.51.100.30"},
    ]
    load({**WORLD, "tables": {**WORLD["tables"], "audit_logs": noted}})
    ran = peakops("--sandbox", *COMMAND, log(planted.attack_24()), "--json")

    assert ("attack", "hits_others", []) == (
        ran.json["verdict"]["code"],
        ran.json["verdict"]["cause"],
        ran.json["next"],
    )
    assert [1] == [each["people"] for each in ran.json["data"]["networks"]]


def test_a_database_that_is_down_leaves_the_block_unnamed(peakops, load, log):
    """The attack is proven by the log alone; whom a block would hit is not known."""
    load(WORLD, faults=[{"vendor": "database", "fault": "down"}])
    ran = peakops("--sandbox", *COMMAND, log(planted.attack_24()), "--json")

    assert ("attack", "not_known", 2) == (ran.json["verdict"]["code"], ran.json["verdict"]["cause"], ran.code)
    assert [] == ran.json["next"]
    assert not ran.json["verdict"]["complete"]


@pytest.mark.parametrize(
    ("rows", "code", "exit_code"),
    [
        (
            [{"rowId": "1", "timestamp": planted.START, "requestPath": "/x", "responseStatusCode": 429}],
            "no_addresses",
            1,
        ),
        ([{"rowId": "1", "timestamp": planted.START, "requestPath": "/x", "responseStatusCode": 200}], "quiet", 0),
    ],
)
def test_what_the_cli_of_vercel_prints(rows, code, exit_code, peakops, load, log):
    """It names no client: limited or not is all that can be said."""
    load(WORLD)
    ran = peakops("--sandbox", *COMMAND, log(rows), "--json")

    VALIDATOR.validate(ran.json)
    assert (code, exit_code) == (ran.json["verdict"]["code"], ran.code)


@pytest.mark.parametrize(
    ("words", "code", "category"),
    [
        ((), 64, "usage"),
        (("/nowhere/drain.ndjson",), 65, "input"),
        (("LOG",), 65, "input"),
        (("LOG", "--guide"), 0, None),
    ],
)
def test_what_is_refused(words, code, category, peakops, load, log):
    """No file, one that is not there, one that is no log: one document each, and the place is named."""
    load(WORLD)
    file = log(b"<html>\nno log\n")
    ran = peakops("--sandbox", *COMMAND, *(file if each == "LOG" else each for each in words), "--json")

    assert code == ran.code
    assert category == (ran.json["error"] or {}).get("category")
    if words == ("LOG",):
        assert "drain.ndjson:1" in ran.json["error"]["message"]


def test_the_time_limit_leaves_no_verdict_and_no_process(peakops, load, state):
    """Standard input that never ends: unknown, exit 3, within the time."""
    load(WORLD)
    held, give = os.pipe()
    with os.fdopen(held, "rb") as waiting:
        ran = peakops("--sandbox", *COMMAND, "-", "--json", "--timeout", "2s", stdin=waiting)
    os.close(give)

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert ran.seconds < 4
    assert [] == _counting(state)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_key_or_a_signal_ends_it_with_its_processes(number, code, load, state):
    """Exit 130 or 143, one document, and nobody is left who counts."""
    load(WORLD)
    held, give = os.pipe()
    run = subprocess.Popen(
        [PEAKOPS, "--sandbox", *COMMAND, "-", "--json"],
        env=environment(state),
        stdin=held,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _wait_for(lambda: _counting(state))
    run.send_signal(number)
    out, err = run.communicate(timeout=10)

    assert (code, b"") == (run.returncode, err)
    assert "stopped" == json.loads(out)["error"]["code"]
    _wait_for(lambda: not _counting(state))
    os.close(held)
    os.close(give)


def _counting(state):
    """The processes that count a log for this session."""
    listed = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    found = [line.split()[0] for line in listed.splitlines() if "peakops.sources.weblogs_worker" in line]
    return [pid for pid in found if str(state) in _environment(pid)]


def _environment(pid):
    try:
        with open(f"/proc/{pid}/environ", encoding="utf-8") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return ""


def _wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
