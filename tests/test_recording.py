"""Evidence that replays: what is recorded is masked, found when it is changed, judged as it was, and compared."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address, ip_interface
from pathlib import Path
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peakops import recording
from peakops.cli import diff, keeping, waiting
from peakops.cli.commands import Run
from peakops.cli.invocation import Invocation
from peakops.cli.replay import judged, opened
from peakops.errors import BadInput, NotConfigured, Refused
from peakops.model import Evidence, Report, Ruling, Status, placed
from peakops.recording.encode import decoded, encoded
from peakops.redact import REMOVED, Door
from peakops.redact.alike import Alike
from peakops.render import Style, schema, why
from peakops.report import Frame, of_evidence
from peakops.scenarios import PRECONDITIONS, SCENARIOS, SWEEPS
from peakops.scenarios.user import check as user_check

from . import command_tree

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CHECK = ("--sandbox", "payment", "check", "INV-123")
RECORDINGS = Path(__file__).parent / "recordings"
KEY = b"a key of the tests"
NOT_RECORDED = {
    **dict.fromkeys(SWEEPS, "judges many subjects one by one as they are read, and keeps none of the rows"),
    "setup.check": "the precondition of a fix; the command is the fix",
    "security.network": "likewise: security block and unblock",
    "security.rule": "likewise: security limit and restore",
    "security.evidence": "writes a sealed bag, which is the evidence itself",
    "data.export": "writes what is held on a person, which a recording must not hold",
}
"""What investigates and cannot be recorded, and why; the world of a sweep is recorded by the check of its subject."""


# Values

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]))
    | st.uuids()
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.datetimes(timezones=st.just(UTC) | st.none())
    | st.binary()
)
VALUES = st.recursive(
    SCALARS,
    lambda each: (
        st.lists(each)
        | st.lists(each).map(tuple)
        | st.dictionaries(st.text(alphabet="ab$é"), each)
        | st.dictionaries(st.integers(), each)
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(VALUES)
def test_a_value_comes_back_equal(value):
    """Whatever a row holds is the same value, of the same type, after it was written as JSON and read."""
    again = decoded(json.loads(json.dumps(encoded(value))))

    assert value == again
    assert type(value) is type(again)


def test_a_type_that_no_evidence_holds_is_told():
    """What could not be read back equal is not written."""
    with pytest.raises(TypeError, match="object has no place"):
        encoded([object()])


# Masks

PEOPLE = (
    {"email": "owner@smilecare.example", "full_name": "Olga Ivers", "phone": "+1 555-010-4477", "id": UUID(int=7)},
    {"email": "Owner@smilecare.example", "address": "olga@smilecare.example", "says": "to owner@smilecare.example"},
    {
        "line": "audit_logs 50 and 2 more",
        "line1": "7 Elm Street",
        "ip": "203.0.113.7",
        "says": "from 203.0.113.7 and 2001:db8::17, +1 555-010-4477",
    },
)


def test_masks_keep_equal_what_is_equal():
    """One person is one pseudonym wherever it stands; two with one first letter are two; the domain stays."""
    one, two, three = Alike(key=KEY).clean(PEOPLE)

    assert one["email"] != two["address"]
    assert one["email"] == two["says"].removeprefix("to ")
    assert (one["email"].lower(), one["email"] != two["email"]) == (two["email"].lower(), True)
    assert "smilecare.example" == one["email"].partition("@")[2]
    assert three["says"] == f"from {three['ip']} and {three['says'].split(' and ')[1]}"
    assert one["phone"] in three["says"]
    assert UUID(int=7) == one["id"]
    assert PEOPLE[2]["line"] == three["line"]


def test_masks_hold_back_what_the_doors_hold_back():
    """Nothing of the person is left but what the doors show, and a door makes the same of the masked and the rest."""
    masked = Alike(key=KEY).clean(PEOPLE)
    text = repr(masked).lower()

    assert Door().clean(PEOPLE) == Door().clean(masked)
    assert [] == [each for each in ("owner", "olga", "ivers", "elm", "0.113.7", "db8", "010") if each in text]
    assert masked == Alike(key=KEY).clean(PEOPLE)
    assert masked != Alike(key=b"another machine's").clean(PEOPLE)


def test_secrets_go_in_any_case():
    """A key, a token, a patient's name: also where personal data is recorded as it is."""
    row = {"says": "with sk_live_abcdefghijklmnopqrstuvwx", "patient_name": "Kim", "email": "owner@smilecare.example"}
    door = Alike(reveal=True)

    assert {"says": f"with {REMOVED}", "patient_name": REMOVED, "email": row["email"]} == door.clean(row)
    assert 2 == door.removed


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.from_regex(r"[a-zA-Z]{1,3}[.+]?[a-z]{1,2}@(smile|care)\.example", fullmatch=True), min_size=2))
def test_masks_are_one_to_one(addresses):
    """Any two addresses are equal, or equal but for upper and lower case, exactly if their masks are."""
    masked = Alike(key=KEY).clean(addresses)

    assert len(set(addresses)) == len(set(masked))
    assert len({each.lower() for each in addresses}) == len({each.lower() for each in masked})
    assert [each == each.lower() for each in addresses] == [each == each.lower() for each in masked]


