"""A run of `peakops sweep` from its lock to its metrics: what the sections found is another file's."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from peakops import render, runs, sightings
from peakops.cli.commands import Run
from peakops.cli.sweeping.rounds import Rounds
from peakops.cli.sweeping.sections import Section
from peakops.errors import PeakopsError
from peakops.model import Report
from peakops.mutes import Mutes
from peakops.render import metrics
from peakops.settings import Settings
from peakops.sources import Shared, beating, within

MUTES_SECONDS = 10.0
"""What the look at the mutes may take; without it nothing is muted, which is said."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be looked at, and how it is to be told."""

    sections: Sequence[Section]
    new_only: bool
    """As cron runs it: one at a time, noted, and with a heartbeat."""
    every: bool
    metrics: Path | None


def carried_out(run: Run, wanted: Wanted) -> Report:
    """Look at the sections, and tell whoever is to know. Raises Locked where such a run is under way."""
    if wanted.metrics:
        metrics.usable(wanted.metrics)
    settings = run.invocation.settings()
    now = settings.now()
    run = replace(run, frame=replace(run.windowed(now), started_at=now), shared=Shared())
    found = _as_job(run, wanted, settings) if wanted.new_only else _looked(run, wanted, settings)
    if not wanted.metrics:
        return found
    return _warned(found, metrics.save(metrics.text(found, settings.now()), wanted.metrics))


def _as_job(run: Run, wanted: Wanted, settings: Settings) -> Report:
    keys, folder = run.invocation.write_keys(), run.invocation.journal()
    of = settings, keys, folder
    with ExitStack() as stack:
        warning = stack.enter_context(runs.alone(sightings.SWEEP, *of, seconds=run.timeout))
        noted = stack.enter_context(runs.noted(sightings.SWEEP, *of))
        beat = beating(settings)
        begun = beat.started()
        memory = sightings.opened(*of, since=run.since, alone=not warning)
        run.rows.untold = partial(_noted, run, memory.release)
        found = _looked(run, wanted, settings, memory)
        found = _warned(noted.told(found), warning, begun, beat.ended(found.exit_code))
        # The lock is held until the report is out: what is claimed and not told is a dead run's to whoever has it.
        held = stack.pop_all()
    run.rows.told, run.rows.untold = (partial(_last, each, held) for each in (run.rows.told, run.rows.untold))
    return found


def _last(told: Callable[[], None], held: ExitStack) -> None:
    with held:
        told()


def _looked(run: Run, wanted: Wanted, settings: Settings, memory: sightings.Sightings | None = None) -> Report:
    mutes, warning = _mutes(run, settings)
    said = tuple(filter(None, (warning, memory.warning if memory else "")))
    rounds = Rounds(run, wanted.sections, mutes, memory, every=wanted.every, said=said)
    found = rounds.go()
    if memory:
        # What could not be told is new again next time; a window that has ended says nothing of what is gone.
        complete = rounds.complete if run.until is None else ()
        run.rows.told = partial(_noted, run, partial(memory.keep, complete))
    return found


def _noted(run: Run, note: Callable[[], None]) -> None:
    """Note what was told, or was not; the report is out by then, so that a failure is a notice, and no error."""
    try:
        note()
    except (PeakopsError, OSError) as wrong:
        says = wrong.says if isinstance(wrong, PeakopsError) else f"{wrong.filename}: {wrong.strerror}."
        render.notice(f"What was told could not be noted, and may be told again. {says}", run.style)


def _mutes(run: Run, settings: Settings) -> tuple[Mutes, str]:
    """The mutes; none, and a warning, where they could not be read."""
    seconds, now = min(MUTES_SECONDS, run.frame.left(run.timeout)), settings.now()
    sources = run.sources(settings, time.monotonic() + seconds)
    unread = "The mutes could not be read, so that nothing is muted: "
    try:
        read = partial(sources.read, "database", "team", {"query": "sweep/mutes"})
        return Mutes.of(within(seconds, read).rows, now), ""
    except TimeoutError:
        return Mutes.of((), now), f"{unread}the database did not answer within {seconds:.0f} s."
    except PeakopsError as wrong:
        return Mutes.of((), now), f"{unread}{wrong.says}"
    finally:
        if run.shared:
            run.shared.collect()


def _warned(found: Report, *warnings: str) -> Report:
    """The report with further warnings, which people are told too."""
    told = tuple(filter(None, warnings))
    return replace(found, warnings=(*found.warnings, *told), lines=(*found.lines, *(f"  {each}" for each in told)))
