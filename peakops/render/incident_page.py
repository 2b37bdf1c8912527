"""The facts of an incident as one HTML page that asks for nothing: no script, no picture, no font of elsewhere."""

from collections.abc import Iterator
from datetime import datetime

from peakops.render import incident
from peakops.render.incident import Facts
from peakops.render.sheet import POLICY, STYLE, table, text

WIDE, LEFT, ROW, TOP = 880, 110, 30, 26
"""The drawing in pixels: its width, the room for the lanes' names, the height of a lane, and of the scale."""
LANES = {
    "incident": ("opened", "acked", "unacked", "severity", "confirmed", "snoozed", "handover", "resolved", "closed"),
    "commands": ("command",),
    "pages": ("paged",),
    "notes": ("note",),
    "clocks": ("clock",),
}
COLOURS = {
    "incident": "#3b6fb6",
    "commands": "#2a9aa5",
    "changes": "#c0392b",
    "pages": "#d99a1c",
    "notes": "#777777",
    "clocks": "#8e5bb5",
}


def page(facts: Facts) -> str:
    """The whole page; every text in it is escaped."""
    return "".join(f"{each}\n" for each in _page(facts))


def _page(facts: Facts) -> Iterator[str]:
    number, subject = facts["incident"]["number"], facts["incident"]["subject"] or "not seen"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">'
    yield f"<title>{text(number)}: {text(subject)}</title>"
    yield f"<style>{STYLE} td {{ text-align: left; }} th {{ text-align: left; }}</style></head><body>"
    yield f"<h1>{text(number)}: {text(subject)}</h1>"
    yield f'<div class="verdict {text(facts["incident"]["severity"])}">'
    yield from table((), incident.heads(facts))
    yield "</div><section><h2>Time line</h2>"
    yield from _drawing(facts)
    yield from table(("When", "By", "Kind", "What"), incident.events(facts))
    yield "</section>"
    for title, columns, rows in incident.TABLES:
        if found := rows(facts):
            yield f"<section><h2>{title}</h2>"
            yield from table(columns, found)
            yield f"<p>{text(facts['advice'])}</p></section>" if rows is incident.clocks else "</section>"
    yield f"<p>{text(incident.chain(facts))} Made at {incident.moment(facts['made_at'])}.</p>"
    yield "</body></html>"


def _drawing(facts: Facts) -> Iterator[str]:
    """A lane for each kind of event, its marks by the time at which it happened."""
    events = [(_lane(each), _at(each["at"]), each) for each in facts["events"]]
    if not events:
        return
    lanes = [each for each in (*LANES, "changes") if any(lane == each for lane, _, _ in events)]
    first, last = min(at for _, at, _ in events), max(at for _, at, _ in events)
    height = TOP + ROW * len(lanes)
    yield f'<svg role="img" aria-label="time line" viewBox="0 0 {WIDE} {height}" width="{WIDE}">'
    yield from _scale(first, last, height)
    for row, lane in enumerate(lanes):
        middle = TOP + ROW * row + ROW // 2
        yield f'<text x="0" y="{middle + 4}" font-size="12" fill="#222">{lane}</text>'
        yield f'<line x1="{LEFT}" y1="{middle}" x2="{WIDE - 10}" y2="{middle}" stroke="#ddd"/>'
        for own, at, event in events:
            if own == lane:
                says = f"{incident.moment(event['at'])}  {event['kind']}  {event['says']}"
                yield (
                    f'<circle cx="{_place(at, first, last):.1f}" cy="{middle}" r="6" fill="{COLOURS[lane]}" '
                    f'fill-opacity="0.75"><title>{text(says)}</title></circle>'
                )
    yield "</svg>"


def _scale(first: datetime, last: datetime, height: int) -> Iterator[str]:
    """Five times at the top, each with its line; one where everything happened at once."""
    steps = 4 if last > first else 0
    for step in range(steps + 1):
        at = first + (last - first) * (step / steps if steps else 0)
        x = _place(at, first, last)
        anchor = "start" if not step else "end" if step == steps else "middle"
        yield f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height}" stroke="#eee"/>'
        yield f'<text x="{x:.1f}" y="12" font-size="11" fill="#555" text-anchor="{anchor}">{at:%d %b %H:%M:%S}</text>'


def _place(at: datetime, first: datetime, last: datetime) -> float:
    share = (at - first) / (last - first) if last > first else 0.0
    return LEFT + 8 + share * (WIDE - LEFT - 26)


def _lane(event: Facts) -> str:
    if event["kind"] == "command" and event["detail"].get("changes"):
        return "changes"
    return next((lane for lane, kinds in LANES.items() if event["kind"] in kinds), "notes")


def _at(at: datetime | str) -> datetime:
    return datetime.fromisoformat(at) if isinstance(at, str) else at
