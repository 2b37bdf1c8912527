"""peakops sandbox: a portal with its vendors on this machine."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from peakops import sandbox, timegrammar
from peakops.cli.commands import Run, command
from peakops.errors import BadInput, UsageFault
from peakops.model import Report
from peakops.render import moment
from peakops.report import of_lines
from peakops.sandbox import Sandbox
from peakops.settings import state_home

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="A portal with its vendors on this machine, to try and to drill.",
)

World = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="A world file, or the name of a world of 'sandbox worlds'.", show_default=False
    ),
]
Shift = Annotated[
    str, typer.Argument(metavar="SHIFT", help="How far to move the clock: +2h, -30m.", show_default=False)
]


@command(app, "start", section="sandbox")
def start(run: Run) -> Report:
    """
    Start the sandbox, or say that it is up.

    Example: peakops sandbox start
    """
    up, now = sandbox.start(state_home())
    return _told(run, up, f"The sandbox {'was started' if now else 'is already up'}.", started=now)


@command(app, "stop", section="sandbox")
def stop(run: Run) -> Report:
    """
    End the sandbox, and with it its world.

    Example: peakops sandbox stop
    """
    ended = sandbox.stop(state_home())
    says = "The sandbox was stopped." if ended else "There was no sandbox to stop."
    return of_lines(run.frame, [says], {"stopped": ended})


@command(app, "status", section="sandbox")
def status(run: Run) -> Report:
    """
    Say whether the sandbox is up, with which world. Does not start it.

    Example: peakops sandbox status
    """
    up = sandbox.status(state_home())
    if up is None:
        return of_lines(run.frame, ["The sandbox is not up."], {"up": False}, next=("peakops sandbox start",))
    return _told(run, up, "The sandbox is up.")


@command(app, "load", section="sandbox")
def load(run: Run, world: World) -> Report:
    """
    Replace the sandbox's world, as one step: a file that is not valid changes nothing.

    Example: peakops sandbox load paid_twice
    """
    home, path = state_home(), Path(world)
    is_file = path.suffix == ".json" or path.exists()
    up = sandbox.load(home, _read(path), source=world) if is_file else sandbox.load_named(home, world)
    return _told(run, up, f"The world '{up.world}' is loaded.")


@command(app, "dump", section="sandbox")
def dump(run: Run) -> Report:
    """
    Print the present state as a world that 'load' takes again. With --json it is in 'data'.

    Example: peakops sandbox dump -o now.json
    """
    world = sandbox.dump(state_home())
    lines = json.dumps(world, indent=1, ensure_ascii=False).splitlines()
    return of_lines(run.frame, lines, world, invented=True)


@command(app, "reset", section="sandbox")
def reset(run: Run) -> Report:
    """
    Load the default world again: the clinic.

    Example: peakops sandbox reset
    """
    return _told(run, sandbox.reset(state_home()), "The sandbox is as new.")


@command(app, "worlds", section="sandbox")
def worlds(run: Run) -> Report:
    """
    List the worlds that peakops brings along.

    Example: peakops sandbox worlds
    """
    known = sandbox.worlds()
    width = max(len(each["name"]) for each in known)
    return of_lines(run.frame, [f"{each['name']:<{width}}  {each['says']}" for each in known], {"worlds": known})


@command(app, "clock", section="sandbox")
def clock(run: Run, shift: Shift) -> Report:
    """
    Move the sandbox's clock, which stands still where its world put it; a drill's runs on from there.

    Example: peakops sandbox clock +2h
    """
    try:
        seconds = timegrammar.shift(shift)
    except ValueError as wrong:
        raise UsageFault(f"{wrong}.", hint="Run 'peakops sandbox clock --help'.") from None
    return _told(run, sandbox.clock(state_home(), seconds), "The clock was moved.")


def _read(path: Path) -> dict[str, Any]:
    """A world's document. Raises BadInput with the place of what is wrong with the file."""
    try:
        document = json.loads(path.read_text("utf-8-sig"), object_pairs_hook=_once)
    except OSError as wrong:
        raise BadInput(f"{path} cannot be read: {wrong.strerror}.", hint="See 'peakops sandbox worlds'.") from None
    except UnicodeDecodeError as wrong:
        raise BadInput(f"{path} is not UTF-8: byte {wrong.start} cannot be read.") from None
    except json.JSONDecodeError as wrong:
        raise BadInput(f"{path}, line {wrong.lineno}: not JSON ({wrong.msg}).") from None
    except RecursionError:
        raise BadInput(f"{path} is nested too deeply to be a world.") from None
    if not isinstance(document, dict):
        raise BadInput(f"{path} is not a world: the document is not an object.")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys occur once; JSON itself would silently keep the last."""
    seen = dict(pairs)
    if len(seen) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInput(f"The key '{twice}' occurs twice in one object of the world.")
    return seen


def _told(run: Run, up: Sandbox, says: str, **more: Any) -> Report:
    now = moment(up.now) if up.now else None
    clock = f"{now or 'the real one'}{' and runs' * up.runs}"
    lines = [says, f"  world  {up.world}: {up.says}", f"  clock  {clock}", f"  http   {up.http}"]
    data = {"up": True, "world": up.world, "says": up.says, "clock": now, "runs": up.runs or not now, "http": up.http}
    data |= {"pid": up.pid, **more}
    return of_lines(run.frame, lines, data, next=("peakops --sandbox payment check INV-123",))
