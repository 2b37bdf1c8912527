"""What a page's headers say: each is read for what it may hold, and nothing of it is passed on as it came."""

import re
from collections.abc import Mapping
from typing import Any

NAME = re.compile(r"[A-Za-z][\w.-]{0,39}", re.ASCII)
LENGTH = re.compile(r"\d{1,7}(?:\.\d{1,9})?", re.ASCII)
"""Milliseconds: up to some hours; a sign, an exponent or more digits are no length that a page waited for."""
LONGEST_TIMING = 4000
"""Characters of Server-Timing that are read: it comes from outside, and browsers' own limits are of this size."""
PIECES = re.compile(r"\"(?:[^\"\\]|\\.)*\"|[,;]|[^,;\"]+|\"")
"""A quoted text, a separator, or what is neither; each piece is read once, whatever the text holds."""
MOST_TIMINGS = 20
CACHE = re.compile(r"[A-Z]{1,20}")
REGION = re.compile(r"[a-z]{3}\d(?=::)")
WORD = re.compile(r"[\w.+/-]{1,60}", re.ASCII)
CONTROL = re.compile(r"[\w=, -]{1,120}", re.ASCII)


def timings(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """The metrics of Server-Timing with a length, in milliseconds: `db;desc="Postgres";dur=53.2`."""
    found = [_timing(each) for each in _metrics(headers.get("server-timing", "")[:LONGEST_TIMING])]
    return [each for each in found if each][:MOST_TIMINGS]


def _metrics(text: str) -> list[list[str]]:
    """Each metric as its name and its parameters; separators within quotes are none."""
    metrics = [[""]]
    for piece in PIECES.findall(text):
        if piece == ",":
            metrics.append([""])
        elif piece == ";":
            metrics[-1].append("")
        else:
            metrics[-1][-1] += piece
    return metrics


def _timing(metric: list[str]) -> dict[str, Any] | None:
    name, *given = (each.strip() for each in metric)
    # Of a parameter that comes twice the first holds.
    said = {
        key.strip().lower(): value.strip().strip('"') for key, _, value in (each.partition("=") for each in given[::-1])
    }
    length = said.get("dur", "")
    if not (NAME.fullmatch(name) and LENGTH.fullmatch(length)):
        return None
    return {"name": name.lower(), "ms": float(length)}


def told(headers: Mapping[str, str]) -> dict[str, Any]:
    """What is kept of the headers: how the answer was cached, where it was made, and what it is."""
    age = headers.get("age", "")
    regions = REGION.findall(headers.get("x-vercel-id", ""))
    return {
        "cache": _whole(CACHE, headers.get("x-vercel-cache", "").upper()),
        "region": regions[-1] if regions else None,
        "age_s": int(age) if re.fullmatch(r"\d{1,9}", age, re.ASCII) else None,
        "cache_control": _whole(CONTROL, headers.get("cache-control", "").lower()),
        "content_type": _whole(WORD, headers.get("content-type", "").partition(";")[0].strip().lower()),
        "challenged": headers.get("x-vercel-mitigated", "").strip().lower() == "challenge",
    }


def _whole(shape: re.Pattern[str], text: str) -> str | None:
    return text if shape.fullmatch(text) else None
