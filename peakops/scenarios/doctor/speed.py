"""What 'peakops perf' asks: the role for the database's own figures, Vercel, and the portal's pages. Pure."""

from datetime import timedelta

from peakops.model import Fault
from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.doctor.left_out import left_out, refused, several
from peakops.scenarios.words import day

SOON = timedelta(days=14)
"""A token that ends sooner is told of: long enough for somebody to make the next one."""
BROKEN = 500
"""From this HTTP status on it is the portal's own failure; what is lower is an answer."""
PROJECT_TOKEN = ("vercel.forbidden", "vercel.project_token")
"""What a token of one project alone is told where it asks for itself."""


def performance_role(facts: Facts) -> Outcome:
    if left := left_out(facts, "performance_role", "database_perf_url"):
        return left
    if why := refused(facts, "performance_role"):
        return found("performance_refused", why)
    row: Row = facts["performance_role"]
    lacking = [
        *(() if row["monitors"] else ("is no member of pg_monitor",)),
        *(("may not take on the role authenticated",) if row["may_become"] is False else ()),
    ]
    if lacking:
        return found("performance_lacks", f"{row['role']} {several(lacking)}.")
    single = "" if row["has_statements"] else " pg_stat_statements is not installed: single statements are passed over."
    return ok(f"{row['role']} may see what 'perf db' asks for.{single}")


def vercel_token(facts: Facts) -> Outcome:
    if left := left_out(facts, "vercel_token", "vercel_token"):
        return left
    if (fault := _refusal(facts, "vercel_token")) and fault.code in PROJECT_TOKEN:
        return found(
            "vercel_token_narrow", "The token is of one project alone: it may not read what visitors measured."
        )
    if why := refused(facts, "vercel_token"):
        return found("vercel_refused", why)
    row, now = facts["vercel_token"], facts.at("vercel_token")
    ends = row["expires_at"]
    if ends and now and ends - now <= SOON:
        return found("vercel_token_ends", f"The token '{row['name']}' ends on {day(ends)}.")
    return ok(f"Vercel accepts the token '{row['name']}'{f', which ends on {day(ends)}' if ends else ''}.")


def _refusal(facts: Facts, look: str) -> Fault | None:
    """A fault that is an answer of Vercel's, and no silence."""
    fault = facts.fault(look)
    return fault if fault and fault.category in ("auth", "permission", "not_found") else None


def vercel_project(facts: Facts) -> Outcome:
    if left := left_out(facts, "vercel_project", "vercel_token"):
        return left
    fault, token = facts.fault("vercel_project"), facts.fault("vercel_token")
    if token and token.code == "vercel.not_configured":
        return skip("PEAKOPS_VERCEL_TOKEN is not set.")
    if fault and fault.code == "vercel.not_configured":
        return found("vercel_project_missing", f"{fault.message} {fault.hint}")
    if (fault := _refusal(facts, "vercel_project")) and fault.category != "auth":
        return found("vercel_project_missing", f"{fault.message} {fault.hint}".strip())
    if fault:
        return skip("Vercel does not accept the token.")
    return ok(f"The project is {facts['vercel_project']['name']}.")


def pages_portal(facts: Facts) -> Outcome:
    if left := left_out(facts, "portal", "portal_url"):
        return left
    row = facts["portal"]
    if row["status"] >= BROKEN:
        return found("portal_broken", f"{row['url']} answers with HTTP {row['status']}.")
    return ok(f"{row['url']} answers with HTTP {row['status']} in {row['took_ms']} ms.")
