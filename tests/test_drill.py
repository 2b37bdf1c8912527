"""A drill: the fault, the clock that runs, the steps that join its incident by themselves, and the score."""

import os
import shlex
import signal
import time
from datetime import UTC, datetime, timedelta

import jsonschema
import psycopg
import pytest

from peakops import sandbox
from peakops.cli.sandboxed import settings_of
from peakops.drilled import points, steps, task, times, wrong
from peakops.ledger import Event
from peakops.render import schema
from peakops.scenarios import FIXES, SCENARIOS

NAMES = tuple(sandbox.drills())
OPENED = datetime(2026, 11, 20, 15, tzinfo=UTC)
TIERS = ((1, OPENED), (2, OPENED + timedelta(minutes=15)), (3, OPENED + timedelta(minutes=45)))


@pytest.fixture
def home(state):
    return state / "peakops"


@pytest.fixture
def drill(peakops):
    """Run a command of drills with --json; its document keeps the schema."""

    def run(*args, **env):
        ran = peakops("drill", *args, "--json", **env)
        name = f"drill {args[0]}"
        jsonschema.Draft202012Validator(schema.of(name)).validate(ran.json)
        return ran

    return run


@pytest.mark.parametrize("name", NAMES)
def test_every_drill_can_be_passed(name, drill, peakops, tmp_path):
    """The commands that a drill lists lead to the full score, without one that led nowhere."""
    incident = drill("start", name, "--abandon").json["data"]["incident"]
    assert 0 == peakops("--sandbox", "incident", "ack", incident).code
    for line in sandbox.drill_named(name)[1]["solve"]:
        peakops("--sandbox", *shlex.split(line.format(incident=incident, folder=tmp_path)))
    ran = drill("finish")

    assert {"got": 4, "of": 4} == ran.json["data"]["score"], ran.json["data"]["points"]
    assert (0, 0) == (ran.json["data"]["wrong"], ran.code)


COMMANDS = {each.replace(".", " ").replace("_", "-") for each in (*SCENARIOS, *FIXES)}


@pytest.mark.parametrize("name", NAMES)
def test_a_drill_names_what_exists_and_gives_nothing_away(name):
    """Its world, its checks and its remedies exist; what the customer says holds no verdict."""
    drill = sandbox.drill_named(name)[1]
    known = task(drill)

    assert sandbox.named(drill["world"])
    assert {*known.checks, *known.fixes, *known.never} <= COMMANDS
    assert not set(known.fixes) & set(known.never)
    assert bool(known.fixes) != bool(known.by_hand)
    assert not [each for each in known.verdicts if each in drill["says"] or each.replace("_", " ") in drill["says"]]


def test_there_is_a_drill_of_every_section():
    """All nine sections of the playbook are practised."""
    assert {"payment", "user", "invitation", "security", "case", "shipping", "notify", "perf", "data"} == {
        each["section"] for each in sandbox.drills().values()
    }


TASK = task(
    {
        "verdict": "double_charge",
        "checks": ["payment duplicates"],
        "fixes": ["payment refund"],
        "never": [{"command": "payment mark-paid", "why": "Why not."}],
    }
)
BY_HAND = task({"verdict": "expired", "checks": ["user check"], "by_hand": "Ask."})


def event(minutes, kind, says="", **detail):
    at = OPENED + timedelta(minutes=minutes)
    return Event(seq=1, at=at, recorded_at=at, operator="ann", kind=kind, says=says, detail=detail, prev="", hash="")


def command(minutes, name, verdict="", **detail):
    return event(minutes, "command", command=name, verdict=verdict, **{"exit_code": 0, **detail})


START, ACK = event(0, "opened"), event(2, "acked")
CHECKED = command(3, "payment duplicates", "double_charge", exit_code=2)
REFUNDED = command(5, "payment refund", "already_refunded", changes=["stripe refund"])


def scored(*events, of=TASK, named=None):
    return {each.name: each.passed for each in points(steps([START, *events], of, TIERS), of, TIERS, named)}


