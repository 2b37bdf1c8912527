"""`peakops incident` as an operator types it, what other commands add to an incident, and the report of it."""

import json
import os
import re
import signal
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import psycopg
import pytest

from peakops import contacts, sandbox
from peakops.cli import joining
from peakops.cli.commands import Run
from peakops.cli.incident import handing, standing
from peakops.cli.invocation import Invocation, answer, ended
from peakops.cli.sandboxed import settings_of, write_keys_of
from peakops.errors import TimedOut, UsageFault
from peakops.ledger import Event, Incident, Ledger
from peakops.model import Report, Ruling, Status
from peakops.redact import Door
from peakops.render import Style, incident_page, schema
from peakops.render import incident as facts
from peakops.report import Frame, of_error

from .test_perf_page import Tags, browsed, browser

ANNA = "55555555-5555-4555-8555-000000000101"
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CONTACTS = Path(sandbox.__file__).parent / "contacts.toml"
OPEN = ("open", "INV-901", "--severity", "critical", "--says", "Paid, and not booked.")


@pytest.fixture
def up(load):
    return load("data/held")


@pytest.fixture
def said(peakops, up):
    """Run `peakops incident …` as a script; the envelope keeps its schema, and the code is the same as in it."""

    def run(*words, **env):
        ran = peakops("--sandbox", "incident", *words, "--json", **env)
        jsonschema.Draft202012Validator(schema.of(ran.json["command"])).validate(ran.json)
        assert ran.code == ran.json["exit_code"]
        return ran.json

    return run


@pytest.fixture
def events(up):
    """The time line of an incident, as the ledger has it: `events("INC-1")`."""

    def read(number):
        ledger = Ledger(settings_of(up), write_keys_of(up), up.journal)
        return ledger.events(ledger.find(number))

    return read


def test_an_incident_from_its_opening_to_its_close(said):
    """Opened, noted, acknowledged, confirmed, put off, resolved and closed: each an event, and each told of."""
    opened = said(*OPEN, "--at", "20m")
    said("note", "INC-1", "The webhook is red.", "--at", "2026-11-20T14:45:00Z")
    variable = said("note", "In the shell's incident.", PEAKOPS_INCIDENT="INC-1")
    said("ack", "inc-1")
    said("ack", opened["data"]["incident"]["id"], "--undo")
    said("severity", "INC-1", "--to", "warning")
    said("confirm", "INC-1", "--component", "Stripe")
    said("snooze", "INC-1", "--for", "45m")
    said("resolve", "INC-1")
    closed = said("close", "INC-1", "--reason", "A secret was rotated on one side.")
    again = said("close", "INC-1", "--reason", "Another reason.")
    report = said("report", "INC-1")["data"]

    assert ("changed", "INC-1", "2026-11-20T14:40:00Z") == (
        opened["status"],
        opened["data"]["incident"]["number"],
        opened["data"]["event"]["at"],
    )
    assert ["export PEAKOPS_INCIDENT=INC-1", "peakops incident status INC-1"] == opened["next"]
    assert "In the shell's incident." == variable["data"]["event"]["says"]
    assert ["Stand down", "Customers", "Leases and mutes", "Post-mortem"] == [
        each.partition(":")[0] for each in closed["data"]["left"]
    ]
    assert ("ok", "A secret was rotated on one side.") == (again["status"], again["data"]["event"]["says"])
    kinds = ["opened", "note", "note", "acked", "unacked", "severity", "confirmed", "snoozed", "resolved", "closed"]
    assert kinds == [each["kind"] for each in report["events"]]
    assert {"severity": "warning"} == report["events"][5]["detail"]
    assert {"component": "stripe"} == report["events"][6]["detail"]
    assert {"until": "2026-11-20T15:45:00+00:00"} == report["events"][7]["detail"]
    assert ("closed", "warning", None) == tuple(report["incident"][key] for key in ("state", "severity", "acked_by"))


def test_what_is_next_is_to_be_typed_as_it_stands(peakops, up):
    """A command on the page names the environment that the incident is in: without it, it would ask another portal."""
    ran = peakops("--sandbox", "incident", "open", "INV-123", "--severity", "critical")
    assert "  peakops --sandbox incident status INC-1" in ran.out.splitlines()


def test_a_vendor_is_confirmed_and_waits_until_it_is_critical(said):
    """Whoever confirms it is told at once that a warning calls no vendor, and how it becomes critical."""
    said("open", "INV-901", "--severity", "warning")
    mild = said("confirm", "INC-1", "--component", "stripe")
    said("severity", "INC-1", "--to", "critical")
    grave = said("confirm", "INC-1", "--component", "stripe")
    assert ["peakops incident severity INC-1 --to critical"] == mild["next"]
    assert (1, 0) == (len(mild["data"]["left"]), len(grave["data"]["left"]))


