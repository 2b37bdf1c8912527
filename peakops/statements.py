"""What a person said of the steps that only a person can do: evidence beside what the systems say. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from peakops import verdict
from peakops.model import Evidence, Outcome, Report, Row, Ruling, Status, Verdict

SOURCE = "operator"
"""The source of a human statement, as the evidence names it."""
FAILED, SKIPPED = "failed", "skip"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What was said of one step, by whom and when."""

    question: str
    asks: str
    answer: str
    note: str
    operator: str
    at: datetime

    @property
    def says(self) -> str:
        """In one sentence: 'failed, says dana: the mailbox is full'."""
        told = "skipped" if self.answer == SKIPPED else self.answer
        return f"{told}, says {self.operator}{f': {self.note}' if self.note else ''}"

    @property
    def sentence(self) -> str:
        """The same with its full stop, unless the note brought one."""
        return self.says if self.says.endswith((".", "?", "!")) else f"{self.says}."

    @property
    def row(self) -> Row:
        """The row of the evidence."""
        return {"answer": self.answer, "note": self.note, "operator": self.operator, "at": self.at}


def by_hand(report: Report) -> Iterator[Outcome]:
    """The questions that only a person can answer: by their nature, or because their source is not configured."""
    unset = {each.name for each in report.evidence if each.error and each.error.category == "config"}
    waiting = {each.name for each in report.evidence if unset and each.consequence}
    for each in report.outcomes:
        # The sentence of a question that was not answered begins with the look that did not answer.
        look = each.says.partition(":")[0] if each.verdict is Verdict.UNKNOWN else ""
        if each.verdict is Verdict.BY_HAND or look in unset | waiting:
            yield each


def stated(report: Report, statements: Sequence[Statement], fail_on: str) -> Report:
    """
    The report with what was said: as evidence, beside each question, and as `data.statements`.

    The verdict stays the scenario's own. A step that failed makes it a warning at least, and one that was skipped makes
    it incomplete.
    """
    said = {each.question: each for each in statements}
    failed = [each for each in statements if each.answer == FAILED]
    status = Status.WARNING if failed and report.status is Status.OK else report.status
    return replace(
        report,
        status=status,
        exit_code=verdict.exit_code(status, fail_on) if status is not report.status else report.exit_code,
        verdict=_ruling(report, failed, any(each.answer == SKIPPED for each in statements)),
        outcomes=tuple(_answered(each, said.get(each.name)) for each in report.outcomes),
        evidence=(*report.evidence, *map(_evidence, statements)),
        data={**report.data, "statements": [{"question": each.question, **each.row} for each in statements]},
        warnings=(*report.warnings, *(f"By hand: {each.asks} {each.sentence}" for each in failed)),
    )


def _ruling(report: Report, failed: Sequence[Statement], skipped: bool) -> Ruling | None:
    """The verdict; where all else is well, with what failed, since that alone is why it is a warning."""
    ruling = report.verdict
    if ruling is None:
        return None
    more = "".join(f" By hand: {each.asks} {each.sentence}" for each in failed) if report.status is Status.OK else ""
    return replace(ruling, says=f"{ruling.says}{more}", complete=ruling.complete and not skipped)


def _answered(outcome: Outcome, said: Statement | None) -> Outcome:
    if said is None:
        return outcome
    unread = f"{outcome.says} By hand: " if outcome.verdict is Verdict.UNKNOWN else ""
    return replace(outcome, says=f"{unread}{said.sentence[:1].upper()}{said.sentence[1:]}")


def _evidence(said: Statement) -> Evidence:
    return Evidence(name=f"by_hand_{said.question}", source=SOURCE, asked=said.asks, at=said.at, rows=(said.row,))
