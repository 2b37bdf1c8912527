"""What of a person's rows leaves and what does not, on literal rows; and the verdicts of an export."""

import json
from datetime import UTC, datetime

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.data import export, export_files, export_rules
from peakops.scenarios.data.export_rules import ANOTHER, SOMEBODY, Mine, Table
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
ANNA, BEN = "55555555-5555-4555-8555-000000000101", "55555555-5555-4555-8555-000000000102"
MINE = Mine(id=ANNA, addresses=frozenset({"anna@smilecare.example"}))


def reference(table="public.letters", columns=("user_id",), **said):
    base = {
        **{"table": table, "columns": list(columns), "kind": "foreign_key", "to": "public.users", "to_columns": ["id"]},
        **{"effect": "delete", "class": "delete", "key": ["id"], "keyed": True},
    }
    return {**base, **said}


def column(name, table="public.letters", type="text", readable=True):
    return {"table_name": table, "column_name": name, "type": type, "readable": readable}


def table(*references, columns=("id", "user_id", "said", "created_at"), name="public.letters", health=()):
    known = tuple(each if isinstance(each, dict) else column(each, name) for each in columns)
    return Table(name=name, references=references or (reference(),), columns=known, health=frozenset(health))


def test_a_row_of_ones_own_leaves_whole():
    """With its own address as it is written."""
    row = {"id": 1, "user_id": ANNA, "said": "Anna@SmileCare.example", "created_at": NOW}

    assert row == MINE.told(row, table(), own=True)


def test_other_people_stay_out_of_ones_own_rows():
    """Their addresses in any text, also within JSON, and their ids where a column holds somebody's."""
    mine = table(reference(), reference(columns=("by",), effect="null"))
    row = {"id": 1, "user_id": ANNA, "by": BEN, "said": "ben@smilecare.example, anna@smilecare.example", "more": None}
    told = MINE.told({**row, "more": {"to": ["Ben <ben@smilecare.example>"]}}, mine, own=True)

    assert (SOMEBODY, ANNA) == (told["by"], told["user_id"])
    assert f"{ANOTHER}, anna@smilecare.example" == told["said"]
    assert {"to": [f"Ben <{ANOTHER}>"]} == told["more"]


def test_secrets_in_a_text_stay_out():
    """A link that logs in is one, wherever it stands."""
    row = {"id": 1, "said": "https://portal.example/accept?token=canary0123456789"}

    assert "canary" not in json.dumps(MINE.told(row, table(), own=True))


def test_of_a_row_that_only_names_the_person_its_key_leaves():
    """The key, when it was, what was done, and the column that names the person; nothing else of it."""
    mine = table(reference(columns=("by",), effect="null"), reference(columns=("to",), effect="null"))
    row = {"id": 1, "by": ANNA, "to": BEN, "said": "of the practice", "action": "written", "created_at": NOW}

    assert {"id": 1, "by": ANNA, "action": "written", "created_at": NOW} == MINE.told(row, mine, own=False)


@pytest.mark.parametrize(
    ("rule", "name", "of"),
    [
        ("credential", "invitation_token", "public.letters"),
        ("credential", "password_hash", "public.letters"),
        ("credential", "refresh_token_hmac_key", "auth.sessions"),
        ("credential", "parent", "auth.refresh_tokens"),
        ("patient", "clinical_notes", "public.letters"),
        ("free_text", "details", "public.audit_logs"),
        ("free_text", "body", "public.notifications"),
        ("closed", column("shoe_size", readable=False), "public.letters"),
        (None, "parent", "public.letters"),
        (None, "body", "public.letters"),
        (None, "email", "public.users"),
    ],
)
def test_each_column_that_is_left_out_has_its_rule(rule, name, of):
    """Credentials, patients, free text of the practice, and what may not be read; anything else leaves."""
    mine = table(reference(of), columns=(name,), name=of, health=("clinical_notes",))

    assert [rule] == list(mine.left_out.values()) or (rule is None and not mine.left_out)
    assert rule is None or export_rules.ground(rule)


def written(mine, rows, residue=()):
    """The files of an export of one table, and what was counted."""
    tally = export_files.Tally()
    own = [each for each in rows if each["user_id"] == ANNA]
    read = lambda _, references: iter(own if references == mine.own else rows)  # noqa: E731
    about = {"taken_at": "2026-11-20T15:00:00Z", "subject": f"user:{ANNA}"}
    files = {
        name: b"".join(pieces).decode()
        for name, pieces in export_files.files(MINE, [mine], read, list(residue), about, tally)
    }
    return files, tally.written([mine], residue)


