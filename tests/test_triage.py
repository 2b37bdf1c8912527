"""Triage: what a pasted text names, every check that applies, and one result of them all."""

import re
import string
import threading
import time
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peakops import sandbox
from peakops.cli.triaging import CHECKS, begun, ended
from peakops.errors import NotFound, Unreachable
from peakops.ledger import Ambiguous
from peakops.model import Evidence, Ruling, Status
from peakops.render import schema
from peakops.report import Frame, of_error
from peakops.scenarios import PRECONDITIONS, SCENARIOS
from peakops.triage import LONGEST, MOST, WORDS, Recognised, Thing, recognise
from peakops.triaged import Checked, merged

FRAME = Frame(command="triage", environment="sandbox")
ID = "0b0e7a6e-1111-4222-8333-abcdefabcdef"
EXAMPLES = [
    ("INV-123", "invoice", "INV-123"),
    ("inv-123", "invoice", "INV-123"),
    ("INV-2026-0004", "invoice", "INV-2026-0004"),
    ("CASE-1042", "case", "CASE-1042"),
    ("shp-77", "shipment", "SHP-77"),
    ("owner@smilecare.example", "email", "owner@smilecare.example"),
    ("Anna.O'Brien+Lab@smilecare.example", "email", "Anna.O'Brien+Lab@smilecare.example"),
    ("jörg@praxis.example", "email", "jörg@praxis.example"),
    ("j…@smilecare.example", "email", "j…@smilecare.example"),
    ("1Z999AA10123456784", "tracking", "1Z999AA10123456784"),
    ("1z 999 aa1 01 2345 6784", "tracking", "1Z999AA10123456784"),
    *((each, "stripe", each) for each in ("pi_3QFmheg", "ch_3QPuDD", "py_1a", "evt_1Q2", "cus_9a", "re_3QPuDDVe7")),
    *((each, "stripe", each) for each in ("dp_1QZ6", "in_1QZ6JEFRx", "cs_test_a1b2c3", "cs_live_a1b2c3")),
    ("500B0000005XyzA", "salesforce", "500B0000005XyzA"),
    ("500B0000005XyzAIAS", "salesforce", "500B0000005XyzAIAS"),
    (ID.upper(), "uuid", ID),
    ("203.0.113.7", "network", "203.0.113.7"),
    ("10.0.0.0/8", "network", "10.0.0.0/8"),
    ("2001:db8::1", "network", "2001:db8::1"),
    ("::ffff:203.0.113.7", "network", "203.0.113.7"),
]
ORDINARY = """
Dear support, the in-app page invoiced us twice; a case-by-case shipment re-read at 10:30:00, std::vector, version 2.1,
section 1.2.3.4.5, 50% of 500 cases (INV, CASE-sensitive, SHP-), e-mail me @home or at user@localhost. 1Zebra, re_2,
in_2026, cs_a1, evt_none, +1 303 555 0110, 2026-11-20T15:00:00Z, 12:34:56:78 and C:\\temp\\a.txt. 500 characters.
"""
SECRETS = (
    *("sk_live_51HxQzKLmNoPqRsTuVw", "rk_test_51HxQzKLmNoPqRsTuVw", "whsec_abcdefghij0123456789"),
    *("AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh", "pi_3QFmheg_secret_xYz0123456789"),
    *("4242 4242 4242 4242", "4242424242424242", "password: hunter2secret"),
)


def names(text):
    return [each.name for each in recognise(text).things]


