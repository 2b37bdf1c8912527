"""Stripe's search queries, as far as an operator needs them: field:'value', metadata['k']:'v', AND or OR, < and >."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from peakops.sandbox.vendors.stripe.envelope import Refusal
from peakops.sandbox.vendors.stripe.resources import Resource
from peakops.sandbox.vendors.stripe.store import Object, at, identifier_of

DELAY_S = 60
"""Search is eventually consistent: what is younger than a minute is not found yet."""

SUBSTRING_AT_LEAST = 3

Test = Callable[[Object], bool]

_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?
        (?: metadata\[(?P<quote>["'])(?P<key>.+?)(?P=quote)\] | (?P<field>[a-z_0-9.]+) )
        \s*(?P<operator>>=|<=|[:~<>])\s*
        (?: (?P<mark>["'])(?P<text>(?:\\.|(?!(?P=mark)).)*)(?P=mark) | (?P<bare>[^\s"']+) )
        (?=\s|$)
    """,
    re.VERBOSE,
)
_JOINT = re.compile(r"\s+(AND|OR)(?=\s)", re.IGNORECASE)


def test_of(resource: Resource, query: str) -> Test:
    """The question that a query asks of each object; a query that cannot be read is refused."""
    tests: list[Test] = []
    joints: set[str] = set()
    position = 0
    while position < len(query.rstrip()):
        joint = _JOINT.match(query, position) if tests else None
        if tests:
            joints.add(joint[1].upper() if joint else "AND")
            position = joint.end() if joint else position
        clause = _CLAUSE.match(query, position)
        if clause is None:
            raise Refusal(400, f"The search query could not be understood: {query}", param="query")
        tests.append(clause_test(resource, clause))
        position = clause.end()
    if not tests:
        raise Refusal(400, "The search query is empty.", param="query")
    if len(joints) > 1:
        raise Refusal(400, "A search query uses AND or OR, not both.", param="query")
    either = any if "OR" in joints else all
    return lambda found: either(test(found) for test in tests)


def clause_test(resource: Resource, clause: re.Match[str]) -> Test:
    """The question of one clause."""
    field, operator, negated = clause["field"], clause["operator"], bool(clause["not"])
    wanted = clause["bare"] if clause["text"] is None else re.sub(r"\\(.)", r"\1", clause["text"])
    if field is not None and field not in resource.search:
        raise Refusal(400, f"Field `{field}` is not searchable for {resource.kind}.", param="query")
    if operator == "~" and len(wanted) < SUBSTRING_AT_LEAST:
        raise Refusal(400, f"A substring has at least {SUBSTRING_AT_LEAST} characters.", param="query")
    absent = clause["bare"] == "null"

    def test(found: Object) -> bool:
        value = (found.get("metadata") or {}).get(clause["key"]) if field is None else at(found, field)
        value = identifier_of(value)
        return (value is None if absent else compare(value, operator, wanted)) is not negated

    return test


def compare(value: Any, operator: str, wanted: str) -> bool:
    """Whether a value satisfies one comparison; letter case does not matter."""
    if value is None:
        return False
    if operator in (":", "~"):
        text = str(value).lower()
        return text == wanted.lower() if operator == ":" else wanted.lower() in text
    if isinstance(value, bool) or not isinstance(value, int) or not re.fullmatch(r"-?\d+", wanted):
        raise Refusal(400, f"`{operator}` compares numbers only.", param="query")
    number = int(wanted)
    return {">": value > number, "<": value < number, ">=": value >= number, "<=": value <= number}[operator]


def page_token(rank: int) -> str:
    """The `next_page` that goes on from a rank."""
    return base64.urlsafe_b64encode(str(rank).encode()).decode()


def rank_of(token: str | None) -> int:
    """The rank that a `page` goes on from."""
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token.encode()).decode())
    except (binascii.Error, ValueError):
        raise Refusal(400, f"Invalid page: {token}", param="page") from None