def test_status_ends_with_what_is_open(said, peakops, up):
    """0 with nothing open, 1 with a warning, 2 with what is critical, or was changed; --fail-on holds."""
    codes = [said("status")["exit_code"]]
    said("open", "INV-901", "--severity", "warning")
    codes.append(said("status")["exit_code"])
    said("open", "payments", "--severity", "critical")
    seen = said("status")
    codes.append(seen["exit_code"])

    assert [0, 1, 2] == codes
    assert (2, 1) == (seen["data"]["open"], seen["data"]["critical"])
    assert ["INC-2", "INC-1"] == [each["number"] for each in seen["data"]["incidents"]]
    assert [] == seen["data"]["incidents"][0]["escalation"]["overdue"]
    assert 1 == said("status", "INC-1")["exit_code"]
    assert 0 == said("status", "--fail-on", "never")["exit_code"]

    with psycopg.connect(up.url_as("postgres"), autocommit=True) as owner:
        owner.execute("update peakops.incidents set severity = 'warning'")
    row = said("verify", "INC-2")
    still = said("status", "INC-2")
    with psycopg.connect(up.url_as("postgres"), autocommit=True) as owner:
        owner.execute(
            "update peakops.incidents i set severity = e.detail->>'severity' from peakops.incident_events e "
            "where e.incident_id = i.id and e.seq = 1"
        )
        owner.execute("update peakops.incident_events set says = 'Never mind.' where seq = 1")
    page = peakops("--sandbox", "incident", "status", "INC-1")
    proof = said("verify")

    assert [2, 2] == [row["exit_code"], still["exit_code"]]
    assert "another subject or severity" in row["data"]["breaches"][0]["says"]
    assert 2 == page.code
    assert "chain    event 1 changed: It is not as it was written." in page.out
    assert (2, [("INC-1", 1), ("INC-2", 1)]) == (
        proof["exit_code"],
        sorted((each["number"], each["seq"]) for each in proof["data"]["breaches"]),
    )


def test_what_else_is_open_is_not_hidden_by_the_shell(said):
    """The variable names an incident that is over: `status` and `verify` tell of all; of a named one, what it is."""
    said("open", "INV-901", "--severity", "warning")
    said("open", "portal", "--severity", "critical")
    said("resolve", "INC-1")
    again = said("resolve", "INC-1")

    one, every = said("status", "INC-1"), said("status", PEAKOPS_INCIDENT="INC-1")
    kinds = [each["kind"] for each in said("report", "INC-1")["data"]["events"]]

    assert ("ok", ["opened", "resolved"]) == (again["status"], kinds)
    assert (0, ["INC-1"]) == (one["exit_code"], [each["number"] for each in one["data"]["incidents"]])
    assert (2, ["INC-2"]) == (every["exit_code"], [each["number"] for each in every["data"]["incidents"]])
    assert 2 == said("verify", PEAKOPS_INCIDENT="INC-1")["data"]["incidents"]


def test_a_mistyped_number_is_nothing_critical(said, up):
    """Noted to while the database was down, and not there now that it answers: a warning, until it is resolved."""
    nowhere = "postgresql://peakops@127.0.0.1:9/postgres"
    settings, keys = settings_of(up), write_keys_of(up)
    down = Ledger(replace(settings, database_url=nowhere), replace(keys, database_url=nowhere), up.journal)
    down.append(down.find("INC-99"), "note", "x")
    before = said("status")
    said("resolve", "INC-99")

    assert [1, 0] == [before["exit_code"], said("status")["exit_code"]]
    assert "there is no incident INC-99: resolve it" in before["warnings"][0]


def test_what_could_not_be_read_is_never_fine(peakops, tmp_path):
    """The database is down: no command that tells what is open ends with 0, nor says that nothing is."""
    url = "postgresql://peakops@127.0.0.1:9/postgres"
    env = {"PEAKOPS_DATABASE_URL": url, "PEAKOPS_DATABASE_WRITE_URL": url}
    for words in (("status",), ("list",), ("handover",), ("verify",)):
        ran = peakops("incident", *words, "--json", home=tmp_path, **env)
        assert (3, "unknown") == (ran.code, ran.json["status"])
    page = peakops("incident", "status", home=tmp_path, **env)

    assert "UNKNOWN  What is open is not known in full; of 0 it is known." == page.out.splitlines()[0]


def test_a_hand_over_without_one_of_its_tables_is_not_whole(said, up):
    """A part that cannot be read is said to be so, and the code is 3; what can be is told."""
    said(*OPEN)
    with psycopg.connect(up.url_as("postgres"), autocommit=True) as owner:
        owner.execute("drop table peakops.mutes")
    told = said("handover")
    parts = {each["name"]: bool(each["why"]) for each in told["data"]["parts"]}

    assert (3, {"leases": False, "mutes": True, "jobs": False}) == (told["exit_code"], parts)
    assert ["INC-1"] == [each["number"] for each in told["data"]["incidents"]]


def test_an_event_that_is_written_is_told_though_the_journal_is_not(said, up):
    """The note stands: an error would have it made twice. A hold is not lifted without the line of who decided it."""
    said(*OPEN)
    said("hold", "place", ANNA, "--reason", "Dispute")
    (up.journal / "journal.ndjson").rename(up.journal / "aside")
    (up.journal / "journal.ndjson").mkdir()
    noted = said("note", "INC-1", "x")
    lifted = said("hold", "lift", ANNA, "--reason", "Settled")
    placed = said("hold", "place", ANNA, "--reason", "Another")
    (up.journal / "journal.ndjson").rmdir()

    assert [(0, "changed")] * 2 == [(each["exit_code"], each["status"]) for each in (noted, placed)]
    assert [True, True] == ["journal does not know of it" in each["warnings"][0] for each in (noted, placed)]
    assert (78, 2) == (lifted["exit_code"], len(said("hold", "list")["data"]["holds"]))


