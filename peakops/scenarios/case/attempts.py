"""The portal's attempts to bring a case to Salesforce: when the last one was, and how it ended. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from peakops.scenario import Row
from peakops.scenarios.case.codes import means
from peakops.scenarios.words import day

SUBMITTED = "case.created"
FAILED = "case.sync_failed"
MADE = ("case.synced", "case.retried", "case.linked")
"""What the audit log calls an attempt after which the portal knew of a record; the last two are peakops's own."""
ONE_MOMENT = timedelta(minutes=1)
"""The portal notes an attempt on the case and in the audit log; what lies closer together is the same one."""


class Ended(StrEnum):
    """How an attempt ended."""

    REFUSED = "refused"
    """Salesforce answered with an error code, so that nothing was made."""
    TIMED_OUT = "timed_out"
    UNREAD = "unread"
    """The portal noted an error without a code of Salesforce's, so that it may have been made."""
    OPEN = "open"
    """It was begun, and nothing is known of its end."""
    MADE = "made"
    """The portal noted that it went well."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """The last attempt."""

    at: datetime | None
    ended: Ended
    code: str | None = None
    """Salesforce's error code, by which it was refused."""
    fields: tuple[str, ...] = ()
    """The API names of the fields that the error is about."""

    @property
    def says(self) -> str:
        """The attempt as a part of a sentence, and what its code means as a sentence of its own."""
        when = f"The last attempt, of {day(self.at)}," if self.at else "The last attempt"
        of = f" ({', '.join(self.fields)})" if self.fields else ""
        told = {
            Ended.REFUSED: f"was refused with {self.code}{of}: {means(self.code) or 'a code that the table lacks.'}",
            Ended.TIMED_OUT: "got no answer in time.",
            Ended.UNREAD: "failed, and the portal noted no code of Salesforce's.",
            Ended.OPEN: "was begun, and nothing is noted of its end.",
            Ended.MADE: "went well, as the portal noted it.",
        }
        return f"{when} {told[self.ended]}"


def last(case: Row, log: Sequence[Row]) -> Attempt | None:
    """The last attempt by the case's own row and by the audit log, newest first; None where none was made."""
    row, entry = _of_row(case), _of_log(log)
    if row is None or entry is None:
        return row or entry
    apart = entry.at - row.at if entry.at and row.at else timedelta()
    if abs(apart) > ONE_MOMENT:
        return entry if apart > timedelta() else row
    # Of one attempt the case's row tells how it ended, unless it has no code for it.
    return row if row.ended in (Ended.REFUSED, Ended.TIMED_OUT) else entry


def submitted(log: Sequence[Row]) -> Row | None:
    """The audit log's line on the submission."""
    return next((each for each in log if each["action"] == SUBMITTED), None)


def _of_row(case: Row) -> Attempt | None:
    at = case["sync_attempted_at"]
    if case["has_error"]:
        return _failed(at, case)
    if at is None:
        return None
    return Attempt(at=at, ended=Ended.MADE if case["salesforce_case_id"] else Ended.OPEN)


def _of_log(log: Sequence[Row]) -> Attempt | None:
    entry = next((each for each in log if each["action"] in (FAILED, *MADE)), None)
    if entry is None:
        return None
    if entry["action"] == FAILED:
        return _failed(entry["created_at"], entry)
    return Attempt(at=entry["created_at"], ended=Ended.MADE)


def _failed(at: datetime | None, noted: Row) -> Attempt:
    code = noted["error_code"]
    if code is None:
        return Attempt(at=at, ended=Ended.UNREAD)
    if code.lower() == "timeout":
        return Attempt(at=at, ended=Ended.TIMED_OUT)
    return Attempt(at=at, ended=Ended.REFUSED, code=code, fields=tuple(noted["error_fields"]))
