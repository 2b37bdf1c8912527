"""How a check waits until all is well: it looks again and again, further and further apart."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from peakops import render
from peakops.cli.invocation import ended
from peakops.cli.watch import FIRST_PAUSE_S, LONGEST_PAUSE_S, SLOWER
from peakops.errors import TimedOut
from peakops.investigate import fault_of
from peakops.model import Report, Status
from peakops.report import MARGIN_SECONDS

if TYPE_CHECKING:
    from peakops.cli.commands import Run

FINAL = (Status.OK, Status.ERROR, Status.REFUSED)
"""A subject that is absent or ambiguous will not be well by waiting; it is told at once."""


def until_ok(work: Callable[..., Report], run: "Run", values: Mapping[str, Any], seconds: float) -> Report:
    """
    The report of the last look: of the first that finds nothing wrong, or of the one before the time was over.

    Each look has so many seconds. Where the time is over, or a key ends it, the last verdict is told with 124 or the
    key's code.
    """
    pause, last = FIRST_PAUSE_S, None
    try:
        while (left := run.frame.remaining(run.timeout)) > MARGIN_SECONDS or last is None:
            began = time.monotonic() if last else run.frame.began
            short = min(left, seconds)
            found = work(replace(run, timeout=short, frame=replace(run.frame, began=began)), **values)
            if found.status in FINAL:
                return found
            if last and found.status is Status.UNKNOWN and short < seconds:
                break  # it had less time than a look takes, and says less than the one before it
            last = found
            _tell(found, run, pause)
            time.sleep(max(0.0, min(pause, run.frame.remaining(run.timeout))))
            pause = min(LONGEST_PAUSE_S, pause * SLOWER)
    except TimedOut:
        if last is None:
            raise
    except KeyboardInterrupt as stop:
        if last is None:
            raise
        wrong = ended(stop, f"It was not ok when it was last looked at: {_said(last)}")
        return replace(last, exit_code=wrong.exit_code, error=fault_of(wrong))
    late = TimedOut(
        f"It is not ok after {run.timeout:g} s: {_said(last)}", hint="Give more time with --timeout.", code="timeout"
    )
    return replace(last, exit_code=late.exit_code, error=fault_of(late))


def _said(found: Report) -> str:
    return f"{found.verdict.title}." if found.verdict else f"{found.status.value}."


def _tell(found: Report, run: "Run", pause: float) -> None:
    """Progress, which goes to a terminal alone."""
    if found.verdict and sys.stderr.isatty() and not run.style.quiet:
        told = f"{found.status.value}: {found.verdict.title} [{found.verdict.code}]"
        render.notice(f"{render.moment(found.started_at)} {told}; looking again in {pause:.0f} s.", run.style)
