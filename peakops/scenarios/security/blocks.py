"""
List what Vercel's firewall blocks, who asked for it, and until when.

Vercel's blocks never end by themselves: one without a lease stays until somebody takes it back, and is named. With a
network only the entries that touch it are listed.

Example: peakops security blocks
"""

from collections.abc import Iterator
from typing import Any

from peakops.model import Severity
from peakops.networks import same, touches
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.security.leasing import SWEEP_NOW, draft, named, who
from peakops.scenarios.words import day

FIELDS = ("ip", "hostname", "action", "state", "until", "operator", "reason", "notes", "entry", "lease", "says", "next")
"""What is listed of an entry; the states are leased, overdue, changed, missing, unleased, no_block and unknown."""


def gather(look: Look) -> None:
    """What is in force at Vercel, a draft, and the leases that are open."""
    look.at("firewall", "blocks", "blocks")
    look.at("firewall", "draft", "draft")
    look.at("database", "leases", "team", query="security/open_leases")


def rows(facts: Facts) -> list[Row]:
    """Every entry with its lease, then the leases whose entry is not there."""
    if "rows" not in facts.kept:
        facts.kept["rows"] = [*_entries(facts), *_without_entry(facts)]
    kept: list[Row] = facts.kept["rows"]
    return kept


def _entries(facts: Facts) -> Iterator[Row]:
    known = facts.known("leases")
    for each in facts["blocks"]:
        lease = next((one for one in _open(facts) if str(one["id"]) in each["notes"]), None) if known else None
        denies = (each["action"], each["hostname"]) == ("deny", "*")
        if not known:
            state = "unknown"
        elif lease and not (denies and same(each["ip"], lease["subject"])):
            state = "changed"
        elif lease:
            state = "overdue" if lease["due"] else "leased"
        else:
            state = "unleased" if each["action"] == "deny" else "no_block"
        yield _row(each, state, lease, unblocks=denies)


def _without_entry(facts: Facts) -> Iterator[Row]:
    noted = " ".join(each["notes"] for each in facts["blocks"])
    for lease in _open(facts) if facts.known("leases") else ():
        if str(lease["id"]) not in noted:
            yield _row(
                {"ip": lease["subject"], "hostname": None, "action": None, "notes": "", "id": None}, "missing", lease
            )


def _open(facts: Facts) -> list[Row]:
    return [each for each in facts["leases"] if each["kind"] == "block"]


def _row(each: Row, state: str, lease: Row | None, *, unblocks: bool = True) -> Row:
    told: dict[str, Any] = {
        "ip": each["ip"],
        "hostname": each["hostname"],
        "action": each["action"],
        "state": state,
        "until": lease and lease["expires_at"],
        "operator": lease and who(lease),
        "reason": lease and lease["reason"],
        "notes": each["notes"],
        "entry": each["id"],
        "lease": lease and str(lease["id"]),
    }
    leads = [f"peakops security unblock {lease['subject'] if lease else each['ip']}"] if lease or unblocks else []
    return {**told, "says": _says(told), "next": leads}


def _says(row: Row) -> str:
    by = f"{day(row['until'])}, by {row['operator']}: {row['reason']}" if row["lease"] else ""
    does = f"{row['action']} for {'every host' if row['hostname'] == '*' else row['hostname']}"
    noted = f"; notes: {row['notes']}" if row["notes"] else ""
    says = {
        "leased": f"until {by}",
        "overdue": f"should have ended {by}",
        "changed": f"{does}, and its lease is open until {by}",
        "missing": f"not at Vercel, and its lease is open until {by}",
        "unleased": f"{does}, no lease: nothing takes it back{noted}",
        "no_block": f"{does}, no block{noted}",
        "unknown": f"{does}, whether it has a lease could not be read{noted}",
    }
    return f"{row['ip']}  {row['state'].replace('_', ' ')}  {says[row['state']]}"


def overdue(facts: Facts) -> Outcome:
    late = [each["ip"] for each in rows(facts) if each["state"] == "overdue"]
    _ = facts["leases"]
    if late:
        return found("overdue", f"{len(late)} should have ended: {named(late)}.", next=(SWEEP_NOW,))
    return ok("None should have ended.")


def leased(facts: Facts) -> Outcome:
    _ = facts["leases"]
    bare = [each for each in rows(facts) if each["state"] == "unleased"]
    if bare:
        listed = named([each["ip"] for each in bare])
        says = f"Of {len(facts['blocks'])} entries, these deny without a lease: {listed}."
        return found("unleased", says, next=_leads(bare))
    return ok("Each block has a lease that is open.")


def there(facts: Facts) -> Outcome:
    _ = facts["leases"]
    astray = [each for each in rows(facts) if each["state"] in ("missing", "changed")]
    if astray:
        listed = named([each["ip"] for each in astray])
        says = f"A lease is open and its block is not there, or not as it was made: {listed}."
        return found("astray", says, next=_leads(astray))
    return ok("Each lease has its block.")


def _leads(those: list[Row]) -> tuple[str, ...]:
    """The command for the first that has one: an entry of one host is changed at Vercel."""
    return next((tuple(each["next"]) for each in those if each["next"]), ())


def all_well(facts: Facts) -> Outcome:
    states = {each["state"] for each in rows(facts)}
    if states & {"overdue", "changed", "missing", "unleased", "unknown"}:
        return skip("See above.")
    count = sum(each["state"] == "leased" for each in rows(facts))
    if count:
        return found("leased", f"{count} network{'s are' if count > 1 else ' is'} blocked, each until its lease ends.")
    return found("none", "Vercel's firewall has no block of a network.")


def data(facts: Facts) -> Row:
    return {"items": rows(facts)}


def about(rows: list[Row], network: str) -> list[Row]:
    """Those that touch a network."""
    return [each for each in rows if touches(each["ip"], network)]


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(overdue, leased, there, draft, all_well),
    subject=(),
    needs={Severity.WARNING: ("blocks", "leases"), Severity.OK: ("blocks", "leases")},
    data=data,
    plural="blocks",
)
