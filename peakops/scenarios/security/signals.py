"""
What can be unusual, and what each of it is worth; rules.py looks for it. Pure.

Points are those of the simulation in the facts (security-data-database.md 1.3), where not a single rule but their sum
holds the alerts down: any single one fires for 453 people a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peakops.scenario import Row

NEW_NETWORK = 1.0
"""Alone noise: mobile addresses change daily."""
NEW_PROVIDER = 2.0
"""The provider's number is new; where none is told, the wider network stands for it, at half."""
NEW_DEVICE = 2.0
UNSEEN_AGENT = 2.0
"""On top: nobody else uses such a device either."""
TOOL = 2.0
"""On top: it is no browser (L5)."""
NEW_COUNTRY = 3.0
"""Sources of countries disagree in 2 to 5 of 100; it must not reach `unusual` by itself."""
TWO_COUNTRIES = 3.0
OFF_HOURS = 1.0
FAILURES = 4.0
SPRAYED = 6.0
"""A success where passwords are tried on many accounts (L8, L9)."""
WITHOUT_LOGIN = 1.0
"""A session that was begun elsewhere (L11)."""
MASS_READING = 5.0
OTHER_PRACTICE = 10.0
"""High with anything else that is unusual, or for more than a referral: no usage explains it (D2)."""
REFERRED = 5.0
"""What it is worth alone: a case that another practice refers is opened at the usual desk, in the usual hours."""
REFERRAL = 25
"""Records an hour that a case or two with their files have; whoever reads more of another practice is not referred."""
PRIVILEGE_CHANGE = 3.0

HABIT_DAYS = 2
"""Days on which other practices' things were touched, from which it counts how often one is new: owners of several."""

COLD = 3
"""Log-ins that must be known before anything is new (cold start)."""
HALF, QUARTER = 0.5, 0.25
ON_KNOWN_NETWORK = QUARTER
"""A new browser at the usual desk."""
SOMETIMES, OFTEN = 0.1, 0.25
"""From such shares of earlier times at which something was new on, it says half as much, and a quarter."""
TRAVEL = timedelta(hours=3)
"""Two countries within it is more than an aeroplane does (L4, without places)."""
ENOUGH_HOURS = 20
"""Events that must be known before an hour is unusual (L6)."""
FEW_FAILURES, MANY_FAILURES = 5, 8
"""Failures before a success that count, and that count twice (L7)."""
MASS_ROWS, MASS_Z = 200, 8.0
"""Rows an hour, and spreads above the person's median hour (D1)."""
COLD_HOURS = 5
"""Hours with reading that must be known before the spread says something; before, the rows must be ten times more."""
COLD_FACTOR = 10
HABIT, LIKE = 2, 0.5
"""Earlier hours with half as much reading at least, from which it is a habit: the month's statement is no theft."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One unusual thing: what it is worth, and the line that shows it."""

    code: str
    points: float
    at: datetime
    says: str
    line: str

    def row(self) -> Row:
        """The signal as evidence; `line` would be taken for that of a street."""
        return {"code": self.code, "points": self.points, "at": self.at, "says": self.says, "record": self.line}
