"""The drills that peakops brings along, and the one that runs: a fault in the sandbox's world, and what is right."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from peakops.errors import NotFound
from peakops.sandbox import state
from peakops.sandbox.state import Sandbox

FILE = Path(__file__).with_name("drills.toml")
ANY = "random"
RECORD = "drill.json"
"""In the world's own folder: a drill ends with its world."""


@cache
def every() -> dict[str, dict[str, Any]]:
    """All drills by name, in the file's order."""
    import tomllib  # every command with --sandbox looks here whether a drill runs

    drills: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text("utf-8"))
    return drills


def named(name: str, seed: int | None = None) -> tuple[str, dict[str, Any]]:
    """A drill and its name; of `random` any, with a seed always the same. Raises NotFound."""
    known = every()
    if name == ANY:
        import random

        # Practice, and no secret: which drill it is may be guessed.
        name = random.Random(seed).choice(list(known))  # noqa: S311
    if name not in known:
        raise NotFound(f"There is no drill '{name}'.", hint="peakops drill list", code="drill.not_found")
    return name, known[name]


def running(home: Path) -> dict[str, Any] | None:
    """
    What is written down of the drill that runs in the present world; None where none does.

    Two small files are read, and the sandbox is neither asked nor started: every command looks here.
    """
    record = state.read_record(home)
    return read(Path(record["journal"])) if record else None


def read(journal: Path) -> dict[str, Any] | None:
    """The drill that runs in the world whose journal is in this folder."""
    try:
        noted = json.loads((journal.parent / RECORD).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return noted if isinstance(noted, dict) and {"name", "incident"} <= noted.keys() else None


def note(up: Sandbox, noted: dict[str, Any]) -> None:
    """Write down that a drill runs in this world."""
    state.write_file(up.journal.parent / RECORD, json.dumps(noted))


def forget(up: Sandbox) -> None:
    """The drill is over; its world stays."""
    (up.journal.parent / RECORD).unlink(missing_ok=True)
