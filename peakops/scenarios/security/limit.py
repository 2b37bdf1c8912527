"""
Change a rate limit of Vercel's firewall for a while; the old value is kept and put back.

'security leases --sweep' puts it back when its time is over, and 'security restore' before that; what somebody else has
set meanwhile is left alone. Vercel counts by region, so that more than the limit may come through altogether.

Example: peakops security limit api-burst --to 5000 --for 2h --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.errors import Refused
from peakops.fix import Action, Fix, Grade, Plan, Proposal, Subject
from peakops.scenario import Facts
from peakops.scenarios.arguments import LeasedFor, NewLimit
from peakops.scenarios.security import leasing
from peakops.scenarios.security.rule import SCENARIO


def subject(facts: Facts) -> Subject:
    """The rule, by its id at Vercel; people know it by its name."""
    rule = facts["rule"]
    return Subject(kind="rule", id=rule["id"], name=rule["id"], known_as=rule["name"])


def propose(facts: Facts, *, to: NewLimit, for_: LeasedFor = "2h") -> Proposal:
    """The lease with the old value, then the new value, then the note that it is set."""
    rule = facts["rule"]
    if to == rule["limit"]:
        says = f"The rule '{rule['name']}' allows {to:,} requests already."
        raise Refused(says, hint="Name another number with --to.", code="fix.same_limit")
    back = {"rule": rule["id"], "limit": rule["limit"], "held": to}
    inverse = {"via": "vercel", "call": "set_limit", "params": back}
    _, noted = leasing.opening(facts, kind="limit", subject=rule["id"], inverse=inverse, lasts=for_)
    made = setting(rule["id"], rule["name"], limit=to, held=rule["limit"], despite_draft=False)
    confirmed = leasing.confirming(noted.params["lease"], 2)
    return Proposal(actions=(noted, made, confirmed), arguments=("--to", str(to), "--for", for_))


def setting(rule: str, name: str, *, limit: int, held: int, despite_draft: bool) -> Action:
    """The vendor's step: from one value to another, and only from that one."""
    return Action(
        via="vercel",
        call="set_limit",
        params={"rule": rule, "limit": limit, "held": held, "despite_draft": despite_draft},
        target=f"Vercel's rule '{name}'",
        was=f"{held:,} requests",
        becomes=f"{limit:,} requests",
        undo=f"peakops security restore {rule}",
    )


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The vendor's step, where the rule has the value of the plan."""
    rule = facts["rule"]
    return {
        number: {"id": rule["id"], "status": f"set to {rule['limit']}", "already": True}
        for number, actions in plan.steps()
        if actions and actions[0].call == "set_limit" and actions[0].params["limit"] == rule["limit"]
    }


def holds(facts: Facts, options: Mapping[str, Any]) -> bool:
    """Whether it is the limit that is asked for. Raises Refused where the lease holds another."""
    lease = leasing.current(facts)
    if lease and lease["held"] == options.get("to"):
        return True
    says = (
        f"A lease of {leasing.who(lease)} holds the limit at {lease['held']:,}" if lease else "A lease holds the limit"
    )
    hint = f"peakops security restore {facts['rule']['id']}"
    raise Refused(f"{says}; it is put back before another is made.", hint=hint, code="fix.leased")


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("limit_usual", "limit_begun"),
    settled=("limit_held",),
    forbids=("no_place", "no_sweep", "draft"),
    refuses={"no_limit": "Only a rule with a limit can have another."},
    holds=holds,
    needs=("rule", "leases", "team", "sweep", "draft"),
    grade=Grade.CONSEQUENTIAL,
    audit="security.limit_changed",
    subject=subject,
    propose=propose,
    own=("to",),
    further=("for_",),
    happened=happened,
)
