"""What the e-mail provider says of an address and of the mails to it, and how that is told. Pure."""

from collections.abc import Iterable
from itertools import takewhile

from peakops.model import spelt
from peakops.scenario import Facts, Row
from peakops.scenarios.words import day

ARRIVED = ("delivered", "opened", "clicked")
"""What a provider says of a message that arrived: SendGrid's words, and Resend's."""
UNWANTED = ("bounced", "dropped", "blocked", "failed", "suppressed", "complained")
"""Likewise of one that did not arrive and will not."""
OF_ONE_MAIL = "block"
"""What SendGrid notes where a server refused one mail: the next one is tried all the same."""
OF_A_GROUP = "group_unsubscribe"
"""Likewise where somebody left a group of mails: those that name no group are sent all the same."""


def suppressions(facts: Facts) -> list[Row]:
    """Why the provider sends nothing to the address. Raises Missing where that could not be read."""
    return against(facts["suppressions"])


def against(entries: Iterable[Row]) -> list[Row]:
    """Of a provider's entries about an address those for which it sends nothing there."""
    return [each for each in entries if each["kind"] not in (OF_ONE_MAIL, OF_A_GROUP)]


def lost(messages: Iterable[Row]) -> list[Row]:
    """Of these messages, newest first, those that did not arrive; none once one did."""
    since = takewhile(lambda each: each["status"] not in ARRIVED, messages)
    return [each for each in since if each["status"] in UNWANTED]


def suppressed(row: Row) -> str:
    """A suppression as a part of a sentence."""
    return f"{spelt(row['provider'])} suppresses the address ({row['kind']}{why(row)})"


def said(row: Row) -> str:
    """What the provider says of a message, likewise."""
    return f"{spelt(row['provider'])} says '{row['status']}'{why(row)}, {day(row['at'])}"


def blocked(row: Row) -> str:
    """A block, which is of one mail, likewise."""
    return f"{spelt(row['provider'])} notes a block{why(row)}, {day(row['created'])}"


def why(row: Row) -> str:
    """The reason that the provider names for any of these, to be added; empty where it names none."""
    return f", {row['reason']}" if row["reason"] else ""


def senders(domains: Iterable[Row], name: str | None) -> list[Row]:
    """Of the domains at the provider those that are the sender's, or above it; all where the sender is not known."""
    return [each for each in domains if name is None or f".{name}".endswith(f".{each['domain'].lower()}")]


def verified(domains: list[Row]) -> str:
    """Which of these domains is verified, as a sentence."""
    return f"{next(each['domain'] for each in domains if each['verified'])} is verified."


def unverified(domains: list[Row], provider: str) -> str:
    """What the provider says of the first where none of these is verified, as a sentence; empty where one is."""
    if not domains or any(each["verified"] for each in domains):
        return ""
    first = domains[0]
    missing = f"; the records {', '.join(first['missing'])} are not valid" if first["missing"] else ""
    return f"{provider} says of {first['domain']}: {first['status']}{missing}."
