"""
What the e-mail provider has of everybody: its log and its lists, read once by whole pages, and asked from memory.

No address is asked for by itself, however many there are. What was not read, since a list was silent or too long, is
an error of the look, and never "nothing".
"""

from bisect import bisect_left
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from typing import Any, NamedTuple

from peakops.errors import Denied, NotConfigured, PeakopsError, Unauthenticated, Unreachable
from peakops.scenario import Row
from peakops.scenarios import mails
from peakops.scenarios.backlogs import Read, Stream
from peakops.scenarios.notify.looks import SKEW, UNSENT, searchable

SOURCES = {
    **dict.fromkeys(("person", "notifications", "preferences", "preference_changes"), "database"),
    **dict.fromkeys(("provider", "messages", "suppressions", "domains", "quota"), "email"),
    "page": "status",
}
"""From where each look is."""
SHARE = 0.6
"""Of a run's time, what reading the provider may take: one that is silent must leave the portal's rows their own."""
NOBODY = "No e-mail provider is configured."
NONE = "email.none"
UNREAD = Unreachable("It was not read, or not to the end.", code="sweep.unread")
"""What stands for an answer that nobody has: why, the whole report says once, and no row says again."""
Answer = Any
"""A row, rows, or the PeakopsError that stands for them."""


class Mail(NamedTuple):
    """A mail of the provider's log, as small as it can be: there may be a hundred thousand of them."""

    id: str
    to: str
    status: str
    reason: str | None
    at: datetime
    hard: bool | None


@dataclass
class Lists:
    """The provider's log and its lists, as far as they were read."""

    by_id: list[Mail] = field(default_factory=list)
    to: dict[str, list[Mail]] = field(default_factory=dict)
    held: dict[str, list[Row]] = field(default_factory=dict)
    since: datetime | None = None
    """From when on the log was read whole; None where it was not."""
    whole: bool = False
    """Whether the lists of addresses were."""

    def keep_mail(self, row: Row) -> None:
        """Keep a mail of the log."""
        to, status = intern(row["to"].strip().lower()), intern(row["status"])
        mail = Mail(row["id"], to, status, row["reason"], row["at"], row["hard"])
        self.by_id.append(mail)
        self.to.setdefault(to, []).append(mail)

    def keep_entry(self, row: Row) -> None:
        """Keep what is held against an address."""
        self.held.setdefault(row["email"].strip().lower(), []).append(row)

    def forget_mails(self) -> None:
        """Begin the log anew."""
        self.by_id, self.to = [], {}


