"""`peakops playbook`: every line has its place, the errata have their questions, and a scenario is run step by step."""

import hashlib
import os
import pty
import re
import select
import signal
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import jsonschema
import pytest

from peakops import journal, sandbox, statements
from peakops.cli.groups import GROUPS
from peakops.cli.invocation import Invocation
from peakops.cli.playbook import given, sections
from peakops.cli.playbook.coverage import lost
from peakops.cli.playbook.taking import taken
from peakops.errors import BadInput, UsageFault
from peakops.model import Evidence, Fault, Outcome, Report, Ruling, Severity, Status, Verdict
from peakops.playbook import errata, operations, places
from peakops.render import schema
from peakops.scenario import Facts
from peakops.scenarios import SCENARIOS
from peakops.scenarios.doctor.machine import playbook_age
from peakops.statements import Statement

from .conftest import PEAKOPS, environment

ANSWERS = Path(__file__).parent / "answers.toml"
ROOT = operations.FILE.parents[1]
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
AS_IT_WAS_GIVEN = "16692865b9cd978f0e498570b96cf5d2c8c427434487b304b9e77e56fe6bea83"
"""The digest of the operations playbook as it was handed over: its lines are counted, so not a byte is changed."""
TEXT = """# A playbook

**Symptoms:**
- It does not work

1. **Look**
   ```sql
   SELECT 1;
   SELECT 2;
   ```
   | Issue | Resolution |
   |-------|------------|
   | `none` | Try again |

---

```
Tier 1
  ↓ (later)
```

*Last Updated: May 2026*
"""


def test_the_playbook_is_as_it_was_given():
    """Byte for byte."""
    assert AS_IT_WAS_GIVEN == hashlib.sha256(operations.FILE.read_bytes()).hexdigest()


def test_what_a_playbook_is_made_of():
    """A block of SQL is one line, a drawing one line each; rules and the lines under a table's head say nothing."""
    expected = [
        (1, "heading", "A playbook"),
        (3, "label", "Symptoms:"),
        (4, "item", "It does not work"),
        (6, "step", "1. Look"),
        (8, "sql", "SELECT 1; SELECT 2;"),
        (11, "row", "Issue: Resolution"),
        (13, "row", "none: Try again"),
        (18, "matrix", "Tier 1"),
        (19, "matrix", "↓ (later)"),
        (22, "footer", "Last Updated: May 2026"),
    ]

    assert expected == [(each.line, each.kind, each.says) for each in operations.units_of(TEXT)]


def test_every_line_has_its_place():
    """Each line of the operations playbook has a command, a manual step or an erratum, and whatever is named exists."""
    assert [] == list(places.lapses(operations.units(), places.every(), errata.every(), lost))


def lapses(*changed, units=None, known=()):
    """What is wrong with the places of the small playbook above, each with its line."""
    found = {each.line: each for each in operations.units_of(TEXT)}
    each_line = [place({each.line: each.hash}) for each in found.values()]
    return [
        (each.code, each.line)
        for each in places.lapses(units or found, [*each_line, *changed], known, lambda command: command[:0])
    ]


def place(at, **more):
    return places.Place(
        **{"table": "a.b", "at": at, "kind": "command", "where": "It.", "command": "payment check", **more}
    )


def test_a_place_for_each_line_is_enough():
    """So that the tests below can fail."""
    assert [] == lapses()


def test_a_line_that_was_changed_has_no_place():
    """Its own place is of another text: whoever chose it has not read this one."""
    units = {each.line: each for each in operations.units_of(TEXT.replace("SELECT 2;", "DROP TABLE invoices;"))}

    assert [("no_place", 8), ("line_changed", 8)] == lapses(units=units)


def test_a_line_that_is_new_has_no_place():
    """At the end, where it moves no other."""
    units = {each.line: each for each in operations.units_of(f"{TEXT}*Maintained By: Nobody*\n")}

    assert [("no_place", 23)] == lapses(units=units)


