"""`security evidence` and its verification end to end: what is in the folder, and what is said of it."""

import hashlib
import json
import re
import shutil

import jsonschema
import psycopg
import pytest

from peakops import bag
from peakops.cli.sandboxed import settings_of
from peakops.render import schema

from . import canaries
from .conftest import WORLDS
from .test_worlds import Envelope, Page, steady

EXPECTED = {
    "log_denied": ("unknown", 3),
    "platform_down": ("evidence_incomplete", 1),
    "taken": ("evidence_complete", 0),
}
"""Each world with its verdict and exit code."""
ANNA = "anna@smilecare.example"
ID = "user:55555555-5555-4555-8555-000000000101"
COLLECTED = jsonschema.Draft202012Validator(schema.of("security evidence"))
VERIFIED = jsonschema.Draft202012Validator(schema.of("security evidence verify"))


def still(text, folder):
    """What differs from run to run: the folder's place, ids, how long looks took, and with it bytes and digest."""
    text = re.sub(r'"[0-9a-f]{32}"', '"request"', steady(text)).replace(str(folder), "DIR")
    text = re.sub(r'("(?:digest|clock)": )"[^"]*"', r'\1"…"', re.sub(r'("(?:bytes|backend)": )\d+', r"\g<1>0", text))
    return re.sub(r"[\d,]+ bytes", "0 bytes", text)


@pytest.fixture
def take(peakops, tmp_path):
    """Take evidence of Anna into a folder: `take("one", "--json")`."""

    def take(name, *more, who=(ANNA,)):
        return peakops("--sandbox", "security", "evidence", *who, "--to", str(tmp_path / name), *more)

    return take


@pytest.fixture
def verify(peakops, tmp_path):
    """Verify a folder as a script: the envelope."""

    def verify(name):
        ran = peakops("--sandbox", "security", "evidence", "verify", str(tmp_path / name), "--json")
        VERIFIED.validate(ran.json)
        assert ran.code == ran.json["exit_code"]
        return ran.json

    return verify


def told(folder, name):
    """A file of the payload, as JSON."""
    return json.loads((folder / "data" / name).read_text())


def lines(folder, name):
    """A file of the payload, as rows."""
    return [json.loads(each) for each in (folder / "data" / name).read_text().splitlines()]


