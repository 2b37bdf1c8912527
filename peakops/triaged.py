"""What several checks of one text say together: one result each, the worst first, and one verdict. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from peakops import verdict
from peakops.errors import Exit, NotFound
from peakops.model import Evidence, Fault, Finding, Report, Row, Ruling, Severity, Sources, Status, placed, typed
from peakops.report import Frame, of_error
from peakops.triage import MOST, Recognised, Thing

ORDER = (Status.CRITICAL, Status.UNKNOWN, Status.WARNING, Status.OK, Status.ERROR)
"""The worst first, as the exit codes are: 2, 3, 1, 0; what a section does not have comes last, and is no fault."""
NAMED = 3
"""Commands that a page names of one check; all of them are in --json."""
SUBJECT = 2
"""Looks at the beginning of a check that find its subject: an id of Stripe's first leads to an invoice."""
QUIET = "no_notification"
"""A verdict that is a fault only where somebody says that something is missing; in triage nobody has."""
HINT = "Look at what was pasted, or ask the customer for a number of an invoice, a case or a shipment."


@dataclass(frozen=True, kw_only=True)
class Checked:
    """One check of one thing, as it ended."""

    thing: Thing
    command: str
    """The check's command without its subject; empty where the thing led to none."""
    report: Report
    note: str = ""
    """What else the thing led to, and was not looked at."""

    @property
    def quiet(self) -> bool:
        """Whether it says only that the portal has told a person nothing of late."""
        verdict = self.report.verdict
        return verdict is not None and verdict.code == QUIET and self.report.status is Status.CRITICAL

    @property
    def told(self) -> bool:
        """Whether it was no check, but a name, or who was there."""
        return not self.command and not self.report.error

    @property
    def status(self) -> Status:
        """How bad it is; what the section does not have is ERROR, and a check that failed itself is unknown."""
        code = self.report.error.category if self.report.error else ""
        if code == "not_found":
            return Status.ERROR
        if code == "ambiguous":
            # Somebody must say which one is meant: it was not judged, so that it is not ok.
            return Status.WARNING
        if self.quiet:
            return Status.WARNING
        return Status.UNKNOWN if self.report.error else self.report.status

    @property
    def exit_code(self) -> Exit:
        """What the check would have ended with by itself; one that failed is unknown."""
        if self.quiet:
            return Exit.WARNING
        return Exit.UNKNOWN if self.status is Status.UNKNOWN else Exit(self.report.exit_code)

    @property
    def ruling(self) -> Ruling:
        """The check's verdict; of one that failed, why."""
        says = self.report.error.message if self.report.error else ""
        return self.report.verdict or Ruling(code="unknown", title="Unknown", says=says, complete=False)

    @property
    def asked(self) -> str:
        """The check as it is typed, without the program's name."""
        return typed(self.command, self.thing.name) if self.command else self.thing.name

    @property
    def next(self) -> tuple[str, ...]:
        """What it leads to: nothing where a check says that all is well; what was no check may lead on all the same."""
        if self.status is Status.ERROR or (self.status is Status.OK and self.command):
            return ()
        hint = self.report.error.hint if self.report.error else ""
        return self.report.next or ((hint,) if hint.startswith("peakops ") else ())

    @property
    def same(self) -> tuple[str, ...]:
        """What it has in common with the same check of the same row, which another thing led to."""
        first = () if self.thing.kind == "network" else self.report.evidence[:SUBJECT]
        ids = [str(row["id"]) for one in first for row in one.rows if row.get("id")]
        return (self.command, self.ruling.code, *(ids[:1] or (self.thing.name,)))


def merged(frame: Frame, checked: Sequence[Checked], told: Recognised) -> Report:
    """The report on all checks: the verdict is that of the worst one. What no section has is not found."""
    # A PaymentIntent and its invoice, both pasted, are judged alike: it is told once.
    once = dict[tuple[str, ...], Checked]()
    for each in checked:
        once.setdefault(each.same, each)
    # Of the same rank, what was judged comes before what somebody has to name first, or nobody has complained of.
    ranked = sorted(once.values(), key=lambda each: (ORDER.index(each.status), bool(each.report.error) or each.quiet))
    nowhere, left = _nowhere(checked), (*dict.fromkeys(each.note for each in checked if each.note), *_cut(told))
    notes, cut = (*_doubts(ranked), *left, *_secrets(told)), _truncated(told)
    data = {"recognised": [_told(each) for each in told.things], "checks": [_row(each) for each in ranked]}
    if ranked[0].status is Status.ERROR:
        return replace(_not_found(frame, " ".join(nowhere), data, notes), truncated=cut)
    status, ruling = _worst(ranked, nowhere, left)
    notes, unsure = (*nowhere, *notes), _unsure(ranked)
    status = Status.ERROR if unsure else status
    return frame.report(
        status=status,
        exit_code=Exit.AMBIGUOUS if unsure else verdict.exit_code(status, frame.fail_on),
        verdict=ruling,
        error=unsure,
        findings=tuple(_of(each, one) for each in ranked for one in each.report.findings),
        evidence=tuple(_named(each, one) for each in ranked for one in each.report.evidence),
        data=data,
        lines=tuple(_lines(ranked, status, frame, notes)),
        next=tuple(dict.fromkeys(one for each in ranked for one in each.next)),
        warnings=tuple(dict.fromkeys((*notes, *(one for each in ranked for one in each.report.warnings)))),
        truncated=cut,
    )


def _not_found(frame: Frame, says: str, data: Row, notes: tuple[str, ...]) -> Report:
    lines = ("ERROR  Not found  [not_found]", f"  {says}", f"  {HINT}", *(f"  {each}" for each in notes))
    return replace(of_error(frame, NotFound(says, hint=HINT)), data=data, lines=lines, warnings=notes)


