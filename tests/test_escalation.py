"""When whom: the escalation matrix as a function of an incident's events, under a clock of the test's own."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from peakops.cli.escalation import page
from peakops.contacts import Book, Channel, Contact, Tier
from peakops.escalation import attempts_of, due, ladder, renamed
from peakops.ledger import Incident

OPENED = datetime(2026, 11, 20, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STRIPE = Contact(
    id="stripe", role="Stripe", kind="vendor", components=("stripe",), channels=(Channel(kind="email", value="a@b"),)
)
VERCEL = Contact(
    id="vercel", role="Vercel", kind="vendor", components=("vercel",), channels=(Channel(kind="email", value="a@c"),)
)
LEAD = Contact(id="lead", role="Lead", channels=(Channel(kind="email", value="a@d"),))


@dataclass(frozen=True)
class Event:
    """As the ledger has them, with what the matrix reads."""

    seq: int
    at: datetime
    kind: str
    detail: dict = field(default_factory=dict)


def book(*, unless="resolved", second=15, third=30, vendors=15, third_for="warning"):
    tiers = (
        Tier(n=1, name="Support", contacts=("lead",), after=0),
        Tier(n=2, name="Lead", contacts=("lead",), after=second * 60, unless=unless),
        Tier(n=3, name="Engineering", contacts=("lead",), after=third * 60, unless=unless, severity=third_for),
        Tier(
            n=4, name="Vendors", contacts=("stripe", "vercel"), after=vendors * 60, severity="critical", mode="confirm"
        ),
    )
    return Book(file=Path("contacts.toml"), people=(LEAD, STRIPE, VERCEL), tiers=tiers, rearm=3600)


BOOK = book()


class History:
    """An incident's events, written as they happen."""

    def __init__(self, severity="critical", at=OPENED):
        self.events = []
        self.add("opened", at, severity=severity)

    def add(self, kind, at, **detail):
        self.events.append(Event(len(self.events) + 1, at, kind, detail))
        return self

    def tick(self, at, the=BOOK):
        """The pages of a tick, noted as sent."""
        pages = due(self.events, the, at).pages
        for each in pages:
            contact = each.component or "lead"
            self.add("paged", at, tier=each.tier, contact=contact, attempt=attempts_of(each.round)[0], outcome="sent")
        return [each.tier for each in pages]


def at(minutes):
    return OPENED + timedelta(minutes=minutes)


def test_the_ladder_of_the_playbook():
    """Tier 1 at once, tier 2 after 15 minutes, tier 3 30 minutes after tier 2: 45 in all; each once."""
    history = History("warning")
    told = {minute: tiers for minute in range(0, 200) if (tiers := history.tick(at(minute)))}
    assert {0: [1], 15: [2], 45: [3]} == told


def test_the_other_reading_is_a_setting():
    """Read as 30 minutes in all, tier 3 follows tier 2 by 15."""
    history = History("warning")
    the = book(third=15)
    assert {0: [1], 15: [2], 30: [3]} == {m: tiers for m in range(100) if (tiers := history.tick(at(m), the))}


def test_one_message_after_a_downtime():
    """A tick that comes late tells the tier that stands now, and which were missed; no burst follows."""
    history = History()
    [page] = due(history.events, BOOK, at(50)).pages
    assert (3, (1, 2)) == (page.tier, page.missed)
    assert [3] == history.tick(at(50))
    assert [] == history.tick(at(51))


@pytest.mark.parametrize("end", ["resolved", "closed"])
def test_nothing_after_the_end(end):
    history = History().add(end, at(14))
    assert [] == history.tick(at(15))
    assert (None, ()) == (due(history.events, BOOK, at(15)).next, due(history.events, BOOK, at(15)).unconfirmed)


def test_an_acknowledgement_holds_back_the_tiers_that_say_so():
    """It holds for `rearm`; then the tier that stands is told, and what it is that nobody has resolved."""
    the = book(unless="acked")
    history = History().add("acked", at(5))
    assert [1] == history.tick(at(5), the)
    assert [] == history.tick(at(64), the)
    assert (3, at(65)) == due(history.events, the, at(64)).next
    assert [3] == history.tick(at(65), the)


