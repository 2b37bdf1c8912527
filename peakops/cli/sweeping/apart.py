"""A section in a thread of its own, which is left behind where it does not end: a pooler that went mute never does."""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, Queue
from typing import Any

from peakops.model import Report, Row

WAITING = 200
"""How many rows may wait to be handed on: beyond it the section waits, so that the memory does not grow."""
PARTING_SECONDS = 2.0
"""How much longer than its share a section is heard: its looks end half a second before, and judging takes time."""


class Endless(Exception):
    """A section does not end."""


@dataclass
class Relay:
    """A section's way out: its rows go to the sweep."""

    take: Callable[[Row], None]
    limit: int = sys.maxsize
    told: Callable[[], None] = lambda: None
    untold: Callable[[], None] = lambda: None
    full: bool = False

    def emit(self, row: Row) -> None:
        """Hand a row on."""
        self.take(row)

    def skip(self, rows: int) -> None:
        """A sweep has no limit of a section's own."""


def looked(look: Callable[[Relay], Report], take: Callable[[Row], None], seconds: float) -> Report:
    """
    What `look` comes to; `take` is called in this thread with each row that it lets out.

    Raises what either raises, and Endless where `look` does not end; the rows until then were taken.
    """
    heard: Queue[tuple[str, Any]] = Queue(WAITING)
    ends_at = time.monotonic() + seconds + PARTING_SECONDS

    def run() -> None:
        try:
            heard.put(("report", look(Relay(take=lambda row: heard.put(("row", row))))))
        except BaseException as wrong:  # noqa: BLE001  (it is raised where it is waited for)
            heard.put(("wrong", wrong))

    threading.Thread(target=run, daemon=True).start()
    while True:
        try:
            kind, told = heard.get(timeout=max(0.0, ends_at - time.monotonic()))
        except Empty:
            raise Endless from None
        if kind == "wrong":
            raise told
        if kind == "report":
            report: Report = told
            return report
        take(told)
