"""What changed from one recording to another: the verdict, the findings, the answers, and the rows of each look."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from peakops.model import Evidence, Report, Row
from peakops.recording.document import Recording
from peakops.recording.encode import encoded

KEYS = ("id", "event_id", "tracking_number", "name", "email", "code", "path", "key")
"""By which of these fields the rows of a look are told apart: the first that each has, and no two alike."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What differs, as plain data; empty in all its parts where nothing does."""

    verdict: Row | None
    came: tuple[str, ...]
    """Codes of findings that only the second has."""
    went: tuple[str, ...]
    answers: tuple[Row, ...]
    looks: tuple[Row, ...]
    comparable: bool
    """Whether masked values can be compared: both were masked with one key, or neither was."""

    @property
    def same(self) -> bool:
        return not (self.verdict or self.came or self.went or self.answers or self.looks)


def between(first: tuple[Recording, Report], second: tuple[Recording, Report]) -> Difference:
    """From the first recording to the second, each with what today's rules say of it."""
    (was, before), (now, after) = first, second
    codes = [{each.code: None for each in report.findings} for report in (before, after)]
    return Difference(
        verdict=_verdict(before, after),
        came=tuple(each for each in codes[1] if each not in codes[0]),
        went=tuple(each for each in codes[0] if each not in codes[1]),
        answers=tuple(_answers(before, after)),
        looks=tuple(_looks(was.looks, now.looks)),
        comparable=was.masks == now.masks,
    )


def _verdict(before: Report, after: Report) -> Row | None:
    was, now = _said(before), _said(after)
    return {"was": was, "is": now} if was != now else None


def _said(report: Report) -> Row:
    code, cause = (report.verdict.code, report.verdict.cause) if report.verdict else ("", None)
    return {"code": code, "cause": cause, "status": report.status.value, "exit_code": int(report.exit_code)}


def _answers(before: Report, after: Report) -> Iterator[Row]:
    """Questions that are answered otherwise, or with other words."""
    was = {each.name: each for each in before.outcomes}
    now = {each.name: each for each in after.outcomes}
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name), now.get(name)
        pair = [(each.verdict.value, each.code, each.says) if each else None for each in (old, new)]
        if pair[0] != pair[1]:
            asks = [each.asks for each in (new, old) if each]
            yield {"name": name, "asks": asks[0], "was": _answer(pair[0]), "is": _answer(pair[1])}


def _answer(said: tuple[str, str, str] | None) -> Row | None:
    return {"verdict": said[0], "code": said[1] or None, "says": said[2]} if said else None


def _looks(was: tuple[Evidence, ...], now: tuple[Evidence, ...]) -> Iterator[Row]:
    old, new = {each.name: each for each in was}, {each.name: each for each in now}
    for name in dict.fromkeys((*old, *new)):
        first, second = old.get(name), new.get(name)
        came, went, changed = _rows(first.rows if first else (), second.rows if second else ())
        errors = [each.error.message if each and each.error else None for each in (first, second)]
        notes = [" ".join(each.notes) or None if each else None for each in (first, second)]
        told = {"error": _changed(errors), "notes": _changed(notes), "came": came, "went": went, "changed": changed}
        if any(told.values()) or not (first and second):
            sources = [each.source for each in (second, first) if each]
            yield {"name": name, "source": sources[0], **told}


def _changed(pair: list[str | None]) -> Row | None:
    return {"was": pair[0], "is": pair[1]} if pair[0] != pair[1] else None


def _rows(was: tuple[Row, ...], now: tuple[Row, ...]) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows that came and went, and of those that stayed the fields that changed."""
    key = _key(was, now)
    if key is None:
        if len(was) == len(now) == 1:
            changed = _fields(was[0], now[0])
            return [], [], [{"id": None, "fields": changed}] if changed else []
        return _besides(now, was), _besides(was, now), []
    old, new = ({row[key]: row for row in rows} for rows in (was, now))
    pairs = [(name, _fields(old[name], new[name])) for name in old if name in new]
    return (
        [row for name, row in new.items() if name not in old],
        [row for name, row in old.items() if name not in new],
        [{"id": name, "fields": fields} for name, fields in pairs if fields],
    )


def _besides(rows: tuple[Row, ...], others: tuple[Row, ...]) -> list[Row]:
    """The rows that the others do not have, or not so often."""
    left = Counter(map(_canonical, others))
    more = []
    for row in rows:
        text = _canonical(row)
        if left[text]:
            left[text] -= 1
        else:
            more.append(row)
    return more


def _canonical(row: Row) -> str:
    return json.dumps(encoded(row), sort_keys=True)


def _key(*many: tuple[Row, ...]) -> str | None:
    """The field by which the rows are told apart, before and after; None where there is none."""
    for key in KEYS:
        named = [[row.get(key) for row in rows] for rows in many]
        if any(named) and all(_each_one(names) for names in named):
            return key
    return None


def _each_one(names: list[Any]) -> bool:
    """Whether each row has a name, and none that of another."""
    plain = all(isinstance(each, str | int | UUID) and each != "" for each in names)
    return plain and len(set(names)) == len(names)


def _fields(was: Row, now: Row) -> list[Row]:
    names = dict.fromkeys((*was, *now))
    return [
        {"field": name, "was": was.get(name), "is": now.get(name)} for name in names if was.get(name) != now.get(name)
    ]