def test_what_was_cut_off_is_known_by_the_journal(said, up):
    """The end of a time line, and a whole incident: the chains are sound, and who wrote the events knows better."""
    for number in (1, 2):
        said("open", f"INV-{number}", "--severity", "warning")
        said("note", f"INC-{number}", "x")
    whole = said("verify")
    with psycopg.connect(up.url_as("postgres"), autocommit=True) as owner:
        owner.execute("delete from peakops.incident_events where seq = 2")
        ids = "(select id from peakops.incidents where number = 'INC-2')"
        owner.execute(f"delete from peakops.incident_events where incident_id in {ids}")
        owner.execute("delete from peakops.incidents where number = 'INC-2'")
    cut = said("verify")

    assert (0, []) == (whole["exit_code"], whole["data"]["breaches"])
    assert [("INC-1", 2, "cut"), ("INC-2", 0, "gone")] == [
        (each["number"], each["seq"], each["what"]) for each in cut["data"]["breaches"]
    ]
    assert 2 == cut["exit_code"]


def test_the_page_of_status(peakops, up):
    """What somebody reads at three in the morning: who has it, what is overdue, and the clocks with whose they are."""
    run = ("--sandbox", "incident")
    peakops(*run, *OPEN, "--at", "40m", "--breach-suspected", PEAKOPS_OPERATOR="ann")
    peakops(*run, "ack", "INC-1", "--at", "30m", PEAKOPS_OPERATOR="bob")
    lines = peakops(*run, "status").out.splitlines()

    assert "CRITICAL  1 incident is open, 1 of them critical." == lines[0]
    assert "INC-1  critical  INV-901  acked" == lines[2]
    assert "  opened 20 Nov 14:20:00 UTC by ann, 40 minutes ago" == lines[3]
    assert "  bob has it since 20 Nov 14:30:00 UTC" == lines[4]
    gdpr = "GDPR, article 33: the supervisory authority, until 23 Nov 14:20:00 UTC"
    source = "Regulation (EU) 2016/679, article 33(1)"
    assert f"  clock    {gdpr} (71 h left; {source})" in lines
    assert 3 == sum("45 CFR 164.4" in each for each in lines)
    assert any("not legal advice" in each for each in lines)


def test_clocks_begin_once(said):
    """With becoming aware, at the time that is given; a second suspicion only begins them where it was earlier."""
    said("open", "portal", "--severity", "critical")
    first = said("note", "INC-1", "An export by a stranger.", "--breach-suspected", "--at", "2h")
    said("note", "INC-1", "Another.", "--breach-suspected")
    clocks = said("report", "INC-1")["data"]["clocks"]

    assert ["gdpr_33", "hipaa_individuals", "hipaa_500", "hipaa_associate"] == [each["kind"] for each in clocks]
    assert ["2026-11-23T13:00:00Z", "2027-01-19T13:00:00Z"] == [each["until"] for each in clocks[:2]]
    assert 5 == len(first["data"]["left"])

    said("note", "INC-1", "It was known before.", "--breach-suspected", "--at", "6h")
    report = said("report", "INC-1")["data"]

    assert ["2026-11-23T09:00:00Z", "2027-01-19T09:00:00Z"] == [each["until"] for each in report["clocks"][:2]]
    assert (4, 8) == (len(report["clocks"]), sum(each["kind"] == "clock" for each in report["events"]))


def test_what_is_told_late_is_told_as_what_it_is(said, peakops):
    """Before the opening only a note can be; what something later outweighs, or holds no more, is not told as it is."""
    said("open", "portal", "--severity", "critical", "--at", "2h")
    early = said("ack", "INC-1", "--at", "3h")
    noted = said("note", "INC-1", "The first complaint.", "--at", "3h")
    said("severity", "INC-1", "--to", "warning", "--at", "10m")
    run = ("--sandbox", "incident")
    outweighed = peakops(*run, "severity", "INC-1", "--to", "critical", "--at", "20m").out
    lapsed = peakops(*run, "ack", "INC-1", "--at", "90m").out
    seen = said("status", "INC-1")["data"]["incidents"][0]

    assert (64, 0) == (early["exit_code"], noted["exit_code"])
    assert "is before INC-1 was opened" in early["error"]["message"]
    assert "peakops incident note INC-1" in early["error"]["hint"]
    assert "CHANGED  INC-1 was critical; by what came later it is warning." == outweighed.splitlines()[0]
    assert "is nobody's any more: acknowledge it again without --at." in lapsed.splitlines()[0]
    assert ("warning", "open") == (seen["severity"], seen["state"])


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("open", "INV-1"), 64, "usage.invalid"),
        (("open", "--severity", "warning"), 64, "usage.invalid"),
        (("open", "INV-1", "--severity", "bad"), 64, "usage.invalid"),
        (("open", "anna@smilecare.example", "--severity", "warning"), 65, "input.invalid"),
        (("open", "INV-1", "--severity", "warning", "--at", "2031-01-01"), 64, "usage.invalid"),
        (("note", "INC-1"), 64, "usage.invalid"),
        (("note", "INC-1", "x"), 14, "not_found"),
        (("ack",), 64, "usage.invalid"),
        (("ack", "seven"), 65, "input.invalid"),
        (("close", "INC-1"), 64, "usage.invalid"),
        (("snooze", "INC-1", "--for", "13h"), 64, "usage.invalid"),
        (("handover", "--to", "anna@smilecare.example"), 65, "input.invalid"),
    ],
)
def test_what_is_wrong_is_said(said, words, code, error):
    """The exit code of the contract, and a hint; nothing is written."""
    ran = said(*words)

    assert (code, error) == (ran["exit_code"], ran["error"]["code"])
    assert ran["error"]["hint"] or words[-1] in ("bad", "2031-01-01")


