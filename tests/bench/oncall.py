"""
A tick over 1,000 open incidents, and one sweep beside its nine commands: `python tests/bench/oncall.py`, or as a part
of `nox -s bench`.

The tick's peer is a tick where nothing is open, the sweep's the nine commands one after the other, all of them whole
processes in the same run. Exit 1 if a target is missed.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from promises import PEAKOPS, Kept, alone, load
from timing import Timed, interleaved

from peakops import sandbox

INCIDENTS, ROUNDS = 1000, 5
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
TICK_SECONDS = 1.0
"""What a tick may take with all of them open: it runs every minute, and others wait for their call."""
SWEEP_SHARE = 1.0
"""The sweep may take what its commands take one after the other; it starts once, and they start nine times."""
TICK = (*PEAKOPS, "--sandbox", "escalation", "tick")
SWEEP = (*PEAKOPS, "--sandbox", "sweep", "--since", "7d")
SINGLE = (
    *("payment reconcile", "payment webhooks", "invitation backlog", "case backlog", "shipping backlog"),
    *("notify sweep", "security hunt", "security leases", "perf db"),
)
WINDOWLESS = ("security leases", "perf db")
ENDS = frozenset({0, 1, 2, 3})
"""What was found is no failure of the bench."""


def _moment(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _event(number: int, seq: int, kind: str, minutes: float, detail: Mapping[str, Any]) -> dict[str, Any]:
    at = _moment(minutes)
    told = {"at": at, "recorded_at": at, "operator": "bench", "kind": kind, "says": kind, "detail": detail}
    chain = {"prev_hash": "0" * 64, "hash": f"{number:032}{seq:032}"}
    return {"incident_id": str(UUID(int=number, version=4)), "seq": seq, **told, **chain}


def world(count: int) -> dict[str, Any]:
    """So many critical incidents that were opened half an hour ago, each told to tier 1 and 2: nobody is due."""
    rows, events = [], []
    for number in range(1, count + 1):
        row = {"id": str(UUID(int=number, version=4)), "number": f"INC-{number}", "subject": "INV-123"}
        rows.append({**row, "severity": "critical", "opened_at": _moment(30), "opened_by": "bench"})
        events.append(_event(number, 1, "opened", 30, {"severity": "critical", "subject": "INV-123"}))
        for seq, (tier, contact) in enumerate(((1, "support"), (2, "on-call")), 2):
            detail = {"tier": tier, "contact": contact, "channel": "slack", "attempt": 1, "outcome": "sent"}
            events.append(_event(number, seq, "paged", 30.0 - 15 * (tier - 1), detail))
    tables = {"peakops.incidents": rows, "peakops.incident_events": events}
    empty = {"peakops.escalation_claims": [], "peakops.runs": []}
    document = sandbox.named("paid")
    return {**document, "tables": {**document["tables"], **tables, **empty}}


def measure(home: Path, env: Mapping[str, str], count: int = INCIDENTS, seed: int = 0) -> list[Kept]:
    """Tick with so many incidents and with none, then sweep the clinic, and hold each to its promise."""
    print(f"\nEscalation of {count:,} open incidents, and the sweep of the clinic")
    load(home / "none.json", world(0), env, "no incident")
    idle = Timed("a tick where nothing is open", TICK)
    interleaved([idle], ROUNDS, env)
    load(home / "many.json", world(count), env, f"{count:,} incidents")
    busy = Timed("a tick", TICK)
    interleaved([busy], ROUNDS, env)
    seen = json.loads(subprocess.run([*TICK, "--json"], env=env, capture_output=True, check=True, text=True).stdout)
    assert (count, []) == (seen["data"]["open"], seen["data"]["pages"]), "the tick has not seen them all"
    load(home / "clinic.json", sandbox.named("clinic"), env, "the clinic")
    sweep = Timed("peakops sweep --since 7d", SWEEP, ENDS)
    single = [_single(each) for each in SINGLE]
    interleaved([sweep, *single], ROUNDS, env)
    alone_ms = sum(each.median for each in single)
    ratio, share = busy.median / idle.median, sweep.median / alone_ms
    second = busy.median <= TICK_SECONDS * 1000
    says = f"{sweep.median:.0f} ms, {share:.2f} × the nine ({alone_ms:.0f} ms)"
    return [
        Kept(
            f"a tick over {count:,} open incidents",
            f"{busy.median:.0f} ms, {ratio:.2f} × one without",
            f"within {TICK_SECONDS:g} s",
            second,
        ),
        Kept("one sweep of nine sections", says, f"at most {SWEEP_SHARE:g} ×", share <= SWEEP_SHARE),
    ]


def _single(command: str) -> Timed:
    window = () if command in WINDOWLESS else ("--since", "7d")
    return Timed(f"peakops {command}", (*PEAKOPS, "--sandbox", *command.split(), *window), ENDS)


if __name__ == "__main__":
    sys.exit(alone(__doc__, "incidents", INCIDENTS, measure))
