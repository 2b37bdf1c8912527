"""The default world: a lived-in portal, the same at every run, with every verdict of `payment check` in it."""

from typing import Any

from peakops.sandbox.clinic_auth import auth
from peakops.sandbox.clinic_log import audit, notifications
from peakops.sandbox.clinic_money import ENDPOINT, money
from peakops.sandbox.clinic_people import PEOPLE, customers, people, practices
from peakops.sandbox.clinic_planted import EXAMPLES, planted
from peakops.sandbox.clinic_web import portal, vercel
from peakops.sandbox.clinic_words import NOW, Tables
from peakops.sandbox.clinic_work import WORK, work

__all__ = ["EXAMPLES", "PEOPLE", "WORK", "document"]

INVOICES = 400


def document() -> dict[str, Any]:
    """The clinic as a world."""
    tables: Tables = {"practices": practices(), **people()}
    rows, objects = planted()
    for more_rows, more_objects in ((rows, objects), money(INVOICES - len(rows["invoices"]))):
        _add(tables, more_rows)
        if more_objects is not objects:
            _add(objects, more_objects)
    worked, salesforce, ups = work(tables["users"])
    tables |= worked
    tables["notifications"], sendgrid = notifications(tables["users"])
    tables["audit_logs"] = audit(tables["users"], tables["auth.users"], worked["cases"], worked["shipments"])
    tables |= auth(tables["auth.users"], tables["auth.sessions"])
    return {
        "world": "clinic",
        "says": "A lived-in portal: most of it is well, and every trouble that peakops knows is somewhere in it.",
        "now": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        "tables": tables,
        "stripe": {"key": "test", "customers": customers(), "webhook_endpoints": [ENDPOINT], **objects},
        "supabase": {"config": {"jwt_exp": 3600, "smtp_max_frequency": 60, "rate_limit_email_sent": 30}, "logs": []},
        "salesforce": salesforce,
        "ups": ups,
        "email_provider": "sendgrid",
        "sendgrid": sendgrid,
        "portal": portal(),
        "vercel": vercel(),
        "status": {"stripe": "none", "supabase": "none", "vercel": "none", "sendgrid": "none", "resend": "none"},
    }


def _add(whole: Tables, part: Tables) -> None:
    for name, rows in part.items():
        whole.setdefault(name, []).extend(rows)
