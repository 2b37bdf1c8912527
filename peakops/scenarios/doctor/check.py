"""
Whether everything that is configured answers, and may do what the commands need it for; nothing is changed.

Settings, database (each query is planned against the live schema), Stripe, Supabase Auth, Salesforce, UPS, e-mail
provider, Vercel, the portal, status pages, clocks, journal, contacts; a credential that writes is tried with one GET or
its log-in. What is not configured is left out; a silent status page or an old playbook changes no exit code.

Example: peakops doctor --strict
"""

from collections.abc import Callable

from peakops.model import Severity
from peakops.scenario import Look, Scenario
from peakops.scenarios.cron import jobs, status
from peakops.scenarios.doctor import (
    database,
    guard,
    machine,
    mail,
    salesforce,
    speed,
    stripe,
    supabase,
    team,
    ups,
    usage,
)
from peakops.scenarios.security import leases


def gather(look: Look, sources: tuple[str, ...] = (), provider: str | None = None, portal: str | None = None) -> None:
    """
    Declare the looks at these sources, all of them by default.

    `provider` is who sends the portal's e-mail, `portal` the address of the portal's pages; each may be none.
    """
    look.at("station", "settings", "settings")
    if portal and (not sources or "pages" in sources):
        look.at("pages", "portal", "answer", url=portal)
    for name in sorted(LOOKS, key=PLANNED.__contains__):
        if not sources or name in sources:
            LOOKS[name](look)
    if provider and (not sources or "status" in sources):
        look.at("status", "status_email", "page", vendor=provider)


def _settings(look: Look) -> None:
    look.at("station", "variables", "variables")
    look.at("station", "keys", "keys")


def _database(look: Look) -> None:
    look.at("database", "server", "server")
    # The team's own tables have a question of their own.
    queries = [each for each in (*usage.reading(), *usage.writing()) if not each.startswith(usage.FOLDER)]
    look.at("database", "tables", "tables", queries=queries)
    look.at("database", "roles", "roles")
    look.at("database", "plans", "plans", queries=[*usage.reading(), *usage.folders()])
    look.rows("columns", "setup/team_columns")
    leases.gather(look)
    status.runs_of(look, jobs.every())


def _writing(look: Look) -> None:
    look.at("writing", "writer", "server")
    look.at("writing", "writer_plans", "plans", queries=list(usage.writing()))
    look.at("writing", "stripe_write_key", "stripe_key")
    look.at("writing", "supabase_write_key", "supabase_key")
    look.at("writing", "salesforce_write_app", "salesforce_app")
    look.at("writing", "ups_write_app", "ups_app")
    look.at("writing", "email_write_key", "email_key")
    look.at("writing", "vercel_write_token", "vercel_token")


def _stripe(look: Look) -> None:
    look.at("stripe", "stripe_key", "key")
    for each, resource in zip(stripe.LOOKS, stripe.LISTS, strict=True):
        look.at("stripe", each, "permission", resource=resource)


def _supabase(look: Look) -> None:
    look.at("supabase", "supabase_key", "key")
    for call in ("health", "settings", "limits"):
        look.at("supabase", f"supabase_{call}", call)


def _salesforce(look: Look) -> None:
    for name in salesforce.LOOKS:
        look.at("salesforce", name, name)
    for name, (call, id) in salesforce.READS.items():
        look.at("salesforce", name, call, id=id)


def _ups(look: Look) -> None:
    for name in ups.LOOKS:
        look.at("ups", name, name)


def _email(look: Look) -> None:
    look.at("email", "scopes", "scopes")
    look.at("email", "sender", "configured")
    look.at("email", "domains", "domains")


def _performance(look: Look) -> None:
    look.at("performance", "performance_role", "only", query="doctor/performance")


def _vercel(look: Look) -> None:
    look.at("vercel", "vercel_token", "token")
    look.at("vercel", "vercel_project", "project")
    look.at("firewall", "vercel_firewall", "blocks")


def _pages(look: Look) -> None:
    """Its address is a setting: `gather` is told it."""


