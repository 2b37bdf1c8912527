"""peakops replay: a recording judged again, by today's rules and without asking anybody."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from peakops import recording, render, verdict
from peakops.cli import checkup
from peakops.cli.commands import Run, command
from peakops.errors import BadInput, Exit
from peakops.model import Report
from peakops.recording import Recording
from peakops.report import Frame
from peakops.scenarios.doctor.check import LOOKS

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="Judge again what a recording holds; nobody is asked."
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="What --record wrote; - is stdin.", show_default=False)]
DOCTOR = "doctor.check"
LARGEST = 64 * 2**20
"""Bytes of a recording; the largest of a world has 50,000, and so many take some ten seconds to judge."""
FINDINGS = (Exit.OK, Exit.WARNING, Exit.CRITICAL)


@command(app, "replay")
def replay(run: Run, file: File) -> Report:
    """
    Judge again what a recording holds; nobody is asked.

    No network, no settings, no database: verdict, findings and exit code are those of today's rules, and where these
    say another thing than was said then, both are told; --fail-on is that of the recorded run, unless another is
    given. With --json the document is the check's own, and data.recording
    tells what was replayed. A file that was changed since it was written is refused (65), with what differs.

    Example: peakops replay evidence.json
    """
    kept = opened(file)
    found = recording.replayed(kept, judged)
    asked = run.frame.fail_on
    if asked != Frame.fail_on and found.exit_code in FINDINGS:
        found = replace(found, exit_code=verdict.exit_code(found.status, asked))
    same = found.data["recording"]["same"]
    if not run.style.json and not (run.style.quiet and same):
        told = "The verdict is the same." if same else found.warnings[-1]
        render.notice(f"Recorded at {render.moment(kept.at)} by peakops {kept.version}. {told}", run.style)
    return found


def opened(file: Path) -> Recording:
    """The recording in a file, or on stdin. Raises BadInput."""
    name = "stdin" if str(file) == "-" else str(file)
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if name == "stdin" else _read(file)
    except OSError as wrong:
        raise _unreadable(f"{name} cannot be read: {wrong.strerror}.") from None
    if len(raw) > LARGEST:
        raise _unreadable(f"{name} is too large for a recording: it has more than {LARGEST // 2**20} MiB.")
    return recording.read(raw, name)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)


def _unreadable(says: str) -> BadInput:
    return BadInput(says, hint="Name a file that --record wrote.", code="recording.unreadable")


def judged(kept: Recording) -> Report:
    """The report as the command itself would give it: the doctor's lines are made of its answers."""
    found = recording.judged(kept)
    if kept.scenario != DOCTOR:
        return found
    sources = tuple(kept.given.get("sources") or ())
    every = tuple(each for each in LOOKS if each != "sandbox" or kept.environment == "sandbox")
    strict = (sources or every) if kept.given.get("strict") else ()
    return replace(checkup.judged(found, wanted=strict, only=sources), given=kept.given)
