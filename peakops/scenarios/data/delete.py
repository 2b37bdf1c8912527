"""
Erase a person: delete, pseudonymise or keep, table by table, in one transaction, Supabase Auth last.

Computed from the database's own foreign keys and counted again inside; refused while a legal hold or an incident is
open, or where a table is not classified. The audit log keeps what was done under a pseudonym.

Example: peakops data delete member@smilecare.example --request R-17 --basis GDPR --identity-confirmed call-back -n
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from peakops.fix import Fix, Grade, Plan, Proposal, Subject
from peakops.scenario import Facts, Look, Scenario
from peakops.scenarios.arguments import Basis, DeleteAudit, IdentityConfirmed, Person, Received, Request
from peakops.scenarios.data import erasing, looks, standing
from peakops.scenarios.data.check import ESSENTIAL, SCENARIO
from peakops.scenarios.user import person, person_fixes


def subject(facts: Facts) -> Subject:
    """The person, by id. Raises Refused where only a masked address was given."""
    return replace(person_fixes.subject(facts), erased=True)


def propose(
    facts: Facts,
    *,
    request: Request = None,
    basis: Basis = None,
    identity_confirmed: IdentityConfirmed = None,
    received: Received = None,
    delete_audit: DeleteAudit = False,
) -> Proposal:
    """The transaction, the line in the log of deletions, and the account."""
    erasing.texts(request=request, basis=basis, identity_confirmed=identity_confirmed)
    erasing.ready(facts)
    erasing.sure(facts)
    came, mine = erasing.received_on(received), person.profile(facts)
    portal = erasing.transaction(facts, delete_audit=delete_audit)
    if not erasing.committed(facts, str(request)):
        portal.append(
            erasing.logged(
                facts,
                request=str(request),
                basis=str(basis),
                how=str(identity_confirmed),
                received=came,
                practice=str(mine["practice_id"]) if mine and mine["practice_id"] else None,
                delete_audit=delete_audit,
            )
        )
    options = ["--request", request, "--basis", basis, "--identity-confirmed", identity_confirmed]
    options += ["--received", received] if received else []
    return Proposal(
        actions=(*portal, *erasing.account(facts)),
        notes=erasing.notes(facts, came),
        holds=("data/lock_person", {"user": str(facts["person"]["id"]), "rows": 1 if mine else 0}),
        arguments=(*map(str, options), *(["--delete-audit"] if delete_audit else [])),
    )


def happened(facts: Facts, plan: Plan) -> dict[int, Mapping[str, Any]]:
    """The steps that were done: the transaction that the log of deletions knows, the account that is not there."""
    done: dict[int, Mapping[str, Any]] = {}
    for number, actions in plan.steps():
        vendor = bool(actions) and actions[0].at_vendor
        if vendor and not any(str(each["id"]) == plan.subject.id for each in facts["accounts"]):
            done[number] = {"id": plan.subject.id, "status": "deleted", "already": True}
        elif not vendor and erasing.left(facts) == [] and plan.hash in [each["plan_hash"] for each in facts["erased"]]:
            done[number] = {"already": True}
    return done


def left(facts: Facts, plan: Plan) -> str:  # noqa: ARG001  (as every fix that shows)
    """Why the look afterwards does not show that nothing is left, as the rest of a sentence; empty where it does."""
    rows = [
        each for each in facts["holdings"] if each["effect"] in standing.TOUCHED and each["table"] != standing.AUDIT
    ]
    if rows:
        return f"still finds {looks.columns(rows[0])} with {looks.count(rows[0]['rows'])}."
    if any(facts["audit"][0].values()):
        return "still finds the person in the audit log."
    if not facts.known("residue"):
        return "could not search the text and JSON columns."
    if late := [each["table"] for each in facts["residue"] if each["rows"] is None]:
        return f"had no time to search {', '.join(late)}."
    if places := [each for each in facts["residue"] if not each["explained"]]:
        return f"finds the person named in {standing.named(places)}."
    return ""


def afterwards(facts: Facts) -> Scenario:
    """The check once more, told whom it is about: the address is known to nobody by then."""
    known = looks.Known(id=str(facts["person"]["id"]), emails=looks.emails(facts))

    def gather(look: Look, user: Person) -> None:
        looks.held(look, looks.person(look, user), known)

    return replace(SCENARIO, gather=gather)


FIX = Fix(
    module=__name__,
    scenario=SCENARIO,
    remedies=("erased_and_back", "last_owner", "held"),
    settled=("nothing_held",),
    refuses={
        "legal_hold": "Nothing is deleted while it stands.",
        "open_incident": "Nothing is deleted while it is open.",
        "unclassified_table": "Nothing is deleted until it is classified.",
        "blocked": "Nothing is deleted while that is so.",
    },
    needs=(*ESSENTIAL, "residue"),
    grade=Grade.IRREVERSIBLE,
    audit="user.erased",
    subject=subject,
    propose=propose,
    own=("request",),
    further=("basis", "identity_confirmed", "received", "delete_audit"),
    happened=happened,
    shows=left,
    private=lambda facts: {"address": facts["person"]["email"] or ""},
    after=afterwards,
    final=True,
)