BOTH = table(reference(), reference(columns=("by",), effect="null"), columns=("id", "user_id", "by", "said"))


def test_own_rows_and_mentions_are_apart_and_no_row_is_in_both():
    """A row that is the person's own, and names them too, is their own."""
    rows = [{"id": 1, "user_id": ANNA, "by": ANNA, "said": "x"}, {"id": 2, "user_id": BEN, "by": ANNA, "said": "y"}]
    files, counted = written(BOTH, rows)

    assert [1] == [json.loads(each)["id"] for each in files["tables/public.letters.ndjson"].splitlines()]
    assert [2] == [json.loads(each)["id"] for each in files["mentions/public.letters.ndjson"].splitlines()]
    assert [{"what": "table", "table": "public.letters", "rows": 1, "mentions": 1}] == counted


def found(column, rows, explained=None, table="public.letters"):
    return {"table": table, "column": column, "rows": rows, "class": None, "explained": explained}


@pytest.mark.parametrize(
    ("expected", "residue"),
    [
        ([], found("user_id", 1)),
        ([("said", 2, None)], found("said", 2)),
        ([("user_id", 3, None)], found("user_id", 4)),
        ([("payload", 2, "books")], found("payload", 2, "books", "public.events")),
        # A table that the time did not suffice for says nothing of its columns.
        ([], found(None, None)),
    ],
)
def test_what_names_the_person_beyond_what_was_written_is_listed(expected, residue):
    """Rows that the search found, less those that were read here."""
    _, counted = written(table(), [{"id": 1, "user_id": ANNA, "said": "x"}], [residue])
    elsewhere = [(each["column"], each["rows"], each["ground"]) for each in counted if each["what"] == "elsewhere"]

    assert expected == elsewhere


def test_the_person_is_not_told_whether_there_is_a_security_action():
    """The tool's own records are left out whether there are any or not, and are not counted in the folder."""
    residue = [found("user_id", 1, "The record of a security action.", "peakops.containments")]
    files, counted = written(table(), [], residue)

    assert "containments" not in "".join(files.values())
    assert "containments" in json.dumps(counted)
    assert files["contents.json"] == written(table(), [])[0]["contents.json"]


def holding(rows=1, effect="delete"):
    return {"table": "public.letters", "effect": effect, "rows": rows}


LOOKS = ("references", "columns", "holdings", "residue", "addresses")
TABLE = {"what": "table", "table": "public.letters", "rows": 3, "mentions": 2}
CLOSED = {"what": "closed", "table": "public.letters", "column": "said"}


def elsewhere(ground):
    return {"what": "elsewhere", "table": "public.surveys", "column": "answer", "rows": 2, "ground": ground}


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        (("exported", None, "ok"), {}),
        (("exported", None, "ok"), {"written": [TABLE, elsewhere("books")]}),
        (("named_elsewhere", None, "warning"), {"written": [TABLE, elsewhere(None)]}),
        (("export_incomplete", "not_readable", "warning"), {"holdings": [holding(rows=None)]}),
        (("export_incomplete", "not_readable", "warning"), {"written": [TABLE, CLOSED]}),
        (("export_incomplete", "unclassified", "warning"), {"holdings": [holding(effect="unclassified")]}),
        (("export_incomplete", "no_time", "warning"), {"residue": [found(None, None)]}),
        *((("unknown", None, "unknown"), {name: None}) for name in LOOKS),
        (("only_invited", None, "warning"), {"person": {"id": None, "given": "x"}}),
        (
            ("export_incomplete", "not_readable", "warning"),
            {"columns": [column("said", "public.surveys", readable=False)]},
        ),
    ],
)
def test_each_row_of_the_playbook(expected, other):
    """All of it, less than all, named elsewhere; and unknown where nobody could look."""
    looks = {
        "references": [reference()],
        "columns": [column("said", "public.surveys")],
        "holdings": [holding()],
        "residue": [],
    }
    looks |= {"addresses": [], "written": [TABLE], **other}
    who = looks.pop("person", {"id": ANNA, "given": "x"})
    person = Evidence(name="person", source="database", at=NOW, rows=(who,), single=True)
    silent = Fault(code="x.down", category="upstream", message="It did not answer.")
    evidence = (
        person,
        *(
            Evidence(
                name=name, source="personal", at=NOW, rows=tuple(rows or ()), error=None if rows is not None else silent
            )
            for name, rows in looks.items()
        ),
    )
    ruling = rule(export.SCENARIO, diagnose(export.SCENARIO, evidence), evidence)

    assert expected == (ruling.ruling.code, ruling.ruling.cause, ruling.status.value)


