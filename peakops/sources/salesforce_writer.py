"""Salesforce, to change: a case is made by its external id alone, after a look for its twin, and never plainly."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from peakops.errors import SETTLED, PeakopsError, Refused, Unreachable, Unverified, before_writing
from peakops.settings import Settings, WriteKeys
from peakops.sources.salesforce import external_id_field
from peakops.sources.salesforce_errors import APART, SEVERAL, reading
from peakops.sources.salesforce_library import format_external_id
from peakops.sources.salesforce_login import of_writer
from peakops.sources.salesforce_rows import case as case_row
from peakops.sources.salesforce_rows import cases, is_id
from peakops.sources.salesforce_session import Session

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
LOOKS_AFTER_S = (0.0, 0.5, 1.0)
"""The pauses before the looks for a case whose answer was lost: it may be made yet while we look."""
ORIGIN, STATUS = "Portal", "New"
"""What the portal says of every case that it sends."""
DUPLICATE = "salesforce.duplicate_value"
AGAIN = "Wait a minute, then run the same command again: it looks for the case first, and makes no second one."
Made = Mapping[str, Any]


class SalesforceWriter:
    """
    The writes, as the app that may make cases.

    Errors say `nothing_done` where they are raised before the request that writes, or are its certain refusal. All
    others leave open whether the case was made.
    """

    def __init__(self, settings: Settings, keys: WriteKeys, *, deadline: float) -> None:
        with before_writing():
            self._field = external_id_field(settings)
            self._session = Session(of_writer(settings, keys), deadline=deadline)

    def upsert_case(
        self,
        *,
        case: str,
        account: str,
        subject: str,
        priority: str,
        due_date: date | str | None,
        plan: str,  # noqa: ARG002  (as every write)
        key: str,  # noqa: ARG002  (the external id is what keeps it from being made twice)
    ) -> Made:
        """
        Make the case that the portal knows by the id `case`, or find it: what is there is not written over.

        `due_date` is a day (ISO 8601). Raises Refused, or what a call raises, each without the vendor's text.
        """
        with before_writing():
            _check(case, account)
            twin = self._twin(case)
            if twin:
                return _made(twin, "found", already=True)
        body = {
            "AccountId": account,
            "Subject": subject,
            "Priority": priority,
            "Due_Date__c": due_date.isoformat() if isinstance(due_date, date) else due_date,
            "Origin": ORIGIN,
            "Status": STATUS,
        }
        sent = {name: value for name, value in body.items() if value is not None}
        try:
            return self._upserted(case, sent)
        except PeakopsError as wrong:
            return self._after(case, wrong)

    def _upserted(self, case: str, body: Mapping[str, Any]) -> Made:
        target = format_external_id(self._field, case)
        found = self._session.write(lambda client: client.restful(f"sobjects/Case/{target}", method="PATCH", json=body))
        if found is None:
            # An older version of the API says no more of a case that was there than that it is written.
            with _afterwards():
                return _made(self._twin(case) or _nobody(), "found", already=True)
        with reading(self._session.api):
            if found["success"] is not True or not is_id(found["id"]):
                raise ValueError("it does not say what was made")
            created = found.get("created", True)
        return _made(found["id"], "created" if created else "found", already=not created)

    def _after(self, case: str, wrong: PeakopsError) -> Made:
        """What became of a write that failed: what is read back decides, not the answer that was lost."""
        taken = wrong.code == DUPLICATE
        if wrong.nothing_done and not taken:
            raise wrong
        for pause in LOOKS_AFTER_S[:1] if taken else LOOKS_AFTER_S:
            time.sleep(pause)
            with _afterwards(wrong):
                twin = self._twin(case)
            if twin:
                return _made(twin, "found" if taken else "created", already=taken)
        raise wrong if taken else _open(wrong)

    def _twin(self, case: str) -> str:
        """The id of the case that has this external id, and is not deleted. Raises Refused where several have it."""
        soql = cases(self._field, f"{self._field} = {{case}}", case=case)
        with reading(self._session.api):
            found = [case_row(each, self._field) for page in self._session.pages(soql) for each in page]
        live = [each["id"] for each in found if not each["deleted"]]
        if len(live) > 1:
            raise Refused(
                f"{SEVERAL} Nothing was done: {', '.join(live[:5])}.",
                hint=APART,
                code="salesforce.several_cases",
                source="salesforce",
            )
        return next(iter(live), "")


def _check(case: str, account: str) -> None:
    """Raises Refused for what must not become a part of an address, or is no account."""
    if not UUID.fullmatch(case.lower()):
        says, hint = "The case's id is not one of the portal's.", "Run the check again: peakops case check."
        raise Refused(says, hint=hint, code="salesforce.malformed_case", source="salesforce")
    if not is_id(account):
        says, hint = "The practice's account is no id of Salesforce's.", "See the accounts with: peakops case mapping."
        raise Refused(says, hint=hint, code="salesforce.malformed_account", source="salesforce")


@contextmanager
def _afterwards(lost: PeakopsError | None = None) -> Iterator[None]:
    """
    Raises Unverified where what came of the write cannot be read; `lost` is its own error.

    A refusal of that look says nothing of the write.
    """
    try:
        yield
    except PeakopsError as wrong:
        told = f"{lost.says} " if lost else ""
        says = f"{told}Whether Salesforce has the case now could not be read: {wrong.says}"
        error = Unverified(says, code="salesforce.unread", hint=AGAIN, source="salesforce")
        error.nothing_done = bool(lost and lost.nothing_done)
        raise error from wrong


def _open(lost: PeakopsError) -> PeakopsError:
    """
    The error that leaves open whether the case is made.

    Never one of those that say that nothing was: a server that fails may name any code.
    """
    kind = Unreachable if isinstance(lost, SETTLED) else type(lost)
    error = kind(
        f"{lost.says} The case is not there so far; whether it is made yet, is not known.",
        code=lost.code,
        hint=AGAIN,
        source="salesforce",
        retry_after_s=lost.retry_after_s,
        request_id=lost.request_id,
    )
    error.http_status = lost.http_status
    return error


def _nobody() -> str:
    says = "Salesforce answered that the case is written, and does not have it."
    raise Unverified(says, code="salesforce.not_there", hint=AGAIN, source="salesforce")


def _made(id: str, status: str, *, already: bool) -> dict[str, Any]:
    return {"id": id, "status": status, "already": already}
