"""`peakops escalation`: who is told, once, by which way, and what becomes of it when ways or runs fail."""

import json
import socket
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import jsonschema
import psycopg
import pytest

from peakops import sandbox
from peakops.cli.sandboxed import settings_of, write_keys_of
from peakops.contacts import load as contacts_of
from peakops.errors import TimedOut
from peakops.escalation import due
from peakops.escalation.calling import Caller, Paged
from peakops.escalation.claims import Claims
from peakops.escalation.sending import Sender, ways_of
from peakops.escalation.ticking import Tick, last_run
from peakops.escalation.trying import Claim, Spent, Taken, Try, next_step
from peakops.escalation.words import subject_told
from peakops.ledger import Ledger
from peakops.render import schema
from peakops.settings import WriteKeys
from peakops.sources.writers import Writers

from .conftest import environment
from .fixes.conftest import KILLED

TOLD, SHOWN = (jsonschema.Draft202012Validator(schema.of(f"escalation {name}")) for name in ("tick", "show"))
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WAYS = ("lead/slack", "lead/email")
TICK = ("--sandbox", "escalation", "tick")
SLACK = {"vendor": "pager", "route": "POST /slack/*"}


def id_of(number):
    return str(UUID(int=number, version=4))


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def incidents(*opened, severity="critical", subject="INV-123"):
    """Incidents opened so many minutes before the world's now, as tables of a world."""
    rows, events = [], []
    for number, minutes in enumerate(opened, 1):
        at = stamp(NOW - minutes * MINUTE)
        rows.append(
            {"id": id_of(number), "number": f"INC-{number}", "subject": subject, "severity": severity}
            | {"opened_at": at, "opened_by": "test"}
        )
        events.append(event(number, 1, "opened", minutes, severity=severity, subject=subject))
    return {"peakops.incidents": rows, "peakops.incident_events": events}


def event(number, seq, kind, minutes, **detail):
    at = stamp(NOW - minutes * MINUTE)
    told = {"at": at, "recorded_at": at, "operator": "test", "kind": kind, "says": kind, "detail": detail}
    return {"incident_id": id_of(number), "seq": seq, **told, "prev_hash": "0" * 64, "hash": f"{seq:064}"}


TEAM = {"peakops.escalation_claims": [], "peakops.runs": []}


@pytest.fixture
def world(load):
    """Load a world with these incidents."""

    def made(tables, **more):
        document = {"world": "pages", "says": "Open incidents.", "now": stamp(NOW), "email_provider": "sendgrid"}
        return load({**document, "tables": {**TEAM, **tables}, **more})

    return made


@pytest.fixture
def messages(state):
    """What the pager has taken, in its order."""

    def taken():
        up = sandbox.ensure(state / "peakops")
        with urllib.request.urlopen(f"{up.http}/pager/messages", timeout=5) as answer:
            return json.loads(answer.read())

    return taken


@pytest.fixture
def table(state):
    def rows(name):
        return sandbox.dump(state / "peakops")["tables"].get(f"peakops.{name}", [])

    return rows


@pytest.fixture
def contacts(tmp_path):
    """A file of contacts with one tier, whose one person has these channels."""

    def made(*channels, more="", vendor='["email: help@stripe.example"]'):
        path = tmp_path / "contacts.toml"
        listed = ", ".join(f'"{each}"' for each in channels)
        path.write_text(
            f"""
[people.on-call]
role = "On-Call Engineer"
hours = "24/7"
channels = [{listed}]
{more}
[vendors.stripe]
role = "Stripe Support"
hours = "24/7"
components = ["stripe"]
channels = {vendor}
[tiers.1]
name = "Support Team"
contacts = ["on-call"]
[tiers.2]
name = "External"
contacts = ["stripe"]
after = "15m"
severity = "critical"
mode = "confirm"
""",
            "utf-8",
        )
        return {"PEAKOPS_CONTACTS": str(path)}

    return made


def claim(channel, attempt, minutes, outcome=None):
    return Claim(channel=channel, attempt=attempt, claimed_at=NOW - minutes * MINUTE, outcome=outcome)


