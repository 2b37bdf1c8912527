"""The questions of `security investigate`: is somebody else in the account, and what speaks for it. Pure."""

from collections.abc import Mapping
from datetime import datetime

from peakops import playbook
from peakops.scenario import Facts, Missing, Outcome, Row, found, ok, skip
from peakops.scenarios.security import context, gaps, score, unseen
from peakops.scenarios.security.events import FAILED
from peakops.scenarios.security.score import Day, Judged
from peakops.scenarios.security.timeline import BASE, BLOCKED, NOTED, SERVER, egress, events
from peakops.scenarios.user import person
from peakops.scenarios.words import day

COMPANY = ("networks", "agents", "sprays")
"""The looks at what colleagues use; without them everything is as new as it looks."""
TOLD = 3
"""Signals that the verdict's sentence names; all are listed below it."""


def judged(facts: Facts) -> Judged:
    """What the events come to that answered. Raises Missing where neither the log nor the sessions did."""
    if not facts.known("history") and not facts.known("sessions"):
        raise Missing("Neither the portal's log nor the sessions could be read.")
    if "worked_out" in facts:  # by the hunt, which makes the context once for everybody
        judged: Judged = facts["worked_out"]["judged"]
        return judged
    known = facts.known(*COMPANY)
    company = context.of(*(facts[name] for name in COMPANY)) if known else context.Context()
    return score.judge(told(facts), company, since(facts))


def told(facts: Facts) -> list[Row]:
    """The events that are judged, in order of time."""
    shared = {each["ip"] for each in egress(facts)}
    every = (each for each in events(facts) if each["kind"] not in (NOTED, BLOCKED))
    return [_own(each, shared) for each in every if not _anybodys(each, shared)]


def since(facts: Facts) -> datetime:
    """From when on events are judged; what was before is only learnt from."""
    at: datetime = facts["window"][0]["since"]
    return at


def _anybodys(event: Row, shared: set[str]) -> bool:
    """A log-in that was refused to the portal's own server may have been anybody's: the line names no account."""
    return event["kind"] == FAILED and event["source"] == "gateway" and event["ip"] in shared


def _own(event: Row, shared: set[str]) -> Row:
    """The event without the portal's own address and agent, which would be taken for the person's."""
    if event["source"] in SERVER and event["ip"] in shared:
        return {**event, **dict.fromkeys(("ip", "agent", "country", "asn"))}
    return event


def takeover(facts: Facts) -> Outcome:
    worst = _worst(facts)
    if worst and worst.score >= score.LIKELY:
        held = facts.known("containment", "history") and (person.contained(facts) or _logged(facts))
        without = ("security contain",) if held else ("security verify",)
        return found("likely_compromised", _says(worst), without=without, instead=_words("contained") if held else {})
    _complete(facts)
    return ok(
        f"The most unusual visit has {worst.score:g} of {score.LIKELY:g} points." if worst else "No signal at all."
    )


def _words(name: str) -> Mapping[str, str]:
    words: Mapping[str, str] = playbook.words("security")["instead"][name]
    return words


def _worst(facts: Facts) -> Day | None:
    return next(iter(judged(facts).days), None)


def _complete(facts: Facts) -> None:
    """Raise Missing where a log is silent that might tell more."""
    for name in BASE:
        facts[name]


def _says(worst: Day) -> str:
    named = " ".join(each.says for each in worst.signals[:TOLD])
    more = len(worst.signals) - TOLD
    further = f" {more} further signal{'s' * (more > 1)}." if more > 0 else ""
    return f"{worst.score:g} points in a visit that began on {worst.day:%d %b %Y}: {named}{further}"


def containment(facts: Facts) -> Outcome:
    row = person.contained(facts)
    if row is None:
        logged = _logged(facts)
        if logged is None:
            return ok("No security action is open for the person.")
        return found("contained", f"Contained on {day(logged)}, by the portal's log; see 'security verify'.")
    if facts.known("accounts"):
        banned = person.banned(facts)
        ban = f"banned until {day(banned)}" if banned else "and not banned: see 'security verify'"
    else:
        ban = "and whether banned could not be read: see 'security verify'"
    return found("contained", f"Contained since {day(row['made_at'])} by {row['operator']}, {ban}.")


def _logged(facts: Facts) -> datetime | None:
    """When the person was contained by a team that keeps no record of its own, unless they were released since."""
    noted = [each for each in facts["history"] if each.get("action") in ("user.contained", "user.released")]
    newest = max(noted, key=lambda each: each["last_at"], default=None)
    return newest["last_at"] if newest and newest["action"] == "user.contained" else None


def habits(facts: Facts) -> Outcome:
    worst = _worst(facts)
    _complete(facts)
    if worst is None or worst.score < score.UNUSUAL:
        return ok("What was new stays below what is worth a question.")
    if worst.score >= score.LIKELY:
        return skip("More than unusual: see above.")
    return found("unusual", _says(worst))


def quiet(facts: Facts) -> Outcome:
    """All is well only where the logs can have seen it: a log that nobody writes shows nobody."""
    worst = _worst(facts)
    _complete(facts)
    if worst and worst.score >= score.UNUSUAL:
        return skip("Something is unusual.")
    if blind := next(unseen.reasons(facts), None):
        return skip(blind)
    if person.contained(facts) or _logged(facts):
        return skip("The person is contained.")
    told = f"the most unusual has {worst.score:g}" if worst else "nothing stands out"
    says = f"No visit since {day(since(facts))} has {score.UNUSUAL:g} points or more: {told}."
    lacking = len(gaps.missing(facts))
    unsaid = f" {lacking} of {len(gaps.CODES)} signals could not be had; see below." if lacking else ""
    return found("nothing_unusual", f"{says}{unsaid}")
