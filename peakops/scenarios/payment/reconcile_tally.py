"""One item of `payment reconcile`, and what is counted of them all. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from peakops.model import Row, Severity

WORST_FIRST = (Severity.CRITICAL, None, Severity.WARNING)
"""The order in which severities decide; None is unknown."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One subject with its verdict; `severity` is None where it is unknown, `amount` is at risk, in minor units."""

    subject: str
    kind: str
    verdict: str
    severity: Severity | None
    says: str
    title: str
    at: datetime
    amount: int = 0
    currency: str | None = None
    cause: str | None = None
    next: tuple[str, ...] = ()
    aged: bool = False
    told: bool = True
    """Whether it is told of by itself; what a list's failure hides is only counted."""

    @property
    def level(self) -> str:
        """The severity by its name."""
        return self.severity.value if self.severity else "unknown"

    @property
    def fingerprint(self) -> str:
        """
        What it says, as far as only facts change it: another charge, another amount.

        What an unknown one says depends on what was read.
        """
        if self.severity is None:
            return f"{self.subject} {self.verdict}"
        said = sha256(self.says.encode()).hexdigest()[:16]
        return f"{self.subject} {self.verdict} {self.cause} {self.amount} {self.currency} {said}"

    def row(self) -> Row:
        """The item as it is let out; `says` is the line for people."""
        return {
            "subject": self.subject,
            "kind": self.kind,
            "verdict": self.verdict,
            "severity": self.level,
            "cause": self.cause,
            "amount": self.amount,
            "currency": self.currency,
            "at": self.at,
            "says": f"{self.subject}  {self.verdict}  {self.says}",
            "next": list(self.next),
        }


@dataclass
class Tally:
    """What is counted of all items, told or not."""

    counts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    at_risk: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    """Of all items."""
    reported: set[Severity | None] = field(default_factory=set)
    """The severities that the verdict on them all follows."""
    known: Counter[str] = field(default_factory=Counter)
    """The severities of those that are not ok, and that an earlier run has reported."""
    told: int = 0
    aged: int = 0
    leads: dict[Severity | None, tuple[str, ...]] = field(default_factory=dict)
    """By severity, the commands of the first item that was told of."""

    def add(self, item: Item, *, reported: bool) -> None:
        """Count an item; the severity of one that is not reported does not count for the verdict."""
        self.counts[item.verdict] += 1
        self.kinds[item.kind] += 1
        self.severities[item.level] += 1
        self.aged += item.aged
        if item.severity is Severity.CRITICAL and item.currency:
            self.at_risk[item.currency.lower()] += item.amount
        if reported:
            self.told += 1
            self.leads.setdefault(item.severity, item.next)
        elif item.told and item.severity is not Severity.OK:
            self.known[item.level] += 1
        if reported or not item.told:
            self.reported.add(item.severity)

    @property
    def differing(self) -> int:
        """How many are proven to differ."""
        return self.severities["critical"] + self.severities["warning"]

    @property
    def lead(self) -> tuple[str, ...]:
        """The commands of the first item of the worst severity."""
        return next((self.leads[each] for each in WORST_FIRST if each in self.leads), ())