@pytest.mark.parametrize(
    ("step", "claims", "round"),
    [
        (Try(channel="lead/slack", attempt=1), [], 0),
        (Taken(sent=False), [claim("lead/slack", 1, 1)], 0),
        (Try(channel="lead/slack", attempt=2), [claim("lead/slack", 1, 2)], 0),
        (Taken(sent=False), [claim("lead/slack", 1, 4), claim("lead/slack", 2, 1)], 0),
        (Try(channel="lead/email", attempt=1), [claim("lead/slack", 1, 4), claim("lead/slack", 2, 2)], 0),
        (Taken(sent=True), [claim("lead/slack", 1, 9, "sent")], 0),
        (Try(channel="lead/slack", attempt=11), [claim("lead/slack", 1, 9, "sent")], 1),
        (Try(channel="lead/email", attempt=1), [claim("lead/slack", 1, 0, "failed: x")], 0),
        (
            Spent(again_at=NOW + MINUTE),
            [claim("lead/slack", 1, 1, "failed: x"), claim("lead/email", 1, 1, "unclear: x")],
            0,
        ),
        (
            Try(channel="lead/slack", attempt=2),
            [claim("lead/slack", 1, 2, "failed: x"), claim("lead/email", 1, 2, "failed: x")],
            0,
        ),
        (
            Spent(again_at=NOW + MINUTE),
            [claim(channel, attempt, 3, "failed: x") for channel in WAYS for attempt in (1, 2)],
            0,
        ),
        (
            Try(channel="lead/slack", attempt=3),
            [claim(channel, attempt, 4, "failed: x") for channel in WAYS for attempt in (1, 2)],
            0,
        ),
        (Spent(), [claim(channel, 10, 9999, "failed: x") for channel in WAYS], 0),
        (
            Taken(sent=True),
            [claim("lead/slack", 1, 9, "sent"), claim("lead/slack", 1, 9)],
            0,
        ),
    ],
)
def test_which_way_is_next(step, claims, round):
    """
    Each way once, in order; a lost attempt once more at once; when all have failed each again, after growing pauses.

    A claim whose outcome two places hold is done if one of them says so.
    """
    assert step == next_step(WAYS, claims, round, NOW)


@pytest.mark.parametrize(
    ("told", "subject"),
    [
        ("INV-123", "INV-123"),
        ("a user", f"user:{id_of(7)}"),
        ("a user", "user:jane@smilecare.example"),
        ("pi_3QabcDEF01234", "pi_3QabcDEF01234"),
        ("", "Jane Miller"),
        ("", "payments of Smile Care fail"),
        ("", "jane@smilecare.example"),
        ("", "INV-123 of Jane Miller"),
    ],
)
def test_a_subject_is_told_if_it_is_an_id(told, subject):
    assert told == subject_told(subject)


def test_a_tick_tells_who_is_due(world, peakops, messages, table):
    """One message for each that is due, with the command to type next; the run and the claims are kept."""
    world(incidents(0, 20, 50, 14))
    ran = peakops(*TICK, "--json")

    assert 0 == ran.code, ran.out
    TOLD.validate(ran.json)
    assert [("INC-1", 1), ("INC-2", 2), ("INC-3", 3), ("INC-4", 1)] == sorted(
        (each["incident"], each["tier"]) for each in ran.json["data"]["pages"]
    )
    assert {"sent": 4} == ran.json["data"]["results"]
    assert 4 == len(messages())
    [text] = [each["body"]["text"] for each in messages() if "INC-3" in each["body"]["text"]]
    assert text.splitlines() == [
        "INC-3 critical: tier 3 (Engineering Team).",
        "Open since 2026-11-20 14:10 UTC (50 min), not resolved.",
        "About: INV-123.",
        "Missed: tiers 1 and 2 were not told.",
        "Next: peakops --sandbox incident ack INC-3",
    ]
    assert {"sent"} == {each["outcome"] for each in table("escalation_claims")}
    assert [("escalation tick", 0)] == [(each["sweep"], each["exit_code"]) for each in table("runs")]
    again = peakops(*TICK, "--json")
    assert (0, [], 4) == (again.code, again.json["data"]["pages"], len(messages()))


def test_a_dry_run_sends_and_keeps_nothing(world, peakops, messages, table):
    world(incidents(20))
    ran = peakops(*TICK, "--dry-run")
    assert 10 == ran.code
    assert "INC-1  tier 2 (Technical Lead)  would be told: On-Call Engineer by webhook; tier 1 missed" in ran.out
    assert ([], [], []) == (messages(), table("escalation_claims"), table("runs"))


