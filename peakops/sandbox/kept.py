"""Keeps the world's vendor side on disk, so that a killed supervisor's world is still there for the next one."""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from peakops.sandbox import faults, state
from peakops.sandbox.world import World


def place(home: Path, generation: int) -> Path:
    """The folder of one loaded world; each load has a new one."""
    return state.folder(home) / f"world-{generation}"


def keep(home: Path, generation: int, world: World) -> None:
    """Write down all of it."""
    folder = place(home, generation)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "journal").mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    keep_world(home, generation, world)
    for name in world.vendors:
        keep_vendor(home, generation, world, name)


def keep_world(home: Path, generation: int, world: World) -> None:
    """Write down the small things: name, clock, and how often the faults still strike."""
    small = {
        "name": world.name,
        "says": world.says,
        "now": world.now.isoformat() if world.now else None,
        "since": world.since,
        "email_provider": world.email_provider,
        "faults": [[fault.entry, fault.times] for fault in world.faults],
        "database_faults": world.database_faults,
    }
    state.write_file(place(home, generation) / "world.json", json.dumps(small))


def keep_vendor(home: Path, generation: int, world: World, name: str) -> None:
    """Write down one vendor's state."""
    state.write_file(place(home, generation) / f"vendor-{name}.json", json.dumps(world.vendors[name]))


def read(home: Path, generation: int) -> World:
    """The world as it was written down. Raises OSError or ValueError if it is not all there."""
    folder = place(home, generation)
    small: dict[str, Any] = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    return World(
        name=small["name"],
        says=small["says"],
        now=datetime.fromisoformat(small["now"]) if small["now"] else None,
        email_provider=small["email_provider"],
        vendors={
            path.stem.removeprefix("vendor-"): json.loads(path.read_text(encoding="utf-8"))
            for path in sorted(folder.glob("vendor-*.json"))
        },
        faults=[faults.Fault(entry, times) for entry, times in small["faults"]],
        database_faults=small["database_faults"],
        since=small.get("since"),
    )


def forget_others(home: Path, generation: int | None) -> None:
    """Remove what earlier worlds have left, or all if `generation` is None."""
    for folder in state.folder(home).glob("world-*"):
        if generation is None or folder != place(home, generation):
            shutil.rmtree(folder, ignore_errors=True)