@pytest.mark.parametrize(("text", "kind", "name"), EXAMPLES)
def test_each_kind_is_recognised_alone_and_in_a_sentence(text, kind, name):
    """An identifier is the same by itself, in brackets, before a full stop, and in the middle of a sentence."""
    forms = (text, f"({text})", f"It is {text}.", f"customer says {text}, since 9:30", f'"{text}"', f"<{text}>")

    for each in forms:
        assert [(kind, name)] == [(thing.kind, thing.name) for thing in recognise(each).things]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://dashboard.stripe.com/test/payments/pi_3QFmheg?x=1", ["pi_3QFmheg"]),
        (
            "http://203.0.113.7/login from:203.0.113.8 and [203.0.113.9]:443",
            ["203.0.113.7", "203.0.113.8", "203.0.113.9"],
        ),
        ("„anna@b.example“ ‹bob@b.example› `carl@b.example`", ["anna@b.example", "bob@b.example", "carl@b.example"]),
        ("*anna@b.example* _bob@b.example_ _carl@b.example", ["anna@b.example", "bob@b.example", "_carl@b.example"]),
        ("INV-123@b.example", ["INV-123@b.example"]),
        ("203.0.113.7@b.example", ["203.0.113.7@b.example"]),
        ("anna@b.xn--p1ai anna@b.example2", ["anna@b.xn--p1ai"]),  # never the address of somebody else
        ("\x00\x1b[1mINV-123\x1b[0m \x1banna@b.example", ["INV-123", "anna@b.example"]),
        ("an\x00na@b.example bo\udcffb@b.example", ["an\ufffdna@b.example", "bo\ufffdb@b.example"]),
        ('"Anna Smith" <anna@b.example>, Bob <mailto:bob@b.example>', ["anna@b.example", "bob@b.example"]),
    ],
)
def test_what_stands_around_a_name_is_no_part_of_it(text, expected):
    """An address in a link, in quotation marks or in a chat's marks; one that begins as a number is an address."""
    assert expected == names(text)


def test_every_kind_has_its_example_and_its_checks():
    """No kind is named in the hint that is not recognised here, and every check that is named is a scenario."""
    assert set(WORDS) == {kind for _, kind, _ in EXAMPLES}
    assert {each for of in CHECKS.values() for each in of} <= {*SCENARIOS, *PRECONDITIONS}


def test_nothing_is_recognised_in_ordinary_words():
    """Words, times, versions, phones and paths name nothing."""
    assert Recognised(things=()) == recognise(ORDINARY)


def test_a_pasted_sentence_names_each_thing_once_in_its_order():
    """What is named twice, in other letters, or inside of something else is one thing."""
    text = f"inv-123 failed (INV-123), mail <mailto:a@b.example>; see https://x.example/i/INV-9?by=a@b.example {ID}"

    assert ["INV-123", "a@b.example", "INV-9", ID] == names(text)


def test_what_a_mail_program_makes_of_a_number_is_read_as_what_it_stands_for():
    """Full-width letters, long dashes and invisible characters; but an address is taken as it stands."""
    assert ["INV-124", "INV-125", "INV-126"] == names("ＩＮＶ－１２４ INV\u2013125 INV\u200b-1\u00ad26")
    assert ["\u212aay@b.example"] == names("\u212aay@b.example")  # the Kelvin sign is no K
    assert [] == names("INV-\u0661\u0662\u0663")  # digits of Arabic


def test_beyond_the_most_the_rest_is_counted():
    """The first ones are looked at, and how many more there are is known."""
    found = recognise(" ".join(f"INV-{each}" for each in range(MOST + 3)))

    assert (MOST, 3) == (len(found.things), found.more)
    assert recognise("x " * LONGEST + "INV-1").unread


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_counted_and_kept_nowhere(secret):
    """Nothing of it is among what was recognised, and what stands beside it still is."""
    found = recognise(f"INV-123 with {secret} for a@b.example")

    assert found.secrets
    assert {"INV-123", "a@b.example"} <= {each.name for each in found.things}
    assert not re.search(r"sk_|rk_|whsec|AKIA|4242|hunter2|eyJ|xYz", str(found))


def test_a_doubtful_number_is_taken_all_the_same():
    """A wrong check digit, or a wrong suffix, is said; whoever mistyped it learns why nothing was found."""
    doubts = [bool(each.doubt) for each in recognise("1Z999AA10123456785 500B0000005XyzAAAA INV-1").things]

    assert [True, True, False] == doubts


PIECES = st.sampled_from([text for text, *_ in EXAMPLES] + ["\u200d", "@", ":", "-", "1Z", "_secret_", "\ud800", "pi_"])


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12).map("".join))
@example("a" * 5000 + "@" + "b." * 5000)
@example("1Z " * 3000)
@example(":" * 9000 + "1")
@example("INV-" * 3000)
@settings(max_examples=150, deadline=2000)
def test_no_text_is_too_strange(text):
    """It never crashes, is quick, lists each name once, and nothing that is not in the text as letters and digits."""
    found = recognise(text)
    listed = [each.name.lower() for each in found.things]

    assert sorted(set(listed)) == sorted(listed)
    assert len(listed) <= MOST