def test_twenty_ticks_at_once_send_once(world, forks, state, messages, table):
    """Three incidents, twenty processes: three messages, three claims, three lines in the ledger."""
    world(incidents(20, 21, 22))
    command = [Path(sys.executable).parent / "peakops", *TICK, "--json"]
    with ThreadPoolExecutor(20) as pool:
        ran = list(pool.map(lambda _: forks.run(command, env=environment(state)), range(20)))
    results = [json.loads(each.stdout)["data"]["results"] for each in ran]
    assert {0} == {each.returncode for each in ran}
    assert 3 == sum(each.get("sent", 0) for each in results)
    assert ["INC-1", "INC-2", "INC-3"] == sorted(each["body"]["incident"] for each in messages())
    assert 3 == len(table("escalation_claims"))
    assert 3 == sum(each["kind"] == "paged" for each in table("incident_events"))


def caller_of(settings, ledger, keys, folder, *, team, read_at):
    """What carries out the page to tier 1 of the one incident, as a tick makes it."""
    book = contacts_of(settings.contacts)
    writers = Writers(settings, keys, folder)
    shared = {"settings": settings, "book": book, "ledger": ledger, "sender": Sender(settings, writers)}
    return Caller(**shared, claims=Claims(settings, writers, folder, team=team), read_at=read_at)


def planned_of(ledger, settings):
    """The page to tier 1 of the one incident that is open."""
    book, [incident] = contacts_of(settings.contacts), ledger.all()
    called, what = book.reached(book.tiers[0], NOW), due(ledger.events(incident), book, NOW)
    told = {"contacts": called, "ways": tuple(ways_of(called)), "result": "planned"}
    return Paged(incident=incident, what=what, page=what.pages[0], **told)


def test_a_database_that_goes_down_within_a_tick_keeps_nobody_uncalled(world, tmp_path, messages):
    """The events were read, and cannot be read again, nor can anything be claimed or noted there: it is sent."""
    up = world(incidents(0))
    settings = settings_of(up)
    planned = planned_of(Ledger(settings, write_keys_of(up), tmp_path), settings)
    down = "postgresql://nobody@127.0.0.1:9/none"
    keys = WriteKeys(database_url=down)
    ledger = Ledger(replace(settings, database_url=down), keys, tmp_path)
    caller = caller_of(settings, ledger, keys, tmp_path, team=True, read_at=time.monotonic() - 60)
    assert "sent" == caller.call(planned, []).result
    assert 1 == len(messages())
    assert any("claimed on this machine alone" in each for each in caller.claims.warnings)


