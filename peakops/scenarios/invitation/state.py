"""The questions of `invitation check` about the portal's rows and the account that comes of them. Pure."""

from peakops.scenario import Facts, Outcome, Row, found, ok, skip
from peakops.scenarios.invitation import looks, renewal, standing
from peakops.scenarios.words import day

MANY = 2
"""From so many pending ones on nobody can tell which mail holds the link that is meant."""
KNOWN = ("pending", "accepted", "expired", "revoked")
"""The stored states of an invitation."""


def account(facts: Facts) -> Outcome:
    row = standing.newest(facts)
    if row["status"] != "accepted":
        return skip("The newest invitation is not accepted.")
    if made := standing.accounts(facts):
        return ok(f"There is an account of the address, made {day(made[0]['created_at'])}.")
    says = f"The invitation was accepted {_at(row)}, and Supabase Auth has no account of the address."
    gone = standing.deleted(facts)
    if gone is None:
        return found("accepted_without_account", says, **renewal.offer(facts))
    says = f"{says} The account of the portal's profile was deleted at {day(gone['deleted_at'])}."
    return found("accepted_without_account", says, cause="account_deleted", **renewal.offer(facts))


def single(facts: Facts) -> Outcome:
    rows = standing.live(facts)
    if len(rows) < MANY:
        return ok("No more than one invitation is pending.")
    told = ", ".join(f"of {day(each['created_at'])} ({each['role']}, {each['practice']})" for each in rows)
    more = "At least " if facts.notes("invitations") else ""
    return found("several_pending", f"{more}{len(rows)} invitations are pending: {told}.", **renewal.offer(facts))


def validity(facts: Facts) -> Outcome:
    row = standing.newest(facts)
    of = f"The invitation of {day(row['created_at'])}"
    if row["status"] == "pending" and standing.over(facts, row):
        says = f"{of} is stored as pending, and its link ended {day(row['expires_at'])}."
        return found("pending_expired", says, **renewal.offer(facts))
    if row["status"] == "expired":
        return found("expired", f"{of} has expired; it was to end {day(row['expires_at'])}.", **renewal.offer(facts))
    if row["status"] == "revoked":
        return found("revoked", f"{of} was revoked: its link works no longer.", **renewal.offer(facts))
    if row["status"] in KNOWN:
        return ok("The newest invitation has neither ended nor been revoked.")
    return skip(f"The portal stores '{row['status']}', which the playbook does not know.")


def membership(facts: Facts) -> Outcome:
    user = standing.confirmed(facts)
    if user is None:
        return ok("No confirmed account has the address.")
    if standing.newest(facts)["status"] == "accepted":
        return ok("The invitation led to the account.")
    says = f"The address has an account already, confirmed at {day(user['email_confirmed_at'])}."
    return found("already_a_user", says, next=(looks.user_check(facts),), curable=bool(standing.pending(facts)))


def settled(facts: Facts) -> Outcome:
    row = standing.newest(facts)
    if row["status"] == "accepted" and standing.accounts(facts):
        says = f"The invitation to {row['practice']} was accepted {_at(row)}, and there is an account."
        return found("accepted", says, next=(looks.user_check(facts),))
    if row["status"] == "pending" and not standing.over(facts, row):
        says = f"The invitation to {row['practice']} ({row['role']}) works until {day(row['expires_at'])}."
        return found("pending", says, **renewal.offer(facts))
    return skip("It is neither accepted nor waiting to be.")


def _at(row: Row) -> str:
    return f"at {day(row['accepted_at'])}" if row["accepted_at"] else "at a time that the portal has not noted"
