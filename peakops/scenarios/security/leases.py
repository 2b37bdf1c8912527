"""
List what must be taken back: the blocks and limits that have a lease, until when, and whether the sweep is on.

Example: peakops security leases
"""

from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.security.leasing import SWEEP, SWEEP_NOW, named, sweep, team, who
from peakops.scenarios.words import day

FIELDS = ("kind", "subject", "until", "due", "operator", "reason", "in_force", "back_to", "lease", "says", "next")
BACK = {"block": "unblock", "limit": "restore"}
"""The verb that takes a lease of each kind back."""


def gather(look: Look) -> None:
    """The leases that are open, and when the sweep last ran."""
    look.rows("team", "change/team_tables")
    look.at("database", "leases", "team", query="security/open_leases")
    look.at("database", "sweep", "team", query="security/last_sweep", sweep=SWEEP)


def row(lease: Row) -> Row:
    """A lease as it is listed."""
    block = lease["kind"] == "block"
    what = f"block of {lease['subject']}" if block else f"limit of {lease['subject']} at {lease['held']}"
    back = "" if block else f", then back to {lease['back_to']}"
    begun = "" if lease["made"] else "; begun, and not known to be in force"
    when = "due since" if lease["due"] else "until"
    return {
        "kind": lease["kind"],
        "subject": lease["subject"],
        "until": lease["expires_at"],
        "due": lease["due"],
        "operator": who(lease),
        "reason": lease["reason"],
        "in_force": lease["made"] is not None,
        "back_to": lease["back_to"],
        "lease": str(lease["id"]),
        "says": f"{what}  {when} {day(lease['expires_at'])}{back}  by {who(lease)}: {lease['reason']}{begun}",
        "next": [f"peakops security {BACK[lease['kind']]} {lease['subject']}"],
    }


def due(facts: Facts) -> Outcome:
    late = [each["subject"] for each in facts["leases"] if each["due"]]
    if late:
        says = f"Of {len(facts['leases'])} open, {len(late)} due and not taken back: {named(late)}."
        return found("due", says, next=(SWEEP_NOW,))
    return ok("None is due.")


def open_leases(facts: Facts) -> Outcome:
    count = len(facts["leases"])
    if not count:
        return found("no_lease", "No lease is open: nothing is to be taken back.")
    return found("open_leases", f"{count} {'leases are' if count > 1 else 'lease is'} open.")


def swept(facts: Facts) -> Outcome:
    """The sweep is missed only where there is something for it to do."""
    if not facts["leases"]:
        return skip("There is nothing for it to take back.")
    return sweep(facts)


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(due, swept, team, open_leases),
    subject=(),
    needs={Severity.WARNING: ("leases", "sweep"), Severity.OK: ("leases", "sweep")},
    data=lambda facts: {"items": [row(each) for each in facts["leases"]]},
    plural="leases",
)