FOUND = {"command": "payment duplicates", "verdict": "double_charge"}
ALL = {"verdict": True, "remedy": True, "no harm": True, "acknowledged": True}


@pytest.mark.parametrize(
    ("events", "missed"),
    [
        ((ACK, CHECKED, REFUNDED), ()),
        ((ACK, command(3, "triage", "double_charge"), REFUNDED), ()),
        ((ACK, REFUNDED), ()),  # a fix exists only inside its finding
        ((CHECKED, REFUNDED, event(14, "resolved")), ()),
        ((ACK, CHECKED), ("remedy",)),
        ((ACK, CHECKED, command(5, "payment refund", "double_charge", exit_code=10)), ("remedy",)),  # only planned
        ((ACK, command(3, "user check", "double_charge")), ("verdict", "remedy")),
        ((ACK, command(3, "payment refund", "double_charge", exit_code=12)), ("remedy",)),  # found, and declined
        ((ACK, command(3, "triage", "no_notification", checks=[FOUND])), ("remedy",)),  # not the worst of them
        ((ACK, command(3, "triage", "no_notification", checks=[{**FOUND, "command": "x"}])), ("verdict", "remedy")),
        ((CHECKED, REFUNDED), ("acknowledged",)),
        ((CHECKED, REFUNDED, event(16, "acked")), ("acknowledged",)),
        ((ACK, CHECKED, REFUNDED, event(6, "unacked")), ("acknowledged",)),
        ((ACK, CHECKED, REFUNDED, event(6, "unacked"), event(7, "acked")), ()),
        ((ACK, CHECKED, REFUNDED, event(16, "unacked")), ()),
        ((ACK, CHECKED, REFUNDED, command(6, "payment mark-paid", changes=["database pay"])), ("no harm",)),
        ((ACK, CHECKED, REFUNDED, command(6, "payment mark-paid", exit_code=10)), ()),
    ],
)
def test_the_score_is_what_the_time_line_shows(events, missed):
    """Each point by itself: found, remedied, without harm, and somebody had it before tier 2 was called."""
    assert {**ALL, **dict.fromkeys(missed, False)} == scored(*events)


def test_what_is_done_by_hand_is_noted():
    """Without a note there was no remedy; and what was named outranks what was found."""
    looked = command(3, "user check", "expired")

    assert {**ALL, "remedy": False} == scored(ACK, looked, of=BY_HAND)
    assert ALL == scored(ACK, looked, event(4, "note", "asked"), of=BY_HAND)
    assert {**ALL, "remedy": False} == scored(ACK, event(2, "note", "they called again"), looked, of=BY_HAND)
    assert ALL == scored(ACK, event(4, "note", "asked"), of=BY_HAND, named="expired")
    assert {**ALL, "verdict": False} == scored(ACK, looked, event(4, "note", "asked"), of=BY_HAND, named="banned")


def test_times_and_detours_are_told():
    """From the complaint on, with the tier in whose time it was; pages of the escalation are no steps."""
    lost = command(1, "payment check", "not_found", exit_code=14)
    paged, other = event(15, "paged"), command(17, "payment cancel-hold", changes=["stripe cancel"])
    taken = steps([START, lost, CHECKED, paged, other, command(20, "payment refund", changes=["x"])], TASK, TIERS)

    assert {"look": 60.0, "verdict": 180.0, "remedy": 1200.0} == times(taken)
    assert (2, [1, 1, 2, 2]) == (wrong(taken), [each.tier for each in taken])


def test_the_clock_of_a_drill_runs_everywhere(drill, home, peakops):
    """For peakops and the database alike, from the world's now on; moved as it runs, and standing after the end."""
    drill("start", "shut-out", "--abandon")
    before, settings = sandbox.status(home), settings_of(sandbox.status(home))
    time.sleep(1.1)
    after = sandbox.clock(home, 3600)
    with psycopg.connect(after.url_as("postgres")) as connection:
        (at_database,) = connection.execute("select sandbox.now()").fetchone()

    assert after.runs
    assert timedelta(seconds=1) < after.now - before.now - timedelta(hours=1) < timedelta(seconds=30)
    assert abs(at_database - sandbox.status(home).now) < timedelta(seconds=5)
    assert timedelta(seconds=1) < settings.now() - before.now < timedelta(seconds=30)
    assert peakops("sandbox", "status", "--json").json["data"]["runs"]
    assert 1 == drill("finish").code
    assert not sandbox.status(home).runs
    assert sandbox.status(home).now == sandbox.status(home).now