@given(st.text(alphabet=string.ascii_letters + " ,.'", max_size=200))
@settings(max_examples=100)
def test_letters_alone_name_nothing(text):
    """Without a digit, a colon or an at-sign there is no identifier."""
    assert [] == names(text)


def checked(status, *, code="x", says="So it is.", name="INV-1", command="payment check"):
    report = FRAME.report(status=status, verdict=Ruling(code=code, title="T", says=says), next=("peakops x",))
    return Checked(thing=Thing(kind="invoice", name=name), command=command, report=report)


def failed(error, command="user check", name="a@b.example"):
    return Checked(thing=Thing(kind="email", name=name), command=command, report=of_error(FRAME, error))


TOLD = Recognised(things=(Thing(kind="invoice", name="INV-1"),))
LOST = failed(NotFound("There is nobody."), name="lost@b.example")
UNKNOWN = failed(Unreachable("The database is down."))
AMBIGUOUS = failed(Ambiguous("It fits two."))


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([checked(Status.OK)], (Status.OK, 0)),
        ([checked(Status.OK), failed(NotFound("No."), name="INV-1")], (Status.OK, 0)),
        ([checked(Status.OK), LOST], (Status.WARNING, 1)),  # nothing has it: that is not all well
        ([checked(Status.OK), checked(Status.WARNING, name="W")], (Status.WARNING, 1)),
        ([checked(Status.WARNING), UNKNOWN, checked(Status.OK, name="O")], (Status.UNKNOWN, 3)),
        ([UNKNOWN, checked(Status.WARNING, name="W"), checked(Status.CRITICAL)], (Status.CRITICAL, 2)),
        ([checked(Status.CRITICAL, code="no_notification"), LOST], (Status.WARNING, 1)),
        ([LOST, AMBIGUOUS], (Status.ERROR, 15)),
        ([checked(Status.OK), AMBIGUOUS], (Status.WARNING, 1)),
        ([LOST, UNKNOWN], (Status.UNKNOWN, 3)),
        ([LOST], (Status.ERROR, 14)),
    ],
)
def test_the_worst_is_the_whole(checks, expected):
    """Critical before unknown before warning before ok; what one section does not have and another has is no fault."""
    found = merged(FRAME, checks, TOLD)

    assert expected == (found.status, found.exit_code)
    assert [Status.ERROR] * checks.count(LOST) == [each.status for each in checks if each is LOST]
    told = (found.verdict.says, *found.warnings, *found.lines)
    assert (LOST in checks) == any("Nothing was found of lost@b.example." in each for each in told)


def of_row(id, name, **more):
    row = Evidence(name="invoice", source="database", rows=({"id": id},))
    found = checked(Status.OK, name=name, **more)
    return replace(found, report=replace(found.report, evidence=(row,)))


def test_two_things_of_one_row_are_told_once_and_two_rows_twice():
    """What two checks say may be the same word for word: neither is left out, unless it is of the same row."""
    found = merged(FRAME, [of_row("1", "INV-1"), of_row("1", "pi_1a"), of_row("2", "INV-2"), checked(Status.OK)], TOLD)

    assert ["INV-1", "INV-2", "INV-1"] == [each["subject"] for each in found.data["checks"]]
    assert found.lines[0] == "OK  3 checks: 3 ok"


def test_what_was_judged_comes_before_what_somebody_must_name_first():
    """The verdict of several warnings is one that is about the complaint."""
    quiet = checked(Status.CRITICAL, code="no_notification", name="a@b.example", command="notify check")
    found = merged(FRAME, [quiet, AMBIGUOUS, checked(Status.WARNING, code="declined")], TOLD)

    assert ("declined", 1) == (found.verdict.code, found.exit_code)
    assert [0, 1, 15] == sorted(each["exit_code"] for each in found.data["checks"])


def test_one_check_that_is_not_complete_is_said_of_the_whole():
    """The worst is proven, and another check could not be made: the whole is not complete."""
    whole = merged(FRAME, [checked(Status.CRITICAL), UNKNOWN], TOLD)

    assert (Status.CRITICAL, False) == (whole.status, whole.verdict.complete)