def test_a_colleague_who_changed_the_person_is_asked_for_too():
    """The log's resource_id names the person without a foreign key; a table without any reference is none of it."""
    log = reference("public.audit_logs", kind="id", to=None, to_columns=[], effect="pseudonymise")
    also = export_rules.widened([log])[-1]

    assert (["resource_id"], "text", "keep") == (also["columns"], also["kind"], also["effect"])
    assert [reference()] == export_rules.widened([reference()])
    facts = Facts((Evidence(name="columns", source="x"), Evidence(name="holdings", source="x")))
    assert [] == export_rules.tables(facts, [log], ())


@pytest.mark.parametrize(
    "name", ["password", "apiKey", "api_key", "Access-Token", "otp", "patient_name", "patientName", "clientSecret"]
)
def test_what_is_left_out_of_a_table_is_left_out_of_json_too(name):
    """A credential or a patient under a key, however it is spelt and however deep; its neighbours stay."""
    mine = Mine(id=ANNA, addresses=frozenset(), health=frozenset({"patient_name"}))
    told = mine.told({"meta": {"deep": [{name: "canary", "colour": "red"}]}}, table(), own=True)

    assert {"meta": {"deep": [{name: export_rules.LEFT_OUT, "colour": "red"}]}} == told


def log(**said):
    return {"id": 1, "user_id": ANNA, "action": "x", "resource_type": "user", "resource_id": BEN, **said}


LOG = table(
    reference("public.audit_logs", kind="id", to=None, to_columns=[], effect="pseudonymise"),
    columns=("id", "user_id", "action", "resource_type", "resource_id"),
    name="public.audit_logs",
)


def test_whom_the_person_changed_is_somebody():
    """An id in the log's text column is a person's where it says so, else a case's."""
    assert SOMEBODY == MINE.told(log(), LOG, own=True)["resource_id"]
    assert BEN == MINE.told(log(resource_type="case"), LOG, own=True)["resource_id"]
    assert ANNA == MINE.told(log(resource_id=ANNA), LOG, own=True)["resource_id"]


@pytest.mark.parametrize("action", export_rules.SILENT)
def test_the_portals_log_does_not_tell_of_a_security_action_either(action):
    """What contained the person is noted there too; it is counted as found, and left out."""
    mine = Table(name=LOG.name, references=tuple(export_rules.widened(LOG.references)), columns=LOG.columns, health=())
    rows = [log(user_id=BEN, resource_id=ANNA, action=each) for each in (action, "user.role_changed")]
    files, counted = written(mine, rows, [found("resource_id", 2, table=LOG.name)])

    assert "user.role_changed" in files["mentions/public.audit_logs.ndjson"]
    assert action not in "".join(files.values())
    assert [{"what": "table", "table": LOG.name, "rows": 0, "mentions": 1}] == counted


def test_rows_that_a_deletion_stumbles_over_are_the_persons_own_all_the_same():
    """A foreign key that no pseudonym satisfies is an obstacle of the deletion, and none of an export."""
    firm = reference("public.audit_logs", to=None, kind="id", effect="blocked") | {"class": "pseudonymise"}
    kept = reference("public.cases", effect="blocked") | {"class": "keep"}

    assert ((firm,), ()) == (table(firm).own, table(kept).own)


@pytest.mark.parametrize(
    ("expected", "of"),
    [
        (["public.surveys"], column("answer", "public.surveys", readable=False)),
        (["crm.people"], column("id", "crm.people", type="uuid", readable=False)),
        ([], column("score", "public.surveys", type="integer", readable=False)),
        ([], column("answer", "public.surveys")),
        # What hangs on the person is told by its own rule, and Supabase's own tables are granted to nobody.
        ([], column("said", readable=False)),
        ([], column("secret", "vault.secrets", readable=False)),
    ],
)
def test_a_table_that_nobody_could_search_is_named(expected, of):
    """Whether it names the person is not known."""
    assert expected == export_rules.unread([of], [reference()])


@pytest.mark.parametrize(("expected", "value"), [("nan", float("nan")), ("inf", float("inf")), ("\\x00ff", b"\0\xff")])
def test_what_json_has_no_word_for_is_written_as_text(expected, value):
    """A line that no reader of JSON takes is no line."""
    text = export_files._line(MINE.told({"said": value}, table(), own=True))

    assert {"said": expected} == json.loads(text, parse_constant=pytest.fail)
