"""Judgement on one person: literal facts in, verdicts, points and gaps out; and a verdict for every combination."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.security import gaps, sight, timeline
from peakops.scenarios.security.investigate import SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANNA, SMILE, CEDAR = "u-1", "p-1", "p-2"
HOME, STRANGE, EGRESS = "203.0.113.24", "198.51.100.77", "192.0.2.80"
CHROME, TOOL = "Mozilla/5.0 (Windows NT 10.0) Chrome/131.0", "python-requests/2.32"
SOURCES = {"platform": "supabase_logs", "firewall": "firewall"}
SINGLE = ("person",)
LOOKS = (
    *("person", "similar", "window", "accounts", "profiles", "containment", "history", "sessions", "portal_log"),
    *("auth_events", "auth_log", "networks", "agents", "sprays", "shared", "platform", "firewall"),
)


def ago(**span):
    return NOW - timedelta(**span)


def event(at, kind="login", **said):
    base = {
        **{"user": ANNA, "at": at, "kind": kind, "ip": HOME, "agent": CHROME, "country": None, "asn": None},
        **{"session": None, "practice": None, "home": SMILE, "rows": None, "source": "portal"},
        **{"line": f"audit_logs {at:%d%H%M%S}", "action": f"auth.{kind}", "times": 1, "last_at": at},
    }
    return {**base, **said}


def read(at, rows=3, **said):
    return event(at, "read", rows=rows, practice=SMILE, action="records.viewed", **said)


HABITS = [each for day in range(3, 87, 5) for each in (event(ago(days=day)), read(ago(days=day, minutes=-20)))]
BURST = [
    *(event(ago(hours=1, minutes=20 - n), "login_failed", ip=STRANGE, agent=TOOL) for n in range(9)),
    event(ago(hours=1), ip=STRANGE, agent=TOOL),
]
EXPORT = [event(ago(hours=1), "export", rows=800, practice=SMILE, action="records.exported")]


def session(**said):
    base = {"id": "s-1", "user": ANNA, "at": ago(minutes=20), "created_at": ago(days=3), "not_after": None}
    return {**base, "aal": "aal1", "ip": HOME, "agent": CHROME, **said}


def line(at, kind="event", **said):
    base = {"at": at, "kind": kind, "action": "login" if kind == "event" else None, "ip": HOME, "agent": None}
    return {**base, "country": None, "session": None, "asn": None, "count": 1, "code": None, **said}


def noted(action, **said):
    return {"id": "e-1", "created_at": ago(hours=1), "action": action, "ip": None, "by_another": False, **said}


HELD = {"made_at": ago(hours=3), "operator": "mara@ops-1", "reason": "A phishing mail"}
KEPT_LOG = {"newest": ago(minutes=1), "oldest": ago(days=400)}
PROFILE = {"id": ANNA, "role": "member", "practice_id": SMILE, "practice": "Smile Care", "is_active": True}
ACCOUNT = {"id": ANNA, "deleted_at": None, "banned_until": None, "last_sign_in_at": ago(days=3)}


def evidence(silent=(), **said):
    """Every look: of Anna, who works as always, with what the test says; the named ones silent."""
    given = {
        **{name: [] for name in LOOKS},
        "person": {"id": ANNA, "email": "anna@smilecare.example", "given": "anna@smilecare.example"},
        "window": [{"since": ago(days=30), "until": NOW}],
        "accounts": [ACCOUNT],
        "profiles": [PROFILE],
        "history": HABITS,
        "sessions": [session()],
        "portal_log": [KEPT_LOG],
        "auth_log": [{"kept": True}],
        **said,
    }
    return tuple(_look(name, given[name], name in silent) for name in given)


def _look(name, value, silent):
    source = SOURCES.get(name, "database")
    fault = Fault(code=f"{source}.down", category="upstream", message=f"{source} is down.") if silent else None
    rows = () if silent or value is None else (value,) if name in SINGLE else tuple(value)
    return Evidence(name=name, source=source, at=NOW, rows=rows, single=name in SINGLE, error=fault)


def judged(silent=(), **said):
    looked = evidence(silent, **said)
    return rule(SCENARIO, diagnose(SCENARIO, looked), looked)


def code(silent=(), **said):
    return judged(silent, **said).ruling.code


def missing(silent=(), **said):
    return {each["signal"]: each["state"] for each in gaps.missing(Facts(evidence(silent, **said)))}


def told(**said):
    return timeline.events(Facts(evidence(**said)))


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ("nothing_unusual", {}),
        ("likely_compromised", {"history": [*HABITS, *BURST]}),
        ("likely_compromised", {"history": [*HABITS, *BURST], "containment": [HELD]}),
        ("unusual", {"history": [*HABITS, *EXPORT]}),
        ("contained", {"containment": [HELD]}),
        ("contained", {"containment": [HELD], "history": [*HABITS, *EXPORT]}),
        ("unclassified", {"portal_log": [{**KEPT_LOG, "newest": ago(days=31)}]}),
        ("unclassified", {"portal_log": [{**KEPT_LOG, "newest": None}], "history": []}),
        (
            "nothing_unusual",
            {"history": [], "sessions": [], "accounts": [{**ACCOUNT, "last_sign_in_at": ago(days=99)}]},
        ),
    ],
)
def test_rows(expected, said):
    """Each row of the playbook, and what its precedence is."""
    assert expected == code(**said)


@pytest.mark.parametrize(
    ("silent", "said", "expected"),
    [
        (("history",), {}, "unknown"),
        (("sessions",), {}, "unknown"),
        (("history", "sessions"), {}, "unknown"),
        (("sessions",), {"history": [*HABITS, *BURST]}, "likely_compromised"),
        (("sessions",), {"history": [*HABITS, *EXPORT]}, "unknown"),
        (("sessions",), {"containment": [HELD]}, "unknown"),
        (("containment",), {}, "unknown"),
        (("portal_log",), {}, "unknown"),
        (("platform", "firewall", "auth_events", "auth_log", "shared"), {}, "nothing_unusual"),
        (("networks",), {}, "nothing_unusual"),
    ],
)
def test_silence(silent, said, expected):
    """Nothing is called usual, nor only unusual, without both logs; what is proven is said without the other."""
    each = judged(silent, **said)

    assert expected == each.ruling.code
    assert not each.ruling.complete


def test_what_is_missing_is_told_beside_an_ok():
    """Without the platform logs it is ok, not complete, and says what could not be seen."""
    each = judged(("platform",))

    assert "signals could not be had" in each.ruling.says
    assert {"new_country": "not_available", "two_countries": "not_available"}.items() <= missing(("platform",)).items()


def test_a_contained_account_is_not_to_be_contained_again():
    """The next command is to look at it; where it is not contained, to contain it."""
    held = judged(history=[*HABITS, *BURST], containment=[HELD])
    free = judged(history=[*HABITS, *BURST])

    assert ("peakops security verify anna@smilecare.example", "peakops security contain anna@smilecare.example") == (
        held.findings[0].next[0],
        free.findings[0].next[0],
    )
    assert "already" in held.findings[0].do
    assert "security contain" not in " ".join(held.findings[0].next)


def test_an_address_of_everybody_is_the_portals_own():
    """Where half of all people have sessions from it, neither it nor its agent is held against anybody."""
    strange = session(ip=EGRESS, agent="node")
    shared = {"ip": EGRESS, "people": 40, "practices": 9, "everybody": 60}

    assert "nothing_unusual" != code(sessions=[session(ip=STRANGE, agent=TOOL)], platform=[_seen(STRANGE, "NL")])
    assert "nothing_unusual" == code(sessions=[strange], shared=[shared])
    assert "40 of 60 people" in " ".join(sight.warns(Facts(evidence(sessions=[strange], shared=[shared]))))
    assert () == sight.warns(Facts(evidence(sessions=[strange], shared=[{**shared, "people": 4, "everybody": 6}])))


def _seen(ip, country):
    return line(ago(minutes=30), "requests", ip=ip, agent=TOOL, country=country, asn=60068)


def test_a_login_of_two_logs_is_one():
    """The portal's and Supabase's line of one log-in: the second is told, not judged; one that stands alone counts."""
    one = [event(ago(hours=2))]
    twice = told(history=one, platform=[line(ago(hours=2, seconds=3))])
    alone = told(history=one, platform=[line(ago(hours=9))])

    assert ["noted", "login"] == [each["kind"] for each in twice if each["source"] in ("portal", "gateway")]
    assert ["login", "login"] == [each["kind"] for each in alone if each["source"] in ("portal", "gateway")]


def test_refused_logins_of_the_platform_logs_count():
    """The portal noted none: they are the failures before the success."""
    refused = [line(ago(hours=1, minutes=20 - n), "refused", ip=STRANGE) for n in range(9)]
    success = [event(ago(hours=1), ip=STRANGE)]

    assert "likely_compromised" == code(history=[*HABITS, *success], platform=refused)
    assert "nothing_unusual" == code(history=[*HABITS, *success])


def test_the_gateway_tells_countries_of_the_portals_addresses():
    """An address that the gateway has seen is placed wherever it stands; others are left as they are."""
    rows = told(platform=[line(ago(hours=1), "requests", country="US", asn=7922)])

    assert {("US", "7922")} == {(each["country"], each["asn"]) for each in rows if each["ip"] == HOME}


@pytest.mark.parametrize(
    ("action", "by_another", "kind"),
    [
        ("factor_deleted", False, "privilege"),
        ("user_updated_password", False, "privilege"),
        ("user_modified", True, "noted"),
        ("login", False, "noted"),
    ],
)
def test_what_supabase_notes(action, by_another, kind):
    """What the person changes of the ways in counts; what an administrator does is told."""
    rows = told(auth_events=[noted(action, by_another=by_another)])

    assert [kind] == [each["kind"] for each in rows if each["source"] == "auth"]


def test_the_firewall_is_told_of_the_persons_addresses_alone():
    """Others' addresses are nobody's business here."""
    stopped = {"action": "deny", "count": 7, "host": "x", "rule": None, "started_at": ago(hours=5), "ended_at": None}
    rows = told(firewall=[{**stopped, "ip": HOME}, {**stopped, "ip": "192.0.2.1"}])

    assert [HOME] == [each["ip"] for each in rows if each["source"] == "firewall"]


@pytest.mark.parametrize(
    ("silent", "said", "signals", "state"),
    [
        (("history",), {}, ("mass_reading", "off_hours", "other_practice"), "not_available"),
        (("platform",), {}, ("new_country", "two_countries", "failures_then_success"), "not_available"),
        ((), {}, ("new_country", "two_countries"), "empty"),
        ((), {"history": HABITS[:2], "sessions": []}, ("new_network", "new_device", "off_hours"), "empty"),
        ((), {"history": [event(ago(days=2))]}, ("mass_reading", "other_practice"), "empty"),
        ((), {"history": [event(ago(days=2), home=None)], "profiles": []}, ("other_practice",), "not_available"),
        (("history", "sessions"), {}, ("new_network", "unseen_agent", "privilege_change"), "not_available"),
    ],
)
def test_each_signal_that_cannot_be_had_is_named(silent, said, signals, state):
    """With whether its source is silent, or answers and has nothing."""
    assert dict.fromkeys(signals, state).items() <= missing(silent, **said).items()


def test_nothing_is_missing_where_everything_is_known():
    """No gap is made up."""
    seen = [line(ago(days=day), "requests", country="US", asn=7922) for day in range(5)]

    assert {} == missing(platform=seen)


def test_every_signal_of_the_score_has_its_gap():
    """A signal that is added to the score is asked for here too."""
    from inspect import getsource
    from re import findall

    from peakops.scenarios.security import rules

    assert set(gaps.CODES) == set(findall(r'yield \(?\s*"(\w+)"', getsource(rules)))


def test_points_stand_beside_their_lines():
    """The time line's points are those of the signals, each at the line that it names."""
    data = sight.data(Facts(evidence(history=[*HABITS, *BURST])))
    by_line = {each["record"]: each["points"] for each in data["timeline"] if each["points"]}

    assert data["score"] == sum(by_line.values())
    assert {each["record"] for each in data["signals"]} == set(by_line)