def _worst(ranked: Sequence[Checked], nowhere: tuple[str, ...], left: tuple[str, ...]) -> tuple[Status, Ruling]:
    """
    How bad it is at worst, and that verdict.

    Where all is well, but something was not found, or not looked at (`left` says what), not all is well.
    """
    there = [each for each in ranked if each.status is not Status.ERROR]
    status, ruling = there[0].status, there[0].ruling
    if status is Status.OK and nowhere:
        status, ruling = Status.WARNING, Ruling(code="not_found", title="Not found", says=" ".join(nowhere))
    elif status is Status.OK and left:
        status, ruling = Status.WARNING, Ruling(code="left_out", title="Not all was looked at", says=" ".join(left))
    complete = not left and all(each.ruling.complete for each in there)
    return status, replace(ruling, sources=_sources(ranked), complete=complete)


def limits(told: Recognised) -> tuple[str, ...]:
    """What of the text was not used, and why."""
    return (*_secrets(told), *_cut(told))


def _secrets(told: Recognised) -> tuple[str, ...]:
    if not told.secrets:
        return ()
    several = told.secrets > 1
    return (
        f"{told.secrets} secret{'s' * several} in what was pasted {'were' if several else 'was'} not read, and "
        f"{'are' if several else 'is'} kept nowhere; whoever pasted {'them' if several else 'it'} should know.",
    )


def _cut(told: Recognised) -> tuple[str, ...]:
    more = f"{told.more} more of what was recognised was not looked at: {MOST} are the most of one run."
    return (*([more] if told.more else []), *(["The text is too long: its end was not read."] if told.unread else []))


def _truncated(told: Recognised) -> Row | None:
    return {"shown": MOST, "total": MOST + told.more} if told.more else None


def _unsure(ranked: Sequence[Checked]) -> Fault | None:
    """Why nothing is known, where somebody must say first which one is meant."""
    errors = [each.report.error for each in ranked if each.status is not Status.ERROR]
    return errors[0] if all(each and each.category == "ambiguous" for each in errors) else None


def _nowhere(checked: Sequence[Checked]) -> tuple[str, ...]:
    """Of what no check has found: that it is nowhere."""
    there = {each.thing.name for each in checked if each.status is not Status.ERROR}
    lost = {each.thing.name: each for each in checked if each.thing.name not in there}
    names = ", ".join(name for name, each in lost.items() if each.command)
    rest = (each.ruling.says for each in lost.values() if not each.command)
    return (*([f"Nothing was found of {names}."] if names else []), *rest)


def _told(thing: Thing) -> Row:
    return {"kind": thing.kind, "name": thing.name, "doubt": thing.doubt}


def _row(each: Checked) -> Row:
    return {
        "subject": each.thing.name,
        "kind": each.thing.kind,
        "command": each.command,
        "verdict": each.ruling.code,
        "cause": each.ruling.cause,
        "status": each.status.value,
        "exit_code": int(each.exit_code),
        "says": each.ruling.says,
        "next": list(each.next),
    }


def _of(each: Checked, finding: Finding) -> Finding:
    severity = Severity.WARNING if each.quiet and finding.code == each.ruling.code else finding.severity
    return replace(finding, severity=severity, evidence=tuple(f"{each.asked}: {name}" for name in finding.evidence))


def _named(each: Checked, evidence: Evidence) -> Evidence:
    return replace(evidence, name=f"{each.asked}: {evidence.name}")


def _sources(ranked: Sequence[Checked]) -> Sources:
    asked = {one.source for each in ranked for one in each.report.evidence}
    missing = dict.fromkeys(name for each in ranked for name in each.ruling.sources.missing)
    return Sources(asked=len(asked), answered=len(asked) - len(missing), missing=tuple(missing))


def _doubts(ranked: Sequence[Checked]) -> tuple[str, ...]:
    """Of what is doubtful and found nowhere: that it may be mistyped."""
    there = {each.thing.name for each in ranked if each.status is not Status.ERROR}
    doubtful = {each.thing.name: each.thing.doubt for each in ranked if each.thing.doubt}
    return tuple(f"{name}: {doubt}." for name, doubt in doubtful.items() if name not in there)


def _lines(ranked: Sequence[Checked], status: Status, frame: Frame, notes: tuple[str, ...]) -> list[str]:
    """The page: a head that counts, each check with its sentence and what it leads to, and what was not found."""
    there = [each for each in ranked if each.status is not Status.ERROR]
    judged = [each.status for each in there if not each.told]
    counted = ", ".join(f"{judged.count(each)} {each.value}" for each in ORDER if each in judged)
    checks = f"{len(judged)} check{'s' * (len(judged) != 1)}: {counted}" if judged else "No check applies"
    lines = [f"{status.value.upper()}  {checks}"]
    for each in there:
        cause = f" · {each.ruling.cause}" if each.ruling.cause else ""
        lines += ["", f"  {'KNOWN' if each.told else each.status.value.upper():<8}  {each.asked}"]
        lines += [f"    {each.ruling.title}  [{each.ruling.code}{cause}]", f"    {each.ruling.says}"]
        lines += [f"    {placed(one, frame.environment, frame.env_file)}" for one in each.next[:NAMED]]
    names = {each.thing.name for each in there}
    lost = [each.asked for each in ranked if each.status is Status.ERROR and each.command and each.thing.name in names]
    last = [*([f"Not found by: {'; '.join(lost)}"] if lost else []), *notes]
    return [*lines, *([""] if last else []), *(f"  {each}" for each in last)]
