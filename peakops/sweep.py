"""A sweep: many subjects, one verdict each by the scenario that judges one of them, and a summary of them all."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
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
from peakops.scenarios.payment.money import amount, command_for
from peakops.scenarios.payment.reconcile import Subject
from peakops.scenarios.payment.reconcile_books import OUTSIDE
from peakops.scenarios.payment.reconcile_tally import Item, Tally
from peakops.scenarios.payment.reconcile_unowned import unowned

SINGLE = ("invoice", "intent")
SOURCE_OF = {"invoice": "database", "payments": "database"}


def judged(subject: Subject) -> Item:
    """The verdict on one subject: of an invoice, what `payment check` would say of the same facts."""
    if not subject.looks:
        return _nobodys(subject)
    evidence = tuple(_evidence(name, answer) for name, answer in subject.looks.items())
    ruled = verdict.rule(check.SCENARIO, diagnose(check.SCENARIO, evidence), evidence)
    return _item(subject, ruled, Facts(evidence))


def _nobodys(subject: Subject) -> Item:
    owner = unowned(subject)
    kind = "charge" if owner.subject.startswith(("ch_", "py_")) else "payment_intent"
    found = Item(
        subject=owner.subject,
        kind=kind,
        verdict=owner.entry.code,
        severity=owner.entry.severity,
        title=owner.entry.title,
        says=owner.says,
        at=subject.at,
        amount=owner.amount,
        currency=owner.currency,
        next=owner.next,
    )
    return replace(found, verdict="unknown", severity=None, amount=0, told=False) if subject.doubted else found


def _evidence(name: str, answer: Any) -> Evidence:
    source, single = SOURCE_OF.get(name, "stripe"), name in SINGLE
    if isinstance(answer, PeakopsError):
        return Evidence(name=name, source=source, single=single, error=fault_of(answer))
    rows = tuple(answer) if not single else (answer,) if answer else ()
    return Evidence(name=name, source=source, single=single, rows=rows)


def _item(subject: Subject, ruled: verdict.Judged, facts: Facts) -> Item:
    invoice, ruling = subject.looks["invoice"], ruled.ruling
    code, title, says = own.renamed(ruling.code, subject, facts), ruling.title, ruling.says
    finding = next((each for each in ruled.findings if each.code == ruling.code), None)
    severity: Severity | None = finding.severity if finding else Severity.WARNING
    silent = any(isinstance(each, PeakopsError) and each.code != OUTSIDE for each in subject.looks.values())
    if code in ("unknown", own.OUTSIDE):
        severity, code = None, "unknown" if silent else own.OUTSIDE
    elif code in own.OF_DUPLICATES:
        entry = own.row(code, "duplicates")
        severity, title = entry.severity, entry.title
    elif finding and own.agrees(finding.question, code):
        severity = Severity.OK
    if code == own.TWO_INVOICES:
        says = f"{says} Another invoice names {', '.join(own.shared(subject, facts))} too."
    money, currency = own.at_risk(facts)
    lead = command_for("duplicates" if code in own.OF_DUPLICATES else "check", subject.name)
    return Item(
        subject=invoice["invoice_number"],
        kind="invoice",
        verdict=code,
        severity=severity,
        title=title,
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
    new: Callable[[str, datetime], bool],
    *,
    every: bool = False,
    silent: Mapping[str, PeakopsError] | None = None,
) -> tuple[Report, bool]:
    """
    Judge every subject, let out those that are not ok (or `every` one) and `new`, and report on all of them.

    The second value is whether all could be judged. `silent` has, when all is read, the lists that failed.

    A source that ends it in the middle makes the report unknown, and what was let out before holds.
    """
    tally, ended = Tally(), None
    try:
        for subject in subjects:
            item = judged(subject)
            report = item.told and (every or item.severity is not Severity.OK) and new(item.fingerprint, item.at)
            tally.add(item, reported=report)
            if report:
                emit(item.row())
    except PeakopsError as wrong:
        if wrong.code.endswith(".malformed"):
            raise NotConfigured(wrong.says, hint=wrong.hint, code=wrong.code, source=wrong.source) from wrong
        ended = wrong
    failed = _reasons(silent or {}, ended)
    return _report(frame, tally, ended, failed), not (ended or failed or tally.counts["unknown"])


def _reasons(silent: Mapping[str, PeakopsError], ended: PeakopsError | None) -> tuple[str, ...]:
    """Why lists failed, each reason once with the lists that it is of; not again what ended it all."""
    codes = dict.fromkeys(each.code for each in silent.values() if ended is None or each.code != ended.code)
    lists = {code: [name for name, each in silent.items() if each.code == code] for code in codes}
    return tuple(f"{', '.join(names)}: {_told(silent[names[0]])}" for names in lists.values())


def _told(wrong: PeakopsError) -> str:
    return f"{wrong.says} {wrong.hint}".strip()


def _report(frame: Frame, tally: Tally, ended: PeakopsError | None, failed: tuple[str, ...]) -> Report:
    unknown = bool(ended or failed or None in tally.reported)
    worst = own.worst({each for each in tally.reported if each}, unknown)
    status = verdict.STATUS[worst] if worst else Status.UNKNOWN
    words = playbook.guide("payment", "reconcile").ends[_code(tally, worst)]
    missing = ((ended.source or "peakops",) if ended else ()) or (("stripe",) if unknown else ())
    ruling = Ruling(
        code=words.code,
        title=words.title,
        says=_says(tally, ended),
        complete=not unknown,
        sources=Sources(asked=2, answered=2 - len(missing), missing=missing),
        do=words.do,
    )
    lines = (f"{status.value.upper()}  {words.title}  [{words.code}]", *_lines(tally, ruling, failed))
    return frame.report(
        status=status,
        exit_code=verdict.exit_code(status, frame.fail_on),
        verdict=ruling,
        data={"summary": summary(tally, complete=not unknown)},
        lines=lines,
        next=tally.lead,
        warnings=(*failed, _told(ended)) if ended else failed,
    )


def _code(tally: Tally, worst: Severity | None) -> str:
    """Which of the playbook's ends it is."""
    if worst is not Severity.OK:
        return "differs" if worst else "unknown"
    if tally.known:
        return "nothing_new"
    return "agreed" if tally.counts else "nothing_to_reconcile"


