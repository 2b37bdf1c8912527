"""Legal holds: what must not be deleted until somebody says so; the table that `data delete` looks at."""

import re
from collections.abc import Sequence

from peakops.errors import BadInput
from peakops.journal import person
from peakops.ledger.names import UUID
from peakops.ledger.team import Team
from peakops.model import Row
from peakops.redact import Door

HELD = re.compile(rf"(user|practice):{UUID.pattern}|table:[a-z_]+\.[a-z_]+", re.ASCII)
"""What a hold may stand on, as `data check` and `data delete` compare it."""


def subject_of(text: str) -> str:
    """The subject of a hold as it is stored; a bare id is a person's. Raises BadInput."""
    told = text.strip().lower()
    subject = f"user:{told}" if UUID.fullmatch(told) else told
    if not HELD.fullmatch(subject):
        says = "A hold stands on user:ID, practice:ID or table:SCHEMA.TABLE."
        raise BadInput(says, hint="peakops user check tells a person's id, and that of their practice.")
    return subject


class Holds:
    """The holds, in Postgres alone: one that only this machine knew would hold nothing. Raises PeakopsError."""

    def __init__(self, team: Team) -> None:
        self._team = team

    def all(self) -> Sequence[Row]:
        """Those that stand."""
        return self._team.rows("incident/holds")

    def on(self, subject: str) -> list[Row]:
        """Those that stand on a subject; a dispute more is a hold more, and the end of one is not the other's."""
        return [each for each in self.all() if each["subject"] == subject]

    def place(self, subject: str, reason: str) -> bool:
        """Place a hold; False where one stands already for the same reason. Raises BadInput for no table."""
        given = {"subject": subject, "reason": Door().line(reason), "operator": Door().line(person())}
        placed = bool(self._team.commit([("incident/place_hold", given)])[0])
        if not placed and given["reason"] not in (each["reason"] for each in self.on(subject)):
            says = f"There is no {subject.replace(':', ' ')}: a hold on it would hold nothing."
            raise BadInput(says, hint="table:SCHEMA.TABLE, as in table:public.cases.")
        return placed

    def lift(self, subject: str, reason: str) -> bool:
        """Lift the hold that was placed for a reason; False where it does not stand any more."""
        return bool(self._team.commit([("incident/lift_hold", {"subject": subject, "reason": reason})])[0])
