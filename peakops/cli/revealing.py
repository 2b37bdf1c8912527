"""How a secret that was asked for is shown: once, on a terminal or with --reveal, and noted in the journal before."""

import sys
from dataclasses import replace

from peakops import journal, render
from peakops.cli.commands import Run
from peakops.errors import UsageFault
from peakops.model import Report

NAME = "link"


def possible(run: Run) -> None:
    """Whether there is a place to show it, before anything is changed. Raises UsageFault."""
    if not (run.style.reveal or sys.stderr.isatty()):
        raise UsageFault(
            f"'peakops {run.frame.command}' shows a link once, and there is no terminal to show it on.",
            hint="Add --reveal --reason 'why', which puts it into the output.",
        )


def revealed(done: Report, run: Run, secret: str) -> Report:
    """The report with the secret where --reveal asks for it; on a terminal it is shown apart, and kept nowhere."""
    plan = done.data["plan"]
    subject = f"{plan['subject']['kind']}:{plan['subject']['id']}"
    detail = {"reason": run.reason, "what": NAME}
    now = run.invocation.now()
    journal.record(
        run.invocation.journal(), kind="revealed", command=run.frame.command, subject=subject, detail=detail, now=now
    )
    if run.style.reveal:
        return replace(done, revealed=(NAME, secret))
    render.reveal(NAME, secret, run.style)
    return done
