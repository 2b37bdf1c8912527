"""
How Vercel's firewall stands to one network, and what speaks against a block of it.

Example: peakops security blocks 203.0.113.0/24
"""

from peakops import playbook
from peakops.model import Severity
from peakops.networks import network_of, touches
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios import pending
from peakops.scenarios.arguments import Network
from peakops.scenarios.security import leasing
from peakops.scenarios.security.leasing import draft, sweep, team
from peakops.scenarios.words import day

PREFIXES = {4: (16, 32), 6: (48, 128)}
"""From which to which prefix Vercel's firewall blocks, by version of IP (its own command refuses others)."""
EVERYWHERE = ("deny", "*")
"""What an entry does, and for which host, where it is a block."""


def gather(look: Look, network: Network) -> None:
    """The firewall, the lease, the sweep, the journals, and who logs in from there."""
    asked = look.at("firewall", "network", "network", network=network)
    leasing.look_for(look, "block", network, asked)
    contained = look.at("database", "contained", "team", query="security/hunt_contained")
    kept_out = contained.then(lambda rows: [each["user"] for each in rows])
    look.rows("logins", "security/practice_logins", network=network, contained=kept_out)
    pending.look_for(look, asked, "network")


def entry(facts: Facts) -> Row | None:
    """The block of this very network, whoever made it."""
    exact = facts["network"]["exact"]
    return next((each for each in exact if (each["action"], each["hostname"]) == EVERYWHERE), None)


def ours(facts: Facts) -> Row | None:
    """The block of this very network that belongs to the lease that is open; somebody else may have one beside it."""
    return next((each for each in leased(facts) if (each["action"], each["hostname"]) == EVERYWHERE), None)


def leased(facts: Facts, *lies: str) -> list[Row]:
    """The entries that name the lease that is open: of this very network, or as they lie to it (wider, narrower)."""
    lease = leasing.current(facts)
    near = [each for name in lies or ("exact",) for each in facts["network"][name]]
    return [each for each in near if lease and str(lease["id"]) in each["notes"]]


def changed(facts: Facts) -> Row | None:
    """What the block of the lease that is open has become, where somebody has changed its action, host or size."""
    moved = leased(facts, "wider", "narrower")
    return next(iter((*leased(facts), *facts["network"]["exact"], *moved)), None)


def standing(facts: Facts) -> Outcome:
    lease, block, row = leasing.current(facts), entry(facts), facts["network"]
    name = row["id"]
    other = changed(facts) if lease else None
    if lease and ours(facts):
        return found("blocked", f"Vercel denies every request from {name}, {leasing.told(lease)}.")
    if lease and other:
        says = f"Vercel's entry of {other['ip']} is not the one of the lease any more: {_told(other)}."
        return found("block_changed", f"{says} The lease is open {leasing.told(lease)}.")
    if lease:
        was = "is not there any more" if lease["made"] else "was begun and is not there"
        return found("block_missing", f"The block of {name} {was}; its lease is open {leasing.told(lease)}.")
    if block:
        return found("blocked_unleased", f"Vercel denies every request from {name}; no lease is open: {_told(block)}.")
    if row["exact"]:
        return found("entry_differs", f"Vercel has another entry of {name}: {_told(row['exact'][0])}.")
    return _around(row)


def _around(row: Row) -> Outcome:
    wider = [each for each in row["wider"] if (each["action"], each["hostname"]) == EVERYWHERE]
    if wider:
        return found("covered", f"{row['id']} lies within {wider[0]['ip']}, which Vercel has: {_told(wider[0])}.")
    partly = [each for each in row["wider"] if each["action"] in ("deny", "bypass")]
    if partly:
        says = f"{row['id']} lies within {partly[0]['ip']}, of which Vercel has: {_told(partly[0])}."
        return found("overlaps", says)
    if row["narrower"]:
        listed = ", ".join(each["ip"] for each in row["narrower"][:5])
        return found("overlaps", f"Vercel has {len(row['narrower'])} entries within {row['id']}: {listed}.")
    return found("open", f"Vercel has no entry of {row['id']}.")


def _told(each: Row) -> str:
    host = "every host" if each["hostname"] == "*" else each["hostname"]
    return f"{each['action']} for {host}, noted '{each['notes']}'" if each["notes"] else f"{each['action']} for {host}"


def size(facts: Facts) -> Outcome:
    name = facts["network"]["id"]
    wanted = network_of(name)
    if wanted is None:
        return found("too_wide", f"{name} is no network.")
    least, most = PREFIXES[wanted.version]
    if not least <= wanted.prefixlen <= most:
        says = f"{name} has the prefix /{wanted.prefixlen}; Vercel blocks IPv{wanted.version} from /{least} to /{most}."
        return found("too_wide", says)
    return ok(f"{name} has {wanted.num_addresses:,} addresses.")


def reserved(facts: Facts) -> Outcome:
    name = facts["network"]["id"]
    for kind in playbook.words("networks")["reserved"]:
        hit = next((each for each in kind["networks"] if touches(name, each)), None)
        if hit:
            return found("reserved", f"{name} touches {hit}, which is {kind['what']}: no visitor comes from there.")
    return ok("Visitors may come from there.")


def own(facts: Facts) -> Outcome:
    row = facts["network"]
    if row["ours"]:
        mine = row["ours"][0]
        return found("own", f"{row['id']} touches {mine['network']}, which is ours ({mine['what']}).")
    return ok("It touches none of our own networks.")


def vendor(facts: Facts) -> Outcome:
    name = facts["network"]["id"]
    for each in playbook.words("networks")["vendor"]:
        hit = next((one for one in each["networks"] if touches(name, one)), None)
        if hit:
            says = f"{name} touches {hit}, from which {each['name']} sends {each['sends']}"
            return found("vendor", f"{says} (read {each['read']}: {each['source']}).")
    return ok("It touches no network of a vendor whose requests the portal needs.")


def practices(facts: Facts) -> Outcome:
    if not facts.known("logins"):
        return skip("The portal's log could not be read.")
    seen = facts["logins"][0]
    if seen["people"]:
        people = f"{seen['people']} {'people' if seen['people'] > 1 else 'person'}"
        of = f"{people} of {seen['practices']} practice{'s' * (seen['practices'] != 1)}"
        says = f"{of} came from {facts['network']['id']} in the last 30 days, last on {day(seen['last_at'])}."
        return found("practice", says)
    but = f" but {seen['contained']} whom 'security contain' keeps out" if seen["contained"] else ""
    return ok(f"Nobody whom the portal knows came from there in the last 30 days{but}.")


def data(facts: Facts) -> Row:
    return {"network": facts["network"], "lease": leasing.current(facts)}


SCENARIO = Scenario(
    module=__name__,
    verb="security blocks",
    gather=gather,
    checks=(pending.unfinished, standing, size, reserved, own, vendor, practices, team, sweep, draft),
    subject=("network",),
    needs={Severity.WARNING: ("network", "leases"), Severity.OK: ("network", "leases")},
    data=data,
    called=lambda facts: str(facts["network"]["id"]),
    plural="networks",
)