def test_a_command_joins_an_incident(said, peakops, events):
    """What is found, what is not, and what a variable names: each ends as without, and is a line with its codes."""
    said(*OPEN)
    alone = peakops("--sandbox", "data", "check", ANNA, "--json")
    joins = peakops("--sandbox", "data", "check", ANNA, "--json", "--incident", "INC-1")
    variable = peakops("--sandbox", "payment", "check", "INV-404", "--json", PEAKOPS_INCIDENT="INC-1")
    peakops("--sandbox", "data", "check", "anna@smilecare.example", "--incident", "inc-1")
    lines = [each.detail for each in events("INC-1") if each.kind == "command"]

    assert (alone.code, alone.json["verdict"], []) == (joins.code, joins.json["verdict"], joins.json["warnings"])
    assert 14 == variable.code
    asked = [(each["command"], each["subject"], each["verdict"], each["exit_code"]) for each in lines]
    assert ("data check", ANNA, "held", 0) == asked[0]
    assert ("payment check", "INV-404", "not_found", 14) == asked[1]
    assert ("data check", "…", "held", 0) == asked[2]


def test_a_fix_joins_with_its_plan_and_what_it_did(peakops, load):
    """Planned, it has the plan's hash and no change; carried out, the writers and calls of what was done."""
    up = load("data/held")
    peakops("--sandbox", "incident", "open", "INV-901", "--severity", "warning")
    fix = ("--sandbox", "user", "reset-password", ANNA, "--incident", "INC-1", "--json")
    planned = peakops(*fix, "--dry-run")
    done = peakops(*fix, "--yes")
    refused = peakops(*fix)
    ledger = Ledger(settings_of(up), write_keys_of(up), up.journal)
    lines = [each.detail for each in ledger.events(ledger.find("INC-1")) if each.kind == "command"]

    assert [10, 0] == [planned.code, done.code]
    assert [planned.code, done.code, refused.code] == [each["exit_code"] for each in lines]
    assert (planned.json["data"]["plan"]["hash"], []) == (lines[0]["plan"], lines[0]["changes"])
    assert done.json["data"]["plan"]["hash"] == lines[1]["plan"]
    assert ["supabase recover", "audit log"] == lines[1]["changes"]


def test_the_variable_names_an_incident_for_every_command(monkeypatch):
    """Also for one whose own option is called so, as that of `security evidence`; what was typed comes first."""
    monkeypatch.delenv("PEAKOPS_INCIDENT", raising=False)
    before = joining.named({"incident": None})
    monkeypatch.setenv("PEAKOPS_INCIDENT", "INC-1")

    assert (None, "INC-1", "INC-2") == (before, joining.named({"incident": None}), joining.named({"incident": "INC-2"}))


def test_a_signal_while_it_joins_leaves_one_report(capsys):
    """It reaches whoever writes the line as the key does, and the report is told all the same."""
    frame = Frame(command="payment check", environment="sandbox")
    heard = []

    def after(report):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
        except KeyboardInterrupt:
            heard.append("interrupted")
        return report

    before = signal.signal(signal.SIGTERM, lambda *_: heard.append("killed"))
    try:
        end = answer(frame, Style(json=True), lambda frame: frame.report(), after=after)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert (["interrupted"], 0) == (heard, end.exit_code)
    assert "payment check" == json.loads(capsys.readouterr().out)["command"]


def test_joining_never_fails_a_command(peakops, up):
    """An incident that is not there, or no incident at all: a warning, the same document, the same code."""
    for wrong in ("INC-404", "nothing of the kind"):
        ran = peakops("--sandbox", "data", "check", ANNA, "--json", "--incident", wrong)
        page = peakops("--sandbox", "data", "check", ANNA, "--incident", wrong)

        assert (0, 0) == (ran.code, page.code)
        assert [True] == ["has no line of this" in each for each in ran.json["warnings"]]
        assert "has no line of this" in page.err
        assert "has no line of this" not in page.out


def test_joining_without_a_database_keeps_the_line_here(peakops, tmp_path):
    """Nothing listens there: the verdict is what it is without, the line is kept, and the time is bounded."""
    folder = tmp_path / "peakops"
    url = "postgresql://peakops@127.0.0.1:9/postgres"
    env = {"PEAKOPS_DATABASE_URL": url, "PEAKOPS_DATABASE_WRITE_URL": url, "PEAKOPS_INCIDENT": "INC-7"}
    ran = peakops("data", "check", ANNA, "--json", home=tmp_path, **env)
    (path,) = (folder / "incidents" / "default").glob("*.ndjson")
    kept = json.loads(path.read_text().splitlines()[1])["event"]

    assert (3, "unknown") == (ran.code, ran.json["verdict"]["code"])
    assert ("command", "unknown", 3) == (kept["kind"], kept["detail"]["verdict"], kept["detail"]["exit_code"])
    assert any("kept on this machine" in each for each in ran.json["warnings"])
    assert ran.seconds < 8


