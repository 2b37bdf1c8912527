"""The questions of `user check` about the profile in the portal and its practice. Pure."""

from typing import Any

from peakops.model import typed
from peakops.scenario import Facts, Outcome, Row, found, ok, skip, unknown
from peakops.scenarios.addresses import forms
from peakops.scenarios.user import person
from peakops.scenarios.words import day

CLOSED = ("suspended", "closed")
"""States of a practice in which its people are kept out."""
SIMILAR = 3
"""How many practices of a similar name are told of."""
STAFF = "staff"
"""The role that belongs to no practice."""


def profile(facts: Facts) -> Outcome:
    row, mine = person.living(facts), person.profile(facts)
    if row is None:
        return skip("There is no account.")
    if mine:
        return ok(f"The portal has a profile of the account, made at {day(mine['created_at'])}.")
    others = person.other_profiles(facts)
    if others:
        return _under_another_id(others[0])
    if person.invited(facts):
        return skip("The profile is made when the invitation is accepted.")
    return found(
        "profile_missing", "Supabase Auth has the account, and the portal has no profile of its id or address."
    )


def _under_another_id(other: Row) -> Outcome:
    """The profile of the address is another id's: it is joined to the account only where it is nobody else's."""
    says = f"The portal has no profile of the account's id; the address has one under another id, {other['id']}"
    if not other["has_account"]:
        return found("profile_missing", f"{says}.", cause="under_another_id")
    says = f"{says}, which has an account of its own: the person logs in with that one."
    next = (typed("peakops user check", str(other["id"])),)
    instead = person.instead("profile_of_another_account")
    return found("profile_missing", says, cause="another_account", next=next, instead=instead)


def address(facts: Facts) -> Outcome:
    row, mine = person.living(facts), person.profile(facts)
    if row is None or mine is None:
        return skip("There are no two addresses to compare.")
    if not row["email"]:
        return skip("The account has no address.")
    if _plain(row["email"]) == _plain(mine["email"]):
        return ok("Account and profile have the same address.")
    says = (
        f"The account has the address {row['email']}, the profile {mine['email']}: they differ in "
        f"{_differing(row['email'], mine['email'])}, and log-in works with the account's."
    )
    waiting = _plain(row["email_change"])
    if waiting and waiting == _plain(mine["email"]):
        says = f"{says} A change to the profile's was asked for at {day(row['email_change_sent_at'])}."
        return found("email_mismatch", says, cause="change_not_confirmed")
    return found("email_mismatch", says)


def _differing(one: str, other: str) -> str:
    """In which part two addresses differ, since a page shows of either no more than a letter and the domain."""
    names, domains = zip(_plain(one).rpartition("@")[::2], _plain(other).rpartition("@")[::2], strict=True)
    if names[0] == names[1]:
        return "the domain"
    return "the name before the @" if domains[0] == domains[1] else "both the name and the domain"


def _plain(email: str | None) -> str:
    """An address as it is compared: trimmed, in lower case, and an umlaut as one letter."""
    return forms(email or "")[0]


def activity(facts: Facts) -> Outcome:
    mine = person.profile(facts)
    if mine is None:
        return skip("There is no profile.")
    if not mine["is_active"]:
        held = person.while_contained(facts)
        says = "The portal's profile is switched off (is_active is false)."
        return found("disabled_in_portal", says, instead=held, curable=not held)
    return ok("The profile is switched on.")


def practice(facts: Facts) -> Outcome:
    mine = person.profile(facts)
    if mine is None:
        return skip("There is no profile.")
    if mine["practice_id"] is None:
        if mine["role"] == STAFF:
            return ok("Staff belong to no practice.")
        says = f"The profile has the role '{mine['role']}' and no practice."
        return found("practice_missing", says, **_move(facts, mine))
    if mine["practice_status"] in CLOSED:
        says = f"The practice {mine['practice']} is {mine['practice_status']}."
        return found("practice_suspended", says, cause=mine["practice_status"], **_move(facts, mine))
    return ok(f"The practice is {mine['practice']}, and it is {mine['practice_status']}.")


