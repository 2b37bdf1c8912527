"""The facts of an incident as Markdown: what happened, what was found and changed, who was paged, which clocks run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from peakops.redact import REMOVED

Facts = Mapping[str, Any]
"""The `data` of `incident report`."""
MARKS = re.compile(r"([\\`*_\[\]<>|#~&])")
HEADS = (
    ("Severity", "severity"),
    ("State", "state"),
    ("Subject", "subject"),
    ("Opened", "opened_at"),
    ("Opened by", "opened_by"),
    ("Acknowledged by", "acked_by"),
    ("Id", "id"),
)


def heads(facts: Facts) -> list[tuple[str, str]]:
    """What an incident is, as names and texts."""
    incident = facts["incident"]
    told = [(name, moment(incident[key]) if key == "opened_at" else incident[key]) for name, key in HEADS]
    ends = [each for each in facts["events"] if each["kind"] in ("resolved", "closed")]
    told += [
        (each["kind"].capitalize(), f"{moment(each['at'])} by {each['operator']}: {each['says']}") for each in ends
    ]
    return [(name, str(value)) for name, value in told if value]


def events(facts: Facts) -> list[tuple[str, str, str, str]]:
    """The time line: when, by whom, what kind, and what."""
    return [(moment(each["at"]), each["operator"], each["kind"], what(each)) for each in facts["events"]]


def what(event: Facts) -> str:
    """What an event says, and when it was recorded where that was later."""
    late = "" if event["at"] == event["recorded_at"] else f" (recorded {moment(event['recorded_at'])})"
    kept = " (kept on one machine, not merged)" if event["local"] else ""
    return f"{event['says']}{late}{kept}"


def commands(facts: Facts) -> list[tuple[str, str, str, str]]:
    """What was looked at: when, the command, its verdict, and how it ended."""
    return [
        (
            moment(each["at"]),
            f"{each['detail'].get('command', '')} {each['detail'].get('subject', '')}".strip(),
            " · ".join(str(each["detail"][key]) for key in ("verdict", "cause") if each["detail"].get(key)),
            f"{each['detail'].get('status', '')} ({each['detail'].get('exit_code', '')})",
        )
        for each in facts["events"]
        if each["kind"] == "command"
    ]


def changes(facts: Facts) -> list[tuple[str, str, str, str]]:
    """What was changed: when, by whom, the command with the plan's hash, and what it did."""
    return [
        (
            moment(each["at"]),
            each["operator"],
            _fix(each["detail"]),
            ", ".join(map(str, each["detail"]["changes"])),
        )
        for each in facts["events"]
        if each["kind"] == "command" and each["detail"].get("changes")
    ]


def _fix(detail: Facts) -> str:
    """The command that changed something, and by which plan, or how many."""
    plans = detail.get("plans")
    told = f"{len(plans)} plans" if plans is not None else f"plan {str(detail.get('plan', ''))[:12]}"
    return f"{detail.get('fix') or detail.get('command', '')} ({told})"


def pages(facts: Facts) -> list[tuple[str, str, str, str]]:
    """Who was told: when, which tier, by which channel, and whether it went out."""
    return [
        (
            moment(each["at"]),
            f"tier {each['detail'].get('tier', '')}",
            f"{each['detail'].get('contact', '')} by {each['detail'].get('channel', '')}",
            str(each["detail"].get("outcome", "")),
        )
        for each in facts["events"]
        if each["kind"] == "paged"
    ]


def clocks(facts: Facts) -> list[tuple[str, str, str, str]]:
    """The legal clocks: which, whom to tell, until when, and where that stands."""
    return [(each["title"], each["to"], moment(each["until"]), each["source"]) for each in facts["clocks"]]


def chain(facts: Facts) -> str:
    """Whether the time line is whole, and as it was written."""
    if facts["missing"]:
        return f"Not complete: only what one machine keeps is here. {facts['missing']}"
    if not facts["breaches"]:
        return f"{len(facts['events'])} events, each with the hash of the one before; the chain is whole."
    told = "; ".join(f"event {each['seq']} {each['what']}" for each in facts["breaches"])
    return f"The chain is broken: {told}."


TABLES = (
    ("Commands", ("When", "Command", "Verdict", "Ended"), commands),
    ("Changes", ("When", "By", "Fix", "What it did"), changes),
    ("Pages", ("When", "Tier", "To", "Outcome"), pages),
    ("Legal clocks", ("Which", "Whom to tell", "Until", "Source"), clocks),
)
"""The tables after the time line, each left out where it has no row."""


def markdown(facts: Facts) -> list[str]:
    """The lines of the whole document."""
    return list(_markdown(facts))


def _markdown(facts: Facts) -> Iterator[str]:
    yield f"# {_plain(facts['incident']['number'])}: {_plain(facts['incident']['subject'] or 'not seen')}"
    yield ""
    for name, value in heads(facts):
        yield f"- {name}: {_plain(value)}"
    yield ""
    yield "## Time line"
    yield ""
    yield from _table(("When", "By", "Kind", "What"), events(facts))
    for title, columns, rows in TABLES:
        if found := rows(facts):
            yield ""
            yield f"## {title}"
            yield ""
            yield from _table(columns, found)
            if rows is clocks:
                yield ""
                yield _plain(facts["advice"])
    yield ""
    yield f"{_plain(chain(facts))} Made at {moment(facts['made_at'])}."


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_plain(each) for each in row)} |"


def _plain(text: str) -> str:
    """A text of which no sign is markup; the mark of what was removed stays one, so that no door removes it again."""
    return MARKS.sub(r"\\\1", " ".join(text.split())).replace(MARKS.sub(r"\\\1", REMOVED), REMOVED)


def moment(at: datetime | str) -> str:
    """A moment to the second, in UTC."""
    told = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{told:%Y-%m-%d %H:%M:%S} UTC"
