"""
Make the schema peakops in the portal's database: locks, journal, and the memory of sweeps.

The plan is shown first; what is there already stays as it is.

Example: peakops setup --dry-run
"""

from peakops.fix import Action, Fix, Grade, Proposal, Subject
from peakops.plan import SCHEMA
from peakops.scenario import Facts
from peakops.scenarios.setup.check import SCENARIO, missing


def subject(facts: Facts) -> Subject:  # noqa: ARG001  (there is one schema)
    """The schema, by its name."""
    return Subject(kind=SCHEMA, id="peakops", name="peakops")


def propose(facts: Facts) -> Proposal:
    """The tables that are missing, and the right to read them."""
    lacking, role = missing(facts), facts["reader"][0]["role"]
    make = Action(
        via="database",
        call="setup/create_team_tables",
        params={},
        target="schema peakops",
        was=f"{len(lacking)} tables missing: {', '.join(lacking)}",
        becomes="all tables there; those that exist stay as they are",
        undo="drop schema peakops cascade; it holds nothing of the portal's.",
    )
    name = Action(
        via="database",
        call="setup/name_reader",
        params={"role": role},
        target=f"role {role}",
        was="may not read the schema peakops, or not all of it",
        becomes="is granted usage and select on it",
        undo=f"Take the grant back from {role}.",
    )
    grant = Action(
        via="database",
        call="setup/grant_reading",
        params={},
        target=f"privileges of {role}",
        was="as above",
        becomes="granted in the same transaction",
        undo="As above.",
    )
    return Proposal(actions=(*((make,) if lacking else ()), name, grant))


FIX = Fix(
    module=__name__,
    verb="setup",
    scenario=SCENARIO,
    remedies=("schema_missing", "tables_missing", "not_readable"),
    settled=("ready",),
    needs=("columns", "reader"),
    grade=Grade.CONSEQUENTIAL,
    audit="peakops.setup",
    subject=subject,
    propose=propose,
)
