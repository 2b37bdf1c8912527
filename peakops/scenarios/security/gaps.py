"""Which signals of the score could not be had, and why: an answer that is not there is not an answer. Pure."""

from collections.abc import Callable
from typing import Any

from peakops.scenario import Facts, Row
from peakops.scenarios.security import timeline
from peakops.scenarios.security.events import EXPORT, FAILED, PRESENT, READ
from peakops.scenarios.security.signals import COLD, ENOUGH_HOURS

EMPTY, NOT_AVAILABLE = "empty", "not_available"
Gap = tuple[str, str] | None
"""The state and the reason; None where the signal can be had."""


def missing(facts: Facts) -> list[dict[str, Any]]:
    """A row for each signal that could not be had: not_available, or empty where nothing is noted; and why."""
    told = timeline.events(facts) if facts.known("person") else []
    shared = {each["ip"] for each in timeline.egress(facts)}
    found = [(code, look(facts, told, shared)) for codes, look in SIGNALS.items() for code in codes]
    return [{"signal": code, "state": gap[0], "why": gap[1]} for code, gap in found if gap]


def _silent(facts: Facts, name: str) -> str:
    fault = facts.fault(name)
    return fault.message if fault else "It was not asked."


def _portal(facts: Facts) -> Gap:
    return None if facts.known("history") else (NOT_AVAILABLE, f"The portal's log: {_silent(facts, 'history')}")


def _places(facts: Facts, told: list[Row], shared: set[str]) -> Gap:
    return _known(facts, told, "ip", "an address", shared)


def _devices(facts: Facts, told: list[Row], shared: set[str]) -> Gap:
    return _known(facts, told, "agent", "a user agent", shared)


def _known(facts: Facts, told: list[Row], field: str, what: str, shared: set[str]) -> Gap:
    """A signal of what is new needs enough of what is old."""
    own = [each for each in told if each[field] and each["kind"] != FAILED and not _of_server(each, shared)]
    if own and len(own) > COLD:
        return None
    if not facts.known(*timeline.BASE):
        silent = next(name for name in timeline.BASE if not facts.known(name))
        return NOT_AVAILABLE, _silent(facts, silent)
    if not own and shared:
        return (
            NOT_AVAILABLE,
            f"The portal's log notes no event with {what}, and the sessions show the portal's own server.",
        )
    if not own:
        return EMPTY, f"No event of this person with {what} is noted anywhere."
    known = f"Only {len(own)} event{'s' * (len(own) != 1)} with {what} {'is' if len(own) == 1 else 'are'} known"
    return EMPTY, f"{known}: {COLD} must come before one that counts as new."


def _of_server(event: Row, shared: set[str]) -> bool:
    return event["source"] in timeline.SERVER and event["ip"] in shared


def _countries(facts: Facts, told: list[Row], _: set[str]) -> Gap:
    if sum(bool(each["country"]) for each in told) > COLD:
        return None
    if not facts.known("platform"):
        return (
            NOT_AVAILABLE,
            f"The portal's log notes no country, and Supabase's platform logs: {_silent(facts, 'platform')}",
        )
    return EMPTY, "Neither the portal's log nor the platform logs tell enough countries of this person."


def _hours(facts: Facts, told: list[Row], _: set[str]) -> Gap:
    if gap := _portal(facts):
        return gap
    known = sum(each["kind"] in PRESENT for each in told)
    return (
        None
        if known > ENOUGH_HOURS
        else (EMPTY, f"{known} events of this person are known; {ENOUGH_HOURS} are needed.")
    )


def _failures(facts: Facts, told: list[Row], shared: set[str]) -> Gap:
    if facts.known("platform", "sessions") and shared and all(each["ip"] in shared for each in facts["sessions"]):
        return NOT_AVAILABLE, "Refused log-ins name no account, and the platform logs show the portal's own server."
    if facts.known("platform") or any(each["kind"] == FAILED for each in told):
        return None
    says = "Supabase Auth's log notes no failure, the portal's log none of this person's, and the platform logs: "
    return NOT_AVAILABLE, f"{says}{_silent(facts, 'platform')}"


def _reading(facts: Facts, told: list[Row], _: set[str]) -> Gap:
    if gap := _portal(facts):
        return gap
    noted = any(each["kind"] in (READ, EXPORT) for each in told)
    return None if noted else (EMPTY, "The portal's log notes no reading of this person.")


def _practices(facts: Facts, told: list[Row], shared: set[str]) -> Gap:
    if gap := _portal(facts):
        return gap
    if not any(each["home"] for each in told):
        return NOT_AVAILABLE, "The person belongs to no practice that others could be told from."
    return _reading(facts, told, shared)


def _rights(facts: Facts, _told: list[Row], _: set[str]) -> Gap:
    if facts.known("history"):
        return None
    return None if facts.known("auth_events") and facts["auth_events"] else _portal(facts)


def _sprays(facts: Facts, told: list[Row], shared: set[str]) -> Gap:
    if not facts.known("sprays"):
        return NOT_AVAILABLE, _silent(facts, "sprays")
    return _places(facts, told, shared)


def _unbegun(facts: Facts, told: list[Row], shared: set[str]) -> Gap:
    return _portal(facts) or _places(facts, told, shared)


SIGNALS: dict[tuple[str, ...], Callable[[Facts, list[Row], set[str]], Gap]] = {
    ("new_network", "new_provider"): _places,
    ("new_device", "unseen_agent", "not_a_browser"): _devices,
    ("new_country", "two_countries"): _countries,
    ("off_hours",): _hours,
    ("failures_then_success",): _failures,
    ("sprayed_network",): _sprays,
    ("without_login",): _unbegun,
    ("mass_reading",): _reading,
    ("other_practice",): _practices,
    ("privilege_change",): _rights,
}
"""Every signal of security/signals.py with what says whether it could be had."""
CODES = tuple(code for codes in SIGNALS for code in codes)
