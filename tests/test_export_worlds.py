"""`data export` end to end: what is in the folder, what is not, and what is said of it."""

import json
import shutil

import jsonschema
import psycopg
import pytest

from peakops import bag
from peakops.render import schema
from peakops.sandbox.state import Sandbox

from . import canaries
from .conftest import WORLDS
from .test_evidence_worlds import lines, still, told
from .test_worlds import Envelope, Page

EXPECTED = {"held": ("exported", None, 0), "log_denied": ("export_incomplete", "not_readable", 1)}
"""Each world with its verdict, cause and exit code."""
ANNA, BEN = "anna@smilecare.example", "ben@smilecare.example"
IDS = {ANNA: "55555555-5555-4555-8555-000000000101", BEN: "55555555-5555-4555-8555-000000000102"}
VALIDATOR = jsonschema.Draft202012Validator(schema.of("data export"))
WHY = ("--reason", "request 2026-11")


@pytest.fixture
def export(peakops, tmp_path):
    """Export Anna into a folder: `export("one", "--json")`."""

    def export(name, *more, who=ANNA):
        return peakops("--sandbox", "data", "export", who, "--to", str(tmp_path / name), *WHY, *more)

    return export


def test_every_world_is_expected_somewhere():
    """No world of exports is without its verdict here."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "export").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, export, load, tmp_path, snapshot):
    """Verdict, cause and exit code in both formats; the folder is written and sealed, and nothing of it is printed."""
    load(f"export/{name}")
    person, script = export("person"), export("script", "--json")

    assert EXPECTED[name] == (script.json["verdict"]["code"], script.json["verdict"]["cause"], script.code)
    assert script.code == person.code == script.json["exit_code"]
    VALIDATOR.validate(script.json)
    assert snapshot(extension_class=Page) == still(person.out, tmp_path / "person")
    assert snapshot(extension_class=Envelope) == still(script.out, tmp_path / "script")
    assert ((), "sealed") == bag.check(tmp_path / "script", Sandbox.evidence_public_key)[:2]
    assert "Anna Smith" not in script.out + person.out


def test_everything_is_there_and_nothing_of_anybody_else(export, load, tmp_path, snapshot):
    """The person's rows in full, the practice's by their key; no secret, no patient, no colleague."""
    load("export/held")
    export("mine")
    folder = tmp_path / "mine"
    text = "".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    written = {
        each["table"]: (each["rows"], each["mentions"])
        for each in told(folder, "contents.json")["written"]
        if each["what"] == "table"
    }

    assert {
        **{"auth.identities": (1, 0), "auth.refresh_tokens": (1, 0), "auth.sessions": (1, 0), "auth.users": (1, 0)},
        **{"public.audit_logs": (1, 1), "public.cases": (0, 1), "public.invitations": (1, 1)},
        **{"public.notifications": (1, 0), "public.payments": (0, 1), "public.users": (1, 0)},
    } == written
    (profile,) = lines(folder, "tables/public.users.ndjson")
    assert ("Anna@SmileCare.example", "Anna Smith", "+1 555 010 0101") == (
        profile["email"],
        profile["full_name"],
        profile["phone"],
    )
    assert [] == canaries.heard_in(text)
    assert [] == [each for each in (BEN, IDS[BEN], "Ben", "cleo@", "203.0.113.99", "kim") if each in text]
    assert {"public.users", "public.cases"} <= told(folder, "schema.json")["tables"].keys()
    assert snapshot(extension_class=Page) == (folder / "data/README.txt").read_text()


def test_a_colleagues_export_is_another(export, load, tmp_path):
    """Nothing of Anna is in Ben's."""
    load("export/held")
    assert 0 == export("his", who=IDS[BEN]).code
    text = "".join(path.read_text() for path in (tmp_path / "his").rglob("*") if path.is_file())

    assert BEN in text
    assert [] == [each for each in (ANNA, "Anna", '203.0.113.7"', "cleo@") if each.lower() in text.lower()]


def test_a_table_that_nobody_classified_is_said_and_what_names_the_person_in_it(export, load, tmp_path):
    """By a foreign key: incomplete. Without one: named elsewhere, found by the search of every column."""
    with psycopg.connect(load("export/held").url_as("postgres")) as owner:
        owner.execute("create table public.surveys (id int primary key, answer text)")
        owner.execute("insert into public.surveys values (1, 'Ask Anna@smilecare.example')")
        owner.execute("grant select on public.surveys to peakops_reader")
    found = export("one", "--json").json
    assert ("named_elsewhere", 1) == (found["verdict"]["code"], found["exit_code"])
    assert "public.surveys.answer (1)" in found["verdict"]["says"]


def test_a_new_foreign_key_is_walked(export, load, tmp_path):
    """The graph is the live one: a table of yesterday's migration is in it, with whose it is unsaid."""
    with psycopg.connect(load("export/held").url_as("postgres")) as owner:
        owner.execute("create table public.badges (id int primary key, holder uuid references users, colour text)")
        owner.execute("insert into public.badges values (1, %s, 'red')", [IDS[ANNA]])
        owner.execute("grant select on public.badges to peakops_reader")
    found = export("one", "--json").json

    assert ("export_incomplete", "unclassified") == (found["verdict"]["code"], found["verdict"]["cause"])
    assert [{"id": 1, "holder": IDS[ANNA]}] == lines(tmp_path / "one", "mentions/public.badges.ndjson")


