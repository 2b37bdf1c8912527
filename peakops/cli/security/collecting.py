"""How evidence is taken: looked at, written as a sealed folder, and noted in the journal."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from peakops import __version__, bag, journal, report, verdict
from peakops.cli import bagged
from peakops.cli.commands import Run
from peakops.cli.scenario_commands import investigated
from peakops.investigate import diagnose
from peakops.model import Evidence, Report, Row
from peakops.redact import Door
from peakops.render import moment
from peakops.scenario import Facts
from peakops.scenarios.security import evidence_files, investigate, sight, timeline
from peakops.scenarios.security.evidence import SCENARIO, missing
from peakops.settings import Settings
from peakops.sources import statement

KIND = "evidence"
"""What the journal's entry is of."""
SHOWN = 200
"""Rows of a look that the report repeats: 100,000 lines of a log are in the folder, and in no output."""


def collected(run: Run, given: Row, place: Path) -> Report:
    """
    Look at everything, and write it into a new folder; the report says what is in it, and what is missing.

    Where nobody is found nothing is written. Raises Refused where the folder is there already.
    """
    bag.vacant(place)
    settings = run.invocation.settings()
    frame = run.windowed(settings.now())
    asked = {**given, **{key: frame.given[key] for key in ("since", "until")}}
    seconds = report.seconds_for_looks(frame.left(run.timeout))
    found = investigated(SCENARIO, run, replace(frame, given=asked), settings, seconds)
    if found.error or found.verdict is None:
        return replace(found, given=frame.given)
    return _written(run, settings, found, asked, place)


def _written(run: Run, settings: Settings, found: Report, asked: Row, place: Path) -> Report:
    """The folder, the journal's entry, and the report."""
    facts, door = Facts(found.evidence), Door(reveal=run.style.reveal, addresses=True)
    asks = evidence_files.asked(SCENARIO, asked, found.evidence)
    about = _about(run, settings, facts, found, asked)
    held = evidence_files.Found(
        about=about,
        evidence=found.evidence,
        asked=asks,
        texts={name: statement(name) for ask in asks.values() for name in evidence_files.statements(ask)},
        events=tuple(timeline.events(facts)) if facts.known("person") else (),
        investigation=_judged(found.evidence, facts) if facts.known("person") else {},
    )
    described = bagged.info(door.line(f"Evidence about {about['subject']}"), about["taken_at"])
    described["Contact-Name"] = door.line(about["operator"])
    made = bag.write(place, evidence_files.files(held, door.clean), described, key=settings.evidence_key)
    noted = {"sealed": bool(settings.evidence_key), **{key: about[key] for key in ("complete", "revealed")}}
    bagged.note(run, KIND, about["subject"], made, noted)
    return _told(found, run.windowed(settings.now()).given, made, settings, len(held.events))


def _judged(evidence: tuple[Evidence, ...], facts: Facts) -> Row:
    """What `security investigate` makes of the same answers."""
    judged = verdict.rule(investigate.SCENARIO, diagnose(investigate.SCENARIO, evidence), evidence)
    findings = [{"code": each.code, "severity": each.severity.value, "says": each.says} for each in judged.findings]
    ruling = judged.ruling
    told = {"verdict": ruling.code, "says": ruling.says, "complete": ruling.complete, "findings": findings}
    return {**told, **sight.data(facts)}


def _about(run: Run, settings: Settings, facts: Facts, found: Report, asked: Row) -> dict[str, Any]:
    """What report.json says of the evidence as a whole."""
    person = facts["person"] if facts.known("person") else None
    server = facts["server"][0] if facts.known("server") and facts["server"] else {}
    return {
        "tool": "peakops",
        "version": __version__,
        "command": f"peakops {run.frame.command}",
        "subject": f"user:{person['id']}" if person else next(iter(asked.values())),
        "given": {key: value for key, value in asked.items() if value is not None},
        "taken_at": moment(found.started_at),
        "operator": journal.person(),
        "reason": run.reason,
        "environment": found.environment,
        "database": {
            "host": urlsplit(settings.database_url or "").hostname,
            "role": server.get("role"),
            "version": server.get("version"),
            "clock": server.get("clock"),
        },
        "verdict": found.verdict.code if found.verdict else None,
        "complete": found.status == "ok",
        "revealed": run.style.reveal,
    }


def _told(found: Report, given: Row, made: bag.Made, settings: Settings, events: int) -> Report:
    """The report: what was written stands in the folder, and only how much of it here."""
    assert found.verdict is not None, "a report without a verdict was returned before"
    says = f"{found.verdict.says} {bagged.where(made, settings.evidence_key)}"
    return replace(
        found,
        given=given,
        verdict=replace(found.verdict, says=says),
        data={
            "bag": bagged.told(made, settings.evidence_key),
            "events": events,
            "looks": [{"name": each.name, "rows": len(each.rows)} for each in found.evidence],
            "missing": missing(found.evidence),
        },
        evidence=tuple(map(_shown, found.evidence)),
        next=(bagged.verify(made), *found.next),
    )


def _shown(each: Evidence) -> Evidence:
    """A look with its first rows, and how many there are."""
    if len(each.rows) <= SHOWN:
        return each
    note = f"The first {SHOWN} of {len(each.rows):,} rows; all of them are in the folder."
    return replace(each, rows=each.rows[:SHOWN], notes=(*each.notes, note))
