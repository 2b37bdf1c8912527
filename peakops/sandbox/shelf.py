"""The worlds that peakops brings along, by name."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from peakops.errors import NotFound

DEFAULT = "clinic"
FOLDER = Path(__file__).parent / "worlds"
EMPTY = {"world": DEFAULT, "says": "An empty portal.", "now": "2026-11-20T15:00:00Z"}


def paths() -> dict[str, Path]:
    """Every world's file by its full name: `payment/paid_not_recorded`."""
    return {str(path.relative_to(FOLDER).with_suffix("")): path for path in sorted(FOLDER.rglob("*.json"))}


def named(name: str) -> dict[str, Any]:
    """
    The document of a world; the last part of its name is enough if no other world has it.

    Raises NotFound, with the nearest name, if there is none.
    """
    if name == DEFAULT:
        return default()
    found = paths()
    matches = [full for full in found if name in (full, full.rpartition("/")[2])]
    if len(matches) != 1:
        import difflib

        near = matches or difflib.get_close_matches(name, found, n=3, cutoff=0.4)
        says = f"There are several worlds called {name}." if matches else f"There is no world called {name}."
        hint = f"peakops sandbox load {near[0]}" if near else "peakops sandbox worlds"
        raise NotFound(says, hint=hint, code="world.not_found", source="sandbox")
    document: dict[str, Any] = json.loads(found[matches[0]].read_text(encoding="utf-8"))
    return document


def default() -> dict[str, Any]:
    """The clinic: a practice with a bit of everything. An empty portal until it is written."""
    if find_spec("peakops.sandbox.clinic") is None:
        return dict(EMPTY)
    document: dict[str, Any] = import_module("peakops.sandbox.clinic").document()
    return document


def worlds() -> list[dict[str, str]]:
    """Every world with the sentence that it says, the default first."""
    listed = [{"name": DEFAULT, "says": str(default().get("says", ""))}]
    for name, path in paths().items():
        listed.append({"name": name, "says": str(json.loads(path.read_text(encoding="utf-8")).get("says", ""))})
    return listed