def test_a_name_beside_an_address_is_masked_too():
    """What stands after an address, in a field that is somebody's, is no part of the address's pseudonym."""
    masked = repr(Alike(key=KEY).clean([{"full_name": "owner@smilecare.example Olga Ivers"}, {"street": "elm.lane 7"}]))

    assert [] == [each for each in ("owner", "Olga", "Ivers", "elm") if each in masked]


def test_addresses_of_the_networks_type_are_masked():
    """A database's inet, with its network's length or without; not where addresses are what it is about."""
    row = {"ip": ip_address("203.0.113.7"), "net": ip_interface("2001:db8::17/64")}
    masked = Alike(key=KEY).clean(row)

    assert [type(each) for each in row.values()] == [type(each) for each in masked.values()]
    assert [] == [name for name in row if row[name] == masked[name]]
    assert row == Alike(key=KEY, addresses=True).clean(row)


def test_masks_that_are_used_up_end():
    """Texts and short numbers where a phone should be: each another mask, though there are few of that form."""
    said = ("none", "null", *(f"{first}12" for first in range(1, 10)), *(f"{first} 12" for first in "abcdefgh"))
    masked = [each["phone"] for each in Alike(key=KEY).clean([{"phone": each} for each in said])]

    # Letters are the same to a phone: 'a 12' and 'b 12' are one number.
    assert len({"".join(filter(str.isdigit, each)) or each for each in said}) == len(set(masked))


# The document


def small():
    """A recording that is short enough to change each byte of."""
    look = Evidence(name="person", source="database", at=NOW, rows=({"id": UUID(int=1), "email": "é@a.example"},))
    said = recording.Recorded(status="ok", exit_code=0, code="paid", cause=None, complete=True, findings=("paid",))
    return recording.Recording(
        **{
            "command": "payment check",
            "scenario": "payment.check",
            "environment": "default",
            "given": {"invoice": "I"},
        },
        **{"at": NOW, "fail_on": "warning", "version": "0", "playbook": "", "masks": None, "redacted": 0},
        recorded=said,
        looks=(look,),
    )


def test_a_recording_is_read_as_it_was_written():
    """Every value is equal, of rows too."""
    assert small() == recording.read(recording.text(small()).encode(), "f")


def test_any_byte_that_was_changed_is_found():
    """Changed or taken away, in a value, a hash, a blank: it is no recording any more, and that is said."""
    raw = recording.text(small()).encode()
    for place in range(len(raw)):
        for other in (raw[place] ^ 1, raw[place] ^ 32):
            with pytest.raises(BadInput, match=r"^f"):
                recording.read(raw[:place] + bytes([other]) + raw[place + 1 :], "f")
        with pytest.raises(BadInput):
            recording.read(raw[:place] + raw[place + 1 :], "f")


