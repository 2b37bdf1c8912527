"""Literal facts in, codes out: whether evidence was had, and whether a folder is as it was."""

import json
from datetime import UTC, datetime

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.redact import Door
from peakops.scenario import Scenario
from peakops.scenarios.security import evidence, evidence_files, evidence_verify
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
PERSON = {"id": "u-1", "email": "anna@smilecare.example", "given": "anna@smilecare.example"}
DIGEST, OTHER = "a" * 64, "b" * 64


def answer(name, rows=(), single=False, error=None, notes=(), source="database"):
    fault = Fault(code=error[0], category=error[1], message="It did not answer.") if error else None
    return Evidence(name=name, source=source, at=NOW, rows=tuple(rows), single=single, notes=notes, error=fault)


def judged(scenario: Scenario, *answers):
    ruling = rule(scenario, diagnose(scenario, answers), answers)
    return ruling.ruling.code, ruling.ruling.cause, ruling.status.value


def collected(**other):
    """An investigation whose looks all answered, but for those that are told otherwise."""
    names = ("accounts", "profiles", "history", "sessions", "platform", "firewall")
    looks = {"person": answer("person", [PERSON], single=True), **{name: answer(name) for name in names}, **other}
    return tuple(looks.values())


DOWN, UNSET = ("x.down", "upstream"), ("x.not_configured", "config")


@pytest.mark.parametrize(
    ("expected", "other"),
    [
        (("evidence_complete", None, "ok"), {}),
        # What is not configured is said, and is no fault of the evidence.
        (("evidence_complete", None, "ok"), {"platform": answer("platform", error=UNSET)}),
        (("evidence_incomplete", None, "warning"), {"platform": answer("platform", error=DOWN)}),
        (
            ("evidence_incomplete", None, "warning"),
            {"history": answer("history", notes=("Only the newest 3000 rows were read.",))},
        ),
        *(
            (("evidence_incomplete", None, "warning"), {"platform": answer("platform", notes=(note,))})
            for note in (
                "auth.audit_log_entries holds about 900,000 rows and has no index for this question: it was not asked.",
                "A query brings 1000 rows at most: of a busy day the oldest are missing.",
                "Read back to 2026-11-18 00:00 UTC: the time was up.",
            )
        ),
        # That a log reaches back for days only is no cut.
        (("evidence_complete", None, "ok"), {"platform": answer("platform", notes=("Asked for the last 28 days.",))}),
        *(
            (("unknown", None, "unknown"), {name: answer(name, error=error)})
            for name in ("accounts", "history", "sessions")
            for error in (DOWN, UNSET)
        ),
    ],
)
def test_evidence_is_complete_only_where_everything_was_had(expected, other):
    """A look that is needed and silent is unknown, whatever the reason; another that failed is a warning."""
    assert expected == judged(evidence.SCENARIO, *collected(**other))


def test_what_is_missing_is_listed_with_the_reason():
    """Each look that brought nothing, by name, source and code."""
    looks = collected(platform=answer("platform", error=DOWN, source="supabase_logs"))
    listed = {"look": "platform", "source": "supabase_logs", "code": "x.down", "says": "It did not answer."}

    assert [listed] == evidence.missing(looks)


def folder(**said):
    base = {
        **{"folder": "evidence-7", "made": "2026-11-20", "about": None, "files": 3, "bytes": 90, "sealed": "sealed"},
        **{"key": "4d81ecc453664dc7", "key_expected": True, "digest": DIGEST, "faults": [], "noted": None},
        "journal_unread": None,
    }
    return answer("bag", [{**base, **said}], single=True, source="bags")


def fault(what, path="data/looks.json"):
    return {"path": path, "what": what}


def noted(digest):
    return {"at": "2026-11-20T15:00:00Z", "operator": "kim", "digest": digest}


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (("intact_sealed", None, "ok"), {}),
        (("intact_sealed", None, "ok"), {"noted": noted(DIGEST)}),
        (("intact_unsealed", None, "warning"), {"sealed": "unsealed", "key": None}),
        (("unknown_key", None, "warning"), {"sealed": "unknown_key"}),
        (("unknown_key", None, "warning"), {"sealed": "unknown_key", "key_expected": False}),
        *((("altered", None, "critical"), {"faults": [fault(what)]}) for what in ("changed", "missing", "added")),
        (("altered", None, "critical"), {"sealed": "unsealed", "faults": [fault("changed")]}),
        (
            ("altered", "seal_does_not_hold", "critical"),
            {"sealed": "forged", "faults": [fault("seal", "seal.json")]},
        ),
        # What nobody sealed was made anew, and this machine's journal knows another digest.
        (("altered", "made_anew", "critical"), {"sealed": "unsealed", "noted": noted(OTHER)}),
        (("altered", "made_anew", "critical"), {"noted": noted(OTHER)}),
        (("unknown", None, "unknown"), {"faults": [fault("unreadable")]}),
        (("unknown", None, "unknown"), {"sealed": "unsealed", "faults": [fault("unreadable")]}),
        (("unknown", None, "unknown"), {"journal_unread": "The journal cannot be read."}),
        (
            ("altered", None, "critical"),
            {"journal_unread": "The journal cannot be read.", "faults": [fault("changed")]},
        ),
        (("altered", None, "critical"), {"faults": [fault("unreadable"), fault("added", "data/x")]}),
    ],
)
def test_each_state_of_a_folder_has_its_verdict(expected, said):
    """What was altered is critical, what nobody can vouch for a warning, and what could not be read unknown."""
    assert expected == judged(evidence_verify.SCENARIO, folder(**said))


