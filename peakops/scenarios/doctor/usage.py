"""What each command asks: which queries of sql/ and which calls of Stripe's, found by declaring its looks to nobody."""

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from peakops.scenario import Listed, Look, Row, Scenario
from peakops.scenarios import FIXES, PRECONDITIONS, SCENARIOS, SWEEPS

HERE, OWN = "doctor.check", "doctor/"
"""The doctor, and the folder of what it asks itself: that is answered or not, and need not be planned."""
SAMPLES = ("INV-1", "pi_1", "ch_1", "a@b.example", "00000000-0000-4000-8000-000000000000")
"""One of each kind of subject, since a look may depend on the kind."""
MOMENT = datetime(2026, 11, 20, tzinfo=UTC)
WINDOW = ("since", "until")
QUERY = re.compile(r"[a-z_]+/[a-z_]+")
OWN_ROLE = ("performance", "plans")
"""Sources with a role of their own: whether the reader might ask the same says nothing."""
FOLDER = "change/"
CHANGE = f"{FOLDER}*"
"""The queries under every fix: its lock, its row in the audit log, the team's copy of the journal."""
RUNS = (("security/note_run", "security leases"), ("cron/forget_runs", "security leases"))
"""The queries that note runs and forget old ones (peakops/runs.py), outside of any fix, and who needs them most."""
RECORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "sweep": {"sweep": ("claim", "told", "release", "forget"), "mute add": ("mute",), "mute end": ("end_mute",)},
    "incident": {
        "incident open": ("open", "append", "end"),
        **{"incident hold place": ("place_hold",), "incident hold lift": ("lift_hold",)},
    },
    "escalation": {"escalation tick": ("claims", "claim", "settle")},
}
"""What writes the team's own record, or reads before it does, outside of any fix; by folder and command."""
LOOKED_UP = {
    **{"triage/uuids": "triage", "triage/stripe_ids": "triage", "escalation/last_tick": "escalation show"},
    **{f"incident/{each}": "incident status" for each in ("find", "all", "events")},
    **{"incident/holds": "incident hold list", "sweep/mutes": "mute list"},
}
"""The queries that commands without a scenario read with."""
COMPOSED = "erasure/"
"""Statements that are composed of the live foreign keys: no files of sql/, and each is planned with its deletion."""

Uses = dict[str, tuple[str, ...]]
"""The commands, by what they use."""


@cache
def reading() -> Uses:
    """The commands by the query that they read with."""
    found = [(each, command) for command, _, _, params in _declared() for each in _queries(params)]
    for name in SWEEPS:
        module = import_module(f"peakops.scenarios.{name}")
        command = getattr(module, "COMMAND", name.replace(".", " "))
        found += [(each, command) for each in _written_in(module)]
    return _by_first([*(each for each in found if not each[0].startswith(OWN)), *LOOKED_UP.items()])


def folders() -> list[str]:
    """The folders of sql/ that commands read with, as names that stand for all that is in them."""
    sections = dict.fromkeys(each.partition("/")[0] for each in reading())
    return [f"{each}/*" for each in sections if not CHANGE.startswith(each)]


@cache
def writing() -> Uses:
    """The fixes by the query that they change something with."""
    found = [*RUNS, *_records()]
    for name in FIXES:
        module = import_module(f"peakops.scenarios.{name}")
        own = [each for each in _written_in(module) if each not in reading()]
        found += [(each, module.FIX.command) for each in (*own, CHANGE)]
    return _by_first(found)


def _records() -> Iterator[tuple[str, str]]:
    for folder, commands in RECORDS.items():
        for command, names in commands.items():
            yield from ((f"{folder}/{name}", command) for name in names)


@cache
def stripe_calls() -> Uses:
    """The commands by the call of the source `stripe` that they make."""
    return _by_first([(call, command) for command, source, call, _ in _declared() if source == "stripe"])


def _declared() -> Iterator[tuple[str, str, str, Row]]:
    """Every look of every scenario but this one, with its command."""
    for name in (*SCENARIOS, *PRECONDITIONS):
        if name == HERE:
            continue
        scenario: Scenario = import_module(f"peakops.scenarios.{name}").SCENARIO
        for sample in SAMPLES:
            listed = Listed()
            given = {each.name: MOMENT if each.name in WINDOW else sample for each in scenario.arguments}
            scenario.gather(Look(listed), **given)
            asked = (each[1:] for each in listed.asked if each[1] not in OWN_ROLE)
            yield from ((scenario.command, source, call, params) for source, call, params in asked)


def _queries(value: Any) -> Iterator[str]:
    """Every name of a query within a look's parameters."""
    match value:
        case str() if QUERY.fullmatch(value):
            yield value
        case dict():
            yield from _queries(list(value.values()))
        case list() | tuple():
            for each in value:
                yield from _queries(each)


def _written_in(module: ModuleType) -> list[str]:
    """The queries that a module names, and those of its section that it takes something from: no look declares them."""
    texts = [inspect.getsource(each) for each in _with_those_it_takes_from(module)]
    named = (each for text in texts for each in re.findall(rf'"({QUERY.pattern})"', text))
    return [each for each in named if not each.startswith(COMPOSED)]


def _with_those_it_takes_from(module: ModuleType, known: dict[str, ModuleType] | None = None) -> list[ModuleType]:
    known = {} if known is None else known
    known[module.__name__] = module
    section = module.__name__.rpartition(".")[0]
    for value in vars(module).values():
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or ""
        if name.startswith(f"{section}.") and name not in known:
            _with_those_it_takes_from(import_module(name), known)
    return list(known.values())


def _by_first(pairs: list[tuple[str, str]]) -> Uses:
    found: dict[str, dict[str, None]] = {}
    for first, command in pairs:
        found.setdefault(first, {})[command] = None
    return {first: tuple(commands) for first, commands in found.items()}
