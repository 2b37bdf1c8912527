"""What a Supabase project says of itself: its Auth configuration, by the names of the Management API."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from peakops.sandbox.wire import State


@cache
def defaults() -> dict[str, Any]:
    """Every name of the Management API's AuthConfigResponse (2026-06-01), with what a new project says."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath("config.json").read_text(encoding="utf-8"))
    return found


def config_of(state: State) -> dict[str, Any]:
    """The world's configuration, completed."""
    return {**defaults(), **state["config"]}
