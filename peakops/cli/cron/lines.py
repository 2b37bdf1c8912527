"""The command line of a job, and a crontab of several. Pure."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from peakops.model import placed
from peakops.scenarios.cron.jobs import DAY, GRACE, MINUTE, WEEK, Job

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
"""As cron numbers them."""
LONGEST = 990
"""Bytes of a crontab's line: Vixie's cron, which is Debian's, cuts a command at 998."""
PATH = "/usr/local/bin:/usr/bin:/bin"
HEADER = """\
# What peakops does by itself. Install it as the person whose settings it uses:
#   peakops cron render -o peakops.crontab && crontab peakops.crontab    (this takes the place of the crontab there is)
# A run prints only where it ends with another code than 0 (or 17: another machine has it just now), and cron mails what
# is printed: set MAILTO to who reads it.
# Times are UTC. cronie reads CRON_TZ; Debian's cron does not, and takes the machine's own zone.
# The lines need timeout and shuf of GNU coreutils, or busybox. Locks and claims are in Postgres: several machines may
# run the same crontab."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the jobs run: which peakops, in which environment."""

    program: tuple[str, ...]
    """The absolute path of peakops; or of a Python, with what runs peakops by it."""
    environment: str
    env_file: str
    """Absolute; empty where there is none."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Where settings and state are, if not at the usual places: no variable of these is a secret."""
    lacking: tuple[str, ...] = ()
    """Settings of this shell that a job will not have."""
    unread: str = ""
    """Why the settings could not be read here, where they could not."""


def command(job: Job, place: Place, *, with_file: bool = True) -> str:
    """What is run, quoted for a shell: with its time limit, its environment, and a name where it must be noted."""
    environment, file = shlex.quote(place.environment), place.env_file if with_file else ""
    line = placed(f"peakops {job.command}", environment, file)
    name = "" if job.noted else f"--job {shlex.quote(job.name)} "
    return (
        f"{shlex.join(place.program)} {name}{line.removeprefix('peakops ')} --timeout {job.limit.total_seconds():.0f}s"
    )


def crontab(jobs: Sequence[Job], place: Place) -> Iterator[str]:
    """A crontab, line by line."""
    yield from HEADER.splitlines()
    yield from warned(place)
    yield "#MAILTO="
    yield "CRON_TZ=UTC"
    yield "SHELL=/bin/sh"
    yield f"PATH={PATH}"
    for name, value in place.variables.items():
        yield f'{name}="{value}"'
    for job in jobs:
        yield ""
        yield f"# {job.name}: {job.why}"
        yield f"{schedule(job)} {escaped(shell(job, place))}"


def warned(place: Place) -> Iterator[str]:
    """What a job will not have, as comments."""
    if place.unread:
        yield f"# Whether a job will find its settings is not known. {place.unread}"
    if place.lacking:
        yield "# A job will not have what is set in the shell that rendered this: put it into a file for --env-file."
        yield from (f"#   {each}" for each in place.lacking)


def schedule(job: Job) -> str:
    """When it runs, as cron writes it."""
    if job.every >= DAY:
        day, _, time = job.at.rpartition(" ")
        hour, _, minute = time.partition(":")
        return f"{int(minute)} {int(hour)} * * {DAYS.index(day) if job.every == WEEK else '*'}"
    return "* * * * *" if job.every == MINUTE else f"*/{job.every // MINUTE} * * * *"


def shell(job: Job, place: Place) -> str:
    """
    What /bin/sh is given, be it bash, dash or busybox: it waits, runs within the time limit, and tells only an error.

    The run ends itself at its time limit; `timeout` ends one that does not, and kills one that does not end then. That
    another machine has the job just now (17) is nothing to tell.
    """
    limit, grace = job.limit.total_seconds(), GRACE.total_seconds()
    wait = f"sleep $(shuf -n 1 -i 0-{job.jitter.total_seconds():.0f}); " if job.jitter else ""
    run = f"timeout -k {grace:.0f} {limit + grace:.0f} {command(job, place)}"
    return f"{wait}said=$({run} 2>&1) || {{ code=$?; [ $code = 17 ] || printf '%s\\n' \"$said\"; exit $code; }}"


def escaped(line: str) -> str:
    """A command as a crontab has it, where a bare % would end the line."""
    return line.replace("%", "\\%")