def test_who_gives_it_back_has_the_tier_told_again():
    """Nobody has it any more: the tier that stands hears of it a second time, once."""
    history = History()
    assert [1] == history.tick(at(0))
    history.add("acked", at(1)).add("unacked", at(3))
    assert [1] == history.tick(at(4))
    assert [] == history.tick(at(5))
    [again] = [each for each in history.events if each.detail.get("attempt") == attempts_of(1)[0]]
    assert at(4) == again.at


def test_vendors_are_called_when_somebody_has_confirmed_what_it_is():
    """Critical alone calls no vendor; confirmed, the vendor of that component is called, once, beside the people."""
    history = History()
    for minute in range(0, 61):
        history.tick(at(minute))
    assert {1, 2, 3} == {each.detail["tier"] for each in history.events if each.kind == "paged"}
    assert (4,) == due(history.events, BOOK, at(61)).unconfirmed
    history.add("confirmed", at(61), component="stripe")
    [page] = due(history.events, BOOK, at(61)).pages
    assert (4, "stripe") == (page.tier, page.component)
    assert [4] == history.tick(at(62))
    assert [] == history.tick(at(63))
    history.add("confirmed", at(70), component="vercel")
    assert [4] == history.tick(at(70))


def test_a_confirmed_warning_calls_no_vendor_and_a_raised_one_does():
    history = History("warning").add("confirmed", at(1), component="stripe")
    assert [3] == history.tick(at(61))
    assert [4] == history.add("severity", at(62), severity="critical").tick(at(62))


def test_a_pause_is_kept_and_told_when_it_ends():
    history = History().add("snoozed", at(0), until=at(20).isoformat())
    assert [] == history.tick(at(19))
    assert (2, at(20)) == due(history.events, BOOK, at(19)).next
    assert [2] == history.tick(at(20))


@pytest.mark.parametrize(
    ("opened", "changes"),
    [
        (datetime(2026, 11, 1, 1, 40, tzinfo=ZoneInfo("America/New_York")), "back"),
        (datetime(2027, 3, 14, 1, 40, tzinfo=ZoneInfo("America/New_York")), "forward"),
    ],
)
def test_a_clock_that_is_changed_moves_no_tier(opened, changes):
    """Twenty minutes before the clocks change: tier 3 comes 45 real minutes later, wherever the times were written."""
    history = History(at=opened)
    third = opened.astimezone(UTC) + 45 * MINUTE
    history.tick(opened + timedelta(0))
    assert [2] == history.tick(third - timedelta(seconds=1))
    assert [3] == history.tick(third.astimezone(ZoneInfo("Pacific/Auckland")))


def test_a_tier_that_took_the_number_of_one_that_was_told_is_named():
    """Somebody took the lead out of the file: engineering is tier 2 now, and is not told; that must not be silent."""
    history = History().add("paged", at(15), tier=2, contact="lead", attempt=1, outcome="sent", name="Lead")
    assert [] == renamed("INC-7", history.events, BOOK)
    less = replace(BOOK, tiers=(BOOK.tiers[0], replace(BOOK.tiers[2], n=2)))
    assert [
        "INC-7: tier 2 was told as Lead, and is Engineering in contacts.toml by now, who is not told of it."
    ] == renamed("INC-7", history.events, less)


@pytest.mark.parametrize("kind", ["resolved", "closed", "acked"])
def test_what_a_clock_that_is_ahead_has_noted_has_happened(kind):
    """A colleague's machine is five minutes ahead: nobody is told of what it has ended, or somebody there has."""
    the = book(unless="acked")
    assert [] == History().add("paged", at(0), tier=1, contact="lead", attempt=1, outcome="sent").add(
        kind, at(20)
    ).tick(at(15), the)


def test_an_incident_that_a_clock_that_is_ahead_has_opened_is_told_at_once():
    """Tier 1 does not wait until this machine's clock is there; tier 2 waits from the time that was written."""
    history = History()
    assert [1] == history.tick(at(-5))
    assert [] == history.tick(at(14))
    assert [2] == history.tick(at(15))


