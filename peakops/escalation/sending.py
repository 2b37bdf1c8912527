"""How a page goes out: by a contact's channels, each with a name that may be written down, and an outcome in a word."""

import re
import threading
from collections import Counter
from dataclasses import dataclass

from peakops.contacts import Channel, Contact
from peakops.errors import NotConfigured, PeakopsError, TimedOut, certain, unsent
from peakops.escalation.standing import BY_HAND, SENT
from peakops.escalation.words import Words
from peakops.settings import Settings
from peakops.sources.writers import Writers

PLAIN = re.compile(r"[^A-Za-z0-9_-]+")
"""What a reference of a mail may not hold."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One channel of one contact, under the name that claims and the ledger have for it."""

    name: str
    contact: Contact
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an attempt: `sent`, or `failed: CODE`, or `unclear: CODE` where it may have arrived."""

    code: str
    says: str = ""
    hint: str = ""


def ways_of(contacts: tuple[Contact, ...]) -> list[Way]:
    """All channels by which a machine can call them, in their order: `oncall/slack`, a second one `oncall/slack-2`."""
    found = []
    for contact in contacts:
        kinds = Counter[str]()
        for channel in contact.sent:
            kinds[channel.kind] += 1
            more = f"-{kinds[channel.kind]}" if kinds[channel.kind] > 1 else ""
            found.append(Way(name=f"{contact.id}/{channel.kind}{more}", contact=contact, channel=channel))
    return found


def by_hand(vendor: Contact) -> Way:
    """The way of a vendor that only a person can tell: nothing is sent, and it is said once."""
    return Way(name=f"{vendor.id}/{BY_HAND}", contact=vendor, channel=Channel(kind=BY_HAND, value=""))


class Sender:
    """Sends pages; a channel that hung once in a run is not waited for again."""

    def __init__(self, settings: Settings, writers: Writers) -> None:
        self._settings, self._writers = settings, writers
        self._hung: set[tuple[str, str]] = set()
        self._turn = threading.Lock()
        self.printed: list[str] = []
        """What went to the channel `stdout`."""

    def send(self, way: Way, words: Words, reference: str) -> Outcome:
        """Send a page by one way, once. Never raises: whatever goes wrong is an outcome, without any address."""
        try:
            if self._key(way) in self._hung:
                raise unsent(
                    TimedOut(f"{way.name} did not answer before in this run.", code=f"{way.channel.kind}.timeout")
                )
            self._call(way, words, reference)
        except PeakopsError as wrong:
            if isinstance(wrong, TimedOut):
                self._hung.add(self._key(way))
            kind = "failed" if certain(wrong) or 300 <= (wrong.http_status or 0) < 500 else "unclear"
            return Outcome(code=f"{kind}: {wrong.code}", says=wrong.says, hint=wrong.hint)
        return Outcome(code=BY_HAND if way.channel.kind == BY_HAND else SENT)

    def _key(self, way: Way) -> tuple[str, str]:
        """What hangs together: an address of a webhook, or the provider of all mails."""
        return way.channel.kind, "" if way.channel.kind == "email" else way.channel.value

    def _call(self, way: Way, words: Words, reference: str) -> None:
        variable = way.channel.value
        match way.channel.kind:
            case "slack":
                self._writers.call("pager", "slack", {"variable": variable, "text": words.text})
            case "webhook":
                self._writers.call("pager", "webhook", {"variable": variable, "body": words.fields})
            case "email":
                self._mail(way, words, reference)
            case "stdout":
                with self._turn:
                    self.printed += words.text.splitlines()

    def _mail(self, way: Way, words: Words, reference: str) -> None:
        """By the provider of the portal's own mail; its reference keeps a mail from being sent twice."""
        provider = self._settings.email_provider
        if not provider:
            says = "PEAKOPS_EMAIL_PROVIDER is not set."
            raise unsent(NotConfigured(says, code="email.not_configured", hint="See docs/settings.md."))
        message = {"to": way.channel.value, "subject": words.title, "body": words.text}
        sent = {"message": message, "reference": PLAIN.sub("-", reference), "plan": "", "key": reference}
        self._writers.call(provider, "send", sent)
