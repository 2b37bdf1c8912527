"""Who sends the portal's e-mail, read only: whether an address is suppressed, and what became of a mail."""

from datetime import UTC, datetime

from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.http import soon
from peakops.sources.resend import Resend
from peakops.sources.sendgrid import SendGrid

EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Before the first mail of either provider."""
NOBODY = Brought(notes=("No e-mail provider is configured.",))


class Email:
    """
    The looks at the provider in use; without one nobody is asked, and a note says so.

    What a provider knows only adds to an answer: each look ends soon, whatever time there is.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline

    def suppressions(self, *, email: str | None) -> Brought:
        """
        Why the provider does not deliver to an address; no row where it does, or where there is no address.

        Each row has `kind` (bounce, block, spam_report, invalid_email, unsubscribe), email, reason, created, provider.
        A block is of one mail: the provider tries the next one all the same.
        """
        provider = self._provider()
        if provider is None:
            return NOBODY
        return provider.suppressions(_plain(email)) if email else Brought()

    def messages(self, *, email: str | None, since: datetime | None, id: str | None = None) -> Brought:
        """
        A mail by the provider's id where one is given, else those to an address since a moment; the newest first.

        Without a moment they are read as far back as the provider goes. Nobody is asked without an address or an id.

        Each row has id, to, status (the provider's own word), reason, at, provider.
        """
        provider = self._provider()
        if provider is None:
            return NOBODY
        if not email and not id:
            return Brought()
        return provider.messages(_plain(email) if email else None, since or EVER, id)

    def scopes(self) -> Brought:
        """What the configured key may do."""
        provider = self._provider()
        return provider.scopes() if provider else Brought(single=True, notes=NOBODY.notes)

    def _provider(self) -> SendGrid | Resend | None:
        """The provider, with the time of one look. Raises NotConfigured where its key is missing."""
        settings, deadline = self._settings, soon(self._deadline)
        match settings.email_provider:
            case "sendgrid":
                return SendGrid(settings.sendgrid_api_key, url=settings.sendgrid_url, deadline=deadline)
            case "resend":
                return Resend(settings.resend_api_key, url=settings.resend_url, deadline=deadline)
        return None


def _plain(email: str) -> str:
    """An address as both providers keep it."""
    return email.strip().lower()
