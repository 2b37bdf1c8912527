"""How an export is made: the rows read once the looks have told which, written, and judged by what was written."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from peakops import __version__, bag, journal, report
from peakops.cli import bagged
from peakops.cli.commands import Run
from peakops.cli.scenario_commands import investigated
from peakops.model import Evidence, Report, Row
from peakops.render import moment
from peakops.scenario import Facts
from peakops.scenarios.addresses import known
from peakops.scenarios.data import export_files
from peakops.scenarios.data.export import NEEDED, SCENARIO, WRITTEN
from peakops.scenarios.data.export_files import Tally
from peakops.scenarios.data.export_rules import Mine, tables, widened
from peakops.settings import Settings
from peakops.sources import Sources
from peakops.verdict import exit_code

KIND = "exported"
"""What the journal's entry is of."""
CATALOGUE = ("columns", "references")
"""Looks at how the database is made: schema.json has what of it matters."""
LOOK_SHARE = 0.5
"""Of the time limit, what the looks may take; the rows have the rest."""


def exported(run: Run, user: str, place: Path) -> Report:
    """
    Find everything that is held on a person, write it into a new folder, and say what was left out.

    Where nobody is found, or what hangs on the person could not be asked, nothing is written. Raises Refused where the
    folder is there already.
    """
    bag.vacant(place)
    settings = run.invocation.settings()
    seconds = report.seconds_for_looks(run.frame.left(run.timeout) * LOOK_SHARE)
    frame = replace(run.frame, given={"user": user})
    found = replace(investigated(SCENARIO, run, frame, settings, seconds), given=run.frame.given)
    facts = Facts(found.evidence)
    if found.error or not facts.known(*NEEDED) or not facts["person"]["id"]:
        return found
    references = widened(facts["references"])
    held = tables(facts, references, settings.health_fields)
    residue = list(facts["residue"]) if facts.known("residue") else []
    about, tally = _about(settings, facts, found), Tally()
    read = _reader(run, settings, str(facts["person"]["id"]), references)
    _announce(run, about["subject"])
    made = bag.write(
        place,
        export_files.files(_mine(facts, settings), held, read, residue, about, tally),
        bagged.info(f"What is held on {about['subject']}", about["taken_at"]),
        key=settings.evidence_key,
    )
    bagged.note(run, KIND, about["subject"], made, {"rows": tally.rows.total(), "sealed": bool(settings.evidence_key)})
    return _told(run, found, made, tally.written(held, residue), settings)


def _announce(run: Run, subject: str) -> None:
    """A line in the journal before anything of it is on a disk, as before all that is shown unmasked."""
    folder, now = run.invocation.journal(), run.invocation.now()
    detail = {"reason": run.reason}
    journal.record(folder, kind="revealed", command=run.frame.command, subject=subject, detail=detail, now=now)


def _mine(facts: Facts, settings: Settings) -> Mine:
    person = facts["person"]
    others = [each["email"] for each in facts["addresses"]] if facts.known("addresses") else []
    addresses = frozenset(each.lower() for each in (*known(person), *others))
    return Mine(id=str(person["id"]), addresses=addresses, health=frozenset(settings.health_fields))


def _about(settings: Settings, facts: Facts, found: Report) -> dict[str, Any]:
    return {
        "tool": f"peakops {__version__}",
        "subject": f"user:{facts['person']['id']}",
        "environment": settings.environment,
        "taken_at": moment(found.started_at),
    }


def _reader(run: Run, settings: Settings, id: str, every: list[Row]) -> export_files.Read:
    """What reads the rows of a table, by some of the references, in the time that is left."""
    left = run.frame.left(run.timeout)
    sources = Sources(settings, time.monotonic() + report.seconds_for_looks(left), run.invocation.journal())

    def read(table: str, references: tuple[Row, ...]) -> Iterator[Row]:
        # What is found by way of other tables needs their references too.
        asked = [each for each in every if each["table"] != table or each in references]
        yield from sources.stream("personal", "content", {"id": id, "references": asked, "table": table})

    return read


def _told(run: Run, found: Report, made: bag.Made, written: list[Row], settings: Settings) -> Report:
    """The report, judged anew by what was written; the rows themselves stand in the folder alone."""
    look = Evidence(name=WRITTEN, source="personal", asked="the rows", at=found.started_at, rows=tuple(written))
    judged = report.rejudged(SCENARIO, replace(found, evidence=(*found.evidence, look)), without=())
    assert judged.verdict is not None, "a report that was judged has a verdict"
    where = bagged.where(made, settings.evidence_key)
    listed = {"tables": "table", "closed": "closed", "elsewhere": "elsewhere"}
    rows = {
        key: [
            {name: value for name, value in each.items() if name != "what"} for each in written if each["what"] == what
        ]
        for key, what in listed.items()
    }
    return replace(
        judged,
        exit_code=exit_code(judged.status, run.frame.fail_on),
        verdict=replace(judged.verdict, says=f"{judged.verdict.says} {where}"),
        evidence=tuple(each for each in judged.evidence if each.name not in CATALOGUE),
        data={"bag": bagged.told(made, settings.evidence_key), **rows},
        next=(bagged.verify(made), *judged.next),
    )