def test_what_was_left_out_is_not_well():
    """Beyond the most of one run, or behind the end of what is read, something may be wrong."""
    for told in (replace(TOLD, more=2), replace(TOLD, unread=True)):
        found = merged(FRAME, [checked(Status.OK)], told)
        assert (Status.WARNING, 1, "left_out", False) == (
            found.status,
            found.exit_code,
            found.verdict.code,
            found.verdict.complete,
        )
    assert Status.OK is merged(FRAME, [checked(Status.OK)], replace(TOLD, secrets=1)).status
    assert {"shown": MOST, "total": MOST + 2} == merged(FRAME, [LOST], replace(TOLD, more=2)).truncated


def test_what_is_no_check_is_not_counted_as_one():
    """A practice's name, or who logs in from an address, is told and is not called ok."""
    found = merged(FRAME, [checked(Status.OK, command="", name="Smile Care")], TOLD)

    assert (Status.OK, "OK  No check applies") == (found.status, found.lines[0])
    assert not [line for line in found.lines[1:] if "OK" in line]


def test_a_check_that_hangs_or_crashes_takes_no_other_with_it():
    """The others' reports are there, in their order, when the time is up; the two are told as errors."""
    free, good = threading.Event(), FRAME.report()

    def crash():
        raise KeyError("no such thing")

    start = time.monotonic()
    reports = ended(begun([free.wait, crash, lambda: good], FRAME), FRAME, time.monotonic() + 0.2)
    free.set()

    assert ["timeout", "internal.bug", None] == [each.error and each.error.code for each in reports]
    assert good is reports[2]
    assert time.monotonic() - start < 2


VALIDATOR = jsonschema.Draft202012Validator(schema.of("triage"))
SAID = (
    "customer says",
    "inv-123 failed, mail owner@smilecare.example;",
    "sk_live_51HxQzKLmNoPqRsTuVw from 203.0.113.7",
)


@pytest.fixture
def triaged(peakops):
    """Run it with --json; its document keeps the schema."""

    def run(*words):
        ran = peakops("--sandbox", "triage", *words, "--json")
        VALIDATOR.validate(ran.json)
        return ran

    return run


def test_a_sentence_end_to_end(triaged, peakops, load, snapshot):
    """Worst first, each with its command; not found in one section and found in another is no error."""
    load("payment/paid_not_recorded")
    ran, page = triaged(*SAID), peakops("--sandbox", "triage", *SAID)

    assert ("paid_not_recorded", 2, 2) == (ran.json["verdict"]["code"], ran.code, page.code)
    assert {"payment check", "payment duplicates", "user check", "security blocks"} <= {
        each["command"] for each in ran.json["data"]["checks"]
    }
    assert "sk_live" not in ran.out + page.out + ran.err + page.err
    assert "peakops payment mark-paid INV-123" in ran.json["next"]
    assert snapshot == page.out


def test_ids_lead_to_what_they_are_of(triaged, load):
    """A UUID is looked up in every table, an event also at Stripe; what two ids lead to is told once."""
    up = load("payment/paid_not_recorded")
    invoice = "11111111-1111-4111-8111-000000000123"
    ran = triaged("evt_3QFmhegz4JUezng0gSl3A0", invoice, "22222222-2222-4222-8222-000000000001", ID)

    told = {(each["kind"], each["command"], each["verdict"]) for each in ran.json["data"]["checks"]}
    assert up.world == "paid_not_recorded"
    assert ("stripe", "payment events", "gap") in told
    assert ("uuid", "", "practice") in told
    assert ("uuid", "", "not_found") in told
    assert 1 == sum(each["command"] == "payment check" for each in ran.json["data"]["checks"])
    assert "peakops notify practice 'Smile Care'" in ran.json["next"]