def test_an_interrupted_command_joins(said, up, monkeypatch, events, state):
    """Its line says that it was stopped; the report is the same but for its warnings."""
    said(*OPEN)
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    frame = Frame(command="payment check", environment="sandbox", given={"invoice": "INV-901"})
    stopped = of_error(frame, ended(KeyboardInterrupt()))
    report = joining.joined(stopped, Invocation(environment="sandbox"), "INC-1")

    assert stopped == report
    assert ("payment check", "INV-901", "stopped", 130) == tuple(
        events("INC-1")[-1].detail[key] for key in ("command", "subject", "error", "exit_code")
    )


@pytest.mark.parametrize(
    ("given", "subject"),
    [
        ({}, ""),
        ({"invoice": "INV-901"}, "INV-901"),
        ({"page": "/cases"}, "/cases"),
        ({"since": NOW, "until": NOW}, ""),
        ({"user": "anna@smilecare.example"}, "…"),
        ({"user": "anna1985@smilecare.example"}, "…"),
        ({"anything": ["INV-901", "Anna", "Smith"]}, "INV-901 … …"),
        ({"practice": "Smile Care"}, "…"),
        ({"phone": "+14155552671"}, "…"),
    ],
)
def test_what_was_asked_about_names_nobody(given, subject):
    """Numbers, ids and paths are kept; a word may be a name, and an address is one."""
    report = Report(command="user check", environment="default", started_at=NOW, given=given)

    assert subject == joining.told(report)["subject"]


def test_groups_about_incidents_do_not_join():
    """They write events of their own, or look at nothing, as what was mistyped; a run of the playbook does look."""
    invocation = Invocation(environment="no such environment")
    for command in ("incident note", "escalation tick", "sandbox load", "drill start"):
        report = Report(command=command, environment="default", started_at=NOW)
        assert report == joining.joined(report, invocation, "INC-1")
    mistyped = of_error(Frame(command="payment check", environment="default"), UsageFault("SUBJECT is missing."))
    assert mistyped == joining.joined(mistyped, invocation, "INC-1")
    replayed = Report(command="payment check", environment="default", started_at=NOW, data={"recording": {}})
    assert replayed == joining.joined(replayed, invocation, "INC-1")
    report = Report(command="playbook run", environment="default", started_at=NOW)
    assert report != joining.joined(report, invocation, "INC-1")


def test_an_open_incident_is_seen_where_a_person_is_erased(said, peakops):
    """`data check` names the incident of the person while it is open, and not once it is closed."""
    before = peakops("--sandbox", "data", "check", ANNA, "--json")
    said("open", ANNA, "--severity", "warning")
    during = peakops("--sandbox", "data", "check", ANNA, "--json")
    said("close", "INC-1", "--reason", "It was her brother's telephone.")
    after = peakops("--sandbox", "data", "check", ANNA, "--json")

    assert ["held", "open_incident", "held"] == [each.json["verdict"]["code"] for each in (before, during, after)]


def test_a_hold_is_seen_where_a_person_is_erased(said, peakops):
    """Placed once, on whom `data check` asks for; lifted, it holds no more; both stand in the journal."""
    placed = [said("hold", "place", ANNA, "--reason", "Dispute 2026-118") for _ in range(2)]
    during = peakops("--sandbox", "data", "check", ANNA, "--json")
    (listed,) = said("hold", "list")["data"]["holds"]
    lifted = [said("hold", "lift", f"user:{ANNA}", "--reason", "Settled.") for _ in range(2)]
    after = peakops("--sandbox", "data", "check", ANNA, "--json")
    journal = peakops("--sandbox", "journal", "list", "--json").json["data"]["items"]

    assert ["changed", "ok", "changed", "ok"] == [each["status"] for each in (*placed, *lifted)]
    assert ["legal_hold", "held"] == [each.json["verdict"]["code"] for each in (during, after)]
    assert (f"user:{ANNA}", "Dispute 2026-118") == (listed["subject"], listed["reason"])
    assert {"hold_placed": "Dispute 2026-118", "hold_lifted": "Settled."} == {
        each["kind"]: each["detail"]["reason"] for each in journal
    }


def test_the_end_of_one_dispute_is_not_the_end_of_another(said, peakops):
    """A hold for each reason: with several, the one that is meant is named, and the other holds on."""
    placed = [said("hold", "place", ANNA, "--reason", reason)["status"] for reason in ("One", "Two", "Two")]
    which = said("hold", "lift", ANNA, "--reason", "Settled.")
    wrong = said("hold", "lift", ANNA, "--of", "Three", "--reason", "Settled.")
    lifted = said("hold", "lift", ANNA, "--of", "One", "--reason", "Settled.")
    check = peakops("--sandbox", "data", "check", ANNA, "--json")

    assert ["changed", "changed", "ok"] == placed
    assert [(15, "ambiguous")] * 2 == [(each["exit_code"], each["error"]["category"]) for each in (which, wrong)]
    assert "'One'; 'Two'" in which["error"]["message"]
    assert "changed" == lifted["status"]
    assert ["Two"] == [each["reason"] for each in said("hold", "list")["data"]["holds"]]
    assert "legal_hold" == check.json["verdict"]["code"]


