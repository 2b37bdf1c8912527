"""What a person said of a step, in the time line of the incident that is worked on."""

from functools import cached_property
from typing import TYPE_CHECKING

from peakops.cli.invocation import Invocation
from peakops.errors import PeakopsError
from peakops.statements import Statement

if TYPE_CHECKING:
    from peakops.ledger import Incident, Ledger

SECONDS = 2.5
"""What the database may take of a run: what it does not take is kept on this machine."""


class TimeLine:
    """The time line of an incident, written as each answer is given; none where no incident is named."""

    def __init__(self, invocation: Invocation, number: str | None) -> None:
        self._invocation, self._number = invocation, number
        self._failed: dict[str, None] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why an answer is not in the time line; it is in the journal all the same."""
        return tuple(self._failed)

    def note(self, statement: Statement) -> None:
        """Add a line with what was said. Never raises for an incident that cannot be written."""
        if not self._number:
            return
        says = f"By hand: {statement.asks} {statement.sentence}"
        try:
            ledger, incident = self._opened
            ledger.append(incident, "note", says, detail={"question": statement.question, "answer": statement.answer})
        except PeakopsError as wrong:
            self._failed[f"Incident {self._number} has no line of an answer. {wrong.says}"] = None

    @cached_property
    def _opened(self) -> "tuple[Ledger, Incident]":
        from peakops.ledger import Ledger

        of = self._invocation
        ledger = Ledger(of.settings(), of.write_keys(), of.journal(), seconds=SECONDS)
        return ledger, ledger.find(self._number or "")
