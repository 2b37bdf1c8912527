"""The credentials that write, asked what they may do; nothing is written with them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from peakops.errors import Denied, PeakopsError, Unauthenticated
from peakops.model import Brought
from peakops.settings import Settings, WriteKeys
from peakops.sources.database_errors import WRITER
from peakops.sources.database_probe import DatabaseProbe
from peakops.sources.email_rights import resend_rights, sendgrid_rights
from peakops.sources.firewall import Firewall
from peakops.sources.http import soon
from peakops.sources.queries import load
from peakops.sources.salesforce import Salesforce
from peakops.sources.salesforce_login import of_writer
from peakops.sources.stripe_calls import Calls
from peakops.sources.stripe_probe import kind_of_key
from peakops.sources.supabase import Supabase
from peakops.sources.supabase_calls import auth
from peakops.sources.ups_token import Tokens, access

SUPABASE_WRITE_KEY, UPS_WRITE_SECRET = "PEAKOPS_SUPABASE_WRITE_KEY", "PEAKOPS_UPS_WRITE_CLIENT_SECRET"
NOT_SET = Brought(single=True, notes=("It is not set.",))
"""What is brought of a credential that is not there; a station that only reads has none."""


class WritingProbe(DatabaseProbe):
    """The database under the role that writes, in READ ONLY transactions, and the keys, each tried with one GET."""

    setting = WRITER

    def __init__(self, settings: Settings, keys: WriteKeys, *, deadline: float) -> None:
        self._keys, self._settings = keys, settings
        super().__init__(keys.database_url, ca=settings.database_ca, now=settings.now(), deadline=deadline)

    def server(self) -> Brought:
        """The role that writes; no row where none is configured."""
        return super().server() if self._url else NOT_SET

    def plans(self, *, queries: Sequence[str]) -> Brought:
        """Whether this role could carry out each of these statements; no row where none is configured."""
        return super().plans(queries=queries) if self._url else NOT_SET

    def _is_ours(self, name: str) -> bool:
        """Every query that has a plan; what makes tables or grants rights has none."""
        query = load(name)
        return not query.writes or query.expects != (0, 0)

    def stripe_key(self) -> Brought:
        """
        Whether the Stripe key that writes is restricted, its mode, and whether it may read the list of refunds.

        Whether it may write, only a write shows. Raises Unauthenticated where Stripe does not accept it.
        """
        key = self._keys.stripe_key
        if not key:
            return NOT_SET
        with _named("PEAKOPS_STRIPE_API_KEY", "PEAKOPS_STRIPE_WRITE_KEY"):
            calls = Calls(key, url=self._settings.stripe_url, deadline=self._deadline)
            try:
                calls.answer("/v1/refunds", {"limit": 1})
                reads = True
            except Denied:
                reads = False
        return Brought(rows=({**kind_of_key(key), "reads": reads},), single=True, asked="GET /v1/refunds with limit=1")

    def supabase_key(self) -> Brought:
        """
        What the Supabase key that writes tells of itself, once Supabase Auth has let it ask for the settings.

        A key that cannot do is not tried. Raises Unauthenticated or Denied where it is refused.
        """
        key, settings = self._keys.supabase_key, self._settings
        if not key:
            return NOT_SET
        told = Supabase(replace(settings, supabase_key=key), deadline=self._deadline).key()
        (row,) = told.rows
        if row["admin"] and not (row["expires_at"] and row["expires_at"] <= settings.now()):
            api = auth(key, url=settings.supabase_url, deadline=self._deadline, setting=SUPABASE_WRITE_KEY)
            with _named("PEAKOPS_SUPABASE_KEY", SUPABASE_WRITE_KEY):
                api.get("/settings")
        return replace(told, asked=f"{SUPABASE_WRITE_KEY}, and with it GET /auth/v1/settings")

    def salesforce_app(self) -> Brought:
        """How the app that makes cases logs in to Salesforce. Raises Unauthenticated where it is not let in."""
        settings, keys = self._settings, self._keys
        given = (keys.salesforce_consumer_key, keys.salesforce_consumer_secret, keys.salesforce_private_key)
        if not any(given):
            return NOT_SET
        return Salesforce(settings, deadline=self._deadline, login=of_writer(settings, keys)).log_in()

    def ups_app(self) -> Brought:
        """Whether UPS gives the app that makes labels a token. Raises Unauthenticated where it does not."""
        settings, keys = self._settings, self._keys
        if not keys.ups_client_secret:
            return NOT_SET
        client = keys.ups_client_id or settings.ups_client_id
        allowed = access(settings.ups_url, client, keys.ups_client_secret, setting=UPS_WRITE_SECRET)
        try:
            # Kept nowhere: it is of another app than the shared one.
            Tokens(allowed, deadline=self._deadline).get()
        except Unauthenticated as wrong:
            # 'shipping ups', to which the hint leads, looks at the app that reads.
            wrong.hint = "Compare both with the app in UPS's developer portal."
            raise
        return Brought(rows=({"given": True},), single=True, asked="POST /security/v1/oauth/token")

    def email_key(self) -> Brought:
        """
        Whether the key that writes to the e-mail provider may send, and what else its fixes need that it lacks.

        Raises Unauthenticated where the provider does not accept it; no row without a provider, or without a key.
        """
        settings, keys = self._settings, self._keys
        key = {"sendgrid": keys.sendgrid_key, "resend": keys.resend_key}.get(settings.email_provider or "")
        if not key:
            return NOT_SET
        asked = sendgrid_rights if settings.email_provider == "sendgrid" else resend_rights
        return asked(settings, key, soon(self._deadline))

    def vercel_token(self) -> Brought:
        """Whether Vercel shows the firewall to the token that writes. Raises Unauthenticated or Denied where not."""
        token = self._keys.vercel_token
        if not token:
            return NOT_SET
        with _named("PEAKOPS_VERCEL_TOKEN", "PEAKOPS_VERCEL_WRITE_TOKEN"):
            told = Firewall(replace(self._settings, vercel_token=token), deadline=self._deadline).blocks()
        return Brought(rows=({"reads": True},), single=True, asked=told.asked)


@contextmanager
def _named(reading: str, writing: str) -> Iterator[None]:
    """Errors speak of the setting that writes, where they spoke of the one that reads."""
    try:
        yield
    except PeakopsError as wrong:
        wrong.says, wrong.hint = (each.replace(reading, writing) for each in (wrong.says, wrong.hint))
        raise