@dataclass
class AtProvider:
    """The provider as one run asks it."""

    read: Read
    stream: Stream
    silent: dict[str, PeakopsError]
    """The looks that failed, and the lists that were not read whole."""
    since: datetime
    """From when on the log is read."""
    lists: Lists = field(default_factory=Lists)
    """What is read; a sweep of several sections hands it on, so that it is read once."""
    once: dict[str, Answer] = field(default_factory=dict)
    _none: bool = False

    def listen(self, *, general: bool = True) -> None:
        """
        Ask for all of it; what fails is in `silent` afterwards. Raises PeakopsError where a setting is malformed.

        Without what is `general` the account itself, its domains and its page are not asked for.
        """
        provider = self._row("provider", "email", "configured")
        if provider is None:
            hint = "Set PEAKOPS_EMAIL_PROVIDER, to know what became of the mails."
            self.silent["provider"] = NotConfigured(NOBODY, code=NONE, hint=hint, source="email")
        self.once["provider"] = UNREAD if "provider" in self.silent else provider
        if "provider" in self.silent:
            return
        self._read(self.lists, self.since - SKEW)
        if not general:
            return
        self.once["domains"] = self._rows("domains", "email", "domains")
        self.once["quota"] = self._row("quota", "email", "quota")
        self.once["page"] = self._row("page", "status", "page", vendor=provider["provider"])

    def _read(self, lists: Lists, since: datetime) -> None:
        """Read of the log and the lists what was not read yet. Raises PeakopsError where a setting is malformed."""
        if lists.since is None or since < lists.since:
            lists.forget_mails()
            self._all("messages", lists.keep_mail, "mails", since=since)
            lists.since = None if "messages" in self.silent else since
            lists.by_id.sort()
        if not lists.whole:
            lists.held = {}
            self._all("suppressions", lists.keep_entry, "suppressed")
            lists.whole = "suppressions" not in self.silent

    @property
    def nobody(self) -> bool:
        """Whether no provider is configured at all."""
        wrong = self.silent.get("provider")
        self._none = self._none or bool(wrong and wrong.code == NONE)
        return self._none

    def looks(self, row: Row | None, address: str | None) -> dict[str, Answer]:
        """The answers to the check's looks at the provider about an e-mail notification, or none, and an address."""
        if address is None or "provider" in self.silent:
            return {"provider": self.once["provider"], "messages": [], "suppressions": []}
        # That no mail is left now says nothing of one that was sent.
        left_out = () if row and row["status"] in UNSENT else ("quota",)
        general = {name: answer for name, answer in self.once.items() if name not in left_out}
        messages = self._mails(row) if row else []
        return {**general, "messages": messages, "suppressions": self.entries(address)}

    def _mails(self, row: Row) -> Answer:
        """What `notify check` would be told of the mail of a notification: by its id, else by address and time."""
        if not row["provider_message_id"] and not searchable(row):
            return []
        return self.mails(row["address"], row["created_at"] - SKEW, row["provider_message_id"])

    def mails(self, email: str, since: datetime, id: str | None) -> Answer:
        """A mail by the provider's id where one is given, else those to an address since a moment."""
        address = email.strip().lower()
        theirs = self.lists.to.get(address, ())
        found = self._named(id, address) if id else [each for each in theirs if each.at >= since]
        if "messages" in self.silent and not (found and id):
            return UNREAD
        return [{**each._asdict(), "provider": self.once["provider"]["provider"]} for each in found]

    def _named(self, id: str, address: str) -> list[Mail]:
        """A mail by its id, of several recipients to the address; of SendGrid's the portal has only the beginning."""
        place, found = bisect_left(self.lists.by_id, (id,)), []
        while place < len(self.lists.by_id) and self.lists.by_id[place].id.startswith(id):
            found.append(self.lists.by_id[place])
            place += 1
        by_beginning = self.once["provider"]["provider"] == "sendgrid"
        theirs = [each for each in found if by_beginning and each.to == address]
        return [each for each in (*theirs, *found) if each.id == id][:1] or theirs

    def entries(self, address: str) -> Answer:
        """What is held against an address."""
        found = self.lists.held.get(address.strip().lower(), [])
        # Of a list that ended early a note on one mail does not say that nothing else is held against the address.
        return UNREAD if "suppressions" in self.silent and not mails.against(found) else found

    def _all(self, look: str, keep: Callable[[Row], None], call: str, **params: Any) -> None:
        """Keep every row of a list. Raises PeakopsError where a setting is malformed."""
        try:
            with closing(self.stream("email_lists", call, params)) as rows:  # type: ignore[type-var]  # a generator
                for row in rows:
                    keep(row)
        except PeakopsError as wrong:
            self._failed(look, wrong)

    def _row(self, look: str, source: str, call: str, **params: Any) -> Answer:
        found = self._rows(look, source, call, **params)
        return found if isinstance(found, PeakopsError) else next(iter(found), None)

    def _rows(self, look: str, source: str, call: str, **params: Any) -> Answer:
        try:
            return list(self.read(source, call, params).rows)
        except PeakopsError as wrong:
            return self._failed(look, wrong)

    def _failed(self, look: str, wrong: PeakopsError) -> PeakopsError:
        if wrong.code.endswith(".malformed"):
            raise wrong
        self.silent[look] = wrong
        return UNREAD

    @property
    def refusal(self) -> PeakopsError | None:
        """The provider's refusal of our key, which is the cause of all that is unknown; None for any other silence."""
        refused = (self.silent.get(look) for look in ("messages", "suppressions"))
        return next((each for each in refused if isinstance(each, Denied | Unauthenticated)), None)
