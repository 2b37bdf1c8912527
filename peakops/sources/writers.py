"""Everything outside the house that may be changed; the door to which only `apply` has the key."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from peakops.errors import NotConfigured, TimedOut
from peakops.settings import Settings, WriteKeys
from peakops.sources.threads import within

if TYPE_CHECKING:
    from peakops.sources.database_writer import DatabaseWriter, Statement
    from peakops.sources.email_writer import EmailWriter
    from peakops.sources.evidence_writer import EvidenceWriter
    from peakops.sources.pager_writer import PagerWriter
    from peakops.sources.salesforce_writer import SalesforceWriter
    from peakops.sources.stripe_writer import StripeWriter
    from peakops.sources.supabase_writer import SupabaseWriter
    from peakops.sources.ups_writer import UpsWriter
    from peakops.sources.vercel_writer import VercelWriter

WRITE_SECONDS = 20.0
"""What one write may take: it is not cut short by a time limit that the looks have used up."""
PARTING_SECONDS = 1.0
"""How much longer it is listened to: a writer that ends in time says why, and clears its files away."""
FOREVER_SECONDS = 3600.0
"""Longer than any plan: each call has its own time limit, see _heard."""
T = TypeVar("T")


class Writers:
    """The writers, by name, with the credentials that write."""

    def __init__(self, settings: Settings, keys: WriteKeys, folder: Path) -> None:
        self._settings, self._keys, self._folder = settings, keys, folder

    def commit(self, statements: "Sequence[Statement]") -> list[list[dict[str, Any]]]:
        """Named writes in one transaction; see DatabaseWriter.commit. Raises TimedOut where nothing is heard of it."""
        named = [(name, self._named(params)) for name, params in statements]
        return self._heard(lambda: self.database.commit(named))

    def rows(self, query: str, **params: Any) -> tuple[Mapping[str, Any], ...]:
        """A named query under the role that writes: what it may see is what it may compare with."""
        named = self._named(params)
        return self._heard(lambda: self.database.rows(query, **named).rows)

    def _named(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters, with the pseudonym where {"pseudonym": id} stands, and the hash where {"hmac": id} does."""
        from peakops.sources.pseudonyms import digest, mark, pseudonym

        key = self._settings.pseudonym_key

        def named(value: Any) -> Any:
            match value:
                case {"pseudonym": str(of)}:
                    return pseudonym(key, of)
                case {"hmac": of}:
                    return digest(key, of) if of else None
                case {"mark": "pseudonyms"}:
                    return mark(key)
            return value

        return {name: named(value) for name, value in params.items()}

    def call(self, vendor: str, call: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """One write of a vendor's; see the vendor's writer. Raises TimedOut where nothing is heard of it."""
        openers = {
            **{"stripe": self._stripe, "supabase": self._supabase, "salesforce": self._salesforce, "ups": self._ups},
            **{"sendgrid": self._email, "resend": self._email, "vercel": self._vercel, "evidence": self._evidence},
            "pager": self._pager,
        }
        made: Mapping[str, Any] = self._heard(lambda: getattr(openers[vendor](), call)(**params), vendor)
        return made

    def _heard(self, work: Callable[[], T], source: str = "database") -> T:
        """
        What `work` brings, in a thread of its own: a pooler that went mute keeps a socket waiting for ever, and so
        does an answer that comes byte by byte.

        The database's connection is given up then, so that the next call has a new one.
        """
        try:
            return within(WRITE_SECONDS + PARTING_SECONDS, work)
        except TimeoutError:
            self.__dict__.pop("database", None)
            says = f"Nothing was heard of a write within {WRITE_SECONDS:.0f} s."
            raise TimedOut(says, code=f"{source}.timeout", source=source) from None

    @cached_property
    def database(self) -> "DatabaseWriter":
        """The portal's database under the role that may write."""
        from peakops.sources.database_writer import DatabaseWriter

        settings, deadline = self._settings, time.monotonic() + FOREVER_SECONDS
        return DatabaseWriter(self._keys.database_url, ca=settings.database_ca, now=settings.now(), deadline=deadline)

    def _stripe(self) -> "StripeWriter":
        """Stripe with the key that may write, and the time of one write."""
        from peakops.sources.stripe_writer import StripeWriter

        if not self._keys.stripe_key:
            raise NotConfigured("PEAKOPS_STRIPE_WRITE_KEY is not set.", code="stripe.no_write_key")
        deadline = time.monotonic() + WRITE_SECONDS
        return StripeWriter(self._keys.stripe_key, url=self._settings.stripe_url, deadline=deadline)

    def _supabase(self) -> "SupabaseWriter":
        """Supabase Auth with the secret key, and the time of one write."""
        from peakops.sources.supabase_writer import SupabaseWriter

        deadline, settings = time.monotonic() + WRITE_SECONDS, self._settings
        return SupabaseWriter(self._keys.supabase_key, url=settings.supabase_url, deadline=deadline, now=settings.now)

    def _salesforce(self) -> "SalesforceWriter":
        """Salesforce as the app that may make cases, and the time of one write."""
        from peakops.sources.salesforce_writer import SalesforceWriter

        return SalesforceWriter(self._settings, self._keys, deadline=time.monotonic() + WRITE_SECONDS)

    def _ups(self) -> "UpsWriter":
        """UPS as the app that may make labels, and the time of one write."""
        from peakops.sources.ups_writer import UpsWriter

        return UpsWriter(self._settings, self._keys, deadline=time.monotonic() + WRITE_SECONDS)

    def _email(self) -> "EmailWriter":
        """The e-mail provider with the key that sends and changes its lists, and the time of one write."""
        from peakops.sources.email_writer import EmailWriter

        return EmailWriter(self._settings, self._keys, deadline=time.monotonic() + WRITE_SECONDS)

    def _vercel(self) -> "VercelWriter":
        """Vercel with the token that may change the firewall, and the time of one write."""
        from peakops.sources.vercel_writer import VercelWriter

        return VercelWriter(self._settings, self._keys, deadline=time.monotonic() + WRITE_SECONDS)

    def _pager(self) -> "PagerWriter":
        """Where people are called, by the addresses of PEAKOPS_PAGE_…; each call has its own time limit."""
        from peakops.sources.pager_writer import PagerWriter

        return PagerWriter(self._settings.pages)

    def _evidence(self) -> "EvidenceWriter":
        """Evidence on this machine's disk, taken before anything is changed."""
        from peakops.sources.evidence_writer import EvidenceWriter

        return EvidenceWriter(self._settings, self._keys, self._folder, deadline=time.monotonic() + WRITE_SECONDS)