def test_a_database_that_says_nothing_is_waited_for_once(world, tmp_path, messages, monkeypatch):
    """A pooler that lets us in and is mute: of a claim in progress, and of no other, is its time waited for."""
    up = world(incidents(0))
    settings = settings_of(up)
    planned = planned_of(Ledger(settings, write_keys_of(up), tmp_path), settings)
    monkeypatch.setattr("peakops.escalation.claims.CLAIM_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        keys = WriteKeys(database_url=f"postgresql://nobody@127.0.0.1:{mute.getsockname()[1]}/none")
        ledger = Ledger(settings, WriteKeys(), tmp_path)
        caller = caller_of(settings, ledger, keys, tmp_path, team=True, read_at=time.monotonic())
        began = time.monotonic()
        assert "sent" == caller.call(planned, []).result
        assert 0.5 < time.monotonic() - began < 1.5
    assert 1 == len(messages())


@pytest.mark.parametrize("team", [True, False], ids=["Postgres", "a file"])
def test_of_two_that_have_read_the_same_one_sends(team, world, tmp_path, messages):
    """Neither has seen a claim of the other's: the insert, or the file, decides."""
    up = world(incidents(0))
    settings, keys = settings_of(up), write_keys_of(up) if team else WriteKeys()
    ledgers = [Ledger(settings, write_keys_of(up), tmp_path / "ledger") for _ in range(2)]
    pages = [planned_of(each, settings) for each in ledgers]
    results = [
        caller_of(settings, each, keys, tmp_path, team=team, read_at=time.monotonic()).call(page, []).result
        for each, page in zip(ledgers, pages, strict=True)
    ]
    assert ["sent", "elsewhere"] == results
    assert 1 == len(messages())


def test_a_tick_that_is_killed_sends_once_or_says_that_it_is_the_second(world, forks, peakops, state, messages):
    """Killed before and after each transaction and each call: one message, or one more that is marked."""
    seen = set()
    for at in range(1, 40):
        world(incidents(20))
        command = [sys.executable, KILLED, str(at), *TICK]
        done = forks.run(command, env=environment(state))
        assert done.returncode in (0, -9), done.stderr
        assert 0 == peakops(*TICK).code, at
        sandbox.clock(state / "peakops", 180)
        assert 0 == peakops(*TICK).code, at
        marks = [each["body"]["second_attempt"] for each in messages()]
        assert marks in ([False], [True], [False, True]), (at, marks)
        seen.add(tuple(marks))
        if done.returncode == 0:
            assert {(False,), (True,), (False, True)} == seen, "each of them is met"
            return
    pytest.fail("the tick was still killed at the last step")


def test_a_channel_that_fails_is_followed_by_the_next(world, peakops, messages, table, contacts):
    """11: somebody was reached, and what failed is named, in the ledger too, without the address."""
    world(incidents(0), pager={"hooks": [{"token": "sandbox0slack0hook", "error": "no_service"}]})
    ran = peakops(*TICK, "--json", **contacts("slack: PEAKOPS_PAGE_SLACK", "webhook: PEAKOPS_PAGE_WEBHOOK"))
    assert 11 == ran.code
    TOLD.validate(ran.json)
    assert ["failed: slack.no_service", "sent"] == [
        each["outcome"] for each in ran.json["data"]["pages"][0]["attempts"]
    ]
    assert ["webhook"] == [each["kind"] for each in messages()]
    told = [each["detail"] for each in table("incident_events") if each["kind"] == "paged"]
    assert [("slack", "failed: slack.no_service"), ("webhook", "sent")] == [
        (each["channel"], each["outcome"]) for each in told
    ]
    for kept in (ran.out, json.dumps(table("incident_events")), json.dumps(table("escalation_claims"))):
        assert "sandbox0slack0hook" not in kept


def test_where_every_channel_fails_the_deputy_is_told(world, peakops, messages, contacts):
    """11, at the same tick: whoever is there in the next place has it, and the ledger says who."""
    world(incidents(0), pager={"hooks": [{"token": "sandbox0slack0hook", "error": "no_service"}]})
    deputy = """deputy = "night"
[people.night]
role = "Night Shift"
hours = "24/7"
channels = ["webhook: PEAKOPS_PAGE_WEBHOOK"]
"""
    ran = peakops(*TICK, "--json", **contacts("slack: PEAKOPS_PAGE_SLACK", more=deputy))

    assert 11 == ran.code
    assert [("on-call", "failed: slack.no_service"), ("night", "sent")] == [
        (each["contact"], each["outcome"]) for each in ran.json["data"]["pages"][0]["attempts"]
    ]
    assert ["webhook"] == [each["kind"] for each in messages()]


FAULTS = [
    ({**SLACK, "status": 403, "error": "action_prohibited"}, "failed: slack.action_prohibited"),
    ({**SLACK, "status": 410, "error": "channel_is_archived"}, "failed: slack.channel_is_archived"),
    ({**SLACK, "status": 429, "error": "rate_limited", "retry_after": 30}, "failed: slack.rate_limited"),
    ({**SLACK, "status": 500, "error": "rollup_error"}, "unclear: slack.rollup_error"),
    ({**SLACK, "status": 200, "body": "<html>Sign in</html>"}, "unclear: slack.unreadable"),
    ({**SLACK, "after_effect": "drop_connection"}, "unclear: slack.unreachable"),
    ({**SLACK, "delay_s": 30}, "unclear: slack.timeout"),
]


def test_every_fault_of_slack_has_its_outcome(world, peakops, contacts):
    """Each at another incident of one tick; the one that hangs keeps nobody, and is not waited for twice."""
    found = []
    for fault, _ in FAULTS[:-1]:
        world(incidents(0), faults=[fault])
        ran = peakops(*TICK, "--json", **contacts("slack: PEAKOPS_PAGE_SLACK", "stdout: -"))
        assert 11 == ran.code
        found.append(ran.json["data"]["pages"][0]["attempts"][0]["outcome"])
    assert [code for _, code in FAULTS[:-1]] == found
    world(incidents(0))
    ran = peakops(*TICK, "--json", **contacts("slack: PEAKOPS_PAGE_NOBODY", "stdout: -"))
    assert "failed: slack.not_configured" == ran.json["data"]["pages"][0]["attempts"][0]["outcome"]


def test_one_channel_that_hangs_does_not_keep_the_others(world, peakops, contacts):
    """Twelve pages whose first channel hangs: each is told by its next, in the time of one or two."""
    fault, code = FAULTS[-1]
    world(incidents(*range(12)), faults=[fault])
    ran = peakops(*TICK, "--json", **contacts("slack: PEAKOPS_PAGE_SLACK", "webhook: PEAKOPS_PAGE_WEBHOOK"))
    assert 11 == ran.code
    assert {"sent": 12} == ran.json["data"]["results"]
    outcomes = {each["attempts"][0]["outcome"] for each in ran.json["data"]["pages"]}
    assert code in outcomes <= {code, "failed: slack.timeout"}
    assert ran.seconds < 9


def test_nobody_reached_is_critical_and_told_what_to_do_by_hand(world, peakops, contacts, table, state, messages):
    """2, with the command that shows the number; again after two minutes, and four more, marked: by then it is up."""
    world(incidents(0), faults=[{**SLACK, "status": 500, "error": "rollup_error", "times": 2}])
    file = contacts("slack: PEAKOPS_PAGE_SLACK", "phone: +1 303 555 0111")
    ran = peakops(*TICK, **file)
    assert 2 == ran.code
    assert "By hand: call On-Call Engineer" in ran.out
    assert "555" not in ran.out
    assert "It is tried again at 15:02:00 UTC." in ran.out
    sandbox.clock(state / "peakops", 120)
    assert 2 == peakops(*TICK, **file).code
    assert [(1, "unclear: slack.rollup_error"), (2, "unclear: slack.rollup_error")] == [
        (each["attempt"], each["outcome"]) for each in table("escalation_claims")
    ]
    assert 2 == peakops(*TICK, **file).code
    peakops("--sandbox", "incident", "ack", "INC-1")
    acked = peakops(*TICK, **file)
    assert 0 == acked.code, "somebody has it: no alarm, but it is said"
    assert "nobody was reached, and somebody has it" in acked.out
    sandbox.clock(state / "peakops", 240)
    assert "told: On-Call Engineer by slack, attempt 3" in peakops(*TICK, **file).out
    assert ["Attempt 3: INC-1 critical: tier 1 (Support Team)."] == [
        each["body"]["text"].splitlines()[0] for each in messages()
    ]


def test_vendors_are_called_when_confirmed_and_by_mail_with_a_reference(world, peakops, contacts, state):
    """The mail asks for support under the incident's number; who has only a web site is a person's, and said once."""
    tables = incidents(20)
    tables["peakops.incident_events"] += [
        event(1, 2, "paged", 19, tier=1, contact="on-call", channel="stdout", attempt=1, outcome="sent"),
        event(1, 3, "confirmed", 1, component="stripe"),
    ]
    world(tables)
    ran = peakops(*TICK, "--json", **contacts("stdout: -"))
    assert 0 == ran.code, ran.out
    [page] = ran.json["data"]["pages"]
    assert (2, "stripe", ["stripe/email"]) == (page["tier"], page["component"], page["ways"])
    [mail] = sandbox.dump(state / "peakops")["sendgrid"]["messages"]
    assert "help@stripe.example" in json.dumps(mail)
    assert "Support needed with stripe: reference INC-1, critical" in json.dumps(mail)
    world(tables)
    file = contacts("stdout: -", vendor='["url: https://support.stripe.com"]')
    ran = peakops(*TICK, **file)
    assert 2 == ran.code
    assert "By hand: open a ticket of Stripe Support at https://support.stripe.com." in ran.out
    assert 0 == peakops(*TICK, **file).code


def test_nobody_is_told_of_what_is_resolved_while_a_channel_fails(world, peakops, contacts, messages, table):
    """The second channel would be tried after the end."""
    world(incidents(0), faults=[{**SLACK, "status": 500, "error": "rollup_error", "delay_s": 2.5}])
    file = contacts("slack: PEAKOPS_PAGE_SLACK", "webhook: PEAKOPS_PAGE_WEBHOOK")
    with ThreadPoolExecutor(1) as pool:
        ticking = pool.submit(peakops, *TICK, "--json", **file)
        while not table("escalation_claims"):
            assert not ticking.done()
        assert 0 == peakops("--sandbox", "incident", "resolve", "INC-1").code
        ran = ticking.result()
    assert {"over": 1} == ran.json["data"]["results"]
    assert [] == messages()


def test_a_critical_incident_alone_calls_no_vendor(world, peakops, messages):
    world(incidents(120))
    assert 0 == peakops(*TICK).code
    assert [3] == [3 for each in messages() if "tier 3" in each["body"]["text"]]
    assert 1 == len(messages())


def test_the_database_is_down_and_this_machine_s_own_incidents_are_told(world, peakops, forks, state, messages):
    """3, and the local incident is told once, claimed by a file, by eight ticks at once."""
    world({}, faults=[{"vendor": "database", "fault": "down"}])
    opened = peakops("--sandbox", "incident", "open", "INV-123", "--severity", "critical", "--json")
    assert 0 == opened.code, opened.out
    command = [Path(sys.executable).parent / "peakops", *TICK, "--json"]
    with ThreadPoolExecutor(8) as pool:
        ran = list(pool.map(lambda _: forks.run(command, env=environment(state)), range(8)))
    assert {3} == {each.returncode for each in ran}
    assert 1 == sum(json.loads(each.stdout)["data"]["results"].get("sent", 0) for each in ran)
    assert "not all incidents could be read, 1 open of those that could" in peakops(*TICK).out
    assert 1 == len(messages())


def test_who_sees_what_is_merged_sees_all_of_it(world, tmp_path):
    """Another machine's tick between two of the events would tell everybody of what is resolved: there is none."""
    up = world({})
    here = Ledger(settings_of(up), WriteKeys(), tmp_path)
    made = here.open("INV-1", "critical", "Opened.", at=NOW - timedelta(hours=1))
    for kind in ("acked", "resolved"):
        here.append(made, kind, kind)
    assert [] == Ledger(settings_of(up), write_keys_of(up), tmp_path).all()
    with psycopg.connect(up.url_as("postgres")) as connection:
        asked = "select array_agg(kind order by seq), count(distinct xmin::text) from peakops.incident_events"
        assert (["opened", "acked", "resolved"], 1) == connection.execute(asked).fetchone()


def test_without_a_key_that_writes_a_file_claims(world, tmp_path, messages):
    """Once from this machine, and it is said that another may send too."""
    up = world(incidents(20))
    settings, keys = settings_of(up), WriteKeys()
    book = contacts_of(settings.contacts)
    told = []
    for _ in range(2):
        tick = Tick(settings, keys, tmp_path, book, seconds=20)
        told.append(([each.result for each in tick.run(dry_run=False)], tick.warnings))
    assert [["sent"], []] == [each for each, _ in told]
    assert any("claimed on this machine alone" in each for each in told[0][1])
    assert 1 == len(messages())


def test_a_folder_that_cannot_be_written_is_nobody_reached(world, tmp_path, messages):
    """Nothing is sent that is not claimed: each tick would send it again."""
    up = world(incidents(20))
    settings = settings_of(up)
    (tmp_path / "claims").write_text("a file")
    [paged] = Tick(settings, WriteKeys(), tmp_path, contacts_of(settings.contacts), seconds=20).run(dry_run=False)
    assert ("unreached", []) == (paged.result, messages())
    assert "nothing can be claimed" in paged.why


def test_before_setup_nothing_is_fine(load, peakops):
    """There is no place for the team's incidents: the tick of one machine sees none of another's, and says so."""
    load({"world": "bare", "says": "No schema peakops.", "now": stamp(NOW), "tables": {}})
    ran = peakops(*TICK, "--json")
    assert (1, "warning", ["peakops setup"]) == (ran.code, ran.json["status"], ran.json["next"])
    shown = peakops("--sandbox", "escalation", "show")
    assert 0 == shown.code
    assert "Run 'peakops setup' once." in shown.out


def test_a_file_of_contacts_that_cannot_be_used_is_a_run_that_failed(world, peakops, table, tmp_path):
    """78, and noted, so that 'cron status' of any machine tells that nobody is called."""
    world(incidents(0))
    file = tmp_path / "contacts.toml"
    file.write_text("[people.on-call", "utf-8")
    ran = peakops(*TICK, "--json", PEAKOPS_CONTACTS=str(file))
    assert (78, "contacts.malformed") == (ran.code, ran.json["error"]["code"])
    assert [78] == [each["exit_code"] for each in table("runs")]


def test_an_incident_that_this_machine_cannot_read_is_not_fine(world, peakops):
    """3, since nobody is called of it."""
    (world({}).journal / "incidents" / "sandbox" / f"{id_of(1)}.ndjson").mkdir(parents=True)
    for command in (TICK, ("--sandbox", "escalation", "show")):
        ran = peakops(*command, "--json")
        assert (3, "unknown") == (ran.code, ran.json["status"])


def test_stdout_is_for_trying(world, peakops, contacts):
    world(incidents(0))
    ran = peakops(*TICK, **contacts("stdout: -"))
    assert 0 == ran.code
    assert "Next: peakops --sandbox incident ack INC-1" in ran.out


def test_a_thousand_open_incidents_are_all_looked_at(world, peakops, contacts):
    """None of them is due: all were told. How long it takes is tests/bench/oncall.py's."""
    tables = incidents(*([30] * 1000))
    tables["peakops.incident_events"] += [
        event(number, 2, "paged", 29, tier=1, contact="on-call", channel="slack", attempt=1, outcome="sent")
        for number in range(1, 1001)
    ]
    world(tables)
    ran = peakops(*TICK, "--json", **contacts("slack: PEAKOPS_PAGE_SLACK"))
    assert (0, 1000, []) == (ran.code, ran.json["data"]["open"], ran.json["data"]["pages"])


def test_show_is_a_ladder_with_a_clock(world, peakops, snapshot):
    """Who is there by their own clock, who was told, who is next in how long; and that no tick runs."""
    tables = incidents(3)
    tables["peakops.incident_events"] += [
        event(1, 2, "paged", 2.5, tier=1, contact="support", channel="slack", attempt=1, outcome="sent"),
        event(1, 3, "acked", 1),
    ]
    ended = stamp(NOW - 6 * MINUTE)
    run = {"sweep": "escalation tick", "started_at": ended, "host": "cron-1", "ended_at": ended, "exit_code": 0}
    world({**tables, "peakops.runs": [run]})
    ran = peakops("--sandbox", "escalation", "show", "INC-1")
    assert 1 == ran.code
    assert snapshot == ran.out
    document = peakops("--sandbox", "escalation", "show", "--json").json
    SHOWN.validate(document)
    shown = document["data"]
    assert {"tier": 2, "at": stamp(NOW + 12 * MINUTE)} == shown["incidents"][0]["next"]
    assert shown["tick"]["late"]


LETS_IN = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"
"""What PostgreSQL says to whom it trusts: AuthenticationOk, ReadyForQuery."""


def test_a_pooler_that_lets_us_in_and_is_mute_holds_no_show_up(world, tmp_path, monkeypatch):
    """No time limit of the driver's covers it: the answer to the first statement never comes."""
    settings = settings_of(world({}))
    monkeypatch.setattr("peakops.escalation.ticking.LAST_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        url = f"postgresql://nobody@127.0.0.1:{server.getsockname()[1]}/none?sslmode=disable&gssencmode=disable"
        let_in = pool.submit(lambda: (door := server.accept()[0], door.recv(1000), door.sendall(LETS_IN)))
        began = time.monotonic()
        with pytest.raises(TimedOut):
            last_run("escalation tick", replace(settings, database_url=url), tmp_path)
        assert time.monotonic() - began < 2
        let_in.result()[0].close()


def test_show_tells_who_was_not_reached_though_ticks_run(world, peakops):
    """2: the ways of tier 1 fail since ten minutes; 0 as soon as somebody has it."""
    tables = incidents(10)
    failed = {"tier": 1, "contact": "support", "channel": "slack", "outcome": "failed: slack.no_service"}
    tables["peakops.incident_events"].append(event(1, 2, "paged", 10, attempt=1, **failed))
    run = {"sweep": "escalation tick", "started_at": stamp(NOW), "host": "cron-1", "ended_at": stamp(NOW)}
    world({**tables, "peakops.runs": [{**run, "exit_code": 2}]})
    ran = peakops("--sandbox", "escalation", "show", "--json")
    assert (2, ["peakops escalation tick"]) == (ran.code, ran.json["next"])
    assert ["INC-1: tier 1 should have been told at 20 Nov 14:50 UTC, and was not."] == ran.json["warnings"]
    peakops("--sandbox", "incident", "ack", "INC-1")
    assert 0 == peakops("--sandbox", "escalation", "show").code


def test_show_without_an_incident_is_the_matrix(world, peakops, snapshot):
    world({})
    ran = peakops("--sandbox", "escalation", "show")
    assert (0, snapshot) == (ran.code, ran.out)