@pytest.mark.parametrize(
    "subject", ["anna@smilecare.example", "user:anna", "table:users", "practice:", "INV-1", "table:public.user"]
)
def test_a_hold_stands_on_what_is_compared(said, subject):
    """Anything else would hold nothing, and is refused; so is a hold without a reason."""
    assert 65 == said("hold", "place", subject, "--reason", "x")["exit_code"]
    assert 64 == said("hold", "place", ANNA)["exit_code"]


def test_an_open_incident_keeps_a_person_contained_and_names_them(load, peakops, tmp_path):
    """`security release` refuses while it is open; evidence is collected by its number, and holds its time line."""
    load("security_verify/contained")
    peakops("--sandbox", "incident", "open", ANNA, "--severity", "warning")
    refused = peakops("--sandbox", "security", "release", ANNA, "--dry-run", "--json")
    taken = peakops("--sandbox", "security", "evidence", "--incident", "INC-1", "--to", str(tmp_path / "bag"), "--json")
    peakops("--sandbox", "incident", "resolve", "INC-1")
    planned = peakops("--sandbox", "security", "release", ANNA, "--dry-run", "--json")

    assert (19, "fix.open_incident") == (refused.code, refused.json["error"]["code"])
    assert 10 == planned.code
    assert taken.code in (0, 1, 3)
    assert "Opened" not in taken.out or ANNA in taken.out
    kept = [path.read_text() for path in (tmp_path / "bag").rglob("*incident*") if path.is_file()]
    assert any('"opened"' in each for each in kept)


def test_a_hand_over_says_what_ends_soon(said, up):
    """Open incidents, the leases and mutes of the next day, the jobs that did not run; noted where --to names one."""
    said(*OPEN, "--at", "55m")
    with psycopg.connect(up.url_as("postgres"), autocommit=True) as owner:
        owner.execute(
            "insert into peakops.leases (kind, subject, inverse, reason, operator, made_at, expires_at) values "
            "('block', '203.0.113.0/24', '{}', 'x', 'ann', '2026-11-20T14:00Z', '2026-11-20T18:00Z'), "
            "('block', '198.51.100.0/24', '{}', 'x', 'ann', '2026-11-20T14:00Z', '2026-11-25T18:00Z')"
        )
        owner.execute(
            "insert into peakops.mutes values "
            "('payments-1c9e2f07ab34', 'bob', 'known', '2026-11-20T14:00Z', '2026-11-21T09:00Z')"
        )
        owner.execute("insert into peakops.runs values ('sweep', '2026-11-20T09:00Z', 'ops-1', '2026-11-20T09:01Z', 0)")
    handed = said("handover", "--to", "on-call")
    told = handed["data"]
    parts = {each["name"]: [item["says"] for item in each["items"]] for each in told["parts"]}

    assert ["block 203.…/24  until 20 Nov 18:00:00 UTC  by ann"] == parts["leases"]
    assert ["payments-1c9e2f07ab34  until 21 Nov 09:00:00 UTC  by bob: known"] == parts["mutes"]
    assert [True] == [each.startswith("sweep  last began") for each in parts["jobs"]]
    assert "changed" == handed["status"]
    assert [1, 2, 3] == [each["tier"] for each in told["incidents"][0]["escalation"]["overdue"]]
    assert ("handover", "Handed over to on-call.") == tuple(
        told["incidents"][0]["last"][key] for key in ("kind", "says")
    )


def test_list_shows_what_is_open(said):
    """The last opened first; with --all those that ended, too."""
    said("open", "INV-1", "--severity", "warning", "--at", "1h")
    said("open", "INV-2", "--severity", "critical")
    said("ack", "INC-2", PEAKOPS_OPERATOR="ann")
    said("resolve", "INC-1")

    assert [("INC-2", "acked", "ann")] == [
        (each["number"], each["state"], each["acked_by"]) for each in said("list")["data"]["items"]
    ]
    assert [("INC-2", "acked"), ("INC-1", "resolved")] == [
        (each["number"], each["state"]) for each in said("list", "--all")["data"]["items"]
    ]


EVIL = "<script>alert(1)</script> | [x](http://evil.example/x.png) **bold** `code`"


def event(seq, kind, says, **detail):
    at = datetime(2026, 11, 20, 14, seq, tzinfo=UTC)
    return {
        "seq": seq,
        "at": at,
        "recorded_at": at,
        "operator": "ann",
        "kind": kind,
        "says": says,
        "local": False,
        "detail": detail,
    }


FACTS = {
    "incident": {
        **vars(Incident(id="id", number="INC-7", subject=EVIL, severity="critical", opened_at=NOW, opened_by="ann")),
        **{"state": "open", "acked_by": None, "acked_at": None},
    },
    "made_at": NOW,
    "events": [
        event(1, "opened", EVIL),
        event(
            2,
            "command",
            "x",
            command="payment check",
            subject=EVIL,
            verdict="paid",
            cause=EVIL,
            status="ok",
            exit_code=0,
        ),
        event(
            3,
            "command",
            "y",
            command="payment refund",
            subject="INV-1",
            verdict="refunded",
            status="changed",
            exit_code=0,
            fix="payment refund",
            plan="ab" * 32,
            changes=["stripe refund", "database payment/refunded"],
        ),
        event(4, "paged", "Told tier 2.", tier=2, channel="slack", contact="lead", attempt=1, outcome="sent"),
        event(5, "note", EVIL),
    ],
    "clocks": [
        {
            "kind": "gdpr_33",
            "title": "GDPR, article 33",
            "to": EVIL,
            "says": "x",
            "source": "article 33(1)",
            "since": NOW,
            "until": NOW,
            "over": False,
        }
    ],
    "advice": "A reminder, not legal advice.",
    "breaches": [],
    "missing": "",
}