def test_every_command_in_the_sandbox_is_a_step_while_it_runs(drill, peakops, home):
    """A drill that was left is not thrown away; another world ends it, and after its end nothing joins any more."""
    began = drill("start", "random", "--seed", "7", "--abandon").json["data"]
    kept = drill("start", "shut-out")
    peakops("--sandbox", "payment", "check", "INV-999999", PEAKOPS_INCIDENT="INC-77")
    peakops("--sandbox", "payment", "check", "INV-999999", "--incident", "INC-77")
    noted = peakops("--sandbox", "incident", "note", "asked for the invoice", "--json")
    told = drill("status").json["data"]

    assert (12, "peakops drill start shut-out --abandon") == (kept.code, kept.json["error"]["hint"])
    assert began["incident"] == noted.json["data"]["incident"]["number"]
    assert [("payment check", "not_found"), ("note: asked for the invoice", "")] == [
        (each["what"], each["verdict"]) for each in told["steps"]
    ]
    assert "tier 1, Support Team" == told["matrix"]["now"]
    assert began["drill"] == drill("start", "random", "--seed", "7", "--abandon").json["data"]["drill"]
    named = drill("finish", "--verdict", "whsec_abcdefghij0123456789")
    assert {"got": 1, "of": 4} == named.json["data"]["score"]
    assert "whsec" not in named.out + named.err
    assert "critical" == drill("start", "shut-out", "--severity", "critical").json["data"]["severity"]
    sandbox.load_named(home, "paid")
    assert (14, 14) == (drill("status").code, drill("finish").code)
    assert None is sandbox.drill(home)


def test_a_sandbox_that_was_killed_takes_no_drill_with_it(drill, tmp_path):
    """The next command brings both up again: it is neither said to be over, nor overwritten by the next one."""
    # A sandbox of its own: others of the session have connections to the session's.
    own = tmp_path / "peakops"
    try:
        began = drill("start", "shut-out", "--abandon", home=tmp_path).json["data"]
        os.kill(sandbox.status(own).pid, signal.SIGKILL)
        while sandbox.status(own):
            time.sleep(0.01)
        ran = drill("finish", home=tmp_path)

        assert (1, began["incident"]) == (ran.code, ran.json["data"]["incident"])
        assert 14 == drill("finish", home=tmp_path).code
    finally:
        sandbox.stop(own)


def test_without_the_contacts_the_rest_is_scored(drill, peakops, tmp_path):
    """Nobody can be late where the matrix is not known; both the page and the document say why."""
    drill("start", "shut-out", "--abandon")
    file = tmp_path / "contacts.toml"
    file.write_text("x = [")
    page = peakops("drill", "status", PEAKOPS_CONTACTS=str(file))
    ran = drill("finish", PEAKOPS_CONTACTS=str(file))

    assert (0, 3) == (page.code, ran.json["data"]["score"]["of"])
    assert "The matrix is not known" in page.out
    assert "The matrix is not known" in ran.json["warnings"][0]


def test_a_drill_is_in_the_sandbox_alone(drill):
    """Another environment that is named is refused; a drill that is not there is not found, with what to run."""
    refused, absent = drill("start", "random", PEAKOPS_ENV="production"), drill("start", "no-such")

    assert (64, "peakops --sandbox drill start") == (refused.code, refused.json["error"]["hint"])
    assert (14, "peakops drill list") == (absent.code, absent.json["error"]["hint"])
    assert len(NAMES) == len(drill("list").json["data"]["drills"])
