"""What every check can do besides: look again until all is well, keep its evidence in a file, and say why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peakops import render, verdict
from peakops.cli import options
from peakops.cli.lists import Listing, Option
from peakops.errors import BadInput, Bug, Exit, NotConfigured, PeakopsError, Refused, UsageFault
from peakops.model import Report, typed
from peakops.scenarios import PRECONDITIONS, SCENARIOS
from peakops.settings import state_home

if TYPE_CHECKING:
    from peakops.cli.commands import Run

Work = Callable[..., Report]

KEEPING: tuple[Option, ...] = (
    *(("record", options.Record, None), ("why", options.Why, False)),
    ("nagios", options.Nagios, False),
)
UNTIL: tuple[Option, ...] = (("until_ok", options.UntilOk, None),)
NO_CHECKS = ("setup.check", "security.network", "security.rule", "security.evidence", "data.export")
"""Preconditions of what changes or writes something; no command tells them alone."""
VERBS = {
    **{
        each: each.replace(".", " ").replace("_", " ") for each in (*SCENARIOS, *PRECONDITIONS) if each not in NO_CHECKS
    },
    "doctor.check": "doctor",
}
"""The commands that investigate by one scenario."""
INSTEAD = {"notify check": ("practice",), "security leases": ("sweep", "dry_run")}
"""What makes another thing of such a command: a sweep, whose subjects are judged one by one."""
DRAWS = ("html",)
"""What writes a file by itself, which one look may do and a second may not."""
KEY_FILE = "recording.key"
KEY_BYTES = 32
KEY_MODE = 0o600
NO_KEY = "recording.no_key"
WHOSE = "Check XDG_STATE_HOME and who owns the folder."
OVER = (Exit.TIMED_OUT, Exit.INTERRUPTED, Exit.TERMINATED)
"""How a wait ends that did not become ok."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Which of it is asked for."""

    record: Path | None = None
    why: bool = False
    until_ok: str | None = None
    nagios: bool = False


def options_of(command: str, listing: Listing | None) -> tuple[Option, ...]:
    """The options of a command that investigates; a list, whose rows go out as they come, looks once."""
    if command not in VERBS.values():
        return ()
    return KEEPING if listing else (*KEEPING, *UNTIL)


def wishes(shared: Mapping[str, Any]) -> Wishes:
    """What was asked for, taken from the shared options."""
    return Wishes(**{name: shared[name] for name in ("record", "why", "until_ok", "nagios") if name in shared})


def carried_out(work: Work, run: "Run", values: Mapping[str, Any], wished: Wishes, seconds: float) -> Report:
    """
    Do the work of a command, and what was wished besides; `seconds` is the time of one look.

    A recording that fails leaves the verdict as it is, and its error's exit code. Raises UsageFault.
    """
    if wished == Wishes():
        return work(run, **values)
    _sensible(run, values, wished)
    if wished.nagios:
        from peakops.cli import alarm

        plain = replace(wished, nagios=False)
        return alarm.as_one_line(run, lambda one: carried_out(work, one, values, plain, seconds))
    from peakops.cli import waiting

    found = waiting.until_ok(work, run, values, seconds) if wished.until_ok else work(run, **values)
    done = _recorded(found, run, wished.record) if wished.record else found
    if not (wished.why and found.scenario):
        return done
    from peakops import explained

    return explained.explained(done)


def _sensible(run: "Run", values: Mapping[str, Any], wished: Wishes) -> None:
    """Whether what was asked for goes together, before anything is looked at. Raises UsageFault."""
    named = {"--record": wished.record, "--why": wished.why, "--until ok": wished.until_ok, "--nagios": wished.nagios}
    first = next(name for name, each in named.items() if each)
    if wished.why and wished.nagios:
        raise UsageFault("--why is a page, and --nagios one line.", hint="Keep one of them.")
    if values.get("guide"):
        raise UsageFault(f"{first} needs a verdict, and --guide asks nobody.", hint="Keep one of them.")
    instead = next((each for each in INSTEAD.get(run.frame.command, ()) if values.get(each)), None)
    if instead:
        says = f"{first} is about one verdict, and --{instead.replace('_', '-')} makes a sweep of the command."
        raise UsageFault(says, hint="Keep one of them.")
    if wished.until_ok and any(values.get(each) for each in DRAWS):
        raise UsageFault("--until ok looks again and again, and --html draws one look.", hint="Keep one of them.")
    if wished.record:
        _apart(wished.record, {"--output": run.style.output, **{f"--{each}": values.get(each) for each in DRAWS}})


def _apart(record: Path, files: Mapping[str, Path | None]) -> None:
    """Whether a recording can be written, and is no other of the files that are. Raises UsageFault."""
    if str(record) == "-":
        raise UsageFault("--record writes a file of its own; stdout is the report's.", hint="Name a file.")
    render.writable(record, "--record")
    for option, path in files.items():
        if path and Path(path).resolve() == record.resolve():
            says = f"--record and {option} name the same file."
            raise UsageFault(says, hint="Give another name with --record.")


def _recorded(found: Report, run: "Run", path: Path) -> Report:
    """The report, once its evidence is in the file; with the error where that could not be."""
    from peakops import recording
    from peakops.cli.replay import judged
    from peakops.investigate import fault_of

    try:
        if not found.scenario:
            raise Refused("This run judged nothing that could be recorded.", code="recording.nothing")
        key = None if run.style.reveal else _key(state_home())
        fail_on = run.frame.fail_on
        kept = recording.of_report(_as_looked(found, fail_on), fail_on=fail_on, key=key, judge=judged)
        render.save(recording.text(kept), path)
    except (PeakopsError, TypeError) as wrong:
        error = wrong if isinstance(wrong, PeakopsError) else Bug(f"The evidence cannot be recorded: {wrong}.")
        return replace(found, exit_code=error.exit_code, error=fault_of(error))
    if not run.style.quiet and not run.style.json:
        how = "as it is" if key is None else "masked"
        again = typed("peakops replay", str(path))
        render.notice(f"The evidence is recorded in {path}, {how}. Judge it again with: {again}", run.style)
    return found


def _as_looked(found: Report, fail_on: str) -> Report:
    """The report as the last look gave it, where a wait for ok ended with a code of its own."""
    return replace(found, exit_code=verdict.exit_code(found.status, fail_on)) if found.exit_code in OVER else found


def _key(folder: Path) -> bytes:
    """This machine's key for masks, made with the first recording: equal values are equal in all of them."""
    path = folder / KEY_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        if path.stat().st_mode & ~KEY_MODE & 0o777:
            path.chmod(KEY_MODE)
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError) as wrong:
        why = wrong.strerror if isinstance(wrong, OSError) else "it is not as peakops wrote it"
        raise NotConfigured(f"The key of the masks, {path}, cannot be used: {why}.", hint=WHOSE, code=NO_KEY) from None
    if len(key) != KEY_BYTES:
        # With a short key, or none, whoever has a list of addresses could try whose a mask is.
        says = f"The key of the masks, {path}, holds {len(key)} bytes and not {KEY_BYTES}."
        raise NotConfigured(says, hint=f"Move it away; the next recording makes another. {WHOSE}", code=NO_KEY)
    return key


def _make(path: Path) -> None:
    """A new key; where another run was first, its key is the one."""
    # It brings hashlib along, which takes as long to import as all options together.
    import secrets

    try:
        render.save(secrets.token_hex(KEY_BYTES), path)
    except BadInput:
        if not path.exists():
            raise
