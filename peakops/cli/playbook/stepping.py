"""The steps of a run, one after the other: each question with its answer, and a person asked where only one can."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from peakops import journal, render
from peakops.cli import prompt
from peakops.cli.commands import Run
from peakops.cli.invocation import ended
from peakops.cli.playbook.given import ANSWERS, Given
from peakops.cli.playbook.incident_line import TimeLine
from peakops.errors import NotConfirmed
from peakops.model import Outcome, Report, Verdict, placed
from peakops.report import of_lines
from peakops.scenario import Scenario
from peakops.statements import Statement, by_hand

KIND = "stated"
"""The journal's kind of an answer: noted as soon as it is given, so that the end of a run takes none away."""
KEPT = "peakops journal list --kind stated"
MARKS = {
    Verdict.OK: "ok",
    Verdict.FOUND: "found",
    Verdict.SKIPPED: "–",
    Verdict.UNKNOWN: "?",
    Verdict.BY_HAND: "by hand",
}


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of one run of a scenario; what was given beforehand is not asked for."""

    run: Run
    scenario: Scenario
    subject: str
    given: Mapping[str, Given]
    line: TimeLine

    def able(self) -> None:
        """Whether the steps that are for a person can be answered. Raises NotConfirmed."""
        asked = [each.name for each in self.scenario.guide.questions if each.by_hand and each.name not in self.given]
        if asked and not prompt.on_terminal():
            says = f"A person must answer {', '.join(asked)}, and there is no terminal to ask on."
            raise NotConfirmed(says, hint=f'Give the answers with --answers FILE: {asked[0]} = {{ answer = "done" }}')

    def unused(self, found: Report) -> Iterator[str]:
        """Of what was given, the answers to questions that nobody was asked; they change nothing."""
        open_ones = {each.name for each in by_hand(found)}
        for each in found.outcomes:
            if each.name in self.given and each.name not in open_ones:
                yield f"The answer to '{each.name}' was not used: the systems were asked. {each.says}"

    def walk(self, found: Report) -> Iterator[Statement]:
        """Every question in the playbook's order; what a person says is in the journal before the next is asked."""
        open_ones = {each.name for each in by_hand(found)}
        for number, outcome in enumerate(found.outcomes, 1):
            if outcome.name in open_ones or not self.run.style.quiet:
                self._show(number, outcome)
            if outcome.name in open_ones and (said := self._said(outcome)):
                yield self._noted(outcome, said)

    def _show(self, number: int, outcome: Outcome) -> None:
        if prompt.on_terminal():
            lines = [f"{number:>3}. {outcome.asks}", f"     {MARKS[outcome.verdict]}: {outcome.says}"]
            render.ask(of_lines(self.run.frame, lines, {}), self.run.style, (self.subject,))

    def _said(self, outcome: Outcome) -> Given | None:
        """What is said of a step; None where it is not known and nobody can be asked."""
        if outcome.name in self.given:
            return self.given[outcome.name]
        if not prompt.on_terminal():
            return None
        try:
            answer = ""
            while answer not in ANSWERS:
                typed = prompt.line(f"     {', '.join(ANSWERS)}? ").strip().lower()
                answer = next((each for each in ANSWERS if typed and each.startswith(typed)), "")
            return Given(answer=answer, note=prompt.line("     Note without names, or nothing: ").strip())
        except NotConfirmed as silent:
            raise NotConfirmed(silent.says, hint=self._kept) from None
        except KeyboardInterrupt as stop:
            raise ended(stop, "The run was not finished.", self._kept) from None

    @property
    def _kept(self) -> str:
        """Where what was answered can be read."""
        frame = self.run.frame
        return f"Whole answers are kept: {placed(KEPT, frame.environment, frame.env_file)}"

    def _noted(self, outcome: Outcome, said: Given) -> Statement:
        detail = {"question": outcome.name, "answer": said.answer, "note": said.note}
        entry = journal.record(
            self.run.invocation.journal(),
            kind=KIND,
            command=f"playbook run {self.scenario.section}.{self.scenario.name}",
            subject=self.subject,
            detail=detail,
            now=self.run.invocation.now(),
        )
        told = {"question": outcome.name, "asks": outcome.asks, "answer": said.answer, "note": said.note}
        statement = Statement(**told, operator=entry.operator, at=entry.time)
        self.line.note(statement)
        return statement