def summary(tally: Tally, *, complete: bool) -> Mapping[str, Any]:
    """What `data.summary` says; money in minor units by currency."""
    return {
        "subjects": tally.kinds.total(),
        "kinds": dict(sorted(tally.kinds.items())),
        "counts": dict(sorted(tally.counts.items())),
        "severities": dict(sorted(tally.severities.items())),
        "listed": tally.told,
        "known": tally.known.total(),
        "older_than_read": tally.aged,
        "at_risk": dict(sorted(tally.at_risk.items())),
        "at_risk_says": playbook.words("payment")["reconcile"]["at_risk"],
        "complete": complete,
    }


def _says(tally: Tally, ended: PeakopsError | None) -> str:
    said = f"{tally.kinds.total()} subjects were compared, and {tally.differing} of them differ"
    said += f"; unknown: {tally.severities['unknown']}." if tally.severities["unknown"] else "."
    if tally.known:
        known = ", ".join(f"{count} {level}" for level, count in sorted(tally.known.items()))
        new = "" if tally.told else "Nothing new since the last run; "
        said += f" {new}{tally.known.total()} known differences remain ({known})."
    return f"Only a part was read: {said} {ended.says}" if ended else said


def _lines(tally: Tally, ruling: Ruling, failed: tuple[str, ...]) -> list[str]:
    counts = [f"{count:>9}  {code}" for code, count in tally.counts.most_common()]
    risk = ", ".join(amount(money, unit) for unit, money in sorted(tally.at_risk.items()))
    words = playbook.words("payment")["reconcile"]
    said = [f"At risk: {risk}. {words['at_risk']}"] if risk else []
    older = [f"{tally.aged} of them are invoices that are {words['older_than_read']}"] if tally.aged else []
    return [f"  {each}" for each in (ruling.says, *counts, *said, *older, *failed, ruling.do)]