def test_a_block_that_nobody_ended_has_no_place_either():
    """It ends with the text; and what begins with the sign of a block, and goes on, is a line."""
    units = {each.line: each for each in operations.units_of(f"{TEXT}```DROP TABLE users;```\n```sql\nDELETE;\n")}

    assert [("no_place", 23), ("no_place", 25)] == lapses(units=units)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("SELECT 1;", "SELECT 2;"), []),
        (("SELECT 1;", ""), []),
        (("SELECT 1;",), [("no_place", "SELECT 2;")]),
        (("SELECT 1; SELECT 2;", "SELECT 3;"), [("line_changed", "It has no such part: SELECT 3;")]),
    ],
)
def test_each_part_of_a_block_has_its_place(parts, expected):
    """A place of one statement is none of the next; one without a part is about all of them."""
    block = next(each for each in operations.units_of(TEXT) if each.kind == "sql")
    places_of = [place({8: block.hash}, part=part) for part in parts]

    assert expected == [(each.code, each.says) for each in places.lapses({8: block}, places_of, (), lost)]


def test_every_line_names_commands_as_they_are_typed():
    """With 'peakops' before them, so that they are looked for in the command line."""
    quoted = [(each.table, text) for each in places.every() for text in re.findall("`([^`]+)`", each.where)]

    assert [] == [(table, text) for table, text in quoted if " " in text and text.partition(" ")[0] in GROUPS]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (place({99: "00000000"}), "line_gone"),
        (place({4: "00000000"}), "line_changed"),
        (place({}, kind="miracle"), "no_kind"),
        (place({}, where=" "), "no_words"),
        (place({}, kind="erratum"), "no_erratum"),
        (place({}, kind="person", erratum=7), "no_erratum"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_place_that_leads_nowhere(wrong, code):
    """A line that is not there or was another, a kind that there is not, an erratum that nobody has written."""
    assert [code] == [each for each, _ in lapses(wrong)]
    assert f'"{code}"' in (ROOT / "render/schemas/playbook.coverage.json").read_text()


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("payment check INV-123", ""),
        ("security evidence collect member@smilecare.example --to DIR", ""),
        ("security limit RULE --to N --for 2h", ""),
        ("perf index-propose", "index-propose"),
        ("payment chek INV-123", "chek"),
        ("payment check --whatever", "--whatever"),
        ("payment check 'INV", "payment check 'INV"),
    ],
)
def test_a_command_is_looked_for_in_the_command_line_itself(line, word):
    """Its words and its options; what follows the words is for the command."""
    assert word == lost(line)


def test_a_command_that_does_not_exist_is_critical():
    """An operator would type it in the night."""
    of = place({}, where="`peakops payment chek INV-123`")

    (lapse,) = places.lapses({}, [of], (), lost)

    assert ("no_command", Severity.CRITICAL) == (lapse.code, lapse.severity)
    assert "'peakops payment chek INV-123' does not exist: there is no 'chek'." == lapse.says


def test_errata_are_numbered_and_told_by_scenarios_that_there_are():
    """From 1 on without a gap; each has all its sentences, and a place that cites one is about one of its lines."""
    every = errata.every()
    names = {name for each in sections.every().values() for name in each}
    texts = [(each.number, text) for each in every for text in (each.why, each.does, each.asks)]

    assert list(range(1, len(every) + 1)) == [each.number for each in every]
    assert set() == {name for each in every for name in each.of} - names
    assert [] == [number for number, text in texts if not text.endswith((".", "?"))]
    assert [] == [
        (each.table, each.erratum)
        for each in places.every()
        if each.erratum and not set(each.at) & set(every[each.erratum - 1].at)
    ]


@pytest.mark.parametrize(
    ("year", "month", "months", "old"), [(2026, 1, 0, False), (2026, 7, 6, False), (2026, 8, 7, True)]
)
def test_the_age_of_the_playbook(year, month, months, old):
    """It is old after six months, by the month that its footer names."""
    age = operations.age(datetime(year, month, 20, tzinfo=UTC))

    assert (months, old, int(old)) == (age.months, age.is_old, len(age.warnings))


def test_the_doctor_asks_for_the_age():
    """An old playbook is a row of its own; a new one is in order."""
    says = "The operations playbook was last updated in January 2026."
    facts = [
        Facts((Evidence(name="playbook", source="station", rows=({"says": says, "old": old},), single=True),))
        for old in (True, False)
    ]

    assert [("found", "playbook_old"), ("ok", "")] == [(one.verdict, one.code) for one in map(playbook_age, facts)]