HISTORIES = {
    "silent": None,
    "empty": [],
    "quiet": HABITS,
    "odd": [*HABITS, *EXPORT],
    "strange": [*HABITS, *BURST],
}
SESSIONS = {"silent": None, "none": [], "usual": [session()]}
CONTAINMENTS = {"silent": None, "none": [], "open": [HELD]}
KEPT = {
    "silent": None,
    "fresh": [KEPT_LOG],
    "old": [{**KEPT_LOG, "newest": ago(days=40)}],
    "never": [{**KEPT_LOG, "newest": None}],
}
PLATFORMS = {"silent": None, "empty": [], "read": [line(ago(days=1), "requests", country="US", asn=7922)]}
COMPANY = {"silent": None, "known": []}
PARTS = {
    "history": HISTORIES,
    "sessions": SESSIONS,
    "containment": CONTAINMENTS,
    "portal_log": KEPT,
    "platform": PLATFORMS,
    "networks": COMPANY,
}


def cells():
    """Every combination of what each look may say."""
    for at in product(*PARTS.values()):
        yield dict(zip(PARTS, at, strict=True))


def expected(at):
    """The issue's precedence, read a second time by the cells' names alone."""
    if at["history"] == "strange":
        return "likely_compromised"
    if "silent" in (at["history"], at["sessions"]):
        return "unknown"
    if at["containment"] == "open":
        return "contained"
    if at["history"] == "odd":
        return "unusual"
    if "silent" in (at["containment"], at["portal_log"]):
        return "unknown"
    left_no_trace = at["history"] == "empty" and at["sessions"] == "none"
    return "nothing_unusual" if at["portal_log"] == "fresh" and not left_no_trace else "unclassified"


def test_every_cell_has_the_verdict_of_the_issue():
    """The product of the states: never ok in the dark, not unknown where it is proven, unclassified for a dead log."""
    wrong = []
    walked = list(cells())
    for at in walked:
        silent = tuple(name for name, state in at.items() if state == "silent")
        said = {name: PARTS[name][state] for name, state in at.items() if state != "silent"}
        each = judged(silent, **said)
        if expected(at) != each.ruling.code:
            wrong.append((at, each.ruling.code))
        if silent:
            assert not each.ruling.complete

    assert 1000 < len(walked)
    assert [] == wrong[:5]


def test_the_rows_are_the_issues():
    """In its order and severities."""
    rows = {entry.code: str(entry.severity) for question in SCENARIO.guide.questions for entry in question.entries}

    assert {
        "likely_compromised": "critical",
        "contained": "warning",
        "unusual": "warning",
        "nothing_unusual": "ok",
    } == rows
    assert ["likely_compromised", "contained", "unusual", "nothing_unusual"] == list(rows)