def test_every_world_is_expected_somewhere():
    """No world of evidence is without its verdict here."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "evidence").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, take, load, tmp_path, snapshot):
    """Verdict and exit code, in both formats; whatever was missing, the folder is written, sealed and intact."""
    load(f"evidence/{name}")
    person, script = take("person"), take("script", "--json")

    assert EXPECTED[name] == (script.json["verdict"]["code"], script.code)
    assert script.code == person.code == script.json["exit_code"]
    COLLECTED.validate(script.json)
    assert snapshot(extension_class=Page) == still(person.out, tmp_path / "person")
    assert snapshot(extension_class=Envelope) == still(script.out, tmp_path / "script")
    missing = [each["look"] for each in script.json["data"]["missing"]]
    assert missing == [each["look"] for each in told(tmp_path / "script", "report.json")["missing"]]
    assert ((), "sealed") == bag.check(tmp_path / "script", key_of_the_sandbox())[:2]


def key_of_the_sandbox():
    from peakops.sandbox.state import Sandbox

    return Sandbox.evidence_public_key


def test_the_folder_holds_every_look_with_its_question(take, load, tmp_path, peakops):
    """Each look's statements, parameters, time and rows; the time line of portal and sessions; nobody's secret."""
    load("evidence/taken")
    ran = take("evidence", "--json")
    folder = tmp_path / "evidence"
    looks = {each["name"]: each for each in told(folder, "looks.json")["looks"]}
    events = lines(folder, "timeline.jsonl")

    assert [each["name"] for each in ran.json["evidence"]] == list(looks)
    for each in looks.values():
        assert each["rows"] == len(lines(folder, each["file"]))
        assert each["source"] != "database" or each["statements"]
    assert ID.partition(":")[2] == looks["sessions"]["params"]["id"]
    assert {"peakops_reader"} == {each["role"] for each in lines(folder, "looks/server.ndjson")}
    assert 7 == looks["log_entries"]["rows"]
    assert sorted(events, key=lambda each: each["datetime"]) == events
    assert {"portal", "sessions"} <= {each["source"] for each in events}
    assert told(folder, "investigation.json")["signals"]
    assert all(each["message"] and each["timestamp_desc"] for each in events)
    text = "".join(path.read_text() for path in folder.rglob("*") if path.is_file())
    assert [] == canaries.heard_in(text)
    assert ANNA not in text
    assert "198.51.100.99" in text


def test_the_journal_knows_the_folder_by_its_digest(take, load, verify, tmp_path, peakops):
    """What the journal notes is what verification finds; a bag that was made anew in its place is altered."""
    load("evidence/taken")
    digest = take("evidence", "--reason", "ticket 4711", "--json").json["data"]["bag"]["digest"]
    entries = peakops("--sandbox", "journal", "--kind", "evidence", "--json").json["data"]["items"]
    found = verify("evidence")

    assert digest == hashlib.sha256((tmp_path / "evidence" / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert [(ID, digest, "ticket 4711")] == [
        (each["subject"], each["detail"]["digest"], each["detail"]["reason"]) for each in entries
    ]
    assert ("intact_sealed", 0, digest) == (
        found["verdict"]["code"],
        found["exit_code"],
        found["data"]["bag"]["noted"]["digest"],
    )
    shutil.rmtree(tmp_path / "evidence")
    bag.write(tmp_path / "evidence", [("looks.json", [b"{}"])], {}, key=None)
    assert ("altered", "made_anew") == (verify("evidence")["verdict"]["code"], verify("evidence")["verdict"]["cause"])


def test_an_incident_names_the_person(take, load, tmp_path):
    """By its number in any case, and by its id; its events are evidence too."""
    load("evidence/taken")
    for number, incident in enumerate(("inc-7", "99999999-9999-4999-8999-000000000001")):
        assert 0 == take(f"{number}", who=("--incident", incident)).code
        assert ID == told(tmp_path / f"{number}", "report.json")["subject"]
        events = lines(tmp_path / f"{number}", "looks/incident_events.ndjson")
        # The second finds the line by which the first has joined the incident.
        assert ["opened", "command"][: number + 1] == [each["kind"] for each in events]


@pytest.mark.parametrize("who", [("--incident", "INC-8"), ("--incident", "INC-99"), ("nobody@smilecare.example",)])
def test_where_nobody_is_meant_nothing_is_written(who, take, load, tmp_path):
    """An incident about a practice, one that is not there, and somebody whom nobody knows."""
    load("evidence/taken")
    ran = take("evidence", "--json", who=who)

    assert (14, "not_found") == (ran.code, ran.json["error"]["category"])
    assert who[-1] in ran.json["error"]["message"]
    assert [] == list(tmp_path.iterdir())


def test_what_cannot_be_carried_out_is_refused_before_anything_is_asked(take, load, peakops, tmp_path):
    """Nobody, two subjects, no folder: 64; a folder that is there: 19, and it is left as it is."""
    load("evidence/taken")
    (tmp_path / "there").mkdir()

    assert 64 == peakops("--sandbox", "security", "evidence", "--json").code
    assert 64 == peakops("--sandbox", "security", "evidence", ANNA).code
    assert 64 == take("evidence", "--incident", "INC-7").code
    assert 64 == take("evidence", "--reveal").code
    assert 64 == take("bad\udcff").code
    assert 19 == take("there", "--json").code
    assert [tmp_path / "there"] == list(tmp_path.rglob("*"))


def test_personal_data_is_in_it_where_it_is_revealed(take, load, tmp_path, peakops):
    """With a reason, which the journal has before anything is asked."""
    load("evidence/taken")
    assert 0 == take("evidence", "--reveal", "--reason", "court order 7").code

    text = (tmp_path / "evidence/data/looks/accounts.ndjson").read_text()
    kinds = [each["kind"] for each in peakops("--sandbox", "journal", "--json").json["data"]["items"]]
    assert ANNA in text
    assert [] == canaries.heard_in(text)
    assert ["evidence", "revealed"] == kinds


@pytest.mark.parametrize(
    ("expected", "key", "harm"),
    [
        (("intact_sealed", 0), True, lambda folder: folder),
        (("intact_unsealed", 1), False, lambda folder: folder),
        (("altered", 2), True, lambda folder: (folder / "data/a.txt").write_bytes(b"B")),
        (("altered", 2), False, lambda folder: (folder / "data/a.txt").unlink()),
        (("altered", 2), True, lambda folder: (folder / "data/b.txt").write_bytes(b"b")),
        (("altered", 2), True, lambda folder: (folder / "seal.json").unlink()),
    ],
)
def test_a_folder_is_verified_without_a_database(expected, key, harm, verify, state, load, tmp_path):
    """Sealed, unsealed, changed, missing, added, and with the seal taken away; the file is named."""
    up = load("evidence/taken", faults=[{"vendor": "database", "fault": "down"}])
    bag.write(tmp_path / "e", [("a.txt", [b"a"])], {}, key=settings_of(up).evidence_key if key else None)
    harm(tmp_path / "e")
    found = verify("e")

    assert expected == (found["verdict"]["code"], found["exit_code"])
    assert bool(found["data"]["faults"]) == (expected[0] == "altered")
    assert all(each["path"] in found["verdict"]["says"] for each in found["data"]["faults"])


def test_no_folder_is_not_found(peakops, tmp_path):
    """And is never intact."""
    ran = peakops("--sandbox", "security", "evidence", "verify", str(tmp_path / "nowhere"), "--json")

    assert (14, "not_found") == (ran.code, ran.json["verdict"]["code"])


def test_a_journal_that_cannot_be_written_is_said_with_the_folder(take, load, tmp_path):
    """The evidence is there all the same, and its digest in the sentence: it can be noted by hand."""
    up = load("evidence/taken")
    up.journal.mkdir(parents=True, exist_ok=True)
    (up.journal / "journal.ndjson").mkdir()
    ran = take("evidence", "--json")
    (up.journal / "journal.ndjson").rmdir()

    assert (78, "journal.failed") == (ran.code, ran.json["error"]["code"])
    assert bag.check(tmp_path / "evidence", key_of_the_sandbox()).digest in ran.json["error"]["message"]


def test_a_folder_named_by_an_address_is_known_to_the_journal(take, load, verify, tmp_path):
    """The journal has the path masked: two of them read alike, and each is told from what took its place."""
    load("evidence/taken")
    for name in (f"of-{ANNA}", "of-amy@smilecare.example"):
        take(name)
    assert "intact_sealed" == verify(f"of-{ANNA}")["verdict"]["code"]
    assert verify(f"of-{ANNA}")["data"]["bag"]["noted"]
    shutil.rmtree(tmp_path / f"of-{ANNA}")
    bag.write(tmp_path / f"of-{ANNA}", [("looks.json", [b"{}"])], {}, key=None)

    assert "made_anew" == verify(f"of-{ANNA}")["verdict"]["cause"]
    assert "intact_sealed" == verify("of-amy@smilecare.example")["verdict"]["code"]


def test_a_link_in_the_place_of_a_folder_is_held_against_that_place(take, load, verify, tmp_path):
    """What it leads to was never noted there."""
    load("evidence/taken")
    take("evidence")
    bag.write(tmp_path / "other", [("looks.json", [b"{}"])], {}, key=None)
    shutil.rmtree(tmp_path / "evidence")
    (tmp_path / "evidence").symlink_to(tmp_path / "other")

    assert "made_anew" == verify("evidence")["verdict"]["cause"]


def test_an_incident_about_somebody_who_is_gone_is_found_by_the_log(take, load, tmp_path):
    """Neither account nor profile is left; what the log tells is evidence. An odd subject is about nobody."""
    gone = "55555555-5555-4555-8555-000000000777"
    with psycopg.connect(load("evidence/taken").url_as("postgres")) as owner:
        for number, subject in (("INC-20", f"user: {gone} "), ("INC-21", "user:kim")):
            owner.execute(
                "insert into peakops.incidents (id, number, subject, severity, opened_at, opened_by)"
                " values (gen_random_uuid(), %s, %s, 'low', now(), 'kim')",
                [number, subject],
            )
        owner.execute("insert into public.audit_logs (user_id, action) values (%s, 'auth.login')", [gone])

    assert "evidence_complete" == take("one", "--json", who=("--incident", "INC-20")).json["verdict"]["code"]
    assert f"user:{gone}" == told(tmp_path / "one", "report.json")["subject"]
    assert 14 == take("two", who=("--incident", "INC-21")).code


def test_many_rows_are_in_the_folder_and_not_in_the_output(take, load, tmp_path):
    """Of a look with thousands of rows the output has the first, and how many there are; old ones are asked for too."""
    with psycopg.connect(load("evidence/taken").url_as("postgres")) as owner:
        owner.execute(
            "insert into public.audit_logs (user_id, action, created_at) select %s, 'records.viewed',"
            " timestamptz '2026-07-01T00:00Z' + g * interval '1 s' from generate_series(1, 2000) g",
            [ID.partition(":")[2]],
        )
    ran = take("one", "--since", "180d", "--json")
    look = next(each for each in ran.json["evidence"] if each["name"] == "log_entries")

    assert 2007 == len(lines(tmp_path / "one", "looks/log_entries.ndjson"))
    assert (200, ["The first 200 of 2,007 rows; all of them are in the folder."]) == (len(look["rows"]), look["notes"])
    assert 2007 == next(each["rows"] for each in ran.json["data"]["looks"] if each["name"] == "log_entries")


@pytest.mark.parametrize(("expected", "harm"), [(("unknown", 3), False), (("altered", 2), True)])
def test_a_journal_that_cannot_be_read_is_unknown_and_hides_no_change(expected, harm, verify, load, tmp_path):
    """What is proven all the same is critical; without the journal nobody knows whether the folder was made anew."""
    up = load("evidence/taken")
    bag.write(tmp_path / "e", [("a.txt", [b"a"])], {}, key=settings_of(up).evidence_key)
    if harm:
        (tmp_path / "e/data/a.txt").write_bytes(b"B")
    up.journal.mkdir(parents=True, exist_ok=True)
    (up.journal / "journal.ndjson").mkdir()
    found = verify("e")
    (up.journal / "journal.ndjson").rmdir()

    assert expected == (found["verdict"]["code"], found["exit_code"])
