"""Everything outside the house that may be read; a source is opened by the first look that needs it."""

import sys
import threading
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peakops.model import Brought
from peakops.settings import Settings, WriteKeys
from peakops.sources.heartbeat import beating as beating
from peakops.sources.shared import Shared as Shared
from peakops.sources.threads import within as within

if TYPE_CHECKING:
    from peakops.sources.bags import Bags
    from peakops.sources.changes import Changes
    from peakops.sources.contacts import Contacts
    from peakops.sources.database import Database
    from peakops.sources.email import Email
    from peakops.sources.email_lists import EmailLists
    from peakops.sources.firewall import Firewall
    from peakops.sources.pages import Pages
    from peakops.sources.performance import Performance
    from peakops.sources.personal import Personal
    from peakops.sources.plans import Plans
    from peakops.sources.salesforce import Salesforce
    from peakops.sources.scanner import Scanner
    from peakops.sources.status import Status
    from peakops.sources.stripe import Stripe
    from peakops.sources.stripe_windows import Windows
    from peakops.sources.supabase import Supabase
    from peakops.sources.supabase_logs import SupabaseLogs
    from peakops.sources.ups import Ups
    from peakops.sources.vercel import Vercel
    from peakops.sources.weblogs import WebLogs

# httpx takes its own command line along, and with it rich and pygments: 40 of its 85 ms, in Stripe's SDK too, which
# imports httpx where it is installed. It is ready for this module not being there, which is what None here means.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

NAMES = (
    *("database", "performance", "journal", "stripe", "stripe_windows", "supabase", "salesforce", "ups", "email"),
    *("email_lists", "status", "pages", "plans", "vercel", "supabase_logs", "firewall", "weblogs", "scanner"),
    *("personal", "bags", "contacts"),
)

DRIVEN = ("database", "performance", "plans", "personal")
"""Those that import PostgreSQL's driver; two threads that import it at once may each get half of it."""


def statement(query: str) -> str:
    """The text of a named query, as it is sent; evidence keeps it. Raises FileNotFoundError."""
    from peakops.sources.queries import load

    return load(query).text


