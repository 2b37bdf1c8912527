"""Interleaved wall times of whole processes: the host swings, so peers are compared within one run only."""

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Timed:
    """A command line and the milliseconds of its runs."""

    name: str
    command: Sequence[str | Path]
    expected: frozenset[int] = frozenset({0})
    """Exit codes that mean that it did its work; any other makes its figures worthless."""
    runs: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def least(self) -> float:
        return min(self.runs)

    def run(self, env: Mapping[str, str]) -> float:
        """Run it once and keep the time. Raises AssertionError when it did not do its work."""
        start = time.perf_counter()
        done = subprocess.run(
            [str(each) for each in self.command], env=env, capture_output=True, text=True, timeout=60, check=False
        )
        took = (time.perf_counter() - start) * 1000
        assert done.returncode in self.expected, f"{self.name} ended {done.returncode}: {done.stderr[-500:]}"
        self.runs.append(took)
        return took


def interleaved(timed: Sequence[Timed], rounds: int, env: Mapping[str, str]) -> None:
    """Run every command once a round; one round before them warms the caches and is thrown away."""
    for each in timed:
        each.run(env)
        each.runs.clear()
    for _ in range(rounds):
        for each in timed:
            each.run(env)


def clean_environment(home: Path) -> dict[str, str]:
    """An environment of our own state: bytecode is written and read, and nothing of the operator's is seen."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PEAKOPS_", "PYTHON", "XDG_"))}
    # The SDK writes a hint for coding agents when it is imported by one.
    for name in ("CLAUDECODE", "CLAUDE_CODE_CHILD_SESSION", "FORCE_COLOR"):
        kept.pop(name, None)
    return {**kept, "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "XDG_CONFIG_HOME": str(home / "config")}
