"""The sandbox: a real PostgreSQL and the vendors played on loopback, with a world loaded, up between calls."""

from pathlib import Path
from typing import Any

from peakops.sandbox.state import Sandbox, attach

__all__ = [
    "Sandbox",
    "clock",
    "drill",
    "drill_named",
    "drills",
    "dump",
    "ensure",
    "load",
    "load_named",
    "named",
    "note_drill",
    "requests",
    "reset",
    "run_clock",
    "start",
    "status",
    "stop",
    "unknown_requests",
    "worlds",
]


def ensure(home: Path) -> Sandbox:
    """
    The sandbox of the state folder `home`, started if it is not up; the first world is the clinic.

    Raises NotConfigured if there is no PostgreSQL, Unreachable if it does not start in 15 seconds.
    """
    return attach(home) or start(home)[0]


def start(home: Path) -> tuple[Sandbox, bool]:
    """The sandbox, and whether it was started now. Raises as `ensure` does."""
    from peakops.sandbox import control

    return control.start(home)


def stop(home: Path) -> bool:
    """End the sandbox with its world and all that it had on this machine; False if there was none."""
    from peakops.sandbox import control

    return control.stop(home)


def status(home: Path) -> Sandbox | None:
    """The sandbox if it is up; asking does not start it."""
    return attach(home)


def load(home: Path, document: dict[str, Any], *, source: str) -> Sandbox:
    """
    Replace the world as one step; starts the sandbox if needed. `source` is the file, for the sentence.

    Raises BadInput with the place in the file; then the old world stays.
    """
    from peakops.errors import BadInput
    from peakops.sandbox import control

    try:
        control.ask(ensure(home), "load", document)
    except BadInput as error:
        says = f"{source} was not loaded: {error.says}" if source else error.says
        raise BadInput(says, hint=error.hint, code=error.code, source="sandbox") from None
    return ensure(home)


def load_named(home: Path, name: str) -> Sandbox:
    """Load a world that peakops brings along. Raises NotFound if there is none of this name."""
    return load(home, named(name), source=name)


def named(name: str) -> dict[str, Any]:
    """The document of a world that peakops brings along. Raises NotFound if there is none of this name."""
    from peakops.sandbox import shelf

    return shelf.named(name)


def worlds() -> list[dict[str, str]]:
    """The worlds that peakops brings along: `name` and what each `says`."""
    from peakops.sandbox import shelf

    return shelf.worlds()


def dump(home: Path) -> dict[str, Any]:
    """The present state as a world document, whatever faults there are."""
    document: dict[str, Any] = _ask(home, "dump")
    return document


def reset(home: Path) -> Sandbox:
    """Load the default world again."""
    return load_named(home, "clinic")


def clock(home: Path, shift_seconds: float) -> Sandbox:
    """Move the world's clock, which stands or runs as before; one on the real clock stands still from then on."""
    _ask(home, "clock", {"shift_seconds": shift_seconds})
    return ensure(home)


def run_clock(home: Path, *, runs: bool = True) -> Sandbox:
    """Let the world's clock run on from where it is, or stand there again. A world on the real clock stays on it."""
    _ask(home, "run", {"runs": runs})
    return ensure(home)


def drills() -> dict[str, dict[str, Any]]:
    """The drills that peakops brings along, by name."""
    from peakops.sandbox import drilling

    return drilling.every()


def drill_named(name: str, seed: int | None = None) -> tuple[str, dict[str, Any]]:
    """A drill and its name; any of them where it is called `random`. Raises NotFound."""
    from peakops.sandbox import drilling

    return drilling.named(name, seed)


def drill(home: Path) -> dict[str, Any] | None:
    """What is written down of the drill that runs: its `incident`. The sandbox is neither asked nor started."""
    from peakops.sandbox import drilling

    return drilling.running(home)


def note_drill(up: Sandbox, noted: dict[str, Any] | None) -> None:
    """Write down which drill runs in this world; None ends it."""
    from peakops.sandbox import drilling

    if noted is None:
        drilling.forget(up)
    else:
        drilling.note(up, noted)


def unknown_requests(home: Path) -> list[dict[str, Any]]:
    """The requests since the last load that no vendor knew."""
    found: list[dict[str, Any]] = _ask(home, "unknown")
    return found


def requests(home: Path) -> list[dict[str, Any]]:
    """The last 10,000 requests since the last load: at, vendor, method, path, query, status (None: broken), fault."""
    found: list[dict[str, Any]] = _ask(home, "requests")
    return found


def _ask(home: Path, act: str, document: dict[str, Any] | None = None) -> Any:
    from peakops.sandbox import control

    return control.ask(ensure(home), act, document)
