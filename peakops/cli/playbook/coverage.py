"""peakops playbook coverage: what became of each line of the operations playbook."""

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import typer

from peakops.cli.commands import Run, command
from peakops.cli.playbook.ageing import warned
from peakops.model import Report, Row, Severity, Status, placed
from peakops.playbook import errata, operations, places
from peakops.playbook.operations import Unit
from peakops.playbook.places import Lapse, Place
from peakops.report import of_lines
from peakops.verdict import exit_code

app = typer.Typer(add_completion=False, rich_markup_mode=None)

FIRST = ("erratum", "person", "command")
"""As what a line counts that has several places: the first of these."""
TOLD = {"command": "done by a command", "person": "done by a person", "erratum": "an erratum"}


@command(app, "coverage", section="playbook")
def coverage(run: Run) -> Report:
    """
    Walk the operations playbook line by line: each has a command, a manual step or an erratum.

    Critical (2): a line has no place, or none for what it says now; or a place names a command or an erratum that does
    not exist. Warning (1): a place or an erratum names a line that is gone or was changed. That the playbook is old is
    told beside it, and changes no code. A block of SQL is one line. With -v every line is listed.

    Example: peakops playbook coverage
    """
    units, every = operations.units(), places.every()
    lapses = sorted(places.lapses(units, every, errata.every(), lost), key=lambda each: (each.line, each.table))
    lines = [_line(each, [place for place in every if each.line in place.at]) for each in units.values()]
    age = operations.age(run.invocation.now())
    status = _status(lapses)
    data = {
        "updated": age.updated,
        "months": age.months,
        "maintained_by": age.maintained_by,
        "counts": {"lines": len(lines), **_counts(lines)},
        "lapses": [vars(each) for each in lapses],
        "lines": lines,
    }
    more = placed("peakops playbook errata", run.frame.environment, run.frame.env_file)
    told = list(_told(lines, lapses, more, verbose=run.style.verbose))
    code = exit_code(status, run.frame.fail_on)
    return of_lines(run.frame, told, data, status=status, exit_code=code, warnings=warned(run))


@cache
def lost(line: str) -> str:
    """The word of a command line, typed after `peakops`, that does not exist; empty where all of it does."""
    from peakops.cli.root import app as root

    node: Any = typer.main.get_command(root)
    try:
        words = shlex.split(line)
    except ValueError:
        # A quotation that nobody ended can be typed nowhere.
        return line
    while words and hasattr(node, "get_command"):
        word = words.pop(0)
        inner = node.get_command(None, word)
        if inner is None:
            return word
        node = inner
    options = {name for param in getattr(node, "real", node).params for name in param.opts}
    return next((each for each in words if each.startswith("-") and each.partition("=")[0] not in options), "")


def _status(lapses: Sequence[Lapse]) -> Status:
    severities = {each.severity for each in lapses}
    if Severity.CRITICAL in severities:
        return Status.CRITICAL
    return Status.WARNING if severities else Status.OK


def _line(unit: Unit, found: Sequence[Place]) -> dict[str, Any]:
    return {
        "line": unit.line,
        "kind": unit.kind,
        "heading": unit.heading,
        "says": unit.says,
        "hash": unit.hash,
        "as": next((kind for kind in FIRST if any(each.kind == kind for each in found)), None),
        "errata": [each.number for each in errata.at(unit.line)],
        "places": [_place(each) for each in found],
    }


def _place(place: Place) -> Row:
    commands = [f"peakops {each}" for each in place.commands]
    return {
        "table": place.table,
        "kind": place.kind,
        "where": place.where,
        "commands": commands,
        "erratum": place.erratum or None,
    }


def _counts(lines: Sequence[Row]) -> dict[str, int]:
    counted = Counter(each["as"] or "without" for each in lines)
    return {
        **{kind: counted[kind] for kind in (*TOLD, "without")},
        "errata": sum(bool(each["errata"]) for each in lines),
    }


def _told(lines: Sequence[Row], lapses: Sequence[Lapse], more: str, *, verbose: bool) -> Iterator[str]:
    counted = _counts(lines)
    kinds = ", ".join(f"{counted[kind]} {says}" for kind, says in TOLD.items())
    verdict = f"{len(lapses)} lapses" if lapses else "every one has its place"
    yield f"{len(lines)} lines of the operations playbook: {verdict.replace('1 lapses', '1 lapse')}. {kinds}."
    yield f"{counted['errata']} of them have errata: {more}"
    for each in lapses:
        yield f"  line {each.line}  {each.code}  {each.table or 'no place'}: {each.says}"
    for line in lines if verbose else ():
        wrong = f" (errata {', '.join(map(str, line['errata']))})" if line["errata"] else ""
        yield f"  line {line['line']}  {line['as'] or 'no place'}  {line['says']}{wrong}"
        yield from (f"      {each['table']}: {each['where']}" for each in line["places"])
