"""
Files of Vercel's log drain, counted: who asked, from which networks, when, for what, and what was answered.

Two processes read a stretch each; see docs/decisions on why no data engine is needed, and weblogs_count on what is
kept. 2,000,000 lines of 1.2 kB take 4 to 5 s on two cores that nobody else uses.
"""

import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from peakops.errors import BadInput
from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.weblogs_count import NEAR
from peakops.sources.weblogs_counted import OTHERS, Counted, Named
from peakops.sources.weblogs_crew import counted
from peakops.sources.weblogs_lines import STDIN, halves
from peakops.sources.weblogs_networks import networks
from peakops.sources.weblogs_record import ASSET

WORTH_TWO = 1 << 23
"""Bytes below which a second process would take longer to start than it saves."""
NAMES = 20
"""Paths, and agents, that are told."""
BARS = 60
"""Of the time line."""
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 10_080)
"""Minutes that one bar may stand for."""


class WebLogs:
    """Reads files; nothing is asked of anybody. `deadline` is a moment of the monotonic clock."""

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._deadline = deadline
        self._own = settings.own_networks

    def count(self, files: Sequence[str]) -> Brought:
        """
        One row: the totals, the time line, paths, agents, and the networks that ran into a limit.

        `files` are in the order of time; `-` is standard input. Raises BadInput where a file cannot be read, or none
        of its lines is a row of a log, and TimedOut.
        """
        try:
            _files(files)
            # One file by two names would count twice.
            named = tuple({each if each == STDIN else str(Path(each).resolve()): each for each in files}.values())
            stretches = halves(named, WORTH_TWO)
        except OSError as wrong:
            raise BadInput(f"{wrong.filename}: {wrong.strerror}.", hint="Name files that can be read.") from None
        total = counted(stretches, self._deadline)
        _readable(total, named)
        told = row(total, self._own)
        notes = (*_notes(total), *_cut(told))
        return Brought(rows=(told,), single=True, asked=f"{len(named)} file(s), once", notes=notes)


def _files(names: Sequence[str]) -> None:
    """Refuse what is no file: it could not be read twice, nor from its middle. Raises BadInput, OSError."""
    for name in names:
        if name != STDIN and not stat.S_ISREG(Path(name).stat().st_mode):
            raise BadInput(
                f"{name}: it is no file.", hint="Name files, or pipe it in: … | peakops security ratelimit -"
            )


def _readable(total: Counted, files: Sequence[str]) -> None:
    said = ", ".join("standard input" if each == STDIN else Path(each).name for each in files)
    hint = "Give files of Vercel's log drain (NDJSON or JSON), or what `vercel logs --json` prints."
    if not total.lines:
        raise BadInput(f"{said}: there is no line in it.", hint=hint, code="input.empty")
    if not total.requests:
        where = f"{total.where} is no row of a log" if total.where else "no row tells of a request"
        raise BadInput(f"{said}: of {total.lines:,} lines none is of a request; {where}.", hint=hint)


def _notes(total: Counted) -> tuple[str, ...]:
    """What limits the figures."""
    told = []
    if total.damaged:
        told.append(f"{', '.join(total.damaged)}: damaged, or cut off; what comes after that is not counted.")
    if total.unreadable:
        told.append(
            f"{total.unreadable:,} of {total.lines:,} lines could not be read and are not counted; the first is "
            f"{total.where}."
        )
    if total.repeated:
        told.append(
            f"{total.repeated:,} requests are counted twice: more than {NEAR:,} others lie between their rows, as "
            "where files overlap."
        )
    if total.unmarked:
        told.append(f"Of {total.unmarked:,} requests it is not known whether they are counted twice.")
    if total.folded:
        told.append(
            f"{total.folded:,} times a client with few requests was counted with its network alone, to save memory: a "
            f"single client may have up to {total.error:,} more requests than is told; networks and totals are exact."
        )
    if OTHERS in total.networks:
        others = total.networks[OTHERS]
        told.append(
            f"{others.requests:,} requests, of which {others.limited:,} were answered 429, are of more networks than "
            "can be told apart."
        )
    if undated := total.minutes.get(0, [0])[0]:
        told.append(f"{undated:,} requests have no time that could be read.")
    return tuple(told)


def _cut(told: dict[str, Any]) -> Iterator[str]:
    if told["networks_total"] > len(told["networks"]):
        yield f"Of {told['networks_total']:,} networks with a 429 the {len(told['networks'])} with the most are judged."


def row(total: Counted, own: Sequence[str] = ()) -> dict[str, Any]:
    """The one row; `own` are our own networks, which are no strangers."""
    found, number, nowhere = networks(total)
    assets = any(each.kind == ASSET for each in total.paths.values())
    dated = sorted(each for each in total.minutes if each)
    return {
        **{name: getattr(total, name) for name in ("lines", "unreadable", "rows", "output", "requests", "limited")},
        **{name: getattr(total, name) for name in ("repeated", "unmarked", "folded", "error")},
        "damaged": total.damaged,
        "first": _at(dated[0]) if dated else None,
        "last": _at(dated[-1]) if dated else None,
        "clients": sum(bool(each) for each in total.addresses),
        "addressless": nowhere.requests,
        "addressless_limited": nowhere.limited,
        "answered_by": total.answered_by,
        "rules": dict(sorted(total.rules.items(), key=lambda each: -each[1])[:NAMES]),
        "histogram": histogram(total.minutes, dated),
        "paths": _named(total.paths),
        "agents": _named(total.agents),
        "networks": [{**each, "assets_told": assets} for each in found],
        "networks_total": number,
        "own": list(own),
    }


def histogram(minutes: dict[int, list[int]], dated: Sequence[int]) -> dict[str, Any]:
    """Bars of so many minutes each, empty ones too, from the first minute to the last."""
    if not dated:
        return {"step": 1, "bars": []}
    span = dated[-1] - dated[0] + 1
    step = next((each for each in STEPS if span <= each * BARS), -(-span // BARS))
    start = dated[0] // step * step
    counts = [[0, 0] for _ in range(start, dated[-1] + 1, step)]
    for each in dated:
        bar = counts[(each - start) // step]
        bar[0], bar[1] = bar[0] + minutes[each][0], bar[1] + minutes[each][1]
    bars = [{"at": _at(start + step * n), "requests": all_, "limited": of} for n, (all_, of) in enumerate(counts)]
    return {"step": step, "bars": bars}


def _at(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def _named(names: dict[str, Named]) -> list[dict[str, Any]]:
    """Those that were limited most; then those that were asked most."""
    told = sorted(names.values(), key=lambda each: (-each.limited, -each.requests, each.name))[:NAMES]
    return [{"name": each.name, "requests": each.requests, "limited": each.limited} for each in told]
