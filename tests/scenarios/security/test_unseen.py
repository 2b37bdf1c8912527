"""What the logs cannot have seen: nobody is called usual by a log that stopped, was cut, or knows less than others."""

from datetime import timedelta, timezone

import pytest

from peakops.model import Evidence
from peakops.scenario import Facts
from peakops.scenarios.security import pivots, sight, suspicion

from .test_investigate import (
    ACCOUNT,
    EGRESS,
    HABITS,
    HELD,
    HOME,
    KEPT_LOG,
    NOW,
    STRANGE,
    ago,
    code,
    event,
    evidence,
    judged,
    line,
    missing,
    noted,
    session,
    told,
)

SIGNED_IN = {**ACCOUNT, "last_sign_in_at": ago(hours=9)}
FAILED = [event(ago(days=4), "login_failed", left_off=True)]
SHARED = {"ip": EGRESS, "people": 40, "practices": 9, "everybody": 60}


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ("since 14 Nov 2026", {"portal_log": [{**KEPT_LOG, "newest": ago(days=6)}]}),
        ("begins on 12 Nov 2026", {"portal_log": [{**KEPT_LOG, "oldest": ago(days=8)}]}),
        ("--since 2026-11-12", {"portal_log": [{**KEPT_LOG, "oldest": ago(days=8)}]}),
        ("this machine's clock", {"portal_log": [{**KEPT_LOG, "newest": ago(hours=-3)}]}),
        ("more entries", {"history": [{**each, "left_off": True} for each in HABITS if each["at"] > ago(days=20)]}),
        ("more log-ins that failed", {"history": [*HABITS, *FAILED]}),
        ("more sessions", {"sessions": [session(left_off=True)]}),
        ("a log-in at 20 Nov 2026 06:00 UTC", {"accounts": [SIGNED_IN]}),
        ("a log-in at 19 Nov 2026", {"auth_events": [noted("login", created_at=ago(days=1))]}),
    ],
)
def test_a_log_that_cannot_have_seen_it_clears_nobody(says, said):
    """It is not classified, and the reason is the first thing that is said."""
    each = judged(**said)

    assert "unclassified" == each.ruling.code
    assert says in each.ruling.says


@pytest.mark.parametrize(
    "said",
    [
        {"portal_log": [{"newest": ago(days=2), "oldest": ago(days=29)}]},
        {"history": [{**each, "left_off": True} for each in HABITS]},
        {"accounts": [SIGNED_IN], "sessions": [session(), session(id="s-2", created_at=ago(hours=9))]},
        {"accounts": [SIGNED_IN], "history": [*HABITS, event(ago(hours=9, minutes=-1))]},
        {"accounts": [SIGNED_IN], "platform": [line(ago(hours=9))]},
        {"accounts": [{**ACCOUNT, "last_sign_in_at": ago(days=40)}]},
        {"auth_events": [noted("login", created_at=ago(days=3))]},
    ],
)
def test_what_the_logs_cover_is_no_reason(said):
    """A weekend, a cut before the time that was asked for, a log-in that something else tells of."""
    assert "nothing_unusual" == code(**said)


def test_a_cut_makes_the_answer_incomplete_whatever_it_is():
    """Also beside a finding."""
    assert not judged(history=[*HABITS, *FAILED]).ruling.complete
    assert not judged(history=[*HABITS, *FAILED], containment=[HELD]).ruling.complete


def test_silence_of_the_accounts_is_unknown():
    """Without them nobody knows of a last log-in; and a containment's ban is neither there nor missing."""
    held = judged(("accounts",), containment=[HELD])

    assert "unknown" == code(("accounts",))
    assert "contained" == held.ruling.code
    assert "not banned" not in held.ruling.says


def test_a_containment_that_only_the_log_tells_is_one():
    """A team that keeps no record of its own has it in the portal's log, until the release."""
    began = event(ago(hours=5), "noted", action="user.contained", ip=None, agent=None)
    ended = event(ago(hours=4), "noted", action="user.released", ip=None, agent=None)

    assert "contained" == code(history=[*HABITS, began])
    assert "nothing_unusual" == code(history=[*HABITS, began, ended])


def test_what_was_refused_to_the_portals_own_server_was_anybodys():
    """Such a line names no account: everybody's typing errors would be the person's."""
    refused = [line(ago(hours=1, minutes=20 - n), "refused", ip=EGRESS) for n in range(9)]
    said = {"platform": refused, "sessions": [session(ip=EGRESS)], "history": [*HABITS, event(ago(hours=1))]}

    assert 0 == suspicion.judged(Facts(evidence(shared=[SHARED], **said))).score
    assert 0 < suspicion.judged(Facts(evidence(**said))).score
    assert "not_available" == missing(shared=[SHARED], **said)["failures_then_success"]


def test_a_session_that_ran_out_is_no_failed_login():
    """A browser that was left open is refused at the same door."""
    refused = [line(ago(hours=1, minutes=n), "refused", ip=STRANGE) for n in range(9)]
    stale = [{**each, "code": "refresh_token_not_found"} for each in refused]

    assert {"login_failed"} == {each["kind"] for each in told(platform=refused) if each["source"] == "gateway"}
    assert {"noted"} == {each["kind"] for each in told(platform=stale) if each["source"] == "gateway"}


def test_events_of_all_sources_are_written_alike():
    """IPv4 as IPv4, and times in UTC, whatever the server's and the database's ways."""
    there = timezone(timedelta(hours=-5))
    at = ago(hours=2).astimezone(there)
    each = next(row for row in told(history=[event(at, ip=f"::ffff:{HOME}")]) if row["source"] == "portal")

    assert (HOME, 13) == (each["ip"], each["at"].hour)


def _pivoted(**looks):
    more = [
        Evidence(
            name=name, source="database", at=NOW, rows=tuple(rows or ()), error=None if rows is not None else FAULT
        )
        for name, rows in looks.items()
    ]
    return Facts((*evidence(), *more))


FAULT = next(each.error for each in evidence(("platform",)) if each.error)


def test_a_pivot_counts_people_and_admits_silence():
    """A failed log-in of nobody known is no person; where nothing could be read, nothing is said."""
    row = {"user": None, "email": None, "practice": None, "first_at": ago(days=1), "last_at": ago(days=1)}
    both = _pivoted(by_address=[{**row, "user": "u-2"}], noted_at_address=[row])

    assert ["1 other person used the address that was asked about."] == list(pivots.told(both))
    assert ["No other people used the address that was asked about, as far as it could be read."] == list(
        pivots.told(_pivoted(by_address=None, noted_at_address=[row]))
    )
    assert None is pivots.address(_pivoted(by_address=None, noted_at_address=None))


def test_other_accounts_of_the_address_are_named():
    """Whoever has the password may have used another one."""
    twin = {**ACCOUNT, "id": "u-9"}
    says = sight.truth(Facts(evidence(accounts=[ACCOUNT, twin])))[0]["says"]

    assert "not looked at: u-9" in says
