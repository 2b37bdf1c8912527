"""Who sends the portal's e-mail, read only: what became of a mail and of an address, and how the account stands."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources import email_key
from peakops.sources.email_errors import SCOPES_OF_ACCOUNT, SCOPES_OF_PEOPLE
from peakops.sources.email_key import plain
from peakops.sources.http import soon
from peakops.sources.resend import Resend
from peakops.sources.resend_account import ResendAccount
from peakops.sources.sendgrid import SendGrid
from peakops.sources.sendgrid_account import SendGridAccount

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before the first mail of either provider."""
USUAL_SPAN = timedelta(days=30)
NONE_CONFIGURED = ("No e-mail provider is configured.",)
NOBODY = Brought(notes=NONE_CONFIGURED)
NOTHING = Brought(single=True, notes=NONE_CONFIGURED)
"""The same of a look for one thing."""


class Email:
    """
    The looks at the provider in use; without one nobody is asked, and a note says so.

    What a provider knows only adds to an answer: each look ends soon, whatever time there is. Raises NotConfigured
    where its key is missing, and what email_errors makes of its refusals.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline

    def configured(self) -> Brought:
        """Which provider is in use, and the domain that mails are from (None where it is not set); nobody is asked."""
        if self._settings.email_provider is None:
            return NOTHING
        domain = parseaddr(self._settings.email_from or "")[1].rpartition("@")[2].lower()
        row = {"provider": self._settings.email_provider, "from_domain": domain or None}
        return Brought(rows=(row,), single=True, asked="PEAKOPS_EMAIL_PROVIDER and PEAKOPS_EMAIL_FROM")

    def suppressions(self, *, email: str | None) -> Brought:
        """
        Why the provider does not deliver to an address; no row where it does, or where there is no address.

        Each row has `kind` (bounce, block, spam_report, invalid_email, unsubscribe, group_unsubscribe), email, reason,
        created, provider, and `hard`: whether the address is at fault for good, None where nothing says it.
        A block is of one mail: the provider tries the next one all the same. A group is of the mails that name it.
        """
        people = self._people()
        if people is None:
            return NOBODY
        return people.suppressions(plain(email)) if email else Brought()

    def messages(self, *, email: str | None, since: datetime | None, id: str | None = None) -> Brought:
        """
        A mail by the provider's id where one is given, else those to an address since a moment; the newest first.

        Without a moment they are read as far back as the provider goes. Nobody is asked without an address or an id.

        Each row has id, to, status (the provider's own word), reason (the receiving server's), at, provider, `hard`.
        """
        people = self._people()
        if people is None:
            return NOBODY
        if not email and not id:
            return Brought()
        return people.messages(plain(email) if email else None, since or EVER, id)

    def tagged(self, *, reference: str | None, email: str | None = None) -> Brought:
        """
        The mails that a resend sent under its reference, as rows of `messages` with `reference`.

        Resend cannot be asked for them, which a note says; without a reference nobody is asked.
        """
        people = self._people()
        if people is None:
            return NOBODY
        return people.tagged(reference, plain(email) if email else None) if reference else Brought()

    def domains(self) -> Brought:
        """The domains that mails may be from: domain, verified, status, `missing` (the records that are not valid)."""
        account = self._account()
        return account.domains() if account else NOBODY

    def rates(self, *, since: datetime | None = None, until: datetime | None = None) -> Brought:
        """
        The figures of a span, by default the last 30 days: counts, and bounce_rate and complaint_rate of 0 to 1.

        `days` are SendGrid's figures by day; a count that a provider does not tell is None.
        """
        account, end = self._account(), until or self._settings.now()
        return account.rates(since or end - USUAL_SPAN, end) if account else NOTHING

    def scopes(self) -> Brought:
        """What the configured key may do, and the `missing` rights of a key that reads all of it."""
        account = self._account()
        return account.scopes() if account else NOTHING

    def quota(self) -> Brought:
        """The mails of the period: limit, used, remaining, resets_at; None for each that the provider does not tell."""
        account = self._account()
        return account.quota() if account else NOTHING

    def allowlist(self) -> Brought:
        """The entries (an address or a domain) that are sent to whatever the lists say; a note where it is off."""
        account = self._account()
        return account.allowlist() if account else NOBODY

    def _people(self) -> SendGrid | Resend | None:
        settings, deadline = self._settings, soon(self._deadline)
        match settings.email_provider:
            case "sendgrid":
                return SendGrid(email_key.sendgrid(settings, SCOPES_OF_PEOPLE, deadline=deadline))
            case "resend":
                return Resend(email_key.resend(settings, deadline=deadline))
        return None

    def _account(self) -> SendGridAccount | ResendAccount | None:
        settings, deadline = self._settings, soon(self._deadline)
        match settings.email_provider:
            case "sendgrid":
                return SendGridAccount(email_key.sendgrid(settings, SCOPES_OF_ACCOUNT, deadline=deadline))
            case "resend":
                return ResendAccount(email_key.resend(settings, deadline=deadline))
        return None