def test_what_cannot_be_read_is_unknown_and_what_is_nowhere_is_not_found(triaged, load):
    """Without the database nothing is known; with it, what nobody has is not found, and a mistyped number is said."""
    load("payment/paid_not_recorded", faults=[{"vendor": "database", "fault": "down"}])
    assert 3 == triaged("INV-123", ID).code
    load("payment/paid_not_recorded")
    lost = triaged("1Z999AA10123456785", "nobody@smilecare.example")
    assert (14, "not_found", "not_found") == (lost.code, lost.json["verdict"]["code"], lost.json["error"]["category"])
    assert "mistyped" in lost.json["warnings"][0]


def test_a_look_up_that_hangs_takes_no_check_with_it(triaged, load):
    """What is proven of an invoice stands, whatever table or vendor another id had to be looked up at."""
    load("payment/paid_not_recorded", faults=[{"vendor": "database", "fault": "slow", "table": "notifications"}])
    ran = triaged("INV-123", ID, "--timeout", "3s")

    told = {(each["command"], each["verdict"]) for each in ran.json["data"]["checks"]}
    assert (2, "paid_not_recorded", False) == (ran.code, ran.json["verdict"]["code"], ran.json["verdict"]["complete"])
    assert ("", "unknown") in told

    load("payment/paid_not_recorded", faults=[{"vendor": "stripe", "route": "GET /v1/events/evt_9", "delay_s": 60}])
    ran = triaged("evt_9", "11111111-1111-4111-8111-000000000123", "--timeout", "3s")

    assert (2, "paid_not_recorded", False) == (ran.code, ran.json["verdict"]["code"], ran.json["verdict"]["complete"])


def test_invoices_of_a_customer_that_are_left_out_are_said(triaged, load):
    """Of a customer with more open invoices than are looked at, the document says so."""
    tables = sandbox.named("payment/paid_not_recorded")["tables"]
    (first,) = tables["invoices"]
    other = {**first, "stripe_payment_intent_id": None}
    more = [
        {**other, "id": f"11111111-1111-4111-8111-00000000020{each}", "invoice_number": f"INV-20{each}"}
        for each in range(6)
    ]
    load("payment/paid_not_recorded", tables={**tables, "invoices": [first, *more]})
    ran = triaged(first["stripe_customer_id"])

    assert 5 == sum(each["command"] == "payment check" for each in ran.json["data"]["checks"])
    assert [each for each in ran.json["warnings"] if "the newest 5 were looked at" in each]


def test_nothing_recognised_says_what_can_be(triaged):
    """65 with what is recognised; of a secret alone not a letter is repeated."""
    nothing, secret = triaged("hello there"), triaged("sk_live_51HxQzKLmNoPqRsTuVw")

    assert (65, 65) == (nothing.code, secret.code)
    assert "an invoice number (INV-123)" in nothing.json["error"]["hint"]
    assert "secret" in secret.json["error"]["message"]
    assert "sk_live" not in secret.out + secret.err


def test_an_address_tells_who_logs_in_from_there(triaged, peakops, load, tmp_path):
    """Whose sessions they are, masked, and the command for each; a ticket may come in by standard input."""
    load("security/shared_egress")
    ticket = tmp_path / "ticket.txt"
    ticket.write_text("Who is 192.0.2.80 ?")
    ran = triaged("192.0.2.80", "192.0.2.0/24")
    with ticket.open("rb") as text:
        piped = peakops("--sandbox", "triage", "-", "--json", stdin=text)

    told = next(each for each in ran.json["data"]["checks"] if each["verdict"] == "sessions")
    assert "…@" in told["says"]
    assert told["next"][0].startswith("peakops security investigate 55555555-")
    assert told["next"][0].endswith(" --ip 192.0.2.80")
    assert "192.0.2.0/24" in {each["subject"] for each in ran.json["data"]["checks"]}
    assert {"anything": ["192.0.2.80"]} == piped.json["given"]


def test_a_ticket_may_be_in_any_bytes(peakops, tmp_path):
    """What is no UTF-8 names nothing, and the rest is read, whatever the terminal's encoding is."""
    ticket = tmp_path / "ticket.txt"
    ticket.write_bytes(b"\xff\xfe Gr\xfc\xdfe, nothing else")
    with ticket.open("rb") as text:
        ran = peakops("--sandbox", "triage", "-", "--json", stdin=text, PYTHONIOENCODING="utf-8:strict")

    assert (65, "triage.nothing") == (ran.code, ran.json["error"]["code"])
