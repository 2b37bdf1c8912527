"""The page of what peakops can change: the fixes from their modules, the statements from the SQL headers."""

from importlib import import_module

from playbook_page import MADE, table

from peakops.fix import Fix
from peakops.scenarios import FIXES
from peakops.sources import queries

SERVES = ("change", "setup")
"""Folders of sql/ that serve the writing alone, what they read too."""
READ_TO_WRITE = ("shipping/recipient", "notify/message", "notify/letter", "notify/repeats")
"""What only a fix looks at, and what a step reads as it is carried out, so that no plan holds it."""
RECORDS = ("cron", "escalation", "incident", "sweep", "triage")
"""Folders of sql/ that no page of the playbook is about."""
FURTHER = (
    "The team's own record (incidents, claims, mutes, what was told, what ran) is written without a plan or a "
    "confirmation, and holds nobody's data. These read it, or find what `triage` was given."
)
CALLS = """
- Stripe: `POST /v1/refunds` and `POST /v1/payment_intents/{intent}/cancel`.
- Supabase Auth: `POST /resend`, `/recover` and `/invite`, and `PUT /admin/users/{id}` to lift a ban.
- Salesforce: `PATCH /sobjects/Case/{external id field}/{the portal's id}`.
- UPS: `POST /api/shipments/v2409/ship` and `DELETE /api/shipments/v2409/void/cancel/{shipment}`.
- SendGrid: `POST /v3/mail/send` for one recipient, `DELETE /v3/suppression/{list}/{email}` of bounces,
  blocks and invalid addresses, and `PATCH /v3/mail_settings/address_whitelist` with one address more.
- Resend: `POST /emails` for one recipient, and `DELETE /suppressions/{email}`.
"""


def page() -> str:
    """docs/writes.md: every fix, and every statement that writes or serves it."""
    parts = ["# What can be changed", MADE.format("peakops/scenarios, peakops/playbook and sql/")]
    parts += ["How a change is guarded is told in [safety](safety.md#what-reads-and-what-writes).", "## Fixes"]
    parts += [
        "A class B is confirmed with y or `--yes`, a class C by the object's name, or `--confirm` and `--reason`."
    ]
    rows = [("Command", "Class", "Remedies", "Nothing to do where the verdict is", "In the audit log")]
    parts += [table([*rows, *(_fix(import_module(f"peakops.scenarios.{name}").FIX) for name in FIXES)])]
    parts += ["The vendors are changed by these calls, and no others:", CALLS.strip()]
    parts += ["## Statements", "Each touches the number of rows that it expects, or the transaction is rolled back."]
    head = [("File", "What it does", "Writes", "Rows")]
    parts += [table([*head, *(_statement(each) for each in statements())])]
    parts += ["## Further SQL files", FURTHER, table([("File", "What it asks", "Reads"), *further()])]
    return "\n\n".join(parts) + "\n"


def further() -> list[tuple[str, ...]]:
    """The files that read the team's own record, or what `triage` was given: no page of the playbook has them."""
    names = [f"{folder}/{file.name[:-4]}" for folder in RECORDS for file in (queries.root() / folder).iterdir()]
    listed = statements()
    read = [(each, queries.load(each)) for each in sorted(names) if each not in listed]
    return [(f"`sql/{each}.sql`", query.says, ", ".join(query.reads)) for each, query in read]


def statements() -> list[str]:
    """The names of the statements on this page: those that write, and those that serve the writing."""
    root = queries.root()
    names = [f"{folder.name}/{file.name[:-4]}" for folder in root.iterdir() for file in folder.iterdir()]
    serving = (*SERVES, *READ_TO_WRITE)
    return sorted(name for name in names if name.startswith(serving) or queries.load(name).writes)


def _fix(fix: Fix) -> tuple[str, ...]:
    def codes(several: tuple[str, ...]) -> str:
        return ", ".join(f"`{each}`" for each in several)

    return (f"`peakops {fix.command}`", fix.grade.value, codes(fix.remedies), codes(fix.settled), f"`{fix.audit}`")


def _statement(name: str) -> tuple[str, ...]:
    query = queries.load(name)
    least, most = query.expects
    rows = "" if not query.writes else str(least) if least == most else f"{least} to {most}"
    return f"`sql/{name}.sql`", query.says, ", ".join(query.writes), rows