def test_coverage(peakops):
    """0 while every line has its place, with the age of the playbook as a warning, by the sandbox's clock."""
    ran = peakops("--sandbox", "playbook", "coverage", "--json")

    jsonschema.Draft202012Validator(schema.of("playbook coverage")).validate(ran.json)
    data = ran.json["data"]
    assert (0, "ok", []) == (ran.code, ran.json["status"], data["lapses"])
    assert (len(operations.units()), 0) == (data["counts"]["lines"], data["counts"]["without"])
    assert [each.number for each in errata.every() if 311 in each.at] == next(
        each["errata"] for each in data["lines"] if each["line"] == 311
    )
    assert len({line for each in errata.every() for line in each.at}) == data["counts"]["errata"]
    assert ["January 2026" in each for each in ran.json["warnings"]] == [True]


def test_errata_are_listed(peakops):
    """One row each, of a section alone where one is named."""
    ran = peakops("playbook", "errata", "--of", "invitation", "--json")

    jsonschema.Draft202012Validator(schema.of("playbook errata")).validate(ran.json)
    assert [each.number for each in errata.every() if "invitation.check" in each.of] == [
        each["number"] for each in ran.json["data"]["items"] if "invitation.check" in each["of"]
    ]
    assert "SELECT * FROM invitations" in ran.json["data"]["items"][1]["playbook"]


def test_a_section_is_shown(peakops):
    """Each scenario with its questions, and each row with what it leads to; for a person as lines."""
    ran, page = peakops("playbook", "show", "payment", "--json"), peakops("playbook", "show", "payment.check")

    jsonschema.Draft202012Validator(schema.of("playbook show")).validate(ran.json)
    assert [*sections.every()["payment"]] == [each["name"] for each in ran.json["data"]["scenarios"]]
    rows = {row["code"]: row for each in ran.json["data"]["scenarios"][0]["questions"] for row in each["rows"]}
    assert {"command": "peakops payment mark-paid", "class": "C"} == rows["paid_not_recorded"]["fix"]
    assert page.out.startswith("Payment failed: peakops payment check\nSymptoms\n")
    assert "Next: peakops payment mark-paid (class C)." in page.out
    assert "last updated in January 2026" in page.err


def test_a_section_that_there_is_not(peakops):
    """64, with those that there are; no list of errata that is empty because of a slip."""
    for command in (("show", "payments"), ("errata", "--of", "payments")):
        ran = peakops("playbook", *command, "--json")

        assert (64, "usage") == (ran.code, ran.json["error"]["category"])
        assert "There are payment, user, invitation, " in ran.json["error"]["hint"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_can_be_run(name):
    """Its command hands over its work and what it was told, and does none of it by itself."""
    one = taken(import_module(f"peakops.scenarios.{name}").SCENARIO.command, [], Invocation())

    assert callable(one.work)
    assert {"json", "timeout"} <= set(one.shared)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "tomorrow-ish"), "tomorrow-ish"),
        (("--sweep",), "A run of the playbook has no --sweep."),
        (("--guide",), "A run of the playbook has no --guide."),
        (("--nagios",), "A run of the playbook has no --nagios."),
        (("-53",), "No such option"),
    ],
)
def test_a_run_only_looks(arguments, says):
    """What its command does not take is a usage error, and so is what does more than look."""
    with pytest.raises(UsageFault, match=says):
        taken("security leases" if "--sweep" in arguments else "payment webhooks", arguments, Invocation())


def said(answer, note="", question="spam"):
    return Statement(question=question, asks="Is it spam?", answer=answer, note=note, operator="dana", at=NOW)


def judged(status=Status.OK, exit_code=0, **more):
    ruling = Ruling(code="delivered", title="Delivered", says="It was delivered.")
    asked = Outcome(verdict=Verdict.BY_HAND, says="Look.", name="spam", asks="Is it spam?")
    given = {"status": status, "exit_code": exit_code, "verdict": ruling, "outcomes": (asked,), **more}
    return Report(command="notify check", environment="sandbox", started_at=NOW, **given)


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        ("done", (Status.OK, 0), (Status.OK, 0, True, 0)),
        ("failed", (Status.OK, 0), (Status.WARNING, 1, True, 1)),
        ("skip", (Status.OK, 0), (Status.OK, 0, False, 0)),
        ("failed", (Status.CRITICAL, 2), (Status.CRITICAL, 2, True, 1)),
        ("failed", (Status.UNKNOWN, 3), (Status.UNKNOWN, 3, True, 1)),
    ],
)
def test_what_a_statement_does_to_the_verdict(answer, status, expected):
    """A failed step makes an ok a warning, a skipped one makes it incomplete; the code is the scenario's."""
    found = statements.stated(judged(*status), [said(answer, "a note")], "warning")

    assert "delivered" == found.verdict.code
    assert expected == (found.status, found.exit_code, found.verdict.complete, len(found.warnings))
    (evidence,) = found.evidence
    assert ("operator", {"answer": answer, "note": "a note", "operator": "dana", "at": NOW}) == (
        evidence.source,
        evidence.rows[0],
    )


