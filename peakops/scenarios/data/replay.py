"""
After a restore: find the people who were erased since, and are there again.

A backup brings erased people back. Each of the deletions that either log knows is held against everybody who is there
now, by the keyed hash of the id; the command that repeats the deletion is named for each.

Example: peakops data replay --since 2026-11-18
"""

from datetime import datetime
from typing import Any

from peakops.model import Row, Severity
from peakops.scenario import Facts, Look, Missing, Outcome, Scenario, found
from peakops.scenarios.data import erasures
from peakops.scenarios.words import day

FIELDS = ("user_id", "request", "erased_at", "known_by", "command")
FEW = 20
"""How many commands are named; the list has all of them."""


def gather(look: Look, since: datetime, until: datetime) -> None:
    """Declare the looks at both logs, and at who is there of those whom they know."""
    deletions, journal = erasures.look_for(look, since, until)
    hashes = deletions.then(lambda rows: [each["subject_hmac"] for each in rows]).otherwise([])
    ids = journal.then(lambda rows: [each["user_id"] for each in rows]).otherwise([])
    look.at("personal", "present", "present", pseudonyms_of=hashes, ids=ids)


def back(facts: Facts) -> Outcome:
    there = lines(facts)
    if not there and (hidden := unmatched(facts)):
        says = f"{len(hidden)} of the deletions cannot be held against who is there"
        raise Missing(f"{says}: PEAKOPS_PSEUDONYM_KEY is not the key that they were noted under, or is not set.")
    if not there:
        known = len(
            {*(each["request_id"] for each in facts["deletions"]), *(each["request"] for each in facts["erasures"])}
        )
        return found("nobody_back", f"Of {known} deletion{'s' * (known != 1)} nobody is there again.")
    first = there[0]
    who = f"{first['user_id']} (request {first['request']})"
    says = f"{len(there)} of the people who were erased are there again, as {who}."
    return found("erased_are_back", says, next=tuple(each["command"] for each in there[:FEW]))


def unmatched(facts: Facts) -> list[Row]:
    """Deletions of the database's log that only another key, or any, could be held against who is there."""
    by_journal = {each["request"] for each in facts["erasures"]}
    there = [each for each in facts["deletions"] if each["request_id"] not in by_journal]
    return [each for each in there if not each["key"]]


def lines(facts: Facts) -> list[dict[str, Any]]:
    """Everybody who was erased and is there, with the deletion and the command that repeats it."""
    # Newest first: of somebody who was erased twice, the last erasure is repeated.
    by_hash = {each["subject_hmac"]: {**each, "request": each["request_id"]} for each in reversed(facts["deletions"])}
    by_id = {each["user_id"]: each for each in facts["erasures"]}
    found = []
    for each in facts["present"]:
        line = by_hash.get(each["pseudonym"]) or by_id[each["id"]]
        known = {"database": each["pseudonym"] in by_hash, "journal": each["id"] in by_id}
        found.append(
            {
                "user_id": each["id"],
                "request": line["request"],
                "erased_at": line["executed_at"],
                "known_by": "both" if all(known.values()) else next(name for name, does in known.items() if does),
                "command": erasures.again(each["id"], line),
            }
        )
    return sorted(found, key=lambda each: (each["erased_at"], each["user_id"]))


def data(facts: Facts) -> Row:
    """The lines, for people and scripts."""
    rows = [
        {**each, "says": f"{each['user_id']}  erased {day(each['erased_at'])}, request {each['request']}"}
        for each in lines(facts)
    ]
    return {"items": rows}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(back,),
    subject=(),
    needs={Severity.OK: ("deletions", "erasures", "present")},
    data=data,
    plural="people",
)
