"""What `data export` looks at: everything that hangs on a person, what names them besides, and what was written."""

from peakops.model import Severity
from peakops.promise import kept
from peakops.scenario import Facts, Look, Outcome, Scenario, found, ok, skip
from peakops.scenarios.addresses import known
from peakops.scenarios.arguments import Person
from peakops.scenarios.data import export_rules
from peakops.scenarios.user import looks as people

WRITTEN = "written"
"""The look that is made once the files are: each table with its rows, and where else the person is named."""
NEEDED = ("person", "references", "columns", "holdings")
UNWRITTEN = "Nothing was written."
NAMED = 8
"""Places that a sentence names; contents.json lists all of them."""


def gather(look: Look, user: Person) -> None:
    """Declare the looks; the rows themselves are read when they are written."""
    who = people.person(look, user)
    id, named = who.then(lambda row: str(row["id"]) if row and row["id"] else None), who.then(known)
    addresses = look.rows("addresses", "data/addresses", id=id)
    emails = addresses.then(lambda rows: list(dict.fromkeys([*kept(named), *(each["email"] for each in rows)])))
    references = look.at("personal", "references", "references")
    look.rows("columns", "data/columns")
    look.at("personal", "holdings", "holdings", id=id, references=references.then(list))
    look.at("personal", "residue", "residue", id=id, emails=emails.otherwise(named))


def there(facts: Facts) -> Outcome:
    """There is somebody whose rows could be found: whoever is only invited has no id."""
    if facts["person"]["id"]:
        return ok("There is an account or a profile.")
    return found("only_invited", "There is neither an account nor a profile, only invitations to the address.")


def reached(facts: Facts) -> Outcome:
    """Every table that hangs on the person could be read, and somebody has said what it is."""
    if not facts["person"]["id"]:
        return skip(UNWRITTEN)
    hidden = [each["table"] for each in facts["holdings"] if each["rows"] is None]
    closed = [f"{each['table']}.{each['column']}" for each in facts[WRITTEN] if each["what"] == "closed"]
    unread = [each["table"] for each in facts["residue"] if each["rows"] is None]
    unknown = export_rules.unread(facts["columns"], facts["references"])
    strange = [each["table"] for each in facts["holdings"] if each["effect"] == "unclassified"]
    if missing := list(dict.fromkeys([*hidden, *closed])):
        return found("export_incomplete", f"The role may not read {_several(missing)}.", cause="not_readable")
    if unknown:
        says = f"The role may not read {_several(unknown)}: whether the person is named there is not known."
        return found("export_incomplete", says, cause="not_readable")
    if strange:
        says = f"Nobody has said whose the rows of {_several(strange)} are: only their keys are in the folder."
        return found("export_incomplete", says, cause="unclassified")
    if unread:
        return found("export_incomplete", f"Not looked through in the time: {_several(unread)}.", cause="no_time")
    return ok("Every table that hangs on the person was read.")


def elsewhere(facts: Facts) -> Outcome:
    """Nothing names the person but what is in the folder, and what is kept on a ground."""
    if not facts["person"]["id"]:
        return skip(UNWRITTEN)
    named = [each for each in facts[WRITTEN] if each["what"] == "elsewhere" and not each["ground"]]
    if named:
        says = _several([f"{each['table']}.{each['column']} ({each['rows']})" for each in named])
        return found("named_elsewhere", f"The person is named in {says} as well, which nobody has classified.")
    return ok("Nothing else names the person, but for what is listed with its ground.")


def written(facts: Facts) -> Outcome:
    """How much there is."""
    if not facts["person"]["id"]:
        return skip(UNWRITTEN)
    if reached(facts).code or elsewhere(facts).code:
        return skip("There is more than is in the folder.")
    tables = [each for each in facts[WRITTEN] if each["what"] == "table"]
    rows, mentions = (sum(each[what] for each in tables) for what in ("rows", "mentions"))
    return found("exported", f"{rows} rows, and {mentions} that only name the person, of {len(tables)} tables.")


def _several(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(there, reached, elsewhere, written),
    subject=("person",),
    needs={Severity.WARNING: NEEDED, Severity.OK: (*NEEDED, "addresses", "residue")},
    must_answer=("reached", "elsewhere"),
    called=people.called,
    plural="people",
    absent=people.absent,
    near=people.near,
    candidate=people.candidate,
)