def expectation(facts: Facts) -> Outcome:
    mine = person.profile(facts)
    if "expected" not in facts:
        return skip("No practice was named with --expect-practice.")
    if mine is None:
        return skip("There is no profile.")
    wanted, has = named(facts), mine["practice"] or "none"
    if not wanted:
        # A name that was mistyped is nothing that is wrong with the person, nor does it show that nothing is.
        return unknown(f"{no_such_practice(facts)} The person's is {has}.")
    several = f" {len(wanted)} practices have that name{_ids(wanted)}." if len(wanted) > 1 else ""
    if mine["practice_id"] in [each["id"] for each in wanted]:
        return ok(f"The practice is the one that was named: {has}.{several}")
    says = f"The practice is {has}, and {wanted[0]['name']} was expected.{several}{_difference(facts, mine, wanted)}"
    return found("wrong_practice", says, **_move(facts, mine))


def named(facts: Facts) -> list[Row]:
    """The practices that --expect-practice names: several where the name is that of several."""
    return [each for each in facts["expected"] if each["exact"]]


def no_such_practice(facts: Facts) -> str:
    """The sentence for a practice that is not there, with those that may be meant."""
    similar = [each["name"] for each in facts["expected"] if not each["exact"]][:SIMILAR]
    meant = f" Perhaps {' or '.join(similar)} is meant." if similar else ""
    return f"The portal has no practice of exactly that name, or that id.{meant}"


def similar_practices(facts: Facts) -> str:
    """The practices whose name holds what was typed, each with the id that names it alone; empty where none does."""
    similar = [each for each in facts["expected"] if not each["exact"]][:SIMILAR]
    return ", ".join(f"{each['name']} ({each['id']})" for each in similar)


def _ids(wanted: list[Row]) -> str:
    """By what several practices of one name are told apart."""
    return f": {', '.join(str(each['id']) for each in wanted)}"


def _move(facts: Facts, mine: Row) -> dict[str, Any]:
    """Whether the person can be moved, and to where: by its id, only to the one practice that was named."""
    wanted = named(facts) if facts.known("expected") else []
    if len(wanted) != 1 or wanted[0]["id"] == mine["practice_id"] or mine["role"] == STAFF:
        return {"curable": False}
    return {"arguments": (str(wanted[0]["id"]),)}


def _difference(facts: Facts, mine: Row, wanted: list[Row]) -> str:
    """What becomes visible, and what does not any more."""
    if len(wanted) > 1 or not facts.known("holdings"):
        return ""
    held = {each["practice_id"]: each for each in facts["holdings"]}
    told = [holding(held[id]) for id in (mine["practice_id"], wanted[0]["id"]) if id in held]
    return f" {'; '.join(told)}." if told else ""


def holding(row: Row) -> str:
    """What a member of a practice sees: Smile Care has 3 invoices, 2 cases, 1 shipments, 4 people."""
    counted = ((row["invoices"], "invoice"), (row["cases"], "case"), (row["shipments"], "shipment"))
    parts = [f"{number} {name}{'s' * (number != 1)}" for number, name in counted]
    people = f"{row['users']} {'person' if row['users'] == 1 else 'people'}"
    return f"{row['practice']} has {', '.join(parts)} and {people}"


def others(facts: Facts) -> Outcome:
    spare = person.other_profiles(facts) if person.living(facts) and person.profile(facts) else []
    if not spare:
        return skip("No other profile has the address.")
    taken = [each for each in spare if each["has_account"]]
    one = (taken or spare)[0]
    has = f"in {one['practice']}" if one["practice"] else "without a practice"
    more = f" and {len(spare) - 1} more" if len(spare) > 1 else ""
    says = f"Another profile has the address: {one['id']}, {has}, made at {day(one['created_at'])}{more}."
    if not taken:
        return found("second_profile", says)
    says = f"{says} It has an account of its own: it is another person's, and bears this one's address."
    return found("second_profile", says, cause="another_person", instead=person.instead("address_of_another_person"))