def test_a_note_is_told_as_it_was_given():
    """With one full stop at its end, and as many within it as it has."""
    for note, expected in (("ports 10..20 are shut.", "ports 10..20 are shut."), ("who knows", "who knows.")):
        found = statements.stated(judged(), [said("failed", note)], "warning")

        assert f"Failed, says dana: {expected}" == found.outcomes[0].says
        assert found.warnings[0].endswith(f"failed, says dana: {expected}")


def test_a_failed_step_is_tolerated_where_warnings_are():
    """--fail-on critical changes the code alone."""
    found = statements.stated(judged(), [said("failed")], "critical")

    assert (Status.WARNING, 0) == (found.status, found.exit_code)


def test_a_source_that_is_not_configured_is_for_a_person():
    """And whatever waited for it; a source that is only silent is not."""
    unset = Evidence(name="mail", source="email", error=Fault(code="email.unset", category="config", message="Unset."))
    waiting = replace(unset, name="events", error=replace(unset.error, category="upstream"), consequence=True)
    silent = replace(unset, name="page", error=replace(unset.error, category="timeout"))
    asked = [
        Outcome(verdict=Verdict.UNKNOWN, says=f"{each}: silent.", name=each) for each in ("mail", "events", "page")
    ]
    found = judged(outcomes=tuple(asked), evidence=(unset, waiting, silent))

    assert ["mail", "events"] == [each.name for each in statements.by_hand(found)]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.toml", "spam = ", "malformed"),
        ("a.json", "[1]", "no table"),
        ("a.json", '{"spam": "perhaps"}', "none of done, failed, skip"),
        ("a.json", '{"spam": {"answer": "done", "why": "x"}}', "none of done, failed, skip"),
        ("a.json", '{"ham": "done"}', "no question 'ham'"),
        ("a.json", '{"spam": {"answer": "done", "note": 1}}', "none of done"),
        ("a.json", '{"spam": "failed", "spam": "done"}', "'spam' stands there twice"),
        ("a.toml", "# spam\n\nspam = 1\n", "a.toml, line 3: 'spam' is none of"),
        ("a.json", '{"spam":\n "done",\n "ham": "done"}', "a.json, line 3: the scenario has no question 'ham'"),
    ],
)
def test_a_file_of_answers_that_cannot_be_used(name, text, says, tmp_path):
    """65, with what is wrong."""
    file = tmp_path / name
    file.write_text(text)

    with pytest.raises(BadInput, match=says):
        given.read(file, ["spam"])


def test_a_file_that_is_no_file_of_answers(tmp_path, monkeypatch):
    """It is not read in part: what is cut away might be a step that failed."""
    monkeypatch.setattr(given, "LARGEST_BYTES", 20)
    (tmp_path / "a.toml").write_text('spam = "done"\n# and more\nham = "failed"\n')

    with pytest.raises(BadInput, match="has more than 20 bytes"):
        given.read(tmp_path / "a.toml", ["spam", "ham"])


def test_a_file_of_answers(tmp_path):
    """TOML or JSON, with a note or without, and with the mark that some editors put first."""
    (tmp_path / "a.json").write_text('\ufeff{"spam": "skip"}')
    (tmp_path / "a.toml").write_text('spam = { answer = "failed", note = " there " }')
    read = [given.read(tmp_path / each, ["spam"])["spam"] for each in ("a.json", "a.toml")]

    assert [given.Given(answer="skip"), given.Given(answer="failed", note="there")] == read


def test_without_a_terminal(peakops, load):
    """12 before anything is looked at, with the steps that are a person's; with answers the scenario's verdict."""
    load("paid_not_recorded")
    command = ("--sandbox", "playbook", "run", "payment.check", "INV-123", "--json")
    refused, ran = peakops(*command), peakops(*command, "--answers", str(ANSWERS))

    assert (12, "refused") == (refused.code, refused.json["status"])
    assert "A person must answer statement" in refused.json["error"]["message"]
    jsonschema.Draft202012Validator(schema.of("playbook run")).validate(ran.json)
    assert (2, "paid_not_recorded") == (ran.code, ran.json["verdict"]["code"])
    assert {"invoice": "INV-123", "scenario": "payment.check"} == ran.json["given"]
    assert "operator" == ran.json["evidence"][-1]["source"]
    assert "one line, 120.00 USD" == ran.json["evidence"][-1]["rows"][0]["note"]


