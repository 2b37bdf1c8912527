"""What a sweep promises and whether it was kept, and how its bench is run alone: the frame of three benches."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from timing import clean_environment

PEAKOPS = (sys.executable, Path(sys.executable).with_name("peakops"))


@dataclass(frozen=True)
class Kept:
    """A promise, what was measured, and whether it was kept."""

    says: str
    measured: str
    promised: str
    kept: bool

    def row(self) -> str:
        """A row of the table in docs/performance.md."""
        return f"| {self.says} | {self.measured} | {self.promised} | {'yes' if self.kept else 'NO'} |"


Measure = Callable[[Path, Mapping[str, str], int, int], list[Kept]]
"""A bench: from a folder, an environment, how many of them, and a seed."""


def told(rows: list[Kept]) -> int:
    """Print the table; 1 where a promise was not kept."""
    print("\n| What was measured | Figure | Promised | Kept |\n|---|---|---|---|")
    for each in rows:
        print(each.row())
    return 0 if all(each.kept for each in rows) else 1


def alone(
    doc: str | None, what: str, count: int, measure: Callable[[Path, Mapping[str, str], int, int], list[Kept]]
) -> int:
    """One bench as a program: `--WHAT N` makes fewer of them, to try the bench itself, and `--seed` the same again."""
    arguments = argparse.ArgumentParser(description=doc)
    arguments.add_argument(f"--{what}", dest="count", type=int, default=count, help="Fewer, to try the bench itself.")
    arguments.add_argument("--seed", type=int, default=any_seed())
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="peakops-bench-") as folder:
        env = clean_environment(Path(folder))
        try:
            rows = measure(Path(folder), env, given.count, given.seed)
        finally:
            subprocess.run([*PEAKOPS, "sandbox", "stop"], env=env, capture_output=True, check=False)
    return told(rows)


def any_seed() -> int:
    """A seed of this run's own."""
    return random.SystemRandom().getrandbits(32)


def load(path: Path, world: Mapping[str, Any], env: Mapping[str, str], beside: object) -> None:
    """Load a world by a file, and say how long it took, how large it is, and what is `beside` it."""
    path.write_text(json.dumps(world), "utf-8")
    start = time.perf_counter()
    subprocess.run([*PEAKOPS, "sandbox", "load", path], env=env, capture_output=True, check=True)
    print(f"loading it took {time.perf_counter() - start:.0f} s, {path.stat().st_size / 2**20:.0f} MB; {beside}")


def verdicts(lines: list[dict[str, Any]]) -> dict[str, str]:
    """The verdict of each item of a run with --jsonl, by its subject."""
    return {each["subject"]: each["verdict"] for each in lines if each["type"] == "item"}


def found_all(found: Mapping[str, str], planted: Mapping[str, str], kinds: int) -> list[Kept]:
    """Every fault is found by its name, and nothing else is."""
    right = sum(found.get(subject) == kind for subject, kind in planted.items())
    invented = len(found.keys() - planted.keys())
    says = f"planted faults of {kinds} kinds, found by name"
    return [
        Kept(says, f"{right} of {len(planted)}", "all", right == len(planted)),
        Kept("items that nobody planted", str(invented), "none", not invented),
    ]
