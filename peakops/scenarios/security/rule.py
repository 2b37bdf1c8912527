"""
How a rate limit of Vercel's firewall stands, and what speaks against changing it for a while.

Example: peakops security leases
"""

from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, skip
from peakops.scenarios import pending
from peakops.scenarios.arguments import LimitRule
from peakops.scenarios.security import leasing
from peakops.scenarios.security.leasing import draft, sweep, team


def gather(look: Look, rule: LimitRule) -> None:
    """The rule, its lease, the sweep and the journals."""
    leased = look.at("database", "leased", "team", query="security/leases", kind="limit", subject=rule)
    asked = look.at("firewall", "rule", "rule", rule=rule, leased=leased.then(leasing.any_open))
    leasing.look_for(look, "limit", rule, asked)
    pending.look_for(look, asked, "rule")


def standing(facts: Facts) -> Outcome:
    rule, lease = facts["rule"], leasing.current(facts)
    name, limit = f"The rule '{rule['name']}'", rule["limit"]
    if rule["gone"]:
        says = f"Vercel does not have the rule '{rule['name']}' any more"
        return found("rule_gone", f"{says}; its lease is open {leasing.told(lease)}.") if lease else skip(f"{says}.")
    if limit is None and lease:
        return found("limit_moved", f"{name} has no rate limit any more: somebody has changed it since.")
    if limit is None:
        return found("no_limit", f"{name} has no rate limit: it answers {rule['action'] or 'nothing'}.")
    every = f"{limit:,} requests in {rule['window_s']} s"
    if lease is None:
        return found("limit_usual", f"{name} allows {every}; no lease is open.")
    back = f"it is put back to {lease['back_to']:,}" if lease["back_to"] is not None else "its old value is not known"
    if limit == lease["held"]:
        return found("limit_held", f"{name} allows {every} {leasing.told(lease)}; then {back}.")
    if limit == lease["back_to"]:
        was = "was put back already" if lease["made"] else "was to be changed and is not"
        return found("limit_begun", f"{name} allows {every}: it {was}; the lease is open {leasing.told(lease)}.")
    says = f"{name} allows {every}, and the lease set it to {lease['held']:,}" if lease["held"] is not None else name
    return found("limit_moved", f"{says}: somebody has changed it since.")


def data(facts: Facts) -> Row:
    return {"rule": facts["rule"], "lease": leasing.current(facts)}


def candidate(row: Row) -> Row:
    """A rule among several of one name."""
    return {"id": row["id"], "says": f"{row['name']}, {row['limit']} requests in {row['window_s']} s"}


SCENARIO = Scenario(
    module=__name__,
    verb="security leases",
    gather=gather,
    checks=(pending.unfinished, standing, team, sweep, draft),
    subject=("rule",),
    needs={Severity.WARNING: ("rule", "leases"), Severity.OK: ("rule", "leases")},
    data=data,
    called=lambda facts: str(facts["rule"]["id"]),
    candidate=candidate,
    absent=lambda given: f"Vercel's firewall has no rule '{given}'.",
    plural="rules",
)
