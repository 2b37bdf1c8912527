"""
Take a block of a network back now, and end its lease.

A block that has no lease is taken away too, after its notes were shown; an entry that somebody has changed is left.

Example: peakops security unblock 203.0.113.0/24 --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.fix import Action, Fix, Grade, Plan, Proposal
from peakops.scenario import Facts, Row
from peakops.scenarios.security import leasing, network
from peakops.scenarios.security.block import subject
from peakops.scenarios.security.network import SCENARIO

GONE, LEFT = "gone", "left alone"
"""What becomes of a lease whose block somebody took away, and of one whose block somebody changed."""
LEFT_ALONE = "Somebody has changed Vercel's entry: it is left as it is, and only the lease is ended."
ALREADY_GONE = "Vercel does not have the block any more: only the lease is ended."


def propose(facts: Facts) -> Proposal:
    """The entry is taken away, then its lease is ended: a run that dies between leaves a lease that finds nothing."""
    lease, name = leasing.current(facts), str(facts["network"]["id"])
    block = network.ours(facts) if lease else network.entry(facts)
    notes = notes_on_draft(facts, "bring the block back")
    if block is None and lease:
        outcome, note = (LEFT, LEFT_ALONE) if network.changed(facts) else (GONE, ALREADY_GONE)
        return Proposal(actions=(leasing.ending(lease, outcome),), notes=(note, *notes))
    assert block is not None, "a verdict that is remedied has a block or a lease"
    made = Action(
        via="vercel",
        call="unblock",
        params={"network": name, "entry": block["id"]},
        target=f"Vercel's firewall, {name}",
        was="every request denied",
        becomes="let in",
        undo=f"peakops security block {name}",
    )
    ended = (leasing.ending(lease, {"of": 1, "field": "status"}),) if lease else ()
    noted = (f"The block has no lease; its notes say: '{block['notes']}'.",) if not lease else ()
    return Proposal(actions=(made, *ended), notes=(*noted, *notes))


def notes_on_draft(facts: Facts, may: str) -> tuple[str, ...]:
    """What a colleague's draft may do later, since it is of what was in force before; taking back is never refused."""
    draft: Row | None = facts["draft"] if facts.known("draft") else None
    return (f"{leasing.told_draft(draft)} Published later, it may {may}: tell them.",) if draft else ()


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The vendor's step, where Vercel does not have the entry any more."""
    there = {each["id"] for each in facts["network"]["exact"]}
    return {
        number: {"id": actions[0].params["entry"], "status": "unblocked", "already": True}
        for number, actions in plan.steps()
        if actions and actions[0].call == "unblock" and actions[0].params["entry"] not in there
    }


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("blocked", "blocked_unleased", "block_missing", "block_changed"),
    settled=("open",),
    refuses={
        "covered": "Take that one back, if all of it is to be let in again.",
        "overlaps": "Take those back, one by one.",
        "entry_differs": "It is no block, and is changed at Vercel.",
    },
    needs=("network", "leases"),
    # A run of 'security block' that died must not keep the block for ever: it is closed, and never gone on with.
    outranks=True,
    grade=Grade.CONSEQUENTIAL,
    audit="security.unblocked",
    subject=subject,
    propose=propose,
    happened=happened,
)
