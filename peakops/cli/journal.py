"""peakops journal: what was done and shown, as a record that can be read and verified."""

import inspect
from collections.abc import Sequence
from typing import Annotated

import typer

from peakops import journal
from peakops.cli.commands import Run, add, command
from peakops.cli.lazy import led_by
from peakops.cli.lists import Listing
from peakops.journal import Breach, Entry
from peakops.model import Report, Status
from peakops.report import of_lines
from peakops.verdict import exit_code

app = typer.Typer(
    add_completion=False,
    cls=led_by("list"),
    rich_markup_mode=None,
    help="What was done and shown: a record that can be verified.",
)


@app.callback()
def _group() -> None:
    """What was done and shown: a record that can be verified."""


Kind = Annotated[
    str | None,
    typer.Option("--kind", metavar="K", help="Only entries of this kind: intended, done, failed, revealed, stated."),
]
Subject = Annotated[str | None, typer.Option("--subject", metavar="S", help="Only entries about this subject.")]

LISTING = Listing(
    columns=("seq", "at", "operator", "kind", "command", "subject", "detail", "prev", "hash"),
    limit="50",
    since="520w",
)
"""Ten years back: everything, since a journal is looked through from its end."""


def entries(run: Run, kind: Kind = None, subject: Subject = None) -> Report:
    """
    List the entries, newest first; 'peakops journal' alone does the same.

    Times are those of this machine's clock, in the sandbox those of its own.

    Example: peakops journal list --since 24h --kind done
    """
    folder = run.invocation.journal()
    now = run.invocation.now()
    since, until = run.window(now)
    window = {"since": since, "until": until if run.until else None}
    found = list(journal.read(folder, **window, kind=kind or "", subject=subject or ""))
    for entry in reversed(found):
        run.emit({**vars(entry), "says": _told(entry)})
    count = f"{len(found)} {'entry' if len(found) == 1 else 'entries'}."
    broken = [each for each in journal.verify(folder) if each.what != journal.TORN]
    warnings = [f"The journal was tampered with: {_at(broken)}. Run 'peakops journal verify'."] if broken else []
    next_command = ("peakops journal verify",) if broken else ()
    return of_lines(run.windowed(now), [*warnings, count], {}, warnings=tuple(warnings), next=next_command)


add(
    app,
    "list",
    "journal",
    entries,
    list(inspect.signature(entries).parameters.values())[1:],
    inspect.getdoc(entries) or "",
    LISTING,
)


@command(app, "verify", section="journal")
def verify(run: Run) -> Report:
    """
    Prove that no line was changed, removed, repeated or reordered since it was written, and none cut off at the end.

    Example: peakops journal verify
    """
    folder = run.invocation.journal()
    breaches = journal.verify(folder)
    seqs = [entry.seq for entry in journal.read(folder)]
    torn = [each for each in breaches if each.what == journal.TORN]
    status = Status.CRITICAL if len(torn) < len(breaches) else Status.WARNING if torn else Status.OK
    data = {
        "file": str(folder / journal.NAME),
        "entries": len(seqs),
        "last": max(seqs, default=None),
        "breaches": [each._asdict() for each in breaches],
    }
    lines = [_headline(status, len(seqs), breaches), *(_line(each) for each in breaches), f"  {data['file']}"]
    return of_lines(run.frame, lines, data, status=status, exit_code=exit_code(status, run.frame.fail_on))


def _headline(status: Status, entries: int, breaches: Sequence[Breach]) -> str:
    if status is Status.CRITICAL:
        return f"The journal was tampered with: {_at(breaches)}."
    said = f"The journal is whole: {entries} {'entry' if entries == 1 else 'entries'}"
    return f"{said}, and {_at(breaches)} was torn by a crash." if breaches else f"{said}."


def _at(breaches: Sequence[Breach]) -> str:
    """The places, each once."""
    places = list(dict.fromkeys(str(each.line) if each.line else journal.HEAD for each in breaches))
    return f"line {places[0]}" if len(places) == 1 else f"lines {', '.join(places)}"


def _line(breach: Breach) -> str:
    place = f"line {breach.line}" if breach.line else journal.HEAD
    entry = "" if breach.seq is None else f" (entry {breach.seq})"
    return f"  {place}{entry}  {breach.what}  {breach.says}"


def _told(entry: Entry) -> str:
    """An entry as a line: what it is, and of its detail what is one word or number."""
    plain = [f"{key} {value}" for key, value in entry.detail.items() if isinstance(value, str | int)]
    said = (
        entry.at,
        f"{entry.seq}",
        entry.kind,
        entry.command,
        entry.subject,
        f"by {entry.operator}",
        ", ".join(plain),
    )
    return "  ".join(part for part in said if part)
