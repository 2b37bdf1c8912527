"""What a mitigation that must be taken back is made of: its lease, its time, and when the sweep last ran. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from peakops import timegrammar
from peakops.errors import Refused
from peakops.fix import Action
from peakops.scenario import Answer, Facts, Look, Outcome, Row, found, ok, skip
from peakops.scenarios.words import day, lasting

SWEEP = "security leases"
"""The name under which the sweep notes its runs."""
MOST = timedelta(days=7)
"""How long a mitigation may last: what is needed for longer is a rule, which somebody makes and reviews at Vercel."""
SWEPT_WITHIN = timedelta(hours=2)
"""How long ago the sweep may have run. Cron has it every ten minutes: twelve runs were missed."""
CRON = "*/10 * * * * peakops security leases --sweep --json"
"""What takes back what is due, in a crontab."""
AHEAD = timedelta(minutes=5)
"""How far the clock of the machine that sweeps may be before ours: what ends later than that tells nothing of a run."""
FEW = 5
"""How many a sentence names."""
SWEEP_NOW = "peakops security leases --sweep"
NOT_ON = f"nothing would take the change back. Its cron line: {CRON}"


def look_for(look: Look, kind: str, subject: Any, asked: Answer) -> None:
    """The looks that each mitigation needs: the team's tables, the leases of its subject, and the sweep's last run."""
    look.rows("team", "change/team_tables")
    of = asked.then(lambda row: str(row["id"]) if row else str(subject))
    look.at("database", "leases", "team", query="security/leases", kind=kind, subject=of)
    look.at("database", "sweep", "team", query="security/last_sweep", sweep=SWEEP)
    look.at("firewall", "draft", "draft")


def team(facts: Facts) -> Outcome:
    if not facts.known("team"):
        return skip("It could not be read.")
    if not facts["team"][0]["schema"]:
        says = "The schema peakops is not there, so that nobody would know what to take back, and when."
        return found("no_place", says, next=("peakops setup",))
    return ok("The team's tables are there.")


def sweep(facts: Facts) -> Outcome:
    if not facts.known("sweep"):
        return skip("It could not be read.")
    last = facts["sweep"][0] if facts["sweep"] else None
    if last is None:
        return found("no_sweep", f"The sweep of the leases has never run: {NOT_ON}", next=(SWEEP_NOW,))
    if last["seconds"] < -AHEAD.total_seconds():
        says = f"The sweep of the leases last ran on {day(last['ended_at'])}, by the clock of {last['host']}, which is"
        return found("no_sweep", f"{says} ahead of ours by {lasting(-last['seconds'])}: one of the clocks is wrong.")
    if last["seconds"] > SWEPT_WITHIN.total_seconds():
        says = f"The sweep of the leases last ran on {day(last['ended_at'])}, {lasting(last['seconds'])} ago"
        return found("no_sweep", f"{says}: {NOT_ON}", next=(SWEEP_NOW,))
    return ok(f"The sweep of the leases last ran on {day(last['ended_at'])}.")


def draft(facts: Facts) -> Outcome:
    if not facts.known("draft"):
        return skip("It could not be read.")
    one = facts["draft"]
    if one is None:
        return ok("Nobody has a draft of the firewall.")
    return found("draft", told_draft(one))


def told_draft(one: Row) -> str:
    """Whose draft it is, as far as Vercel tells, of when, and how much is in it."""
    who = one["author"] or "Somebody whom Vercel does not name"
    many = f"{one['changes']} change{'s' * (one['changes'] != 1)}"
    return f"{who} has a draft of the firewall that is not published, of {day(one['updated_at'])}, with {many}."


def current(facts: Facts) -> Row | None:
    """The lease that is open; a thing has at most one."""
    return next((each for each in facts["leases"] if each["ended_at"] is None), None)


def any_open(leases: Sequence[Row]) -> bool:
    """Whether one of some leases is open."""
    return any(each["ended_at"] is None for each in leases)


def told(lease: Row) -> str:
    """Until when, and whose."""
    return f"until {day(lease['expires_at'])}, by {who(lease)}"


def named(subjects: Sequence[str]) -> str:
    """The first of some networks or rules, and how many more there are."""
    more = f" and {len(subjects) - FEW} more" if len(subjects) > FEW else ""
    return f"{', '.join(subjects[:FEW])}{more}"


def who(lease: Row) -> str:
    """Who made it, without the state folder."""
    return str(lease["operator"]).split("/")[0]


def seconds(text: str) -> float:
    """How long it is to last. Raises Refused beyond the longest."""
    wanted = timegrammar.duration(text)
    if wanted > MOST.total_seconds():
        says = f"{lasting(wanted)} is longer than a mitigation may last, which is {lasting(MOST.total_seconds())}."
        hint = "Take a shorter time; what is needed for longer is a rule of its own, made and reviewed at Vercel."
        raise Refused(says, hint=hint, code="fix.too_long")
    return wanted


def name_of(kind: str, subject: str, facts: Facts) -> str:
    """The id of the next lease of a subject: the same while nothing changes, so that a plan stays the same plan."""
    ended = [each for each in facts["leases"] if each["ended_at"] is not None]
    return str(uuid5(NAMESPACE_URL, f"peakops:{kind}:{subject}:{len(ended)}:{ended[0]['id'] if ended else ''}"))


def opening(facts: Facts, *, kind: str, subject: str, inverse: Row, lasts: str) -> tuple[str, Action]:
    """The lease's id, and what notes it before anything is changed; one that is open without its change is taken up."""
    length, held = seconds(lasts), current(facts)
    lease = str(held["id"]) if held else name_of(kind, subject, facts)
    own = {} if held else {"kind": kind, "subject": subject}
    action = Action(
        via="database",
        call="security/renew_lease" if held else "security/open_lease",
        params={
            "lease": lease,
            **own,
            "inverse": dict(inverse),
            "reason": {"private": "reason"},
            "seconds": length,
        },
        target=f"lease {lease[:8]}",
        was=f"open without its change, {told(held)}" if held else "none",
        becomes=f"taken back by the sweep after {lasting(length)}",
        undo="It ends with what it is for.",
    )
    return lease, action


def confirming(lease: str, step: int) -> Action:
    """What notes, once the vendor has made the change, by which name it knows it."""
    return Action(
        via="database",
        call="security/confirm_lease",
        params={"lease": lease, "made": {"of": step, "field": "id"}},
        target=f"lease {lease[:8]}",
        was="intended",
        becomes="in force",
        undo="It ends with what it is for.",
    )


def ending(lease: Row, outcome: Any) -> Action:
    """What notes that nothing of a lease is left to take back; `outcome` is a text, or what a step brings."""
    return Action(
        via="database",
        call="security/end_lease",
        params={"lease": str(lease["id"]), "outcome": outcome},
        target=f"lease {str(lease['id'])[:8]}",
        was=f"open {told(lease)}",
        becomes="ended",
    )