def _status(look: Look) -> None:
    for vendor in ("stripe", "supabase", "vercel"):
        look.at("status", f"status_{vendor}", "page", vendor=vendor)


def _journal(look: Look) -> None:
    look.at("journal", "chain", "chain")


def _contacts(look: Look) -> None:
    for call in ("file", "gaps", "unset"):
        look.at("contacts", f"contacts_{call}", call)


def _sandbox(look: Look) -> None:
    look.at("station", "sandbox", "sandbox")


def _playbook(look: Look) -> None:
    look.at("station", "playbook", "playbook")


def _version(look: Look) -> None:
    look.at("station", "installed", "versions")


LOOKS: dict[str, Callable[[Look], None]] = {
    "settings": _settings,
    "database": _database,
    "writing": _writing,
    "stripe": _stripe,
    "supabase": _supabase,
    "salesforce": _salesforce,
    "ups": _ups,
    "email": _email,
    "performance": _performance,
    "vercel": _vercel,
    "pages": _pages,
    "status": _status,
    "journal": _journal,
    "contacts": _contacts,
    "sandbox": _sandbox,
    "playbook": _playbook,
    "version": _version,
}
"""What is looked at, by the name that `peakops doctor NAME` takes; a question's name begins with it."""
PLANNED = ("database", "writing")
"""Declared last: which queries are to be planned is found out of all scenarios while the others are heard."""
NEEDED = (
    *("settings", "variables", "server", "tables", "roles", "plans", "columns", "writer", "writer_plans"),
    *("stripe_write_key", "supabase_write_key", "salesforce_write_app", "ups_write_app", "email_write_key"),
    *("vercel_write_token", "keys"),
    *("stripe_key", *stripe.LOOKS, "supabase_key", "supabase_health", "supabase_settings"),
    *(*salesforce.LOOKS, *salesforce.READS, *ups.LOOKS),
    *("scopes", "performance_role"),
    *("contacts_file", "contacts_gaps", "contacts_unset"),
    *("chain", "sandbox", "installed"),
)
"""
Every look but those at status pages, the Management API, Vercel and the e-mail domains, which only add to what the
commands know; a key that may not read the domains has a finding of its own.
"""

SCENARIO = Scenario(
    module=__name__,
    verb="doctor",
    gather=gather,
    checks=(
        machine.settings_given,
        machine.settings_known,
        machine.settings_private,
        guard.settings_keys,
        database.database_reachable,
        database.database_rows,
        database.database_queries,
        database.database_role,
        database.database_guards,
        database.database_clock,
        database.database_team,
        guard.database_leases,
        guard.database_jobs,
        database.writing_database,
        stripe.writing_stripe,
        supabase.writing_supabase,
        salesforce.writing_salesforce,
        ups.writing_ups,
        mail.writing_email,
        guard.writing_vercel,
        stripe.stripe_key,
        stripe.stripe_permissions,
        stripe.stripe_clock,
        supabase.supabase_reachable,
        supabase.supabase_key,
        supabase.supabase_settings,
        supabase.supabase_limits,
        salesforce.salesforce_login,
        salesforce.salesforce_limits,
        salesforce.salesforce_version,
        salesforce.salesforce_field,
        salesforce.salesforce_rights,
        salesforce.salesforce_flow,
        ups.ups_token,
        ups.ups_products,
        ups.ups_available,
        ups.ups_limit,
        ups.ups_shipper,
        mail.email_key,
        mail.email_domain,
        speed.performance_role,
        speed.vercel_token,
        speed.vercel_project,
        guard.vercel_firewall,
        speed.pages_portal,
        machine.status_stripe,
        machine.status_supabase,
        machine.status_email,
        machine.status_vercel,
        machine.journal_chain,
        team.contacts_file,
        team.contacts_reached,
        machine.sandbox_state,
        machine.playbook_age,
        machine.version_installed,
        machine.all_in_order,
    ),
    subject=(),
    needs={Severity.WARNING: NEEDED, Severity.OK: NEEDED},
    plural="sources",
)