def test_markdown_holds_every_fact_and_no_markup_of_others():
    """Time line, commands, changes, pages and clocks; what somebody noted is text, whatever it looks like."""
    text = "\n".join(facts.markdown(FACTS))

    assert ["Time line", "Commands", "Changes", "Pages", "Legal clocks"] == re.findall(r"^## (.*)$", text, re.MULTILINE)
    fix = "payment refund (plan abababababab) | stripe refund, database payment/refunded"
    assert f"| 2026-11-20 14:03:00 UTC | ann | {fix} |" in text
    assert "| 2026-11-20 14:04:00 UTC | tier 2 | lead by slack | sent |" in text
    assert not re.search(r"(?<!\\)[<*`]", text)
    assert r"\<script\>alert(1)\</script\> \| \[x\](http://evil.example/x.png) \*\*bold\*\* \`code\`" in text
    assert all(each.count(" | ") in (3, 0) for each in text.replace(r"\|", "").splitlines())


def test_what_was_removed_is_not_removed_again():
    """The mark of a secret stays as it is in Markdown: with its brackets escaped, it would be taken for another."""
    marked = {**FACTS, "events": [event(1, "note", "password=[secret removed] was there")]}
    text = "\n".join(facts.markdown(marked))

    assert "password=[secret removed] was there" in text
    assert text == Door().text(text)


def test_the_page_is_made_of_itself_alone():
    """No link, script, picture or handler, whatever was noted; a policy forbids them besides; every event is drawn."""
    text = incident_page.page(FACTS)
    page = Tags(text)

    assert [] == page.links
    assert set() == page.tags & {"script", "img", "link", "iframe", "object", "form", "base", "image", "use"}
    assert incident_page.POLICY in text
    assert not re.search(r"url\(|@import", text)
    assert 5 == text.count("<circle")
    assert ["incident", "commands", "pages", "notes", "changes"] == re.findall(r'fill="#222">(\w+)</text>', text)


def test_a_report_that_is_not_whole_says_so(peakops, tmp_path):
    """The database is down: what this machine keeps is told as that, and the code is 3."""
    url = "postgresql://peakops@127.0.0.1:9/postgres"
    env = {"PEAKOPS_DATABASE_URL": url, "PEAKOPS_DATABASE_WRITE_URL": url}
    peakops("incident", "note", "INC-7", "The database is down.", home=tmp_path, **env)
    ran = peakops("incident", "report", "INC-7", home=tmp_path, **env)
    proof = peakops("incident", "verify", "INC-7", home=tmp_path, **env)

    assert [3, 3] == [ran.code, proof.code]
    assert "Not complete: only what one machine keeps is here." in ran.out
    assert "The database is down." in ran.out


def test_a_browser_shows_the_time_line_and_asks_nobody(peakops, up, tmp_path):
    """In headless Chromium the page of a real incident is there whole, and asks for nothing but itself."""
    browser()
    peakops("--sandbox", "incident", "open", "INV-901", "--severity", "critical", "--says", EVIL, "--breach-suspected")
    file = tmp_path / "report.html"
    ran = peakops("--sandbox", "incident", "report", "INC-1", "--output", str(file))
    dom, asked = browsed(file, tmp_path)

    assert (0, "") == (ran.code, ran.out)
    assert set() == {each for each in asked if "evil" in each or "127.0.0.1" in each}
    assert "&lt;script&gt;alert(1)" in dom
    assert 5 == dom.count("<circle")
    assert "the chain is whole" in dom
    assert 0o600 == file.stat().st_mode & 0o777


def test_a_tier_that_was_not_told_is_overdue():
    """Five minutes after its time, each that nobody told; not one that a page reached, nor while it is put off."""
    book = contacts.load(CONTACTS)

    def at(minute, kind, seq, **detail):
        moment = NOW + timedelta(minutes=minute)
        return Event(
            seq=seq, at=moment, recorded_at=NOW, operator="ann", kind=kind, says="", detail=detail, prev="", hash=""
        )

    def overdue(minute, *more, rearm=book.rearm):
        events = [at(0, "opened", 1, severity="critical"), *more]
        seen = standing.escalation(events, replace(book, rearm=rearm), NOW + timedelta(minutes=minute))
        return [(each["tier"], each["since"] - NOW) for each in seen["overdue"]]

    told = at(1, "paged", 2, tier=1, channel="slack", contact="support", attempt=1, outcome="sent", missed=[])
    failed = at(1, "paged", 2, tier=1, channel="slack", contact="support", attempt=1, outcome="failed: x", missed=[])
    acked = at(2, "acked", 3)
    quiet = at(1, "snoozed", 2, until=(NOW + timedelta(hours=2)).isoformat())

    assert ([], [(1, timedelta(0))]) == (overdue(4), overdue(6))
    assert [(1, timedelta(0)), (2, timedelta(minutes=15))] == overdue(21)
    assert ([], [(2, timedelta(minutes=15))]) == (overdue(10, told), overdue(21, told))
    assert [(1, timedelta(0))] == overdue(6, failed)
    assert [] == overdue(21, quiet)
    assert [] == overdue(21, at(20, "resolved", 3))
    lapsed = [overdue(minute, told, acked, rearm=300.0) for minute in (9, 13)]
    assert [[], [(1, timedelta(minutes=7))]] == lapsed
    assert standing.escalation([at(0, "note", 1)], book, NOW) is None


