"""What the scenarios of a person's data look at in common. Pure but for the looks it declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from peakops.scenario import Answer, Facts, Look, Row
from peakops.scenarios import pending
from peakops.scenarios.addresses import forms, missed
from peakops.scenarios.user import looks


@dataclass(frozen=True, kw_only=True)
class Known:
    """A person as they were known before they were erased: afterwards nobody knows the address any more."""

    id: str
    emails: tuple[str, ...]


def person(look: Look, user: str) -> Answer:
    """The look that finds the person, also one who was erased and whom only the log of deletions knows."""
    found = look.at("personal", "person", "person", ways=looks.ways(user))
    look.rows("similar", "user/similar", email=found.then(lambda row: None if row else missed(user)))
    return found


def held(look: Look, who: Answer, known: Known | None) -> None:
    """The looks at what is held, all of which wait for the person alone."""
    id = known.id if known else looks.identifier(who)
    emails = list(known.emails) if known else looks.addresses(who)
    pending.look_for(look, who, "user")
    look.rows("accounts", "user/accounts", id=id, emails=emails)
    profiles = look.rows("profiles", "user/profiles", id=id, emails=emails)
    references = look.at("personal", "references", "references")
    look.at("personal", "holdings", "holdings", id=id, references=references.then(list))
    look.rows("audit", "data/audit", user=id)
    look.at("personal", "residue", "residue", id=id, emails=emails)
    look.at("personal", "erased", "erased", id=id)
    look.at("personal", "readiness", "readiness")
    practices = profiles.then(lambda rows: [each["practice_id"] for each in rows if each["practice_id"]])
    look.at("database", "holds", "team", query="data/holds", id=id, practices=practices)
    look.at("database", "incidents", "team", query="data/incidents", id=id)
    look.rows("colleagues", "data/colleagues", id=id, practices=practices)


def emails(facts: Facts) -> tuple[str, ...]:
    """Every address that the person has or was named by, as it may be stored."""
    row = facts["person"]
    own = [each["email"] for name in ("accounts", "profiles") for each in facts[name] if _is(each, row)]
    said = [*own, row["email"], row["given"]]
    return tuple(dict.fromkeys(form for each in said if each for form in forms(each)))


def shared(facts: Facts) -> bool:
    """Whether somebody else has an address of the person too, as of a front desk."""
    known = [(each, _is(each, facts["person"])) for name in ("accounts", "profiles") for each in facts[name]]
    own, others = (
        {(row["email"] or "").strip().lower() for row, is_own in known if is_own is mine} for mine in (True, False)
    )
    return bool((own & others) - {""})


def named(facts: Facts) -> str:
    """How the person is named in a command: by the id where the address is somebody else's too."""
    seen = facts.known("accounts", "profiles") and facts["person"]["id"]
    return str(facts["person"]["id"]) if seen and shared(facts) else looks.called(facts)


def _is(row: Row, person: Row) -> bool:
    return str(row["id"]) == str(person["id"])


def count(rows: int | None) -> str:
    """A number of rows for people."""
    return "an unknown number of rows" if rows is None else f"{rows} row{'s' * (rows != 1)}"


def columns(holding: Mapping[str, Any]) -> str:
    """A table with the columns by which it hangs on the person."""
    return f"{holding['table']} ({'; '.join(holding['columns'])})"
