"""The words that every room of the house shares: plain, frozen data."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]


class Verdict(StrEnum):
    """How one question of the playbook was answered."""

    OK = "ok"
    FOUND = "found"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    BY_HAND = "by_hand"


class Severity(StrEnum):
    """How bad a finding is. An ok finding is a verdict that asks for nothing: paid, void."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


class Status(StrEnum):
    """The outcome of a command in one word, as the envelope says it."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    PLANNED = "planned"
    CHANGED = "changed"
    PARTIAL = "partial"
    REFUSED = "refused"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why an answer was not had; the envelope's error object."""

    code: str
    category: str
    message: str
    hint: str = ""
    source: str = ""
    retryable: bool = False
    retry_after_s: float | None = None
    request_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One answer from one source, or the reason why there is none."""

    name: str
    source: str
    asked: str = ""
    at: datetime | None = None
    took_ms: int = 0
    rows: tuple[Row, ...] = ()
    single: bool = False
    request_ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What limits this answer: a cut page, an index that lags."""
    error: Fault | None = None
    consequence: bool = False
    """It could not be asked because another look failed; that look is the one to name."""

    @property
    def value(self) -> Any:
        """The row of a look for one thing (None where there is none, or no single one), else the list of rows."""
        if self.single:
            return self.rows[0] if len(self.rows) == 1 else None
        return list(self.rows)


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a source hands back: rows of fields we chose, and what to keep beside them."""

    rows: tuple[Row, ...] = ()
    single: bool = False
    asked: str = ""
    request_ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A part of a stream: some rows of one look, or the error that ended it."""

    name: str
    rows: tuple[Row, ...] = ()
    down_to: datetime | None = None
    """All that was made from this moment on has been handed over, of every look in the stream."""
    error: Exception | None = None


@dataclass(frozen=True, kw_only=True)
class Cure:
    """The command that remedies a finding, and its class: how it must be confirmed."""

    command: str
    grade: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A row of the playbook that applies, with the sentence that proves it."""

    code: str
    severity: Severity
    question: str
    says: str
    title: str
    means: str
    do: str
    playbook: str
    cause: str | None = None
    evidence: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    fix: Cure | None = None
    customer: str = ""
    """What may be sent to the customer; never ids, never a reason that must be concealed."""
    aside: bool = False
    """It is listed whatever the verdict is, and never is the verdict."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A check's answer to its question."""

    verdict: Verdict
    says: str
    name: str = ""
    asks: str = ""
    code: str = ""
    cause: str | None = None
    row: str = ""
    """The row of the playbook whose words apply, where it is not named as the code is."""
    next: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # what the row leads to and what was seen speaks against
    instead: Mapping[str, str] = field(default_factory=dict)
    """Words of the playbook that take the place of the row's own."""
    arguments: tuple[str, ...] = ()
    """What the row's fix is told besides the subject: the practice to move a person to."""
    curable: bool = True
    """Whether the row's fix, and what else it leads to, may be named: not where what was seen speaks against it."""
    finding: Finding | None = None


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Which systems were asked, and which of them stayed silent in part or whole."""

    asked: int
    answered: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """The one named verdict of an investigation."""

    code: str
    title: str
    says: str
    cause: str | None = None
    complete: bool = True
    sources: Sources = field(default_factory=lambda: Sources(asked=0, answered=0))
    do: str = ""
    customer: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that one command has to say; every command ends in one, whatever happened."""

    command: str
    environment: str
    given: Row = field(default_factory=dict)
    started_at: datetime
    duration_ms: int = 0
    status: Status = Status.OK
    exit_code: int = 0
    verdict: Ruling | None = None
    findings: tuple[Finding, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    data: Row = field(default_factory=dict)
    next: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    truncated: Row | None = None
    error: Fault | None = None
    lines: tuple[str, ...] = ()
    """What a command without a verdict tells a person; scripts read `data`."""
    env_file: str = ""
    """The env file that the command was given, and that the next one is to be given too; empty where there is none."""
    revealed: tuple[str, str] | None = None
    """A name and the secret that the operator asked for by it: no door removes it, and it is shown once."""
    invented: bool = False
    """All of it is the sandbox's own invention, so that there is nothing to mask."""
    scenario: str = ""  # which one judged it: payment.check; empty where none did
    gathered: tuple[Evidence, ...] = ()  # all that it judged, also what is not told of an absent subject

    @property
    def named(self) -> str:
        """What the operator named as the subject: the first argument; empty where a command has none."""
        return str(next(iter(self.given.values()), ""))


SPELT = {
    **{"sendgrid": "SendGrid", "ups": "UPS", "stripe_windows": "Stripe"},
    **{"supabase_logs": "Supabase's platform logs", "firewall": "Vercel's firewall"},
    **dict.fromkeys(("database", "performance", "plans"), "The database"),
    "email": "The e-mail provider",
    "pages": "The page",
    "status": "The status page",
    **{"journal": "The journal", "contacts": "The file of contacts"},
    **{"station": "This machine", "writing": "What writes", "weblogs": "The log"},
}


def spelt(source: str) -> str:
    """A vendor's name as the vendor writes it; a source's as a sentence begins with it."""
    return SPELT.get(source, source.capitalize())


def typed(command: str, name: str) -> str:
    """A command with the name of its subject, quoted for a shell; a name that begins with a dash is no option."""
    return f"{command} {'-- ' if name.startswith('-') else ''}{shlex.quote(name)}" if name else command


def placed(command: str, environment: str, env_file: str) -> str:
    """A command of ours as it is to be typed: in this environment and with this env file, not with others."""
    if not command.startswith("peakops "):
        return command
    option = {"default": "", "sandbox": " --sandbox"}.get(environment, f" --env {shlex.quote(environment)}")
    file = f" --env-file {shlex.quote(env_file)}" if env_file else ""
    if command.startswith("peakops --env-file "):
        file = ""
    return f"peakops{option}{file} {command.removeprefix('peakops ')}"