def test_what_differs_is_named():
    """The look whose rows were changed; else that it stands beside the rows; else the line."""
    text = recording.text(small())
    cases = {
        "the look 'person'": text.replace('"id": {', '"ID": {'),
        "beside the rows": text.replace('"exit_code": 0', '"exit_code": 1'),
        "in line 3": text.replace('"sha256": ', '"sha256":  ', 1),
        "line 1: this is not the JSON": "{",
        "its schema is None": "{}",
    }
    for says, changed in cases.items():
        with pytest.raises(BadInput, match=says) as told:
            recording.read(changed.encode(), "f")
        assert 65 == told.value.exit_code


def sealed(**changed):
    """A recording that somebody changed who also wrote its hashes."""
    document = {**json.loads(recording.text(small())), **changed}
    (look,) = document["looks"]
    look["sha256"] = hash_of(look["rows"])
    del document["schema"], document["sha256"]
    whole = {"schema": "peakops/recording/v1", "sha256": hash_of(document), **document}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass")


def hash_of(value):
    return sha256(
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    ).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        {"at": "2026"},
        {"given": [1]},
        {"version": 7},
        {"command": "payment check; rm -rf ~"},
        {"fail_on": "always"},
        {"playbook": "\ud800"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_hash_makes_no_recording(changed):
    """A file with true hashes in which something else stands than a recording has is refused all the same."""
    assert small() == recording.read(sealed(), "f")
    with pytest.raises(BadInput, match=r"^f") as told:
        recording.read(sealed(**changed), "f")
    assert 65 == told.value.exit_code


def test_a_bottomless_file_is_told():
    """Deeper than anybody reads, before the rows and in them; in half characters too."""
    for place in (b'{"schema": "peakops/recording/v1", "given": ', b'{"schema": "peakops/recording/v1", "looks": '):
        for inside in (b"[" * 700 + b"]" * 700, b"[" * 90000, b'[{"rows": "\\ud800"}]'):
            with pytest.raises(BadInput):
                recording.read(place + inside + b"}", "f")


def test_a_mail_program_is_told_by_its_line_ends():
    """The values are the same, and so is each line but for its end."""
    with pytest.raises(BadInput, match="in how its lines end"):
        recording.read(recording.text(small()).replace("\n", "\r\n").encode(), "f")


# The judgement


def absent(name, *more):
    """A report of a person who is not there."""
    evidence = (Evidence(name="person", source="database", single=True, rows=()), *more)
    frame = Frame(command="user check", environment="default", given={"user": name}, started_at=NOW)
    return of_evidence(user_check.SCENARIO, frame, evidence)


def test_a_recording_that_would_be_judged_otherwise_is_refused():
    """A rule that reads what a mask changes: no untrue recording is made, and the way out is told."""
    found = replace(absent("owner@smilecare.example"), status=Status.OK, exit_code=0)

    def by_name(kept):
        owner = kept.given["user"].startswith("owner@")
        return replace(found, verdict=Ruling(code="owner" if owner else "stranger", title="", says=""))

    owner = replace(found, verdict=Ruling(code="owner", title="", says=""))
    with pytest.raises(Refused, match="would be judged 'stranger', not 'owner'") as told:
        recording.of_report(owner, fail_on="warning", key=KEY, judge=by_name)
    assert "--reveal" in told.value.hint
    assert "owner" == recording.of_report(owner, fail_on="warning", key=None, judge=by_name).recorded.code


def test_what_was_typed_of_nobody_is_masked():
    """A name that is no subject, wherever it stands alone; the number of an invoice is none, nor is a mask."""
    found = absent("Olga Ivers")
    found = replace(
        found, gathered=(*found.gathered, replace(small().looks[0], name="other", rows=({"missed": "Olga Ivers"},)))
    )

    assert "Olga" not in recording.text(recording.of_report(found, fail_on="warning", key=KEY, judge=judged))
    for plain in ("INV-404", "o…@smilecare.example"):
        kept = recording.of_report(absent(plain), fail_on="warning", key=KEY, judge=judged)
        assert {"user": plain} == kept.given


def test_who_is_near_stays_so_with_any_key():
    """Masks resemble one another otherwise than addresses do: the candidates are those of then, in their order."""
    names = {"anna": "1", "anne": "2", "annabel": "3"}
    people = [{"id": each, "email": f"{name}@smilecare.example", "missed": MISSED} for name, each in names.items()]
    similar = Evidence(name="similar", source="database", rows=tuple(people))
    found = absent(MISSED, similar)

    assert ["1", "2", "3"] == ids_of(found)
    for key in range(12):
        kept = recording.of_report(found, fail_on="warning", key=b"%d" % key, judge=judged)
        assert (["1", "2", "3"], found.next) == (ids_of(judged(kept)), judged(kept).next)


MISSED = "ann@smilecare.example"


def ids_of(report):
    """The candidates of a subject that is not there."""
    return [each["id"] for each in report.data["candidates"]]


def test_rules_that_read_more_than_was_recorded_are_told(monkeypatch):
    """An old recording without what today's rules read is no bug, and never a verdict; nor is one that masks break."""
    kept = recording.of_report(absent("a@b.example"), fail_on="warning", key=KEY, judge=judged)

    def missing(given):
        return {}[given]

    monkeypatch.setattr("peakops.scenarios.user.check.SCENARIO", replace(user_check.SCENARIO, absent=missing))
    with pytest.raises(BadInput, match="did not record: KeyError") as told:
        judged(kept)
    assert "Replay it with the peakops that recorded it." == told.value.hint
    found = replace(absent_before(kept), exit_code=14)
    with pytest.raises(Refused, match="could not be judged at all"):
        recording.of_report(found, fail_on="warning", key=KEY, judge=judged)


def absent_before(kept):
    """The report that a recording was made of, but for masks."""
    report = Report(command=kept.command, environment=kept.environment, started_at=kept.at, given=kept.given)
    return replace(report, scenario=kept.scenario, gathered=kept.looks, status=Status.ERROR)


def test_todays_rules_judge_an_old_recording():
    """Another version, other words and another verdict then: today's is the verdict, and both are told."""
    kept = recording.of_report(absent("a@b.example"), fail_on="warning", key=KEY, judge=judged)
    same = recording.replayed(kept, judged)
    old = replace(kept, version="0.0.1", playbook="other", recorded=replace(kept.recorded, code="ready", exit_code=0))
    told = recording.replayed(old, judged)

    assert (True, (), None) == (same.data["recording"]["same"], same.warnings, same.data["recording"]["aged"])
    assert ("not_found", 14) == (told.verdict.code, told.exit_code)
    (warning,) = told.warnings
    assert "'not_found' (exit 14)" in warning
    assert "'ready' (exit 0) was said then, by peakops 0.0.1 and another text of the playbook's section" in warning


@pytest.mark.parametrize(("name", "code"), [("before", "paid_not_recorded"), ("after", "paid")])
def test_a_recording_of_once_is_read_today(name, code):
    """The files beside the tests were written by the first peakops that records: their form is a promise."""
    assert code == recording.replayed(opened(RECORDINGS / f"{name}.json"), judged).verdict.code


def test_an_unknown_scenario_is_told():
    """A recording of a check that this peakops does not have is no crash."""
    with pytest.raises(BadInput, match=r"no scenario 'os\.path'"):
        judged(replace(small(), scenario="os.path"))


def test_differences_by_row_and_field():
    """Rows are told apart by their id: what changed, came and went; silence is told; times of looks do not count."""
    was, rows = small(), [{"id": 1, "status": "open"}, {"id": 2, "status": "open"}]
    now = replace(was, masks="other", looks=(replace(was.looks[0], rows=(rows[1],), took_ms=9, at=None),))
    was = replace(was, looks=(replace(was.looks[0], rows=({**rows[1], "status": "paid"}, rows[0])),))
    report = absent("x")
    differs = recording.between((was, report), (now, report))

    (look,) = differs.looks
    assert ([], [rows[0]]) == (look["came"], look["went"])
    assert [{"id": 2, "fields": [{"field": "status", "was": "paid", "is": "open"}]}] == look["changed"]
    assert (None, (), (), False) == (differs.verdict, differs.came, differs.answers, differs.comparable)
    assert recording.between((was, report), (was, report)).same


def test_rows_without_names_are_counted():
    """Two rows alike are not one; what limits an answer counts as its rows do."""
    look = replace(small().looks[0], rows=({"n": 1}, {"n": 1}, {"n": 2}))
    was = replace(small(), looks=(look,))
    now = replace(was, looks=(replace(look, rows=({"n": 2}, {"n": 1}), notes=("cut",)),))
    report = absent("x")

    (told,) = recording.between((was, report), (now, report)).looks
    assert ([], [{"n": 1}]) == (told["came"], told["went"])
    assert {"was": None, "is": "cut"} == told["notes"]


def test_who_is_another_is_told_though_the_mask_is_the_same():
    """The page masks both alike; of two subjects and environments it says that they are two."""
    other = replace(small(), environment="sandbox", given={"invoice": "J"})
    field = {"field": "email", "was": "anna@smilecare.example", "is": "alan@smilecare.example"}

    assert ["They are of two environments: default, then sandbox.", "They are of two subjects: I, then J."] == [
        *diff._unlike(small(), other, comparable=True)
    ]
    assert diff._field(field, comparable=True).endswith("(another that is masked alike)")
    assert "another" not in diff._field({**field, "is": "zoe@smilecare.example"}, comparable=True)


# The commands


@pytest.fixture(scope="module")
def kept(peakops, load, tmp_path_factory):
    """An invoice before and after its payment was recorded: the two runs, and their recordings."""
    folder = tmp_path_factory.mktemp("kept")
    runs = {}
    for name in ("paid_not_recorded", "paid"):
        load(name)
        runs[name] = peakops(*CHECK, "--record", str(folder / name), "--json", "--why")
    return folder, runs


def test_a_replay_asks_nobody(kept, peakops, tmp_path):
    """On a machine without settings, sandbox or network: the same document, verdict, findings and exit code."""
    folder, runs = kept
    script = peakops("replay", str(folder / "paid_not_recorded"), "--json", home=tmp_path)
    person = peakops("replay", str(folder / "paid_not_recorded"), home=tmp_path)
    was = runs["paid_not_recorded"].json

    assert 2 == script.code == person.code
    assert {"duration_ms", "data"} == {key for key in was if was[key] != script.json[key]}
    assert {"why", "recording"} == set(was["data"]) ^ set(script.json["data"])
    jsonschema.Draft202012Validator(schema.of("payment check")).validate(script.json)
    jsonschema.Draft202012Validator(schema.of("payment check")).validate(was)
    assert "CRITICAL  Paid, but not recorded" in person.out
    assert "peakops --sandbox payment mark-paid INV-123" in person.out
    assert "The verdict is the same." in person.err
    assert not (tmp_path / "peakops").exists()


def test_a_changed_recording_ends_with_65(kept, peakops, tmp_path):
    """It is not judged, in both formats; the document says what differs, and is replay's own."""
    folder, _ = kept
    changed = tmp_path / "changed"
    changed.write_text((folder / "paid").read_text().replace('"status": "paid"', '"status": "open"', 1))
    script = peakops("replay", str(changed), "--json")

    assert 65 == script.code == peakops("replay", str(changed)).code
    assert "the rows of the look 'invoice' do not fit their hash" in script.json["error"]["message"]
    jsonschema.Draft202012Validator(schema.of("replay")).validate(script.json)
    assert 65 == peakops("replay", str(tmp_path / "nowhere")).code


def test_a_replay_from_a_pipe(kept, peakops):
    """- is stdin; another --fail-on counts; a verdict that differs is told with -q too."""
    with (kept[0] / "paid_not_recorded").open("rb") as file:
        ran = peakops("replay", "-", "-q", "--fail-on", "never", stdin=file)

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith("CRITICAL")


def test_a_verdict_that_differs_is_told_in_any_case(peakops, tmp_path):
    """Also with -q, which is silent where it is the same."""
    kept = recording.of_report(absent("a@b.example"), fail_on="warning", key=KEY, judge=judged)
    old = replace(kept, recorded=replace(kept.recorded, code="ready", exit_code=0))
    (tmp_path / "old").write_text(recording.text(old))
    ran = peakops("replay", str(tmp_path / "old"), "-q")

    assert 14 == ran.code
    assert "'ready' (exit 0) was said then" in ran.err


def test_what_changed_between_two(kept, peakops, snapshot):
    """The verdict, the findings and the rows; 1 where they differ, 0 where not, as diff ends."""
    folder, _ = kept
    first, second = (str(folder / name) for name in ("paid_not_recorded", "paid"))
    script, person, same = (
        peakops("diff", first, second, "--json"),
        peakops("diff", first, second),
        peakops("diff", first, first),
    )

    assert (1, 1, 0) == (script.code, person.code, same.code)
    assert (["paid"], ["paid_not_recorded"]) == (script.json["data"]["came"], script.json["data"]["went"])
    jsonschema.Draft202012Validator(schema.of("diff")).validate(script.json)
    assert snapshot == person.out
    assert "SAME  peakops payment check" in same.out


def test_why_names_each_question(kept, peakops):
    """Question, answer, what was read, the playbook's place, and the rows that were not it; one answer decides."""
    why = kept[1]["paid_not_recorded"].json["data"]["why"]
    (decides,) = [each for each in why if each["decides"]]
    skipped = next(each for each in why if each["verdict"] == "skipped")
    by_name = {each["name"]: each for each in decides["evidence"]}
    page = peakops("replay", str(kept[0] / "paid"), "-q")

    assert "payment.check.money.paid_not_recorded" == decides["playbook"]
    assert (1, "database") == (by_name["invoice"]["rows"], by_name["invoice"]["source"])
    assert [by_name["charges"]["ids"][0]] == [each for each in by_name["charges"]["ids"] if each in decides["says"]]
    assert ("recorded_not_paid", True) == (skipped["not_taken"][0]["code"], bool(skipped["says"]))
    assert {each.name for each in questions()} == {each["question"] for each in why}
    assert 0 == page.code


def questions():
    """The questions of payment check."""
    from peakops.scenarios.payment.check import SCENARIO

    return SCENARIO.guide.questions


def test_what_does_not_go_together_is_told_first(peakops, kept):
    """A file that is there, a guide, a sweep, an output of the same name: 64, before anything is looked at."""
    there = str(kept[0] / "paid")
    other = str(kept[0] / "new")
    for words in (
        (*CHECK, "--record", there),
        (*CHECK, "--record", other, "-o", other),
        (*CHECK, "--record", other, "-o", str(kept[0] / ".." / kept[0].name / "new")),
        (*CHECK, "--record", "-"),
        (*CHECK, "--guide", "--why"),
        ("--sandbox", "security", "leases", "--sweep", "--record", other),
        ("--sandbox", "notify", "check", "--practice", "x", "--why"),
        (*CHECK, "--record", other, "--reveal"),
    ):
        assert 64 == peakops(*words).code, words
    assert not (kept[0] / "new").exists()


def test_a_recording_is_its_owners_and_masked(peakops, load, tmp_path):
    """0600; no address in it, unless it was revealed with a reason; both replay, and only the diff tells of masks."""
    load("user/banned")
    words = ("--sandbox", "user", "check", "anna@smilecare.example")
    masked = peakops(*words, "--record", str(tmp_path / "m"), "--json")
    open_ = peakops(*words, "--record", str(tmp_path / "o"), "--json", "--reveal", "--reason", "a test")

    assert (0o600, 0o600) == tuple((tmp_path / each).stat().st_mode & 0o777 for each in "mo")
    assert "anna@" not in (tmp_path / "m").read_text()
    assert "anna@" in (tmp_path / "o").read_text()
    assert masked.code == open_.code == peakops("replay", str(tmp_path / "m")).code
    assert "not masked alike" in peakops("diff", str(tmp_path / "m"), str(tmp_path / "o")).out


def test_masks_are_made_with_a_whole_key_or_not(tmp_path):
    """A short key could be tried; whoever else could read it, cannot any more. No verdict is lost by it."""
    path = tmp_path / keeping.KEY_FILE
    key = keeping._key(tmp_path)
    path.chmod(0o644)

    assert (32, key) == (len(key), keeping._key(tmp_path))
    assert 0o600 == path.stat().st_mode & 0o777
    for text in ("", "ab", "no key"):
        path.write_text(text)
        with pytest.raises(NotConfigured, match="The key of the masks"):
            keeping._key(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(NotConfigured, match="Is a directory"):
        keeping._key(tmp_path)


@pytest.mark.parametrize("name", [*SCENARIOS, *SWEEPS, *PRECONDITIONS])
def test_every_check_records(name):
    """A command that investigates has --record and --why, or stands in the table with its reason."""
    verb = keeping.VERBS.get(name)
    assert (name in NOT_RECORDED) == (verb is None)
    if verb:
        assert {"--record", "--why"} <= command_tree.options(verb.split())


# Until ok


def looks(*statuses):
    """The work of a check whose looks end like this, one after the other; each says how much time it had."""
    given = iter(statuses)
    had = []

    def work(run):
        had.append(run.timeout)
        status, code = next(given)
        verdict = Ruling(code=status.value, title=status.value, says="")
        return Report(command="x", environment="e", started_at=NOW, status=status, exit_code=code, verdict=verdict)

    work.had = had
    return work


@pytest.fixture
def quickly(monkeypatch):
    """Pauses of a hundredth of a second."""
    monkeypatch.setattr(waiting, "FIRST_PAUSE_S", 0.01)


def watch(work, timeout):
    run = Run(invocation=Invocation(), frame=Frame(command="x", environment="e"), style=Style(), timeout=timeout)
    return waiting.until_ok(work, run, {}, 30.0)


def test_it_looks_until_all_is_well(quickly):
    """Warning, critical, unknown: it looks again; ok ends it. A look has a look's time, not the whole."""
    work = looks((Status.WARNING, 1), (Status.CRITICAL, 2), (Status.UNKNOWN, 3), (Status.OK, 0))

    assert 0 == watch(work, 900.0).exit_code
    assert [30.0] * 4 == work.had


def test_an_absent_subject_is_told_at_once(quickly):
    """Waiting mends no name that was mistyped."""
    work = looks((Status.ERROR, 14))

    assert (14, 1) == (watch(work, 900.0).exit_code, len(work.had))


def test_the_last_verdict_is_told_when_the_time_is_over(quickly):
    """124, with the verdict of the last look that had its time: one that was cut short says less."""
    found = watch(looks((Status.CRITICAL, 2), *[(Status.UNKNOWN, 3)] * 200), 0.8)

    assert (124, "critical", "timeout") == (found.exit_code, found.verdict.code, found.error.category)


def test_a_key_ends_it_with_the_last_verdict(quickly):
    """130, and what it was when it was last looked at."""
    calls = looks((Status.WARNING, 1))

    def work(run):
        if calls.had:
            raise KeyboardInterrupt
        return calls(run)

    found = watch(work, 900.0)
    assert (130, "warning") == (found.exit_code, found.verdict.code)
    assert "when it was last looked at: warning" in found.error.message


def test_until_ok_prints_one_document(peakops, load, tmp_path):
    """The command itself: 124, one envelope, nothing on stderr where nobody watches; the last look is recorded."""
    load("paid_not_recorded")
    ran = peakops(*CHECK, "--until", "ok", "--timeout", "2s", "--json", "--record", str(tmp_path / "last"))

    assert (124, 124, "paid_not_recorded", "") == (
        ran.code,
        ran.json["exit_code"],
        ran.json["verdict"]["code"],
        ran.err,
    )
    assert 2 == opened(tmp_path / "last").recorded.exit_code


def test_a_path_without_questions_is_told():
    """--why of a subject that is not there says why there is no path."""
    assert "no question was asked" in "".join(text for line in why.lines([]) for text, _ in line)


def test_an_environment_is_one_word_of_a_command():
    """Whoever writes a recording names the environment in the commands that its reader is told next."""
    assert "peakops --env 'x; rm -rf ~' payment check I" == placed("peakops payment check I", "x; rm -rf ~", "")
