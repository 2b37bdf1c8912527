"""
Block a network at Vercel's firewall for a while; 'security leases --sweep' takes it back.

Vercel's blocks never end by themselves: a lease is noted before the block is made, and says when it ends and how it is
taken back. Refused for networks from which practices, vendors or we ourselves come, and while nothing sweeps.

Example: peakops security block 203.0.113.0/24 --for 24h --dry-run
"""

from collections.abc import Mapping
from typing import Any

from peakops.fix import Action, Fix, Grade, Plan, Proposal, Subject
from peakops.networks import network_of
from peakops.plan import NETWORK
from peakops.scenario import Facts
from peakops.scenarios.arguments import LeasedFor
from peakops.scenarios.security import leasing, network
from peakops.scenarios.security.network import SCENARIO

BY_HAND = "It was made without peakops, or its lease has ended: nothing takes it back but 'security unblock'."


def subject(facts: Facts) -> Subject:
    """The network, which is its own name."""
    name = str(facts["network"]["id"])
    return Subject(kind=NETWORK, id=name, name=name)


def propose(facts: Facts, *, for_: LeasedFor = "24h") -> Proposal:
    """The lease, then the block, then the note that it is there: a block without a lease never exists."""
    name = str(facts["network"]["id"])
    inverse = {"via": "vercel", "call": "unblock", "params": {"network": name}}
    lease, noted = leasing.opening(facts, kind="block", subject=name, inverse=inverse, lasts=for_)
    made = Action(
        via="vercel",
        call="block",
        params={"network": name, "lease": lease, "notes": {"read": "security/lease_note", "lease": lease}},
        target=f"Vercel's firewall, {name}",
        was="let in",
        becomes="every request denied, for every host",
        undo=f"peakops security unblock {name}",
    )
    return Proposal(actions=(noted, made, leasing.confirming(lease, 2)), notes=_notes(name), arguments=("--for", for_))


def _notes(name: str) -> tuple[str, ...]:
    wanted = network_of(name)
    count = f"{wanted.num_addresses:,}" if wanted else "all"
    many = f"{count} addresses are denied at once, also to practices that never logged in from there before."
    return (many,) if count != "1" else ()


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The vendor's step, where Vercel has the entry of the plan's lease."""
    block = network.entry(facts)
    return {
        number: {"id": block["id"], "status": "found", "already": True}
        for number, actions in plan.steps()
        if block and actions and actions[0].call == "block" and actions[0].params["lease"] in block["notes"]
    }


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("open", "block_missing"),
    settled=("blocked",),
    forbids=("too_wide", "reserved", "own", "vendor", "practice", "no_place", "no_sweep", "draft"),
    refuses={
        "blocked_unleased": BY_HAND,
        "block_changed": "Take the lease back first.",
        "entry_differs": "Two entries of one network contradict each other: change it at Vercel.",
        "covered": "It is denied already.",
        "overlaps": "Two blocks would end at two times: take those back first, or block the rest of it.",
    },
    needs=("network", "leases", "team", "sweep", "draft", "logins"),
    grade=Grade.CONSEQUENTIAL,
    audit="security.blocked",
    subject=subject,
    propose=propose,
    further=("for_",),
    happened=happened,
)
