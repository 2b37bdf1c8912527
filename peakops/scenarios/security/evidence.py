"""What `security evidence` looks at: everything that `security investigate` does, and whether it could be had."""

from datetime import datetime

from peakops.model import Evidence, Severity
from peakops.scenario import Answer, Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.addresses import identifier
from peakops.scenarios.arguments import IncidentSubject, Person
from peakops.scenarios.security import looks, timeline
from peakops.scenarios.user import looks as people

SUBJECT = "user:"
"""How an incident's subject names a person."""
NEEDED = ("person", "accounts", *timeline.BASE)
"""Without these the evidence does not hold what it is taken for."""
KEPT = "Asked for the last "
"""How the one note begins that tells how far back a log reaches, and not what was left out of it."""
NAMED = 8
"""Looks that a sentence names; looks.json lists all of them."""


def gather(
    look: Look, since: datetime, until: datetime, user: Person | None = None, incident: IncidentSubject = None
) -> None:
    """Declare the looks of an investigation; beside them each line of the log, what logs in, and who is asking."""
    who = _whom(look, incident) if incident else looks.person(look, user or "")
    looks.around(look, who, since=since, until=until)
    look.rows("log_entries", "security/evidence_portal_log", id=who["id"], since=since)
    for name in ("identities", "factors"):
        look.rows(name, f"user/{name}", id=who["id"])
    look.rows("server", "doctor/server")


def _whom(look: Look, incident: str) -> Answer:
    """The look for the person whom an incident is about; nobody where it is about something else."""
    noted = look.at("database", "incident", "team", query="security/incident", incident=incident)
    only = noted.then(lambda rows: rows[0]["id"] if len(rows) == 1 else None)
    look.at("database", "incident_events", "team", query="security/incident_events", id=only)
    id = noted.then(_about)
    ways = [[looks.PERSON, {"id": id}], ["security/traces", {"id": id}]]
    return look.at("database", "person", "find", ways=ways)


def _about(rows: list[Row]) -> str | None:
    """The id of the person whom an incident is about; None where its subject is another, or no id."""
    subject = rows[0]["subject"].strip() if len(rows) == 1 else ""
    return identifier(subject.removeprefix(SUBJECT)) if subject.startswith(SUBJECT) else None


def had(facts: Facts) -> Outcome:
    """Everything that was asked for was brought, and nothing of it was cut."""
    failed, cut = silent(facts), shortened(facts)
    if failed or cut:
        short = [f"{name} was cut" for name in cut]
        return found("evidence_incomplete", f"Not had: {_several([*failed, *short])}.")
    return ok(f"All {len(facts) - len(not_configured(facts))} looks answered in full.")


def taken(facts: Facts) -> Outcome:
    """How much there is."""
    if silent(facts) or shortened(facts):
        return skip("Not everything was had.")
    without = not_configured(facts)
    rest = f" Not configured, and not asked: {_several(without)}." if without else ""
    return found("evidence_complete", f"{len(facts) - len(without)} looks, {len(timeline.events(facts))} events.{rest}")


def silent(facts: Facts) -> list[str]:
    """The looks that brought nothing though they are configured."""
    faults = {name: facts.fault(name) for name in facts}
    return [name for name, fault in faults.items() if fault and not _unset(fault.category)]


def not_configured(facts: Facts) -> list[str]:
    """The looks at what this environment has no credentials for."""
    faults = {name: facts.fault(name) for name in facts}
    return [name for name, fault in faults.items() if fault and _unset(fault.category)]


def shortened(facts: Facts) -> list[str]:
    """The looks that a limit, a table's size or the time cut; that a log is not kept for longer is no cut."""
    return [name for name in facts if any(not note.startswith(KEPT) for note in facts.notes(name))]


def _unset(category: str) -> bool:
    return category == "config"


def _several(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def missing(evidence: tuple[Evidence, ...]) -> list[Row]:
    """What could not be had, and why, look by look."""
    return [
        {"look": each.name, "source": each.source, "code": each.error.code, "says": each.error.message}
        for each in evidence
        if each.error
    ]


def _data(facts: Facts) -> Row:
    return {"events": len(timeline.events(facts)) if facts.known("person") else 0}


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(had, taken),
    subject=("person",),
    needs={Severity.WARNING: NEEDED, Severity.OK: NEEDED},
    called=people.called,
    plural="people",
    absent=lambda given: f"Nobody is known as '{given.strip()}', and no incident of that name is about a person.",
    near=people.near,
    candidate=people.candidate,
    data=_data,
)
