"""Which class a table has, whether a file of classes can be read, and what refers to a person by it."""

import pytest

from peakops.errors import NotConfigured
from peakops.sources.personal_classes import Classes, TableClass, read
from peakops.sources.personal_graph import references

USERS = [("public.users", "id", "uuid", 0), ("public.users", "email", "text", -1), ("auth.users", "id", "uuid", 0)]


def columns(*rows, unreadable=()):
    """The catalogue's columns: table, name, type, place in the key or -1; those without a place may be emptied."""
    return [
        {
            "table_name": table,
            "column_name": name,
            "type": kind,
            "kind": "r",
            "clearable": place < 0,
            "place": place,
            "readable": f"{table}.{name}" not in unreadable,
            "size": 0,
        }
        for table, name, kind, place in (*USERS, *rows)
    ]


def key(table, column, to="public.users", to_column="id", **said):
    base = {"table_name": table, "to_table": to, "on_delete": "a", "full_match": False, "deferrable": False}
    return {**base, "columns": [column], "to_columns": [to_column], **said}


def found(rows, keys, unreadable=(), **classes):
    own = {f"public.{name}": each for name, each in classes.items()}
    known = Classes(tables={**read(None).tables, **own})
    told = references(columns(*rows, unreadable=unreadable), keys, known)
    return {(each["table"], *each["columns"]): each for each in told}


NOTE = [("public.notes", "id", "int", 0), ("public.notes", "author", "uuid", -1)]
DELETE, KEEP = TableClass(name="delete"), TableClass(name="keep", ground="g", until="u")


@pytest.mark.parametrize(
    ("given", "effect"),
    [
        (DELETE, "delete"),
        (KEEP, "null"),
        (TableClass(name="pseudonymise", ground="g", until="u"), "null"),
        (TableClass(name="delete", columns={"author": "null"}), "null"),
        (TableClass(name="outside"), "blocked"),
        (TableClass(name="auth"), "blocked"),
        (TableClass(), "unclassified"),
    ],
)
def test_what_becomes_of_a_row_that_refers_to_the_person(given, effect):
    """By the class of its table, or of its column."""
    assert effect == found(NOTE, [key("public.notes", "author")], notes=given)["public.notes", "author"]["effect"]


@pytest.mark.parametrize(
    ("action", "effect"), [("a", "blocked"), ("r", "blocked"), ("c", "outside"), ("n", "outside"), ("d", "outside")]
)
def test_what_another_system_keeps_may_hold_on_to_the_account(action, effect):
    """Supabase answers 500 after the transaction where a key has no ON DELETE: that is said before."""
    told = found(
        NOTE, [key("public.notes", "author", "auth.users", on_delete=action)], notes=TableClass(name="outside")
    )

    assert effect == told["public.notes", "author"]["effect"]


def test_a_kept_row_that_cannot_let_go_is_blocked():
    """Its column is NOT NULL, a part of its key, or what another table refers to."""
    firm = [("public.notes", "author", "uuid", 0)]
    referred = [key("public.notes", "author"), key("public.replies", "to", "public.notes", "author")]
    replies = [*NOTE, ("public.replies", "to", "uuid", -1)]

    assert "blocked" == found(firm, [key("public.notes", "author")], notes=KEEP)["public.notes", "author"]["effect"]
    assert "blocked" == found(replies, referred, notes=KEEP)["public.notes", "author"]["effect"]


def test_it_is_followed_as_far_as_rows_go():
    """What refers to a deleted row is found, what refers to a kept one is not; a circle ends."""
    rows = [
        *NOTE,
        *(("public.notes", "up", "int", -1), ("public.likes", "note", "int", -1), ("public.likes", "id", "int", 0)),
        *(("public.files", "id", "int", 0), ("public.files", "by", "uuid", -1), ("public.pages", "file", "int", -1)),
    ]
    keys = [
        key("public.notes", "author"),
        key("public.notes", "up", "public.notes"),
        key("public.likes", "note", "public.notes"),
        key("public.files", "by"),
        key("public.pages", "file", "public.files"),
    ]
    told = found(rows, keys, notes=DELETE, likes=DELETE, files=KEEP)

    assert {"author", "up", "note", "by"} <= {column for _, *names in told for column in names}
    assert ("public.pages", "file") not in told