def test_what_becomes_critical_is_put_off_no_more():
    """A warning was put off for the night; somebody raises it: whoever is due is told. One that was critical stays."""
    raised = History("warning").add("snoozed", at(0), until=at(600).isoformat())
    assert [] == raised.tick(at(50))
    assert [3] == raised.add("severity", at(51), severity="critical").tick(at(51))
    again = History().add("snoozed", at(0), until=at(600).isoformat()).add("severity", at(1), severity="critical")
    assert [] == again.tick(at(50))


def test_a_page_that_is_not_ours_does_not_end_the_tick():
    """A line of the ledger whose detail is something else counts as a page to tier 1."""
    assert [2] == History().add("paged", at(1), outcome="sent", tier="two").tick(at(15))


def test_next_is_when_it_is_told():
    """What is named as next is told at that moment and not before, if nothing happens."""
    history = History("warning")
    for expected in ((2, at(15)), (3, at(45))):
        history.tick(at(0) if expected[0] == 2 else at(15))
        assert expected == due(history.events, BOOK, at(16) if expected[0] == 3 else at(1)).next
    history.tick(at(45))
    assert None is due(history.events, BOOK, at(46)).next


@pytest.mark.parametrize(("severity", "third"), [("warning", "critical alone"), ("critical", "in 44:00")])
def test_a_ladder_promises_no_page_to_who_hears_of_no_warning(severity, third):
    """Confirmed, and with a third tier that is for what is critical: neither it nor the vendor is told of a warning."""
    the, now = book(third_for="critical"), at(1)
    history = History(severity).add("confirmed", at(0), component="stripe")
    made = {"id": "1", "number": "INC-1", "subject": "INV-1", "severity": severity}
    incident = Incident(**made, opened_at=OPENED, opened_by="test")
    seen = ladder.picture(incident, history.events, due(history.events, the, now), the, now)
    data = {"now": now, "incidents": [seen], "matrix": [], "readings": [], "tick": None}
    lines = list(page.lines(data, str, one=True, whole=True))
    assert third in lines[3]
    assert ("critical alone" in lines[4]) == (severity == "warning")


