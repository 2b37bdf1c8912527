"""The files of evidence, as plain data that came through a door: looks, their rows, the time line. Pure."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from peakops.model import Evidence, Row
from peakops.promise import Answer, Missing, kept
from peakops.scenario import Look, Scenario
from peakops.scenarios.security import evidence as collected

README = """\
This folder is evidence that peakops {version} took on {taken_at}, about {subject}.

  data/report.json     who took it, when, where, why; what is in it, and what could not be had
  data/looks.json      every question: to whom, in which words, with which parameters, when, and how many rows came
  data/looks/*.ndjson  the rows of each answer, one JSON object a line
  data/timeline.jsonl  what happened, in order; Timesketch imports it as it is
  data/investigation.json  what 'security investigate' makes of it: the verdict, and each point with its line

{masked}
Passwords, tokens, keys and patient content are in none of the files.

To verify it: peakops security evidence verify DIR
Without peakops: sha256sum -c manifest-sha256.txt and sha256sum -c tagmanifest-sha256.txt, in this folder. That finds
what was damaged; that nobody made the manifests anew, only the seal shows.
"""
MASKED = """\
E-mail addresses, names, streets and phone numbers are masked; IP addresses are not. What the team wrote of an incident
and as the reason stands as it was written, but for addresses and numbers: a name in a sentence is not known for one."""
REVEALED = "Personal data is not masked: keep it where only those see it who need to."
Clean = Callable[..., Any]
"""What takes secrets out, and masks: of a value, and the key that it stands under."""
RECURRING = 4096
"""Values of a look's rows that are cleaned once: of 100,000 lines of a log most have the same few."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One look as it was asked: its source, call, and parameters; None where one of them was never known."""

    source: str
    call: str
    params: Row | None


class _Replayed:
    """An asker that knows every answer already, and notes what was asked."""

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        self._known = {each.name: each for each in evidence}
        self.asked: dict[str, Asked] = {}

    def ask(self, answer: Answer, source: str, call: str, params: Row) -> None:
        answer.keep(self._known[answer.name])
        try:
            told: Row | None = {key: kept(each) for key, each in params.items()}
        except Missing:
            told = None
        self.asked[answer.name] = Asked(source=source, call=call, params=told)


def asked(scenario: Scenario, given: Row, evidence: tuple[Evidence, ...]) -> dict[str, Asked]:
    """How each look was asked, by its name: the scenario declares them once more, and every promise is kept at once."""
    replayed = _Replayed(evidence)
    scenario.gather(Look(replayed), **given)
    return replayed.asked


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found and is to be written: answers and how they were asked for, events, and what they come to."""

    about: Row
    """What report.json says besides."""
    evidence: tuple[Evidence, ...]
    asked: Mapping[str, Asked]
    texts: Mapping[str, str]
    """The statements by the names of their queries."""
    events: tuple[Row, ...]
    investigation: Row
    """The verdict and the data of `security investigate`; empty where nobody was found."""


def files(found: Found, clean: Clean) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file's name, and its text in pieces, through the door."""
    told = [{**clean(_look(each, found)), "statements": _texts(found, each.name)} for each in found.evidence]
    yield "looks.json", _document({"looks": told})
    for each in found.evidence:
        if not each.error:
            yield _file(each), _lines(map(_cells(clean), each.rows))
    line = {each["record"]: each for each in found.investigation.get("timeline", ())}
    yield "timeline.jsonl", _lines(clean(_sketched(event, line.get(event["line"], {}))) for event in found.events)
    judged = {key: value for key, value in found.investigation.items() if key != "timeline"}
    yield "investigation.json", _document(clean(judged))
    masked = REVEALED if found.about["revealed"] else MASKED
    yield "README.txt", (README.format(**clean(dict(found.about)), masked=masked).encode(),)
    rows = {each.name: len(each.rows) for each in found.evidence}
    lists = {"events": len(found.events), "missing": collected.missing(found.evidence), "rows": rows}
    yield "report.json", _document(clean({**found.about, **lists}))


def _cells(clean: Clean) -> Callable[[Row], Row]:
    """As `clean`, of a row whose columns we named; a value that recurs is cleaned once."""
    known = lru_cache(RECURRING)(clean)
    return lambda row: {
        name: known(value, name) if isinstance(value, str | UUID) else clean(value, name) for name, value in row.items()
    }


def _file(evidence: Evidence) -> str:
    return f"looks/{evidence.name}.ndjson"


def _texts(found: Found, look: str) -> Row:
    """The statements of a look, by name: they are ours, and hold nobody's data."""
    return {name: found.texts[name] for name in statements(found.asked[look])}


def _look(evidence: Evidence, found: Found) -> Row:
    ask = found.asked[evidence.name]
    params = {key: value for key, value in (ask.params or {}).items() if key != "query"}
    return {
        "name": evidence.name,
        "source": evidence.source,
        "call": ask.call,
        "asked": evidence.asked,
        "params": params,
        "at": evidence.at,
        "took_ms": evidence.took_ms,
        "rows": len(evidence.rows),
        "file": None if evidence.error else _file(evidence),
        "notes": list(evidence.notes),
        "request_ids": list(evidence.request_ids),
        "error": asdict(evidence.error) if evidence.error else None,
    }


def statements(ask: Asked) -> tuple[str, ...]:
    """The names of the queries that a look may have sent."""
    if ask.source != "database" or ask.params is None:
        return ()
    ways = [query for query, _ in ask.params.get("ways", ())]
    return tuple(dict.fromkeys((*ways, *(ask.params[key] for key in ("query", "size") if key in ask.params))))


def _sketched(event: Row, judged: Row) -> Row:
    """An event as Timesketch takes it: message, datetime and timestamp_desc, and whatever else there is."""
    said = judged.get("says") or " ".join(str(event[key]) for key in ("kind", "ip", "agent") if event.get(key))
    # A door takes a `line` for that of a street.
    rest = {**{key: value for key, value in event.items() if key not in ("at", "line")}, "record": event["line"]}
    desc = f"{event['source']}: {event['kind']}"
    points = {"points": judged.get("points", 0)}
    return {"message": said, "datetime": event["at"], "timestamp_desc": desc, **rest, **points}


def _document(value: Any) -> Iterable[bytes]:
    return (json.dumps(value, indent=2, ensure_ascii=False, default=_plain).encode() + b"\n",)


def _lines(rows: Iterable[Any]) -> Iterator[bytes]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    """Times in ISO 8601 and UTC; what else JSON has no word for as its text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in evidence")