def test_what_somebody_has_is_theirs_for_a_while():
    """After the hour of contacts.toml nobody has it any more: the page of status says so, as the escalation does."""
    made = Incident(id="id", number="INC-1", subject="x", severity="warning", opened_at=NOW, opened_by="ann")
    detail = {"recorded_at": NOW, "operator": "bob", "says": "", "detail": {}, "prev": "", "hash": ""}
    events = [Event(seq=n, at=NOW, kind=kind, **detail) for n, kind in enumerate(("opened", "acked"), 1)]
    seen = [
        standing.picture(made, events, contacts.load(CONTACTS), NOW + timedelta(minutes=minutes))
        for minutes in (59, 60)
    ]
    pages = ["\n".join(standing.lines(each, NOW)) for each in seen]

    assert [("acked", "bob"), ("open", "bob")] == [(each["state"], each["acked_by"]) for each in seen]
    assert ["bob has it since" in pages[0], "bob had it, and has not said so again since" in pages[1]] == [True, True]


def test_a_database_that_was_silent_is_not_waited_for_again(monkeypatch, up, state):
    """Each part of a hand-over would take the whole time again: what the ledger met counts for all."""
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    run = Run(
        invocation=Invocation(environment="sandbox"),
        frame=Frame(command="incident handover", environment="sandbox"),
        style=Style(),
        timeout=30,
    )
    whole, silent = handing.look(run, NOW, None), handing.look(run, NOW, TimedOut("It was mute.", code="x"))

    assert ([""] * 3, ["not known. It was mute."] * 3) == tuple(
        [each["why"] for each in parts] for parts in (whole, silent)
    )


def test_a_prompt_waits_no_longer_than_it_says(peakops, tmp_path):
    """A server that takes the call and says nothing: --timeout bounds what is asked of it."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://peakops@127.0.0.1:{mute.getsockname()[1]}/postgres"
        env = {"PEAKOPS_DATABASE_URL": url, "PEAKOPS_DATABASE_WRITE_URL": url}
        ran = peakops("incident", "status", "--timeout", "1s", "--json", home=tmp_path, **env)

    assert 3 == ran.code
    assert ran.json["duration_ms"] < 3000


def test_where_an_incident_stands_follows_its_times():
    """An event that was recorded late counts where it happened; who gave it back has it no more."""
    made = Incident(id="id", number="INC-1", subject="x", severity="warning", opened_at=NOW, opened_by="ann")

    def at(minute, kind, seq, **detail):
        moment = NOW.replace(minute=minute)
        return Event(
            seq=seq, at=moment, recorded_at=NOW, operator="ann", kind=kind, says="", detail=detail, prev="", hash=""
        )

    late = [at(0, "opened", 1), at(9, "unacked", 2), at(5, "acked", 3)]
    assert ("open", None) == tuple(standing.stands(made, late)[key] for key in ("state", "acked_by"))
    critical = [*late, at(10, "acked", 4), at(11, "severity", 5, severity="critical")]
    assert ("acked", "critical") == tuple(standing.stands(made, critical)[key] for key in ("state", "severity"))
    assert "closed" == standing.stands(made, [*critical, at(20, "closed", 6), at(30, "resolved", 7)])["state"]


def test_many_fixes_are_one_line():
    """A batch and a sweep of leases: how many, and the plans' hashes; where nothing was changed, no change."""
    report = Report(command="case backlog", environment="default", started_at=NOW, status=Status.CHANGED)
    batch = {"results": {"changed": 2, "refused": 1}, "plans": [{"hash": "ab"}, {"hash": "cd"}, {"hash": "ef"}]}
    told = joining.told(replace(report, data=batch))
    swept = joining.told(replace(report, data={"results": {"left_alone": 1}, "open": 3}))

    assert (["2 changed"], ["ab", "cd", "ef"]) == (told["changes"], told["plans"])
    assert "case backlog: changed; changed: 2 changed." == joining.line(told).removeprefix("peakops ")
    assert ([], []) == (swept["changes"], swept["plans"])


def test_a_verdict_without_a_cause_is_one_line():
    """The line of the time line: the command, the verdict, and of a change what was done."""
    report = Report(
        command="payment refund",
        environment="default",
        started_at=NOW,
        given={"invoice": "INV-1"},
        status=Status.CHANGED,
        verdict=Ruling(code="refunded", title="", says="", cause="duplicate"),
        data={
            "plan": {
                "fix": "payment refund",
                "hash": "ab",
                "actions": [{"target": "a refund", "via": "stripe", "call": "refund"}],
            },
            "steps": [{"step": 1, "targets": ["a refund"], "already": False, "brought": {}}],
        },
    )

    assert "payment refund INV-1: refunded (duplicate); changed: stripe refund." == joining.line(joining.told(report))
