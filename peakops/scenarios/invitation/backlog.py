"""
The subjects of `invitation backlog`: the newest invitation to each address, with all that its check would look at.

Those of a window: made in it, or ended in it without having been used. What the portal and Supabase Auth have is looked
up for many addresses at once, and the e-mail provider is read by whole pages, as in `notify sweep`.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from peakops.model import Brought
from peakops.scenario import Row
from peakops.scenarios.addresses import known
from peakops.scenarios.backlogs import Read, Stream, Subject
from peakops.scenarios.invitation.looks import profile_id
from peakops.scenarios.invitation.standing import OPEN
from peakops.scenarios.notify import at_provider
from peakops.scenarios.notify.at_provider import AtProvider

AT_ONCE = 200
"""How many addresses are looked up together."""
MOST = 20
"""As the check reads of each look."""
SOURCES = {
    **dict.fromkeys(("invitation", "invitations", "profiles", "accounts"), "database"),
    **dict.fromkeys(("suppressions", "messages"), "email"),
}
"""From where each look is."""
NOBODY = Brought(notes=(at_provider.NOBODY,))
CUT = (f"Only the newest {MOST} rows were read.",)


@dataclass(frozen=True, kw_only=True)
class Invited:
    """The invitations of a window."""

    stream: Stream
    read: Read
    """Asked while the stream is open."""
    provider: AtProvider
    since: datetime
    until: datetime

    def subjects(self) -> Iterator[Subject]:
        """Each once, newest first. Raises PeakopsError where the portal cannot be read on."""
        window = {"since": self.since, "until": self.until}
        (oldest,) = self._rows("invitation/backlog_since", **window)
        if oldest["since"] is None:
            return
        # A mail may have gone out before the window in which its link ended.
        self.provider.since = min(self.since, oldest["since"])
        self.provider.listen(general=False)
        self._provider_is_optional()
        with closing(self.stream("database", "stream", {"query": "invitation/backlog", **window})) as rows:  # type: ignore[type-var]  # a generator
            while batch := list(islice(rows, AT_ONCE)):
                yield from self._looked_up(batch)

    def _provider_is_optional(self) -> None:
        """Without a provider the check says so in a note, and judges by what the portal has."""
        if self.provider.nobody:
            del self.provider.silent["provider"]

    def _looked_up(self, batch: list[Row]) -> Iterator[Subject]:
        asked = [{**row, "given": None} for row in batch]
        emails = list(dict.fromkeys(form for row in asked for form in known(row)))
        invitations = _by_address(self._rows("invitation/backlog_invitations", emails=emails))
        profiles = _by_address(self._rows("invitation/backlog_profiles", emails=emails))
        ids = {row["id"]: profile_id(_of(profiles, row)) for row in asked}
        found = self._rows("invitation/backlog_accounts", ids=[each for each in ids.values() if each], emails=emails)
        accounts = {str(each["id"]): each for each in found}
        by_email = _by_address(each for each in found if not each["deleted_at"])
        for row in asked:
            sent = _of(invitations, row)
            if sent and sent[0]["address"] != row["email"]:
                # The newest has another form of the address, and stands for all of them.
                continue
            theirs = [*_of(by_email, row), *(accounts[each] for each in (ids[row["id"]],) if each in accounts)]
            mine = {str(each["id"]) for each in theirs}
            yield self._subject(
                row,
                invitations=sent,
                profiles=_of(profiles, row),
                accounts=[each for id, each in accounts.items() if id in mine],
            )

    def _subject(self, row: Row, *, invitations: list[Row], **found: list[Row]) -> Subject:
        named = {"id": row["id"], "email": row["email"], "given": None, "by_mask": False, "practice": row["practice"]}
        looks: dict[str, Any] = {name: _plain(rows) for name, rows in found.items()}
        cut = CUT if len(invitations) >= MOST else ()
        newest = next((each for each in invitations[:1] if each["status"] in OPEN), None)
        return Subject(
            id=str(row["id"]),
            name=str(row["id"]),
            practice=row["practice"],
            at=row["created_at"],
            looks={
                "invitation": named,
                "invitations": Brought(rows=tuple(_plain(invitations)), notes=cut),
                **looks,
                **self._mail(row, newest),
            },
        )

    def _mail(self, row: Row, newest: Row | None) -> dict[str, Any]:
        """What the provider has of the address, and of the mail where somebody may wait for one."""
        if self.provider.nobody:
            return {"suppressions": NOBODY, "messages": NOBODY}
        sent: Any = []
        if newest:
            sent = self.provider.mails(newest["email"], newest["created_at"], newest["provider_message_id"])
        return {"suppressions": self.provider.entries(row["email"]), "messages": sent}

    def _rows(self, query: str, **params: Any) -> list[dict[str, Any]]:
        found = self.read("database", "rows", {"query": query, **params}).rows
        return [dict(each) for each in found]


def _by_address(rows: Iterable[Row]) -> dict[str, list[tuple[int, Row]]]:
    """The rows of each form of an address, with their places among all."""
    found: dict[str, list[tuple[int, Row]]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row["address"], []).append((place, row))
    return found


def _of(found: dict[str, list[tuple[int, Row]]], row: Row) -> list[Row]:
    """The rows of a subject's address, in whatever forms it is stored, in their order."""
    theirs = sorted((each for form in known(row) for each in found.get(form, ())), key=itemgetter(0))
    return [each for _, each in theirs][:MOST]


def _plain(rows: list[Row]) -> list[Row]:
    """The rows as the check reads them."""
    return [{name: value for name, value in each.items() if name != "address"} for each in rows]