ZONES = (UTC, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"))
ACTS = ("acked", "acked", "unacked", "severity", "confirmed", "snoozed", "note", "handover")
BOOKS = [
    book(unless=unless, second=second, third=third, vendors=vendors, third_for=third_for)
    for unless in ("acked", "resolved")
    for second, third, vendors in ((15, 30, 15), (15, 15, 1), (1, 240, 600))
    for third_for in ("warning", "critical")
]


class Watch:
    """What an operator with a stopwatch would hold against the pages: a second, plain account of the same rules."""

    def __init__(self, the, opened, severity):
        self.the, self.opened, self.severity = the, opened, severity
        self.acked = self.quiet = self.over = None
        self.component, self.confirmed = "", False
        self.people, self.vendors, self.lost = [], [], None
        self.starts, passed = {}, timedelta(0)
        for tier in the.tiers:
            passed += timedelta(seconds=tier.after)
            self.starts[tier.n] = opened + passed

    def pass_to(self, now):
        if self.acked and now - self.acked >= HOUR:
            self.lost, self.acked = self.acked + HOUR, None

    def happened(self, kind, now, detail):
        self.pass_to(now)
        if kind == "acked":
            self.acked = now
        elif kind == "unacked" and self.acked:
            self.acked, self.lost = None, now
        elif kind == "severity":
            if detail["severity"] != self.severity and detail["severity"] == "critical":
                self.quiet = None
            self.severity = detail["severity"]
        elif kind == "confirmed":
            self.confirmed, self.component = True, detail["component"]
        elif kind == "snoozed":
            self.quiet = datetime.fromisoformat(detail["until"])
        elif kind in ("resolved", "closed"):
            self.over = True

    def may(self, tier, now):
        """Whether this tier may hear of it at this moment."""
        if self.over or (self.quiet and now < self.quiet) or now < self.starts[tier.n]:
            return False
        if tier.severity == "critical" and self.severity != "critical":
            return False
        if tier.mode == "confirm" and not (self.confirmed and self.component):
            return False
        return not (tier.unless == "acked" and self.acked)

    def ticked(self, now, pages):
        self.pass_to(now)
        by_n = {tier.n: tier for tier in self.the.tiers}
        called = [each for each in pages if by_n[each.tier].mode == "confirm"]
        told = [each for each in pages if by_n[each.tier].mode == "auto"]
        assert len(told) <= 1, "a burst"
        assert len(called) <= 1, "a burst to vendors"
        top = max((n for n, _ in self.people), default=0)
        for each in pages:
            assert not self.over, "after the end"
            assert now >= self.starts[each.tier], "early"
            assert not (self.quiet and now < self.quiet), "in a pause"
        for each in told:
            assert each.tier >= top, "down the ladder"
            again = [when for n, when in self.people if n == each.tier]
            if again:
                assert self.lost, "twice"
                assert self.lost > again[-1], "twice though nobody gave it back"
                assert not self.acked
                assert () == each.missed
            else:
                assert self.may(by_n[each.tier], now)
                known = {n for n, _ in self.people}
                lower = [t.n for t in self.the.tiers if t.n < each.tier and t.mode == "auto" and self.may(t, now)]
                assert tuple(n for n in lower if n not in known) == each.missed
            self.people.append((each.tier, now))
        for each in called:
            assert self.may(by_n[each.tier], now)
            assert each.component not in self.vendors, "a vendor twice"
            self.vendors.append(each.component)
        self.late(now, by_n)

    def late(self, now, by_n):
        """Nobody who should know by now is left for a later tick."""
        should = [n for n, tier in by_n.items() if self.may(tier, now)]
        people = [n for n in should if by_n[n].mode == "auto"]
        assert max(people, default=0) <= max((n for n, _ in self.people), default=0), "late"
        if people and self.lost and not self.acked:
            assert any(when >= self.lost for _, when in self.people), "nobody was told that nobody has it"
        if any(by_n[n].mode == "confirm" for n in should):
            assert self.component in self.vendors, "late to call a vendor"


def detail_of(kind, now, chance):
    match kind:
        case "severity":
            return {"severity": chance.choice(("warning", "critical"))}
        case "confirmed":
            return {"component": chance.choice(("stripe", "vercel"))}
        case "snoozed":
            return {"until": (now + timedelta(minutes=chance.randint(1, 90))).isoformat()}
    return {}


def gap(chance):
    """The time to the next tick: mostly a minute's cron, sometimes one that did not run for hours."""
    minutes = chance.choice((1, 1, 2, 5, 15, 30, 60)) if chance.random() < 0.9 else chance.randint(61, 480)
    return timedelta(minutes=minutes, seconds=chance.randint(-20, 20))


@pytest.mark.parametrize("part", range(4))
def test_ten_thousand_histories(part):
    """
    Random ticks, downtimes, acknowledgements, pauses, severities, confirmations and ends, in random zones.

    Never early, never after the end, up the ladder only, late by at most one tick, one message after a downtime.
    """
    chance = random.Random(part)
    for number in range(2500):
        the = chance.choice(BOOKS)
        opened = OPENED - timedelta(days=19, minutes=chance.randint(0, 1500)) * chance.randint(0, 1)
        severity = chance.choice(("warning", "critical"))
        history, watch = History(severity, opened.astimezone(chance.choice(ZONES))), Watch(the, opened, severity)
        now, end = opened + timedelta(seconds=chance.randint(0, 60)), opened + 24 * HOUR
        for _ in range(chance.randint(3, 20)):
            if now > end:
                break
            zone = chance.choice(ZONES)
            pages = due(history.events, the, now.astimezone(zone)).pages
            watch.ticked(now, pages)
            for each in pages:
                who, attempt = each.component or "lead", chance.choice(attempts_of(each.round))
                history.add("paged", now, tier=each.tier, contact=who, attempt=attempt, outcome="sent")
            before, now = now, now + gap(chance)
            for share in sorted(chance.random() for _ in range(chance.choice((0, 0, 1, 2)))):
                when = before + (now - before) * share
                kind = chance.choice(ACTS) if chance.random() < 0.93 else chance.choice(("resolved", "closed"))
                detail = detail_of(kind, when, chance)
                history.add(kind, when.astimezone(chance.choice(ZONES)), **detail)
                watch.happened(kind, when, detail)
        assert number < 2500