def test_it_is_journalled_and_can_be_verified(export, load, peakops, tmp_path):
    """Who, for whom, why and the digest; never what."""
    load("export/held")
    digest = export("one", "--json").json["data"]["bag"]["digest"]
    (entry,) = peakops("--sandbox", "journal", "--kind", "exported", "--json").json["data"]["items"]
    verified = peakops("--sandbox", "security", "evidence", "verify", str(tmp_path / "one"), "--json")

    assert (f"user:{IDS[ANNA]}", digest, WHY[1]) == (
        entry["subject"],
        entry["detail"]["digest"],
        entry["detail"]["reason"],
    )
    assert ("intact_sealed", 0) == (verified.json["verdict"]["code"], verified.code)


def test_what_cannot_be_carried_out_is_refused_before_anything_is_asked(export, load, peakops, tmp_path):
    """No reason, no folder, nobody: 64; a folder that is there: 19; somebody who is not there: 14 and no folder."""
    load("export/held")
    (tmp_path / "there").mkdir()

    assert 64 == peakops("--sandbox", "data", "export", ANNA, "--to", str(tmp_path / "x")).code
    assert 64 == peakops("--sandbox", "data", "export", ANNA, *WHY).code
    assert 64 == peakops("--sandbox", "data", "export", *WHY, "--json").code
    assert 64 == export("bad\udcff").code
    assert 19 == export("there", "--json").code
    assert 14 == export("x", who="nobody@smilecare.example").code
    assert [tmp_path / "there"] == list(tmp_path.rglob("*"))


def test_a_database_that_is_down_is_unknown_and_nothing_is_written(export, load, tmp_path):
    """Half of an export would be taken for the whole."""
    load("export/held", faults=[{"vendor": "database", "fault": "down"}])
    found = export("one", "--json").json

    assert ("unknown", 3) == (found["verdict"]["code"], found["exit_code"])
    assert [] == list(tmp_path.iterdir())
    assert {} == json.loads(json.dumps(found["data"]))


def test_every_address_of_the_person_is_theirs(export, load, tmp_path):
    """Of the profile, the account, a change that waits, and a provider: shown in the folder, and searched for."""
    theirs = ("anna.old@smilecare.example", "anna.new@home.example", "anna@mail.example")
    with psycopg.connect(load("export/held").url_as("postgres")) as owner:
        owner.execute("update public.users set email = %s where id = %s", [theirs[0], IDS[ANNA]])
        owner.execute("update auth.users set email_change = %s where id = %s", [theirs[1], IDS[ANNA]])
        data = json.dumps({"email": theirs[2]})
        owner.execute("update auth.identities set identity_data = %s where user_id = %s", [data, IDS[ANNA]])
        owner.execute("create table public.surveys (id int primary key, answer text)")
        owner.execute("insert into public.surveys values (1, %s)", [f"Ask {theirs[0]}"])
        owner.execute("grant select on public.surveys to peakops_reader")
    found = export("one", "--json").json
    text = "".join(path.read_text() for path in (tmp_path / "one").rglob("*") if path.is_file())

    assert [] == [each for each in theirs if each not in text]
    assert "another person's address" not in text
    assert "public.surveys.answer (1)" in found["verdict"]["says"]


def test_of_somebody_who_is_only_invited_nothing_is_written(export, load, tmp_path):
    """There is no id whose rows could be followed, which is said, with what to do."""
    load("export/held")
    ran = export("one", "--json", who="cleo@smilecare.example")

    assert ("only_invited", 1) == (ran.json["verdict"]["code"], ran.code)
    assert [] == list(tmp_path.iterdir())


def test_nothing_is_written_that_the_journal_does_not_know_of(export, load, tmp_path):
    """Personal data leaves only after the line that says who took it and why."""
    up = load("export/held")
    up.journal.mkdir(parents=True, exist_ok=True)
    (up.journal / "journal.ndjson").mkdir()
    ran = export("one", "--json")
    (up.journal / "journal.ndjson").rmdir()

    assert (78, "journal.failed") == (ran.code, ran.json["error"]["code"])
    assert [] == list(tmp_path.iterdir())


def test_the_person_is_not_told_who_made_it(export, load, tmp_path, monkeypatch):
    """Which of our people that was is in the journal."""
    monkeypatch.setenv("PEAKOPS_OPERATOR", "quentin")
    load("export/held")
    export("one")

    assert "quentin" not in "".join(each.read_text() for each in (tmp_path / "one").rglob("*") if each.is_file())


def test_an_export_that_another_took_the_place_of_is_altered(export, load, peakops, tmp_path):
    """Both are sealed, and the journal knows which of them was written there."""
    load("export/held")
    export("hers"), export("his", who=IDS[BEN])
    shutil.rmtree(tmp_path / "hers")
    shutil.copytree(tmp_path / "his", tmp_path / "hers")
    found = peakops("--sandbox", "security", "evidence", "verify", str(tmp_path / "hers"), "--json").json

    assert ("altered", "made_anew") == (found["verdict"]["code"], found["verdict"]["cause"])
