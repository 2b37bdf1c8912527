"""The jobs as systemd's services and timers. Pure."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from peakops.cli.cron.lines import Place, command, warned
from peakops.scenarios.cron.jobs import DAY, GRACE, MINUTE, WEEK, Job

SAFE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)
"""What neither systemd nor a shell quotes."""
READ_BY_SYSTEMD = (
    "# systemd reads it by its own rules: a line is NAME=value, without 'export' before it or a comment behind it,",
    "# and a \\ in a value needs another before it.",
)
SERVICE = """\
[Unit]
Description=peakops {job.name}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
{settings}ExecStart={command}
# 1 to 3 are findings, 17 that another machine has the job just now: no failures of the job. systemd mails nobody: what
# was found stands in 'journalctl -u peakops-{job.slug}'. To be told, let OnFailure= name who tells, and take 1 2 3 out.
SuccessExitStatus=1 2 3 17
TimeoutStartSec={timeout:.0f}
Nice=5
# It reads its settings, writes its state, and asks over the network.
ReadWritePaths={writes}
UMask=0077
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
SystemCallArchitectures=native
SystemCallFilter=@system-service
"""
TIMER = """\
[Unit]
Description=When peakops {job.name} runs

[Timer]
OnCalendar={calendar}
RandomizedDelaySec={jitter:.0f}
AccuracySec=1s
Persistent={persistent}

[Install]
WantedBy=timers.target
"""
HEADER = """\
# {job.name}: {job.why}
# Made by 'peakops cron render --format systemd'. Enable it with: systemctl enable --now peakops-{job.slug}.timer
"""


def units(jobs: Sequence[Job], place: Place, *, user: str, writes: Sequence[Path]) -> Mapping[str, str]:
    """Each unit by its file's name: a service and its timer for every job."""
    told: dict[str, str] = {}
    for job in jobs:
        header = "".join(f"{each}\n" for each in (*HEADER.format(job=job).splitlines(), *warned(place)))
        told[f"peakops-{job.slug}.service"] = header + _service(job, place, user=user, writes=writes)
        told[f"peakops-{job.slug}.timer"] = header + _timer(job)
    return told


def _service(job: Job, place: Place, *, user: str, writes: Sequence[Path]) -> str:
    variables = [f"Environment={_quoted(f'{name}={value}')}" for name, value in place.variables.items()]
    # It is read before the service has its user: root alone needs to be able to.
    file = [*READ_BY_SYSTEMD, f"EnvironmentFile={_specifiers(place.env_file)}"] if place.env_file else []
    limit = job.limit + GRACE
    return SERVICE.format(
        job=job,
        user=user,
        settings="".join(f"{each}\n" for each in (*variables, *file)),
        command=_exec(command(job, place, with_file=False)),
        timeout=limit.total_seconds(),
        writes=" ".join(_quoted(f"-{each}") for each in writes),
    )


def _timer(job: Job) -> str:
    return TIMER.format(
        job=job,
        calendar=calendar(job),
        jitter=job.jitter.total_seconds(),
        # What was missed while the machine was off is made up for where a day would be lost; else the next is soon.
        persistent="yes" if job.every >= DAY else "no",
    )


def calendar(job: Job) -> str:
    """When it runs, as systemd writes it."""
    if job.every >= DAY:
        day, _, time = job.at.rpartition(" ")
        return f"{f'{day} ' if job.every == WEEK else ''}*-*-* {time}:00 UTC"
    return "*-*-* *:*:00 UTC" if job.every == MINUTE else f"*-*-* *:00/{job.every // MINUTE}:00 UTC"


def _exec(line: str) -> str:
    """A command line as systemd reads it: it quotes as a shell does, and has signs of its own."""
    return _specifiers(line).replace("$", "$$")


def _quoted(text: str) -> str:
    text = _specifiers(text)
    return text if SAFE.fullmatch(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
