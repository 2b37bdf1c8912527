"""Supabase Auth, read only: its health, settings and limits, and accounts as plain rows with the fields we chose."""

from functools import cached_property
from typing import Any

from peakops.errors import NotFound
from peakops.model import Brought
from peakops.settings import Settings
from peakops.sources.http import Http, soon
from peakops.sources.http_errors import Answer
from peakops.sources.http_rows import brought, nothing
from peakops.sources.moments import moment
from peakops.sources.supabase_calls import (
    KEY,
    TOKEN,
    account,
    account_of,
    account_path,
    auth,
    configured,
    management,
    ref_of,
)
from peakops.sources.supabase_errors import USER_NOT_FOUND
from peakops.sources.supabase_keys import ADMIN, LEGACY, expiry_of_key, kind_of_key, need_admin

PAGE = 200
MOST_PAGES = 5
"""A look that needs more than 1000 accounts is cut, and says so."""
DEFAULTS = {"smtp_max_frequency": 60, "rate_limit_email_sent": 30, "mailer_otp_exp": 3600, "jwt_exp": 3600}
"""GoTrue's own: a mail to one person every 60 s, 30 mails an hour, links and access tokens that last 3600 s."""
MOST_SECONDS, MOST_MAILS = 30 * 86400, 10_000_000
"""Beyond any limit of a project: thirty days between two mails or for a link, ten million mails an hour."""
GUESSED = (
    "The limits are GoTrue's defaults, not read from the project: set PEAKOPS_SUPABASE_TOKEN to read them. "
    "Supabase's built-in mail server sends only 2 an hour."
)


class Supabase:
    """
    The looks at Supabase Auth, each of which raises NotConfigured where a setting that it needs is missing.

    Those at accounts need a secret key.
    """

    def __init__(self, settings: Settings, *, deadline: float) -> None:
        self._settings, self._deadline = settings, deadline

    def key(self) -> Brought:
        """What the configured key tells of itself; nobody is asked."""
        _, key = configured(self._settings.supabase_url, self._settings.supabase_key, KEY)
        kind = kind_of_key(key)
        row = {"kind": kind, "admin": kind in ADMIN, "legacy": kind in LEGACY, "expires_at": expiry_of_key(key)}
        return Brought(rows=(row,), single=True, asked=KEY)

    def health(self) -> Brought:
        """Whether Supabase Auth is up, and in which version."""
        answer = self._auth.get("/health")
        with self._auth.reading(answer):
            body = answer.body
            row = {"name": body["name"], "version": body["version"], "description": body.get("description")}
        return brought([answer], [row], "GET /auth/v1/health", single=True)

    def settings(self) -> Brought:
        """Which ways to log in the project has, and whether new accounts are made and need to be confirmed."""
        answer = self._auth.get("/settings")
        with self._auth.reading(answer):
            providers = sorted(name for name, enabled in answer.body["external"].items() if enabled is True)
            row = {
                "email_enabled": "email" in providers,
                "disable_signup": answer.body["disable_signup"],
                "autoconfirm": answer.body["mailer_autoconfirm"],
                "saml_enabled": answer.body.get("saml_enabled", False),
                "providers": providers,
            }
        return brought([answer], [row], "GET /auth/v1/settings", single=True)

    def limits(self) -> Brought:
        """
        The project's limits for mails (seconds between two to one person, mails an hour) and how long links last.

        The token reads them, and no key; without one they are guessed. They only add to an answer, and are waited for
        five seconds at most.
        """
        settings = self._settings
        if not settings.supabase_token:
            return Brought(rows=({**DEFAULTS, "known_by": "defaults"},), single=True, notes=(GUESSED,))
        url, token = configured(settings.supabase_url, settings.supabase_token, TOKEN)
        api = management(token, url=settings.supabase_management_url, deadline=soon(self._deadline))
        answer = api.get(f"/v1/projects/{ref_of(url)}/config/auth")
        with api.reading(answer):
            row = {name: _limit(name, answer.body[name]) for name in DEFAULTS}
        asked = "GET /v1/projects/{ref}/config/auth"
        return brought([answer], [{**row, "known_by": "project"}], asked, single=True)

    def user(self, *, id: str) -> Brought:
        """The account of this id; no row where Supabase Auth says that it has none."""
        asked = f"GET /auth/v1/admin/users/{id}"
        try:
            answer, row = account_of(self._admin, id)
        except NotFound as absent:
            if absent.code != f"supabase.{USER_NOT_FOUND}":
                raise
            return nothing(asked, absent.request_id, single=True)
        return brought([answer], [row], asked, single=True)

    def users(self, *, filter: str) -> Brought:
        """
        The accounts whose address holds this text as it is written, or whose full name holds it in any case.

        GoTrue has no search for one exact address: the caller compares.
        """
        answers: list[Answer] = []
        rows: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            answer = self._admin.get("/admin/users", {"page": page, "per_page": PAGE, "filter": filter})
            answers.append(answer)
            with self._auth.reading(answer):
                found = [account(each) for each in answer.body["users"]]
                total = int(answer.headers.get("x-total-count") or len(rows) + len(found))
            rows += found
            if not found or len(rows) >= total:
                return brought(answers, rows, "GET /auth/v1/admin/users by filter")
        note = f"Only the first {len(rows)} of {total} accounts were read."
        return brought(answers, rows, "GET /auth/v1/admin/users by filter", notes=(note,))

    def factors(self, *, user: str) -> Brought:
        """The second factors of an account."""
        answer = self._admin.get(f"{account_path(user)}/factors", kind=list)
        with self._auth.reading(answer):
            rows = [
                {
                    "id": each["id"],
                    "status": each["status"],
                    "factor_type": each["factor_type"],
                    "created_at": moment(each.get("created_at")),
                    "last_challenged_at": moment(each.get("last_challenged_at")),
                }
                for each in answer.body
            ]
        return brought([answer], rows, f"GET /auth/v1/admin/users/{user}/factors")

    @cached_property
    def _auth(self) -> Http:
        settings = self._settings
        return auth(settings.supabase_key, url=settings.supabase_url, deadline=self._deadline)

    @cached_property
    def _admin(self) -> Http:
        """The API where accounts are seen. Raises Denied where the key may not."""
        opened = self._auth
        need_admin(self._settings.supabase_key or "", KEY)
        return opened


def _limit(name: str, given: Any) -> int:
    """A limit as the Management API gives it: null where nobody has set it. Raises ValueError for what is none."""
    if given is None:
        return DEFAULTS[name]
    most = MOST_MAILS if name == "rate_limit_email_sent" else MOST_SECONDS
    # Compared before it is turned into a whole number: an infinite one cannot be.
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= most:
        raise ValueError("a limit that no project has")
    return int(given)
