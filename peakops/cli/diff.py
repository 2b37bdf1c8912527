"""peakops diff: what changed between two recordings."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from peakops import recording
from peakops.cli.commands import Run, command
from peakops.cli.replay import judged, opened
from peakops.errors import UsageFault
from peakops.model import Report, Row, Status
from peakops.recording import Difference, Recording
from peakops.redact import Door
from peakops.render import moment
from peakops.report import Frame, of_lines
from peakops.verdict import exit_code

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="What changed between two recordings.")

First = Annotated[Path, typer.Argument(metavar="A", help="The earlier recording.", show_default=False)]
Second = Annotated[Path, typer.Argument(metavar="B", help="The later one.", show_default=False)]


@command(app, "diff")
def diff(run: Run, first: First, second: Second) -> Report:
    """
    What changed between two recordings.

    The verdict, findings that came and went, questions that are answered otherwise, and per look the rows that came,
    went or changed. Both are judged by today's rules, so that a change is one of the evidence. Ends with 0 where they
    are the same and 1 where they differ, as diff does. Times of the looks do not count.

    Example: peakops diff before.json after.json
    """
    if str(first) == str(second) == "-":
        raise UsageFault("stdin holds one recording, and a comparison needs two.", hint="Name a file for one of them.")
    kept = [opened(each) for each in (first, second)]
    if kept[0].scenario != kept[1].scenario:
        says = f"{first} is of 'peakops {kept[0].command}', and {second} of 'peakops {kept[1].command}'."
        raise UsageFault(says, hint="Compare two recordings of one check.")
    # What only --fail-on made another exit code is no change of the evidence.
    differs = recording.between(*((each, judged(replace(each, fail_on=Frame.fail_on))) for each in kept))
    status = Status.OK if differs.same else Status.WARNING
    warnings = tuple(_unlike(*kept, comparable=differs.comparable))
    found = of_lines(
        run.frame,
        [*_lines(differs, kept), *warnings],
        {"same": differs.same, "first": _head(kept[0]), "second": _head(kept[1]), **asdict(differs)},
        status=status,
        exit_code=exit_code(status, run.frame.fail_on),
        warnings=warnings,
    )
    return replace(found, scenario=kept[0].scenario)


UNLIKE = "They were not masked alike (on two machines, or one was not): masked values differ for that alone."


def _unlike(first: Recording, second: Recording, *, comparable: bool) -> Iterator[str]:
    """What else than time lies between the two."""
    if not comparable:
        yield UNLIKE
    if first.environment != second.environment:
        yield f"They are of two environments: {first.environment}, then {second.environment}."
    was, now = (next(iter(each.given.values()), "") for each in (first, second))
    if comparable and was != now:
        yield f"They are of two subjects: {_value(was)}, then {_value(now)}."


def _head(kept: Recording) -> Row:
    return {"command": kept.command, "given": kept.given, "at": kept.at, "environment": kept.environment}


def _lines(differs: Difference, kept: list[Recording]) -> Iterator[str]:
    between = f"from {moment(kept[0].at)} to {moment(kept[1].at)}"
    yield f"{'SAME' if differs.same else 'DIFFERS'}  peakops {kept[0].command}, {between}"
    if differs.verdict:
        was, now = differs.verdict["was"], differs.verdict["is"]
        yield f"  verdict: {was['code']} (exit {was['exit_code']}) -> {now['code']} (exit {now['exit_code']})"
    yield from (f"  + finding {each}" for each in differs.came)
    yield from (f"  - finding {each}" for each in differs.went)
    for each in differs.answers:
        yield f"  {each['asks']}"
        yield from (f"    {sign} {said['says']}" for sign, said in (("-", each["was"]), ("+", each["is"])) if said)
    for each in differs.looks:
        yield from _look(each, comparable=differs.comparable)


def _look(look: Row, *, comparable: bool) -> Iterator[str]:
    yield f"  {look['name']} ({look['source']})"
    for told in filter(None, (look["error"], look["notes"])):
        yield from (f"    {sign} {said}" for sign, said in (("-", told["was"]), ("+", told["is"])) if said)
    yield from (f"    - {_row(each)}" for each in look["went"])
    yield from (f"    + {_row(each)}" for each in look["came"])
    for each in look["changed"]:
        fields = ", ".join(_field(field, comparable=comparable) for field in each["fields"])
        yield f"    ~ {each['id']}: {fields}" if each["id"] else f"    ~ {fields}"


def _field(field: Row, *, comparable: bool) -> str:
    was, now = _value(field["was"]), _value(field["is"])
    door = Door()
    another = " (another that is masked alike)" if comparable and door.line(was) == door.line(now) else ""
    return f"{field['field']}: {was} -> {now}{another}"


def _row(row: Row) -> str:
    return "  ".join(f"{key}={_value(value)}" for key, value in row.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_value(each)}' for key, each in value.items())}}}"
    return moment(value) if isinstance(value, datetime) else "nothing" if value is None else str(value)
