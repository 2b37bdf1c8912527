"""How a change is watched until it is final: looks again and again, further and further apart."""

import time
from dataclasses import replace
from typing import Protocol

from peakops.errors import TimedOut
from peakops.fix import Fix
from peakops.investigate import fault_of
from peakops.model import Report
from peakops.scenario import Facts

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
"""A refund that is not final after some seconds takes hours or days: there is no hurry."""
SLOWER = 1.5


class Looker(Protocol):
    """Who looks again."""

    def look(self) -> Report: ...

    def left(self) -> float: ...


def watched(fix: Fix, looker: Looker, done: Report) -> Report:
    """
    The report of a change once nothing of it is pending; its exit is that of the last look where that found a fault.

    Where the time limit comes first, the change stays done, and the exit says 124.
    """
    pause, seen, said = FIRST_PAUSE_S, done, ""
    while waiting := _pending(fix, seen):
        # A look that was silent, as the last one before the time is up may be, says less than the one before it.
        said = waiting if not said or not _silent(fix, seen) else said
        try:
            time.sleep(min(pause, looker.left()))
            pause = min(LONGEST_PAUSE_S, pause * SLOWER)
            seen = looker.look()
        except TimedOut:
            late = TimedOut(f"It was done, and is not final yet: {said}", hint="Run it again later.", code="timeout")
            return replace(done, exit_code=late.exit_code, error=fault_of(late))
    undone = any(each.code in fix.remedies for each in seen.findings)
    how = seen if undone else done
    return replace(seen, status=how.status, exit_code=how.exit_code, data=done.data, warnings=done.warnings)


def _silent(fix: Fix, seen: Report) -> list[str]:
    """The looks that the fix needs and that were silent."""
    facts = Facts(seen.evidence)
    return [name for name in fix.needs if not facts.known(name)]


def _pending(fix: Fix, seen: Report) -> str:
    """What is not final; a look that was silent leaves it open."""
    if fix.pending is None:
        return ""
    silent = _silent(fix, seen)
    return f"'{silent[0]}' could not be read." if silent else fix.pending(Facts(seen.evidence))
