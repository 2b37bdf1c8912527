"""Values of evidence as JSON, such that what is read back is equal: moments, ids, amounts, tuples. Pure."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any
from uuid import UUID

MARK = "$"
"""The key of an object that stands for a value JSON has not: {"$": "uuid", "is": "…"}."""
DECODED: dict[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timedelta": lambda parts: timedelta(*parts),
    "Decimal": Decimal,
    "UUID": UUID,
    "float": float,
    "bytes": bytes.fromhex,
    "tuple": lambda parts: tuple(map(decoded, parts)),
    "set": lambda parts: set(map(decoded, parts)),
    "frozenset": lambda parts: frozenset(map(decoded, parts)),
    "dict": lambda pairs: {decoded(key): decoded(value) for key, value in pairs},
    **dict.fromkeys(("IPv4Address", "IPv6Address"), ip_address),
    **dict.fromkeys(("IPv4Interface", "IPv6Interface"), ip_interface),
    **dict.fromkeys(("IPv4Network", "IPv6Network"), ip_network),
}
"""What makes the value again, by the name of its type."""


def encoded(value: Any) -> Any:
    """The value as JSON has it. Raises TypeError for a type that no evidence holds."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            return value if math.isfinite(value) else {MARK: "float", "is": str(value)}
        case list():
            return [encoded(each) for each in value]
        case Mapping():
            return _object(value)
    kind = type(value).__name__
    if kind not in DECODED:
        raise TypeError(f"{kind} has no place in a recording")
    return {MARK: kind, "is": _parts(value)}


def _object(value: Mapping[Any, Any]) -> Any:
    if all(isinstance(key, str) for key in value) and MARK not in value:
        return {str(key): encoded(each) for key, each in value.items()}
    return {MARK: "dict", "is": [[encoded(key), encoded(each)] for key, each in value.items()]}


def _parts(value: Any) -> Any:
    match value:
        case datetime():
            # With its offset; a zone's name says no more about the moment.
            return value.isoformat() if value.utcoffset() != timedelta(0) else value.astimezone(UTC).isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return [value.days, value.seconds, value.microseconds]
        case bytes():
            return value.hex()
        case tuple():
            return [encoded(each) for each in value]
        case set() | frozenset():
            return sorted((encoded(each) for each in value), key=repr)
    return str(value)


def decoded(value: Any) -> Any:
    """The value again. Raises ValueError and its like for what no recording holds."""
    if isinstance(value, list):
        return [decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    if MARK in value:
        return DECODED[value[MARK]](value["is"])
    return {key: decoded(each) for key, each in value.items()}
