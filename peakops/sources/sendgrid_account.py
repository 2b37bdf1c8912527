"""SendGrid's account, read only: what the key may do, the domains, the figures, the credits and the allowlist."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from peakops.model import Brought
from peakops.sources.email_rates import rates_row
from peakops.sources.http import Http
from peakops.sources.http_rows import brought
from peakops.sources.moments import moment
from peakops.sources.sendgrid import LISTS

PAGE = 50
MOST_DOMAINS = 500
SEND = "mail.send"
READ_ANY_LIST = "suppression.read"
READ_LISTS = tuple(f"suppression.{each}.read" for each in (*LISTS, "unsubscribes"))
READ_LOG = ("email_activity.read", "email_logs.read", "messages.read")
READ_STATS = ("stats.read", "stats.global.read")
READ_DOMAINS = "whitelabel.read"
FURTHER = ("asm.groups.suppressions.read", "user.credits.read", "mail_settings.address_whitelist.read")
"""Rights to what only adds: groups, credits, and the allowlist."""
TOLD = (SEND, READ_ANY_LIST, *READ_LISTS, *READ_LOG, *READ_STATS, READ_DOMAINS, *FURTHER)
"""The scopes that are shown; a key with all of them has hundreds."""
FIGURES = {
    "requests": "requests",
    "delivered": "delivered",
    "bounces": "bounces",
    "blocks": "blocks",
    "complaints": "spam_reports",
    "unsubscribes": "unsubscribes",
}
"""The counts of peakops, and SendGrid's names of them."""
OFF = "SendGrid's allowlist is switched off: its entries have no effect."


class SendGridAccount:
    """The looks at the account."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def scopes(self) -> Brought:
        """The scopes of the key that peakops cares about, whether they suffice, and which are missing for that."""
        answer = self._http.get("/v3/scopes")
        with self._http.reading(answer):
            has = set(answer.body["scopes"])
        lists = READ_ANY_LIST in has or has >= set(READ_LISTS)
        log, stats = bool(has & set(READ_LOG)), bool(has & set(READ_STATS))
        may = {READ_ANY_LIST: lists, READ_LOG[0]: log, READ_STATS[0]: stats}
        may |= {each: each in has for each in (READ_DOMAINS, *FURTHER)}
        row = {
            "provider": "sendgrid",
            "scopes": [each for each in TOLD if each in has],
            "can_read_suppressions": lists,
            "can_read_messages": log,
            "can_send": SEND in has,
            "can_read_stats": stats,
            "can_read_domains": READ_DOMAINS in has,
            "missing": [scope for scope, has_it in may.items() if not has_it],
        }
        return brought([answer], [row], "GET /v3/scopes", single=True)

    def domains(self) -> Brought:
        """The domains that mails may be from, each with the DNS records that SendGrid's last look found wrong."""
        answers, rows = [], list[dict[str, Any]]()
        while len(rows) < MOST_DOMAINS:
            answer = self._http.get("/v3/whitelabel/domains", {"limit": PAGE, "offset": len(rows)}, kind=list)
            answers.append(answer)
            with self._http.reading(answer):
                page = [_domain(each) for each in answer.body]
            rows += page
            if len(page) < PAGE:
                break
        return brought(answers, rows, "GET /v3/whitelabel/domains")

    def rates(self, since: datetime, until: datetime) -> Brought:
        """The figures of whole days of UTC, the first and the last of which hold the two moments."""
        first, last = (f"{at.astimezone(UTC):%Y-%m-%d}" for at in (since, until))
        given = {"start_date": first, "end_date": last, "aggregated_by": "day"}
        answer = self._http.get("/v3/stats", given, kind=list)
        with self._http.reading(answer):
            days = [_day(each) for each in answer.body]
            counts: dict[str, int | None] = {name: sum(day[name] for day in days) for name in FIGURES}
        row = {**rates_row("sendgrid", counts), "days": days}
        return brought([answer], [row], "GET /v3/stats by day", single=True)

    def quota(self) -> Brought:
        """The credits of the account's present period."""
        answer = self._http.get("/v3/user/credits")
        with self._http.reading(answer):
            row = {
                "provider": "sendgrid",
                "limit": int(answer.body["total"]),
                "used": int(answer.body["used"]),
                "remaining": int(answer.body["remain"]),
                "resets_at": moment(answer.body["next_reset"]),
            }
        return brought([answer], [row], "GET /v3/user/credits", single=True)

    def allowlist(self) -> Brought:
        """The addresses and domains to which SendGrid sends whatever its lists say, where the list is switched on."""
        answer = self._http.get("/v3/mail_settings/address_whitelist")
        with self._http.reading(answer):
            enabled = bool(answer.body["enabled"])
            rows = [{"entry": str(each), "enabled": enabled, "provider": "sendgrid"} for each in answer.body["list"]]
        notes = () if enabled else (OFF,)
        return brought([answer], rows, "GET /v3/mail_settings/address_whitelist", notes=notes)


def _domain(found: Mapping[str, Any]) -> dict[str, Any]:
    records = found.get("dns") or {}
    return {
        "domain": found["domain"],
        "verified": found["valid"] is True,
        "status": "valid" if found["valid"] is True else "not valid",
        "missing": [name for name, record in records.items() if record.get("valid") is not True],
        "provider": "sendgrid",
    }


def _day(found: Mapping[str, Any]) -> dict[str, Any]:
    metrics = [each["metrics"] for each in found["stats"]]
    counts = {name: sum(int(each.get(theirs, 0)) for each in metrics) for name, theirs in FIGURES.items()}
    return {"date": found["date"], **counts}