def test_a_folder_without_a_seal_is_never_fine_without_words():
    """Anybody may have made the manifest, which the sentence says."""
    looks = (folder(sealed="unsealed", key=None),)
    says = rule(evidence_verify.SCENARIO, diagnose(evidence_verify.SCENARIO, looks), looks).ruling.says

    assert "anybody may have made the manifest" in says


def test_every_kind_of_fault_is_named():
    """Each with its files, and how many more there are."""
    many = [fault("changed", f"data/{number:02}") for number in range(22)]
    looks = (folder(faults=[*many, fault("missing", "data/gone"), fault("added", "data/new/")]),)
    says = rule(evidence_verify.SCENARIO, diagnose(evidence_verify.SCENARIO, looks), looks).ruling.says

    assert "data/19 and 2 more; missing: data/gone; added: data/new/." in says


def test_a_person_who_is_silent_makes_unknown_where_nothing_else_is_known():
    """A look that waited for another has nothing of its own to say."""
    looks = collected(person=answer("person", error=DOWN), history=answer("history", error=DOWN))

    assert "unknown" == judged(evidence.SCENARIO, *looks)[0]


EVENT = {
    "at": NOW,
    "user": "u-1",
    "kind": "login",
    "ip": "203.0.113.7",
    "agent": "curl",
    "source": "portal",
    "line": "1",
}
ABOUT = {"version": "0.1.0", "taken_at": "2026-11-20T15:00:00Z", "subject": "user:u-1", "revealed": False}


def written(door=None, rows=()):
    door = door or Door(addresses=True)
    looks = (answer("person", [PERSON], single=True), answer("sessions", rows), answer("history", error=DOWN))
    asks = {
        "person": evidence_files.Asked(
            source="database", call="find", params={"ways": [["user/person", {"id": "u-1"}]]}
        ),
        "sessions": evidence_files.Asked(
            source="database", call="rows", params={"query": "user/sessions", "id": "u-1"}
        ),
        "history": evidence_files.Asked(source="database", call="rows", params=None),
    }
    texts = {"user/person": "select 1", "user/sessions": "select 2"}
    line = [{"record": "1", "says": "logged in from 203.0.113.7", "points": 12}]
    found = evidence_files.Found(
        about=ABOUT,
        evidence=looks,
        asked=asks,
        texts=texts,
        events=(EVENT,),
        investigation={"score": 12, "timeline": line},
    )
    made = evidence_files.files(found, door.clean)
    return {name: b"".join(pieces).decode() for name, pieces in made}


def test_each_look_is_a_file_with_its_question():
    """Statement, parameters, time and number of rows; a look that failed has its error instead of a file."""
    files = written(rows=[{"ip": "203.0.113.7"}, {"ip": None}])
    looks = {each["name"]: each for each in json.loads(files["looks.json"])["looks"]}

    assert {"user/sessions": "select 2"} == looks["sessions"]["statements"]
    assert {"id": "u-1"} == looks["sessions"]["params"]
    assert ("2026-11-20T15:00:00+00:00", 2) == (looks["sessions"]["at"], looks["sessions"]["rows"])
    assert 2 == len(files[looks["sessions"]["file"]].splitlines())
    assert (None, "x.down") == (looks["history"]["file"], looks["history"]["error"]["code"])
    assert ["history"] == [each["look"] for each in json.loads(files["report.json"])["missing"]]


def test_the_time_line_is_what_timesketch_takes():
    """Each line has message, datetime in ISO 8601 and timestamp_desc, and whatever else is known."""
    (line,) = map(json.loads, written()["timeline.jsonl"].splitlines())

    assert ("logged in from 203.0.113.7", 12) == (line["message"], line["points"])
    assert NOW == datetime.fromisoformat(line["datetime"])
    assert "portal: login" == line["timestamp_desc"]
    assert ("203.0.113.7", "1") == (line["ip"], line["record"])


def test_evidence_is_masked_unless_it_is_revealed():
    """An address is masked, also the one that was typed; an IP address is what it is about."""
    masked, revealed = written(), written(Door(reveal=True, addresses=True))

    assert "anna@smilecare.example" not in "".join(masked.values())
    assert "203.0.113.7" in masked["timeline.jsonl"]
    assert "anna@smilecare.example" in revealed["looks/person.ndjson"]


@pytest.mark.parametrize("subject", ["user:", "user:kim", "practice:u-1", "55555555-5555-4555-8555-000000000101", ""])
def test_an_incident_about_no_id_is_about_nobody(subject):
    """No query is sent what is no id: it would fail, and say nothing."""
    assert evidence._about([{"subject": subject}]) is None


def test_a_value_that_recurs_is_masked_each_time_by_its_column():
    """The same text is a name in one column and none in another."""
    rows = [{"full_name": "Anna", "action": "Anna"}, {"full_name": "Anna", "action": "Anna"}]
    text = written(rows=rows)["looks/sessions.ndjson"]

    assert [{"full_name": "A…", "action": "Anna"}] * 2 == [json.loads(each) for each in text.splitlines()]