def test_of_a_key_of_several_columns_the_persons_own_is_emptied():
    """The practice, which another key needs too, stays; MATCH FULL wants all of them, and is blocked else."""
    rows = [("public.notes", "practice", "uuid", -1), ("public.notes", "author", "uuid", -1)]
    own = {"columns": ["practice", "author"], "to_columns": ["practice_id", "id"]}
    keys = [key("public.notes", "", **own), key("public.notes", "practice", "public.users")]
    told = found(rows, keys, notes=KEEP)["public.notes", "practice", "author"]
    full = found(
        [("public.notes", "practice", "uuid", 0), rows[1]],
        [key("", "", **own, table_name="public.notes", full_match=True)],
        notes=KEEP,
    )

    assert ["author"] == told["clears"]
    assert "blocked" == full["public.notes", "practice", "author"]["effect"]


def test_a_pseudonym_satisfies_no_foreign_key():
    """An audit log whose user is a foreign key is blocked, and says why."""
    rows = [("public.audit_logs", "id", "bigint", 0), ("public.audit_logs", "user_id", "uuid", 0)]
    told = references(columns(*rows), [key("public.audit_logs", "user_id")], read(None))

    assert ["blocked", "blocked"] == [each["effect"] for each in told if each["table"] == "public.audit_logs"]


def test_what_the_role_may_not_read_is_said():
    """A column that it must see."""
    told = found(NOTE, [key("public.notes", "author")], ("public.notes.author",), notes=DELETE)

    assert not told["public.notes", "author"]["readable"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[", "cannot be read"),
        ("[surveys]\nclass = 'delete'", "named with its schema"),
        ("['public.surveys']\nclass = 'burn'", "one of delete"),
        ("['public.surveys']\nclass = ['keep']", "class must be a text"),
        ("['public.surveys']\nclass = 'keep'\nground = 7\nuntil = 'u'", "ground must be a text"),
        ("['public.surveys']\nclass = 'delete'\nperson = { x = ['id'] }", "person must give"),
        ("['public.surveys']\nclass = 'keep'", "its ground"),
        ("['public.surveys']\nclass = 'keep'\nground = 'g'", "until when"),
        ("['public.surveys']\nclass = 'delete'\nwho = 'x'", "who is no key"),
        ("['public.surveys']\nclass = 'delete'\nperson = { x = 'phone' }", "person must give"),
        ("['public.surveys']\nclass = 'delete'\ncolumns = { x = 'delete' }", "columns must give"),
        ("['public.surveys']\nclass = 'delete'\ncolumns = { x = 'keep' }", "`others`"),
    ],
)
def test_a_file_of_classes_that_cannot_be_read(text, why, tmp_path):
    """78 with the place, and nothing is deleted by half of a file."""
    file = tmp_path / "classes.toml"
    file.write_text(text)
    with pytest.raises(NotConfigured, match=why):
        read(file)


def test_a_file_that_is_not_there(tmp_path):
    """78, not an empty one."""
    with pytest.raises(NotConfigured, match="PEAKOPS_DATA_CLASSES"):
        read(tmp_path / "none.toml")


def test_a_further_table(tmp_path):
    """It has its class; the house's own stay."""
    file = tmp_path / "classes.toml"
    file.write_text("['public.surveys']\nclass = 'keep'\nground = 'Law.'\nuntil = '2030'\nperson = { mail = 'email' }")
    classes = read(file)

    assert ("keep", "Law.") == (classes.of("public.surveys").name, classes.of("public.surveys").explains("mail"))
    assert ("pseudonymise", "auth", "") == tuple(
        classes.of(each).name for each in ("public.audit_logs", "auth.x", "public.x")
    )
