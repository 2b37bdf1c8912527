"""peakops cron render: the jobs as crontab lines or as systemd's timers, for this machine's peakops."""

import getpass
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from peakops import render as out
from peakops.cli.commands import Run, command
from peakops.cli.cron import lines, named, units
from peakops.cli.cron.lines import Place
from peakops.cli.station import every
from peakops.errors import BadInput, NotConfigured, UsageFault
from peakops.model import Report
from peakops.report import of_lines
from peakops.scenarios.cron import jobs
from peakops.scenarios.cron.jobs import Job
from peakops.settings import cache_home, origin, page_variables, state_home

app = typer.Typer(add_completion=False, rich_markup_mode=None)

PLACES = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "SSL_CERT_FILE")
"""Variables that say where things are, and that a job needs as this shell has them; none is a secret."""
PROXIES = tuple(way for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY") for way in (name, name.lower()))
"""Variables that say how the vendors are reached from here."""
CRONTAB = "crontab"
Format = Annotated[Literal["crontab", "systemd"], typer.Option("--format", help="For cron, or for systemd.")]


Only = Annotated[
    list[str] | None,
    typer.Option("--job", metavar="NAME", parser=named.job, help="Only this job; may be given several times."),
]
Prefix = Annotated[
    Path | None,
    typer.Option("--prefix", metavar="PATH", help="Where peakops is installed on another machine: PATH/bin/peakops."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE|DIR",
        help="Write a new file, for systemd a new folder of units; none is printed.",
    ),
]


@command(app, "render", "cron")
def render(
    run: Run, form: Format = "crontab", only: Only = None, prefix: Prefix = None, output: Output = None
) -> Report:
    """
    Print crontab lines or systemd timers of the jobs, with jitter, time limit and environment.

    They are for this peakops, and for the environment and env file that stand before 'cron'. No secret is in them:
    settings that only this shell has are named, since a job will not have them. Locks are peakops's own.

    Example: peakops cron render --job sweep --job 'escalation tick'
    """
    if output:
        out.writable(output)
    wanted = jobs.named(tuple(only or ()))
    place = Place(
        program=_program(prefix),
        environment=run.frame.environment,
        env_file=str(Path(run.frame.env_file).absolute()) if run.frame.env_file else "",
        variables=_variables(),
        **_settings(run),
    )
    _plain(place)
    files = _files(form, wanted, place)
    written = _write(files, output) if output else []
    data = {
        "format": form,
        "jobs": [each.name for each in wanted],
        "files": files,
        "written": written,
        "lacking": list(place.lacking),
    }
    told = [f"Written: {each}" for each in written] or _printed(files)
    return of_lines(run.frame, told, data)


def _files(form: str, wanted: tuple[Job, ...], place: Place) -> Mapping[str, str]:
    """Each file's text by its name."""
    if form == CRONTAB:
        return {CRONTAB: "".join(f"{_short(each)}\n" for each in lines.crontab(wanted, place))}
    return units.units(wanted, place, user=getpass.getuser(), writes=(state_home(), cache_home()))


def _short(line: str) -> str:
    """The line, if no cron cuts it. Raises UsageFault."""
    if len(line.encode()) > lines.LONGEST:
        says = f"A line would have more than {lines.LONGEST} bytes, and cron cuts longer ones."
        raise UsageFault(says, hint="Use shorter paths, or --format systemd.")
    return line


def _printed(files: Mapping[str, str]) -> list[str]:
    """The text of the only file, or each under its name."""
    if len(files) == 1:
        return next(iter(files.values())).splitlines()
    return [line for name, text in files.items() for line in (f"# --- {name}", *text.splitlines(), "")]


def _write(files: Mapping[str, str], output: Path) -> list[str]:
    """The files, under the name that was given, or in the folder of that name. Raises BadInput."""
    if len(files) == 1:
        out.save(next(iter(files.values())), output)
        return [str(output)]
    try:
        output.mkdir()
    except OSError as wrong:
        raise BadInput(f"{output} could not be made: {wrong.strerror}.", code="output.failed") from wrong
    for name, text in files.items():
        out.save(text, output / name)
    return [str(output / name) for name in files]


def _program(prefix: Path | None) -> tuple[str, ...]:
    """The absolute path of this peakops: beside its Python, else on PATH, else run by that Python."""
    if prefix:
        return (str(prefix.absolute() / "bin" / "peakops"),)
    beside = Path(sys.executable).absolute().with_name("peakops")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("peakops")
    return (str(Path(found).absolute()),) if found else (sys.executable, "-m", "peakops")


def _settings(run: Run) -> dict[str, Any]:
    """The settings that come from variables of this shell, which neither cron nor systemd has."""
    if run.invocation.in_sandbox:
        return {}
    try:
        told = every(run.invocation)
    except NotConfigured as wrong:
        return {"unread": wrong.says}
    own = [each.variable for each in told if each.present and each.origin == "environment"]
    own += [each for each in page_variables() if origin(each) == "environment"]
    return {"lacking": (*own, *(each for each in PROXIES if _is_secret(os.environ.get(each, ""))))}


def _variables() -> dict[str, str]:
    """The variables that a job needs as this shell has them."""
    given = {name: os.environ[name] for name in (*PLACES, *PROXIES) if os.environ.get(name)}
    return {name: value for name, value in given.items() if name in PLACES or not _is_secret(value)}


def _is_secret(proxy: str) -> bool:
    """Whether the address of a proxy names a user, and so a password."""
    return "@" in proxy


def _plain(place: Place) -> None:
    """Refuse a path that no line can hold. Raises UsageFault."""
    for each in (*place.program, place.env_file, place.environment, *place.variables.values()):
        if not each.isprintable() or '"' in each or "\\" in each:
            raise UsageFault(f"{each!r} cannot stand in a line of a crontab.", hint="Use a path of plain characters.")
