"""Where a pivot leads: who else used an address, and which sessions resemble one. Pure."""

from collections.abc import Iterator
from typing import Any

from peakops.scenario import Facts

ADDRESS = (("sessions", "by_address"), ("portal", "noted_at_address"))
"""The sources of who used an address, each with its look."""


def address(facts: Facts) -> list[dict[str, Any]] | None:
    """Who else used the address that was asked about; None where none was, or none could be looked for."""
    if not any(facts.known(name) for _, name in ADDRESS):
        return None
    return [
        {"source": source, **{key: each[key] for key in ("user", "email", "practice", "first_at", "last_at")}}
        for source, name in ADDRESS
        if facts.known(name)
        for each in facts[name]
    ]


def session(facts: Facts) -> list[dict[str, Any]] | None:
    """The session that was asked about, and others with its address and agent."""
    if not facts.known("by_session"):
        return None
    keys = ("id", "user", "email", "practice", "meant", "own", "created_at", "last_at", "ip", "agent")
    return [{key: each[key] for key in keys} for each in facts["by_session"]]


def told(facts: Facts) -> Iterator[str]:
    """What the pivots brought, in a sentence each."""
    if (others := address(facts)) is not None:
        people = len({each["user"] for each in others if each["user"]})
        says = f"{people or 'No'} other {'person' if people == 1 else 'people'} used the address that was asked about"
        silent = not facts.known(*(name for _, name in ADDRESS))
        yield f"{says}{', as far as it could be read' if silent else ''}."
    if (rows := session(facts)) is not None:
        meant = next((each for each in rows if each["meant"]), None)
        owned = "is this person's" if meant and meant["own"] else "is another person's"
        alike = sum(not each["meant"] for each in rows)
        whose = owned if meant else "is not there any more"
        yield f"The session that was asked about {whose}; {alike} others share its address and agent."
