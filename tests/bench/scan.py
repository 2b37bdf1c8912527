"""
`data scan` at scale: `python tests/bench/scan.py`, or as a part of `nox -s bench`.

A made-up log of 50 MB with 1,400 planted things of twelve kinds among decoys. Exit 1 if a target is missed.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import planted_log
from promises import PEAKOPS, Kept, alone, any_seed

MEGABYTES = 50
EACH = 118
"""Things of each kind: 1,416 of twelve."""
ROUNDS = 3
CAUTIONS = ("email", "phone", "ip")
IMPORT = """
import collections, dataclasses, datetime, re, time
start = time.process_time()
import peakops.redact.scan
print(time.process_time() - start)
"""


ALONE = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[2:], stdout=open(sys.argv[1], "wb"), stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
wall = time.perf_counter() - start
print(json.dumps([done.returncode, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024]))
"""
"""Runs a command from a small process: Linux counts the memory of the one that starts it as the command's own."""


@dataclass(frozen=True)
class Run:
    """One run of the command: what it told, and what it took of the processor, the clock and the memory."""

    told: dict[str, object]
    cpu_s: float
    wall_s: float
    peak_mb: float


def measure(home: Path, env: Mapping[str, str], megabytes: int = MEGABYTES, seed: int | None = None) -> list[Kept]:
    """Scan the log as a program of its own, and hold it to what is promised."""
    seed = any_seed() if seed is None else seed
    log = planted_log.planted(seed, size=megabytes * 1_000_000, each=EACH)
    text, path = log.text(), home / "planted.log"
    path.write_bytes(text)
    print(f"\nA log of {len(text) / 1e6:.1f} MB with {len(log.truth):,} planted things, seed {seed}")
    runs = [_run(path, env) for _ in range(ROUNDS)]
    best = min(runs, key=lambda run: run.cpu_s)
    recall, precision = _agreed(best.told, Counter(log.truth))
    imported = min(float(subprocess.check_output([sys.executable, "-c", IMPORT])) for _ in range(ROUNDS)) * 1000
    cpu, most = best.cpu_s * MEGABYTES * 1e6 / len(text), max(run.peak_mb for run in runs)
    # A look at the whole: the wall clock of a shared machine says little, so the processor's time is what is promised.
    took = f"{cpu:.2f} s of one core; {best.wall_s:.1f} s by the clock"
    return [
        Kept(f"{MEGABYTES} MB, the whole run", took, "2.5 s of one core or less", cpu <= 2.5),
        Kept("peak memory of the whole run", f"{most:.0f} MB", "60 MB or less", most <= 60),
        Kept("planted things found, by kind and line", f"{recall:.3f}", "all", recall == 1.0),
        Kept("of what was found, planted", f"{precision:.3f}", "0.99 or more", precision >= 0.99),
        Kept("importing the scan's module", f"{imported:.0f} ms", "30 ms or less", imported <= 30),
    ]


def _run(path: Path, env: Mapping[str, str]) -> Run:
    command = [*map(str, PEAKOPS), "data", "scan", str(path), "--json", "--limit", "all", "--timeout", "10m"]
    told = path.with_suffix(".json")
    line = [sys.executable, "-c", ALONE, str(told), *command]
    code, cpu, wall, peak = json.loads(subprocess.check_output(line, env=env))
    assert code == 2, f"{command} ended {code}"
    return Run(json.loads(told.read_text("utf-8")), cpu, wall, peak)


def _agreed(told: Mapping[str, object], truth: Counter[tuple[str, int]]) -> tuple[float, float]:
    """Recall and precision; cautions are held to their number alone, since only the first places are kept."""
    data = told["data"]
    assert isinstance(data, dict)
    found = Counter((each["kind"], each["line"]) for each in data["items"])
    counts = Counter({each["kind"]: each["count"] for each in data["files"][0]["kinds"]})
    grave = Counter({pair: count for pair, count in truth.items() if pair[0] not in CAUTIONS})
    planted = Counter(kind for kind, _ in truth.elements())
    right = (found & grave).total() + sum(min(counts[each], planted[each]) for each in CAUTIONS)
    return right / truth.total(), right / counts.total()


if __name__ == "__main__":
    sys.exit(alone(__doc__, "megabytes", MEGABYTES, measure))
