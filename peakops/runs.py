"""When a job ran: a row for the team, by which others tell whether the job is on; and one run of it at a time."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from peakops import lease
from peakops.errors import Exit, Locked, PeakopsError
from peakops.model import Report
from peakops.plan import Subject
from peakops.settings import Settings, WriteKeys
from peakops.sources.threads import within
from peakops.sources.writers import WRITE_SECONDS, Writers

THIS_MACHINE_ALONE = "Another run on this machine is kept out, one on another machine is not"
"""What is said where the team's locks cannot be used; the reason follows."""
NOTE_SECONDS = 5.0
"""What it may take to note a beginning, or an end: a pooler that went mute must not take the time of the run itself."""
JOBS = "jobs"
"""The folder with the jobs' locks of each environment."""
ENDING_SECONDS = 2 * WRITE_SECONDS
"""What a run may take beyond its time limit: to note its end, and to give its lock back."""


class Noted:
    """A run whose beginning was noted, and whose end will be; `told` says that of its report where it could not."""

    def __init__(self, name: str, settings: Settings, keys: WriteKeys, folder: Path) -> None:
        self._note = name, settings.now(), settings, keys, folder
        self._warning = ""
        self._ended = False
        self._write()

    def told(self, report: Report) -> Report:
        """Note the end by the report's exit code; the report, with a warning where the run could not be noted."""
        self.ended(report.exit_code)
        return replace(report, warnings=(*report.warnings, self._warning)) if self._warning else report

    def ended(self, code: int) -> None:
        """Note the end, once."""
        if not self._ended:
            self._ended = True
            self._write(code)

    def _write(self, code: int | None = None) -> None:
        """
        Never raises: a run does its work whether it is noted or not.

        The row of an end is whole, so that it makes up for a beginning that could not be noted, or that nothing was
        heard of.
        """
        name, _, _, keys, _ = self._note
        if lacking := keys.missing(("database",)):
            self._warning = unnoted(name, f"{lacking} is not set.")
            return
        try:
            within(NOTE_SECONDS, lambda: note(*self._note, ended=code))
        except TimeoutError:
            self._warning = unnoted(name, f"The database did not answer within {NOTE_SECONDS:.0f} s.")
        except Exception as wrong:  # noqa: BLE001  (whatever it is, the run is what counts)
            self._warning = unnoted(name, wrong.says if isinstance(wrong, PeakopsError) else f"{type(wrong).__name__}.")
        else:
            self._warning = ""


def unnoted(name: str, why: str) -> str:
    """What is said of a run that nobody else will know of."""
    return f"The run of '{name}' was not noted. {why}"


@contextmanager
def noted(name: str, settings: Settings, keys: WriteKeys, folder: Path) -> Iterator[Noted]:
    """
    Note that a job runs, and how it ended: `with runs.noted("sweep", …) as run: return run.told(report)`.

    Where the block ends by an error, or by a key or signal, its exit code is noted; a run that is killed leaves its
    beginning. What cannot be noted is a warning of the report, and changes nothing else.
    """
    run = Noted(name, settings, keys, folder)
    try:
        yield run
    except BaseException as wrong:
        run.ended(_code_of(wrong))
        raise


def _code_of(wrong: BaseException) -> int:
    """The exit code that an error ends the command with."""
    stopped = Exit.INTERRUPTED if isinstance(wrong, KeyboardInterrupt) else Exit.BUG
    return int(getattr(wrong, "exit_code", stopped))


def note(
    sweep: str,
    started_at: datetime,
    settings: Settings,
    keys: WriteKeys,
    folder: Path,
    ended: int | None = None,
) -> None:
    """
    Note that a sweep runs, or, with its exit code, that it has ended.

    A run that dies leaves its beginning, which counts for nothing. With each beginning the job's oldest runs are
    forgotten. Raises what the database does.
    """
    row = {
        "sweep": sweep,
        "started_at": started_at,
        "host": socket.gethostname(),
        "ended_at": None if ended is None else settings.now(),
        "exit_code": ended,
    }
    forgotten = [("cron/forget_runs", {"sweep": sweep})] if ended is None else []
    Writers(settings, keys, folder).commit([("security/note_run", row), *forgotten])


@contextmanager
def alone(name: str, settings: Settings, keys: WriteKeys, folder: Path, seconds: float) -> Iterator[str]:
    """
    One run of a job at a time, for the team, for as long as the block lasts; `seconds` is the run's time limit.

    The machine's lock is the environment's: the team's is by itself, as each has its database.

    The lock in Postgres lasts as long as the time limit, and a little for its end: that of a run that was killed ends
    then, or with the next run of the same machine. Where it cannot be taken, the machine's own is alone, and what is
    yielded says so; else it is empty. Raises Locked when another run has it.
    """
    job = Subject(kind="job", id=name, name=f"'{name}'")
    lasts = timedelta(seconds=seconds + ENDING_SECONDS)
    own = folder / JOBS / quote(settings.environment, safe="").replace(".", "%2E")
    with ExitStack() as stack:
        yield _locked(stack, job, settings, keys, own, lasts)


def _locked(stack: ExitStack, job: Subject, settings: Settings, keys: WriteKeys, folder: Path, lasts: timedelta) -> str:
    """Take the lock that can be taken, until the stack ends; why it is not the team's, or nothing. Raises Locked."""
    terms: Mapping[str, Any] = {"lasts": lasts, "doing": lease.RUN}
    if lacking := keys.missing(("database",)):
        why = f"{lacking} is not set."
    else:
        try:
            held = stack.enter_context(lease.held(job, folder, settings, Writers(settings, keys, folder), **terms))
        except Locked as taken:
            # One of the database's own is a row that somebody holds, not a run of the job.
            if not taken.source:
                raise
            why = taken.says
        except PeakopsError as wrong:
            why = wrong.says
        else:
            return "" if held.team else f"{THIS_MACHINE_ALONE}: run 'peakops setup' once."
    stack.enter_context(lease.of_this_machine(job, folder, now=settings.now(), doing=lease.RUN))
    return f"{THIS_MACHINE_ALONE}. {why}"