@pytest.mark.parametrize(
    "arguments",
    [("payment.check",), ("payment.check", " "), ("perf.query",), ("notify.check", "--practice", "Smile Care")],
)
def test_what_is_typed_wrongly_comes_first(peakops, arguments):
    """64, also where a person must answer and there is no terminal: nobody writes answers for what cannot run."""
    ran = peakops("--sandbox", "playbook", "run", *arguments, "--json")

    assert (64, "usage") == (ran.code, ran.json["error"]["category"])


def test_what_a_run_repeats(peakops, load, state, tmp_path):
    """What was typed as it was typed; an answer that was not used is told; the journal has the subject, masked."""
    load("clinic")
    answers = tmp_path / "answers.toml"
    answers.write_text('typed = "done"\nlogin = "failed"\n')
    typed = ("user.check", "--expect-practice", "Pinecrest Smiles", "member1@pinecrest.example")
    ran = peakops("--sandbox", "playbook", "run", *typed, "--answers", str(answers), "--json")

    assert "member1@pinecrest.example" in ran.json["verdict"]["says"]
    assert ["'login' was not used" in each for each in ran.json["warnings"]] == [True]
    up = sandbox.ensure(state / "peakops")
    assert ["m…@pinecrest.example"] == [each.subject for each in journal.read(up.journal, kind="stated")]


@pytest.mark.parametrize("drilled", [True, False])
def test_a_run_is_in_the_incident(peakops, load, state, drilled):
    """What was said and the verdict are lines of one time line: of the one that is named, else of the drill's."""
    load("paid_not_recorded")
    opened = peakops("--sandbox", "incident", "open", "INV-123", "--severity", "warning", "--json")
    number = opened.json["data"]["incident"]["number"]
    noted = {"name": "paid_not_recorded", "incident": number if drilled else "INC-L-0000"}
    sandbox.note_drill(sandbox.ensure(state / "peakops"), noted)
    named = () if drilled else ("--incident", number)
    peakops("--sandbox", "playbook", "run", "payment.check", "INV-123", "--answers", str(ANSWERS), *named)

    lines = peakops("--sandbox", "incident", "report", number).out
    assert "By hand: What does the customer's statement show? done" in lines
    assert "playbook run INV-123" in lines


def typed(state, keys, *args):
    """A run on a terminal, with a line typed or a signal sent at each of its prompts: its code, and what it showed."""
    ours, theirs = pty.openpty()
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    command = [PEAKOPS, "--sandbox", "playbook", "run", *args]
    process = subprocess.Popen(command, env=environment(state), **streams)
    os.close(theirs)
    shown, until, keys = b"", time.monotonic() + 30, list(keys)
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if keys and shown.endswith((b"skip? ", b"nothing: ")):
            key = keys.pop(0)
            process.send_signal(key) if isinstance(key, signal.Signals) else os.write(ours, key)
    os.close(ours)
    return process.wait(timeout=10), shown.decode()


def stated_in(state):
    up = sandbox.ensure(state / "peakops")
    return [each.detail for each in journal.read(up.journal, kind="stated")]


def test_a_person_is_asked(state, load):
    """Each question in its order with its answer; what is no answer is asked for again; all of it is in the journal."""
    load("paid_not_recorded")
    code, shown = typed(state, [b"perhaps\n", b"f\n", b"two lines\n"], "payment.check", "INV-123")

    assert 2 == code, shown
    assert (
        shown.index("1. Was a change") < shown.index("9. Did Stripe take") < shown.index("17. What does the customer")
    )
    assert 2 == shown.count("done, failed, skip?")
    assert "Failed, says" in shown
    assert [{"question": "statement", "answer": "failed", "note": "two lines"}] == stated_in(state)


def test_what_was_answered_is_kept(state, load):
    """What ends the run in the middle ends it with 130, and the journal has what was said by then."""
    load("clinic")
    keys = [b"done\n", b"called back\n", signal.SIGINT]
    code, shown = typed(state, keys, "data.check", "member1@pinecrest.example")

    assert 130 == code, shown
    assert "peakops --sandbox journal list --kind stated" in shown
    assert [("identity", "done", "called back")] == [tuple(each.values()) for each in stated_in(state)]