class Sources:
    """The readers, by name. No call may outlive `deadline`, of the monotonic clock; the journal is in `folder`."""

    def __init__(self, settings: Settings, deadline: float, folder: Path, shared: Shared | None = None) -> None:
        self._settings, self._deadline, self._folder = settings, deadline, folder
        self._idle = shared.idle if shared else []
        if shared:
            shared.opened.append(self.__dict__)
        driver = threading.Lock()
        self._opening = {name: driver if name in DRIVEN else threading.Lock() for name in NAMES}

    def read(self, source: str, call: str, params: dict[str, Any]) -> Brought:
        """One call of one source. Raises PeakopsError when the source does not answer it."""
        with self._opening[source]:
            opened = getattr(self, source)
        brought: Brought = getattr(opened, call)(**params)
        return brought

    def stream(self, source: str, call: str, params: dict[str, Any]) -> Iterator[Any]:
        """As `read`, for a call whose answer comes bit by bit. Raises PeakopsError, also in the middle of it."""
        with self._opening[source]:
            opened = getattr(self, source)
        streamed: Iterator[Any] = getattr(opened, call)(**params)
        return streamed

    @cached_property
    def journal(self) -> "Changes":
        """What this operator's own journal says of changes that were begun."""
        from peakops.sources.changes import Changes

        return Changes(self._folder)

    @cached_property
    def database(self) -> "Database":
        """PostgreSQL; importing its driver takes a fifth of a second."""
        from peakops.sources.database import Database

        settings = self._settings
        now, idle = settings.now(), self._idle
        return Database(settings.database_url, ca=settings.database_ca, now=now, deadline=self._deadline, idle=idle)

    @cached_property
    def stripe_windows(self) -> "Windows":
        """Stripe's lists, read all at once; with a ceiling for the requests of one run."""
        from peakops.sources.stripe_calls import Calls
        from peakops.sources.stripe_windows import Windows

        settings = self._settings
        calls = Calls(settings.stripe_api_key, url=settings.stripe_url, deadline=self._deadline)
        return Windows(calls, rate=settings.stripe_rate, deadline=self._deadline)

    @cached_property
    def stripe(self) -> "Stripe":
        """Stripe; importing its SDK takes a fifth of a second."""
        from peakops.sources.stripe import Stripe

        settings = self._settings
        return Stripe(settings.stripe_api_key, url=settings.stripe_url, now=settings.now(), deadline=self._deadline)

    @cached_property
    def supabase(self) -> "Supabase":
        """Supabase Auth and, where a token is configured, its Management API."""
        from peakops.sources.supabase import Supabase

        return Supabase(self._settings, deadline=self._deadline)

    @cached_property
    def salesforce(self) -> "Salesforce":
        """Salesforce; importing its library takes 80 ms."""
        from peakops.sources.salesforce import Salesforce

        return Salesforce(self._settings, deadline=self._deadline)

    @cached_property
    def ups(self) -> "Ups":
        """UPS; its token is kept in the folder, so that runs beside each other share it."""
        from peakops.sources.ups import Ups

        return Ups(self._settings, deadline=self._deadline, folder=self._folder)

    @cached_property
    def email(self) -> "Email":
        """Who sends the portal's e-mail: SendGrid or Resend."""
        from peakops.sources.email import Email

        return Email(self._settings, deadline=self._deadline)

    @cached_property
    def email_lists(self) -> "EmailLists":
        """The provider's log and its lists, read whole."""
        from peakops.sources.email_lists import EmailLists

        return EmailLists(self._settings, deadline=self._deadline)

    @cached_property
    def performance(self) -> "Performance":
        """What PostgreSQL knows of its own speed, and its plans; under a role of its own where one is configured."""
        from peakops.sources.performance import Performance

        return Performance(self._settings, deadline=self._deadline)

    @cached_property
    def plans(self) -> "Plans":
        """PostgreSQL's plans of single statements, as the portal's roles and as we get them."""
        from peakops.sources.plans import Plans

        return Plans(self._settings, deadline=self._deadline)

    @cached_property
    def pages(self) -> "Pages":
        """The portal's pages, fetched as a browser's first request does, with a clock in hand."""
        from peakops.sources.pages import Pages

        return Pages(self._settings, deadline=self._deadline)

    @cached_property
    def vercel(self) -> "Vercel":
        """Vercel: deployments, and what the portal's visitors measured."""
        from peakops.sources.vercel import Vercel

        return Vercel(self._settings, deadline=self._deadline)

    @cached_property
    def supabase_logs(self) -> "SupabaseLogs":
        """Supabase's platform logs, where failed log-ins are told, and nowhere else."""
        from peakops.sources.supabase_logs import SupabaseLogs

        return SupabaseLogs(self._settings, deadline=self._deadline)

    @cached_property
    def firewall(self) -> "Firewall":
        """Vercel's firewall: what it blocks, its rules, a draft, and what it has stopped."""
        from peakops.sources.firewall import Firewall

        return Firewall(self._settings, deadline=self._deadline)

    @cached_property
    def weblogs(self) -> "WebLogs":
        """Files of Vercel's log drain, counted."""
        from peakops.sources.weblogs import WebLogs

        return WebLogs(self._settings, deadline=self._deadline)

    @cached_property
    def scanner(self) -> "Scanner":
        """Files, looked through for what must not be logged."""
        from peakops.sources.scanner import Scanner

        return Scanner(self._settings, deadline=self._deadline)

    @cached_property
    def personal(self) -> "Personal":
        """What the database holds on a person, by its live foreign keys."""
        from peakops.sources.personal import Personal

        return Personal(self._settings, deadline=self._deadline)

    @cached_property
    def bags(self) -> "Bags":
        """Evidence on this machine's disk, as it was sealed."""
        from peakops.sources.bags import Bags

        return Bags(self._settings, self._folder)

    @cached_property
    def contacts(self) -> "Contacts":
        """The team's file of people, vendors and tiers."""
        from peakops.sources.contacts import Contacts

        return Contacts(self._settings, deadline=self._deadline)

    @cached_property
    def status(self) -> "Status":
        """The vendors' status pages."""
        from peakops.sources.status import Status

        return Status(self._settings.status_urls, deadline=self._deadline)


def probing(settings: Settings, keys: WriteKeys, deadline: float, folder: Path) -> Sources:
    """
    The readers as the doctor needs them: they also say who we are there, and what we may do.

    The credentials that write are among them, as the source `writing`; nothing is written with them.
    """
    from peakops.sources.probes import Probes

    return Probes(settings, keys, deadline, folder)
