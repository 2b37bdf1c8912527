"""A sweep: many subjects, one verdict each by the scenario that judges one of them, and a summary of them all."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peakops import playbook, verdict
from peakops.errors import NotConfigured, PeakopsError
from peakops.investigate import diagnose, fault_of
from peakops.model import Evidence, Finding, Report, Row, Ruling, Severity, Sources, Status
from peakops.report import Frame
from peakops.scenario import Facts
from peakops.scenarios.payment import check
from peakops.scenarios.payment import reconcile_verdict as own
from peakops.scenarios.payment.money import amount
from peakops.scenarios.payment.reconcile import Subject
from peakops.scenarios.payment.reconcile_books import OUTSIDE

SINGLE = ("invoice", "intent")
SOURCE_OF = {"invoice": "database", "payments": "database"}


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

    def row(self) -> Row:
        """The item as it is let out; `says` is the line for people."""
        return {
            "subject": self.subject,
            "kind": self.kind,
            "verdict": self.verdict,
            "severity": self.severity.value if self.severity else "unknown",
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
    severities: set[Severity] = field(default_factory=set)
    told: int = 0
    unknown: int = 0
    aged: int = 0
    first: tuple[str, ...] = ()
    """The commands of the first item that was told of."""

    def add(self, item: Item, *, reported: bool) -> None:
        """Count an item; the severity of one that is not reported does not count."""
        self.counts[item.verdict] += 1
        self.kinds[item.kind] += 1
        self.aged += item.aged
        if item.severity is Severity.CRITICAL and item.currency:
            self.at_risk[item.currency] += item.amount
        if reported:
            self.told += 1
            self.first = self.first or item.next
        if reported or not item.told:
            self.unknown += item.severity is None
            self.severities |= {item.severity} if item.severity else set()


def judged(subject: Subject) -> Item:
    """The verdict on one subject: of an invoice, what `payment check` would say of the same facts."""
    if not subject.looks:
        owner = own.unowned(subject)
        return Item(
            subject=owner.subject,
            kind="charge" if owner.subject.startswith(("ch_", "py_")) else "payment_intent",
            verdict=owner.entry.code,
            severity=owner.entry.severity,
            title=owner.entry.title,
            says=owner.says,
            at=subject.at,
            amount=owner.amount,
            currency=owner.currency,
            next=owner.next,
        )
    evidence = tuple(_evidence(name, answer) for name, answer in subject.looks.items())
    ruled = verdict.rule(check.SCENARIO, diagnose(check.SCENARIO, evidence), evidence)
    return _item(subject, ruled, Facts(evidence))


def _evidence(name: str, answer: Any) -> Evidence:
    source, single = SOURCE_OF.get(name, "stripe"), name in SINGLE
    if isinstance(answer, PeakopsError):
        return Evidence(name=name, source=source, single=single, error=fault_of(answer))
    rows = tuple(answer) if not single else (answer,) if answer else ()
    return Evidence(name=name, source=source, single=single, rows=rows)


def _item(subject: Subject, ruled: verdict.Judged, facts: Facts) -> Item:
    invoice, ruling = subject.looks["invoice"], ruled.ruling
    code, says = own.renamed(ruling.code, subject.aged, facts), ruling.says
    finding = next((each for each in ruled.findings if each.code == ruling.code), None)
    severity: Severity | None = finding.severity if finding else Severity.WARNING
    silent = any(isinstance(each, PeakopsError) and each.code != OUTSIDE for each in subject.looks.values())
    if code in ("unknown", own.OUTSIDE):
        severity, code = None, "unknown" if silent else own.OUTSIDE
    elif finding and own.agrees(finding.question, code):
        severity = Severity.OK
    money, currency = own.at_risk(facts)
    lead = f"peakops payment {'duplicates' if code == own.TWO_ROWS else 'check'} {invoice['invoice_number']}"
    return Item(
        subject=invoice["invoice_number"],
        kind="invoice",
        verdict=code,
        severity=severity,
        title=ruling.title,
        says=says,
        at=subject.at,
        amount=money if severity is Severity.CRITICAL else 0,
        currency=currency,
        cause=_cause(finding),
        next=tuple(dict.fromkeys((lead, *(finding.next if finding else ())))),
        aged=subject.aged,
        told=not (silent and severity is None),
    )


def _cause(finding: Finding | None) -> str | None:
    # The sweep does not look at webhooks, so it does not know what became of them.
    cause = finding.cause if finding else None
    return None if cause == "webhook_unknown" else cause


def of_sweep(
    frame: Frame,
    subjects: Iterable[Subject],
    emit: Callable[[Row], None],
    new: Callable[[str, str, datetime], bool],
    *,
    every: bool = False,
) -> tuple[Report, bool]:
    """
    Judge every subject, let out those that are not ok (or `every` one) and `new`, and report on all of them.

    The second value is whether all could be judged.

    A source that ends it in the middle makes the report unknown, and what was let out before holds.
    """
    tally, ended = Tally(), None
    try:
        for subject in subjects:
            item = judged(subject)
            report = (
                item.told and (every or item.severity is not Severity.OK) and new(item.subject, item.verdict, item.at)
            )
            tally.add(item, reported=report)
            if report:
                emit(item.row())
    except PeakopsError as wrong:
        if wrong.code.endswith(".malformed"):
            raise NotConfigured(wrong.says, hint=wrong.hint, code=wrong.code, source=wrong.source) from wrong
        ended = wrong
    return _report(frame, tally, ended), ended is None and not tally.counts["unknown"]


def _report(frame: Frame, tally: Tally, ended: PeakopsError | None) -> Report:
    unknown = bool(ended or tally.unknown)
    worst = own.worst(tally.severities, unknown)
    status = verdict.STATUS[worst] if worst else Status.UNKNOWN
    code = "unknown" if worst is None else "agreed" if worst is Severity.OK else "differs"
    code = "nothing_to_reconcile" if code == "agreed" and not tally.counts else code
    words = playbook.guide("payment", "reconcile").ends[code]
    missing = ((ended.source or "peakops",) if ended else ()) or (("stripe",) if tally.unknown else ())
    ruling = Ruling(
        code=code,
        title=words.title,
        says=_says(tally, ended),
        complete=not unknown,
        sources=Sources(asked=2, answered=2 - len(missing), missing=missing),
        do=words.do,
    )
    lines = (f"{status.value.upper()}  {words.title}  [{code}]", *(f"  {each}" for each in _lines(tally, ruling)))
    return frame.report(
        status=status,
        exit_code=verdict.exit_code(status, frame.fail_on),
        verdict=ruling,
        data={"summary": summary(tally, complete=not unknown)},
        lines=lines,
        next=tally.first,
        warnings=(f"{ended.says} {ended.hint}".strip(),) if ended else (),
    )


def summary(tally: Tally, *, complete: bool) -> Mapping[str, Any]:
    """What `data.summary` says; money in minor units by currency."""
    return {
        "subjects": sum(tally.kinds.values()),
        "kinds": dict(sorted(tally.kinds.items())),
        "counts": dict(sorted(tally.counts.items())),
        "listed": tally.told,
        "older_than_read": tally.aged,
        "at_risk": dict(sorted(tally.at_risk.items())),
        "at_risk_says": playbook.words("payment")["reconcile"]["at_risk"],
        "complete": complete,
    }


def _says(tally: Tally, ended: PeakopsError | None) -> str:
    number, listed = sum(tally.kinds.values()), tally.told
    said = f"{number} subjects were compared, and {listed} of them listed."
    return f"Only a part was read: {said} {ended.says}" if ended else said


def _lines(tally: Tally, ruling: Ruling) -> list[str]:
    counts = [f"{count:>9}  {code}" for code, count in tally.counts.most_common()]
    risk = ", ".join(amount(money, unit) for unit, money in sorted(tally.at_risk.items()))
    words = playbook.words("payment")["reconcile"]
    said = [f"At risk: {risk}. {words['at_risk']}"] if risk else []
    older = [f"{tally.aged} of them are invoices that are {words['older_than_read']}"] if tally.aged else []
    return [ruling.says, *counts, *said, *older, ruling.do]
