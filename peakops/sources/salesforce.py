"""Salesforce, read only: who we are there, the limits, cases and accounts as plain rows, and what a case must hold."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from peakops.errors import NotConfigured
from peakops.model import Brought, Row
from peakops.settings import Settings
from peakops.sources import salesforce_rows as rows_of
from peakops.sources.salesforce_errors import reading
from peakops.sources.salesforce_library import Salesforce as Client
from peakops.sources.salesforce_library import format_soql
from peakops.sources.salesforce_login import Login, of_reader
from peakops.sources.salesforce_rows import Record, chunks, is_id
from peakops.sources.salesforce_session import Session

PAGE = 2000
"""The largest page of a query."""
MOST_NEAR = 200
"""A look for twins that finds more of them is cut, and says so."""
NOBODY = Brought(single=True)


class Salesforce:
    """
    The looks at Salesforce as one user, each of which raises NotConfigured where a setting that it needs is missing.

    Deleted records are read too, as long as they are in the recycle bin. No look brings a case's subject but one that
    the portal may have written: another may name a patient.
    """

    def __init__(self, settings: Settings, *, deadline: float, login: Login | None = None) -> None:
        """`login` takes the place of the one that the settings name."""
        self._field = external_id_field(settings)
        self._session = Session(login or of_reader(settings), deadline=deadline)

    def log_in(self) -> Brought:
        """By which flow Salesforce lets us in; nothing else is asked."""
        self._session.log_in()
        return self._brought([{"flow": self._session.login.flow}], "the log-in", single=True)

    def identity(self) -> Brought:
        """Who peakops is in Salesforce, in which org, and how it logged in."""
        me = self._session.ask(lambda client: client.oauth2("userinfo"))
        with reading(self._session.api):
            id = str(me["user_id"])
        (user,) = self._records(format_soql(rows_of.USER, id=id), most=1) or ({},)
        (org,) = self._records(rows_of.ORGANIZATION, most=1) or ({},)
        login = self._session.login
        with reading(self._session.api):
            row = {
                "user_id": user["Id"],
                "username": user["Username"],
                "active": user["IsActive"],
                "organization_id": org["Id"],
                "instance": org["InstanceName"],
                "sandbox": org["IsSandbox"],
                "flow": login.flow,
                "version": login.version,
                "case_field": self._field,
            }
        return self._brought([row], "userinfo, User and Organization", single=True)

    def limits(self) -> Brought:
        """The org's API requests of 24 hours: allowed, left and used."""
        found = self._session.ask(lambda client: client.restful("limits"))
        with reading(self._session.api):
            daily = found["DailyApiRequests"]
            most, left = int(daily["Max"]), int(daily["Remaining"])
        used = self._session.usage[0] if self._session.usage else most - left
        row = {"daily_max": most, "daily_remaining": left, "daily_used": used}
        return self._brought([row], "GET /limits", single=True)

    def versions(self) -> Brought:
        """The versions of the API that the org offers, as numbers in texts (62.0), with Salesforce's name of each."""
        found = self._session.ask(_versions)
        with reading(self._session.api):
            rows = [{"version": str(each["version"]), "label": str(each["label"])} for each in found]
        return self._brought(rows, "GET /services/data/")

    def describe(self) -> Brought:
        """The fields of a case, as this user may see and write them."""
        found = self._session.ask(lambda client: client.restful("sobjects/Case/describe"))
        with reading(self._session.api):
            rows = [rows_of.described(each) for each in found["fields"]]
        return self._brought(rows, "describe of Case")

    def cases_of(self, *, case: str) -> Brought:
        """Every case that has this id of the portal's, deleted ones too."""
        found = self._cases(f"{self._field} = {{case}}", case=case)
        return self._brought(found, f"Case by {self._field}")

    def case(self, *, id: str | None) -> Brought:
        """The case of this id, deleted or not; no row where there is none that the user sees, or the id is none."""
        if not is_id(id):
            return NOBODY
        return self._brought(self._cases("Id = {id}", id=id), "Case by Id", single=True)

    def cases_near(self, *, account: str | None, subject: str, since: datetime, until: datetime | None) -> Brought:
        """Cases of an account that were made in this time with this subject, the newest first; `until` None is now."""
        if not is_id(account):
            return Brought()
        where = (
            "AccountId = {account} AND Subject = {subject} AND CreatedDate >= {since} "
            f"{'AND CreatedDate <= {until} ' if until else ''}ORDER BY CreatedDate DESC LIMIT {MOST_NEAR + 1}"
        )
        found = self._cases(where, account=account, subject=subject, since=since, until=until)
        cut = (f"Only the newest {MOST_NEAR} cases were read.",) if len(found) > MOST_NEAR else ()
        return self._brought(found[:MOST_NEAR], "Case by account, subject and time", notes=cut)

    def cases_by_ids(self, *, ids: Sequence[str]) -> Brought:
        """The cases of these ids, deleted ones too; what is no id is left out."""
        parts = chunks([each for each in ids if is_id(each)])
        found = [row for part in parts for row in self._cases("Id IN {ids}", ids=part)]
        return self._brought(found, "Case by Id")

    def cases_by_subjects(self, *, subjects: Sequence[str], since: datetime, until: datetime) -> Brought:
        """
        Cases that were made in this time with one of these subjects; `subject` is the one that was asked for.

        A subject of Salesforce's that was not asked for never comes back.
        """
        asked = {each.casefold(): each for each in subjects}
        where = "Subject IN {part} AND CreatedDate >= {since} AND CreatedDate <= {until} ORDER BY CreatedDate DESC"
        found = []
        for part in chunks(subjects):
            soql = rows_of.cases(self._field, where, ", Subject", part=part, since=since, until=until)
            for record in self._records(soql):
                with reading(self._session.api):
                    row, subject = rows_of.case(record, self._field), asked.get(str(record["Subject"]).casefold())
                found += [{**row, "subject": subject}] if subject else []
        return self._brought(found, "Case by subject and time")

    def portal_cases(self, *, since: datetime, until: datetime) -> Iterator[list[Row]]:
        """Every case of the portal's that was made in this time, newest first: 2000 a page, and one request a page."""
        where = (
            f"{self._field} != null AND CreatedDate >= {{since}} AND CreatedDate <= {{until}} "
            "ORDER BY CreatedDate DESC, Id"
        )
        soql = rows_of.cases(self._field, where, since=since, until=until)
        yield from self._paged(soql)

    def lone_cases(self, *, shapes: Sequence[str], since: datetime, until: datetime) -> Iterator[list[Row]]:
        """
        Cases that were made in this time without the portal's id, and whose subject has one of these shapes.

        In a shape `#` stands for a digit: crown CASE-####. A subject that has more in it never comes back.
        """
        where = f"{self._field} = null AND ({{like:literal}}) AND CreatedDate >= {{since}} AND CreatedDate <= {{until}}"
        wanted = {each.casefold() for each in shapes}
        for part in chunks([rows_of.shaped(each) for each in shapes]):
            like = " OR ".join(part)
            soql = rows_of.cases(self._field, where, ", Subject", like=like, since=since, until=until)
            for page in self._session.pages(soql, size=PAGE):
                with reading(self._session.api):
                    found = [(str(each["Subject"]), rows_of.case(each, self._field)) for each in page]
                yield [{**row, "subject": text} for text, row in found if rows_of.shape(text).casefold() in wanted]

    def account(self, *, id: str | None) -> Brought:
        """The account of this id, deleted or not; no row where there is none that the user sees, or the id is none."""
        return self._brought(self._accounts([id or ""]), "Account by Id", single=True)

    def accounts(self, *, ids: Sequence[str]) -> Brought:
        """The accounts of these ids, deleted ones too; what is no id is left out."""
        return self._brought(self._accounts(ids), "Account by Id")

    def _accounts(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        parts = chunks([each for each in ids if is_id(each)])
        found = [each for part in parts for each in self._records(format_soql(rows_of.ACCOUNTS, ids=part))]
        with reading(self._session.api):
            return [rows_of.account(each) for each in found]

    def _cases(self, where: str, **values: Any) -> list[Row]:
        return [row for page in self._paged(rows_of.cases(self._field, where, **values), size=None) for row in page]

    def _paged(self, soql: str, size: int | None = PAGE) -> Iterator[list[Row]]:
        for page in self._session.pages(soql, size=size):
            with reading(self._session.api):
                rows: list[Row] = [rows_of.case(each, self._field) for each in page]
            yield rows

    def _records(self, soql: str, most: int | None = None) -> Sequence[Record]:
        return [each for page in self._session.pages(soql) for each in page][:most]

    def _brought(
        self, rows: Sequence[Row], asked: str, *, single: bool = False, notes: tuple[str, ...] = ()
    ) -> Brought:
        return Brought(rows=tuple(rows), single=single, asked=asked, notes=(*notes, *self._session.notes))


def external_id_field(settings: Settings) -> str:
    """The field of a case that holds the portal's id of it. Raises NotConfigured for what cannot be a field."""
    name = settings.salesforce_external_id_field
    if re.fullmatch(r"[A-Za-z]\w{0,79}", name, re.ASCII):
        return name
    raise NotConfigured(
        "PEAKOPS_SALESFORCE_EXTERNAL_ID_FIELD is no name of a field.",
        code="salesforce.malformed_field",
        hint="It is like Portal_Case_Id__c; see docs/settings.md.",
        source="salesforce",
    )


def _versions(client: Client) -> Any:
    """The library has no call for what lies above a version."""
    return client.session.get(f"https://{client.sf_instance}/services/data/", headers=client.headers).json()
