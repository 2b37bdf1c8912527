"""The subjects of `shipping backlog`: whom UPS is asked for, how slowly, and what the check makes of it."""

from collections import Counter
from datetime import timedelta

import pytest

from peakops.backlog import judge
from peakops.errors import BadInput, RateLimited, Refused, TimedOut, Unauthenticated
from peakops.model import Brought
from peakops.scenarios.shipping import backlog
from peakops.scenarios.shipping.check import SCENARIO
from peakops.sources import queries

from .conftest import NOW, ago, parcel, shipment


def row(number=77, *, logged=(), **said):
    """A row of sql/shipping/backlog.sql: a shipment of which the portal knows no label."""
    base = {
        **shipment(id=f"s-{number}", shipment_number=f"SHP-{number}", status="failed", tracking_number=None),
        **{name: value for name, value in parcel().items() if name not in ("id", "carrier", "as_seen")},
        "has_label": False,
        "practice": "Smile Care",
        "practice_status": "active",
        "account": "A1B2C3",
        "case_number": "CASE-1042",
        "case_status": "synced",
        "logged_actions": [f"shipping.label_{each}" for each in logged],
        "logged_moments": [ago(hours=1)] * len(logged),
        "logged_codes": [None] * len(logged),
    }
    return {**base, **said}


LOST = {"error_code": "timeout"}
NEVER = {"status": "pending", "attempted_at": None}


VALID = {"result": "valid", "classification": "commercial", "candidates": []}


class Asked:
    """UPS, which notes what it is asked, and answers as it is told to."""

    def __init__(self, **answers):
        self.answers, self.calls, self.slept = answers, [], 0.0

    def __call__(self, source, call, params):
        assert "ups" == source
        self.calls.append((call, params.get("reference") or params.get("number")))
        answer = self.answers.get(call, [])
        if isinstance(answer, Exception):
            raise answer
        return Brought(rows=tuple(answer), single=call in (*backlog.ONCE, "address"))

    def pause(self, seconds):
        self.slept += seconds


def swept(*rows, asked=None):
    """The items by name, and what was asked for them."""
    asked = asked or Asked(token=[{"cached": True}], probe=[{"answered": True}], address=[VALID])
    ups = backlog.AtUps(read=asked, silent={}, pause=asked.pause)
    found = backlog.subjects(lambda *_: (each for each in rows), ups, NOW - timedelta(days=7), NOW)
    items = {each.name: judge(SCENARIO, each, backlog.SOURCES, NOW) for each in found}
    return items, asked, ups


@pytest.mark.parametrize(
    ("said", "code", "asks"),
    [
        (LOST, "outcome_unknown", True),
        ({"error_code": "other"}, "unclassified", True),
        ({"error_code": None, "logged": ("failed",)}, "unclassified", True),
        ({"status": "labelled"}, "outcome_unknown", True),
        ({"status": "pending", "logged": ("requested",)}, "outcome_unknown", True),
        (NEVER, "never_requested", False),
        ({"error_code": "250002"}, "ups_credentials", False),
        ({"error_code": "9120100"}, "ups_account", False),
        ({"error_code": "120202"}, "invalid_address", False),
        ({"error_code": "10429"}, "ups_rate_limited", False),
        ({"error_code": "500"}, "ups_down", True),
        ({"error_code": "10429", "logged": ("failed",), "logged_codes": ["timeout"]}, "ups_rate_limited", True),
        ({**NEVER, "account": None}, "ups_account", False),
    ],
)
def test_ups_is_asked_where_the_portal_does_not_know(said, code, asks):
    """A clear refusal of every attempt, and a label that was never asked for, need no answer of UPS's."""
    items, asked, _ = swept(row(**said))

    assert code == items["SHP-77"].code
    assert asks == any(call == "by_reference" for call, _ in asked.calls)


@pytest.mark.parametrize(
    ("query", "begin", "end"),
    [
        ("parcel", "s.label_path is not null as has_label", "as error_code"),
        ("parcel", "cross join lateral (select coalesce(array_agg(each.line", "as packed"),
        ("audit", "substring(coalesce(a.details", "as code"),
    ],
)
def test_it_reads_of_a_shipment_what_the_check_reads(query, begin, end):
    """The same expressions, word by word: no text of an error's leaves the database here either."""

    def part(name):
        text = " ".join(queries.load(name).text.split())
        start = text.index(begin)
        return text[start : text.index(end, start)]

    assert part(f"shipping/{query}") == part("shipping/backlog")


def test_whether_ups_answers_is_asked_once():
    """Token and probe are the same for all; each question waits its turn."""
    items, asked, _ = swept(*(row(number, **LOST) for number in (1, 2, 3)))

    assert [1, 1] == [[call for call, _ in asked.calls].count(each) for each in backlog.ONCE]
    assert {"outcome_unknown"} == {each.code for each in items.values()}
    assert pytest.approx(len(asked.calls) * backlog.PACE_S) == asked.slept


def test_ups_is_asked_for_so_many_alone():
    """The newest; the others are listed as unknown with the check as the next command, and their number is said."""
    items, asked, ups = swept(*(row(number, **LOST) for number in range(backlog.MOST_ASKED + 2)))
    last = items[f"SHP-{backlog.MOST_ASKED + 1}"]
    (note,) = backlog.notes(ups, [])

    assert backlog.MOST_ASKED == [call for call, _ in asked.calls].count("by_reference")
    assert ("unknown", True, ("peakops shipping check SHP-51",)) == (last.code, last.told, last.next)
    assert "UPS was asked for the newest 50 shipments alone; 2 more are unknown." in note


@pytest.mark.parametrize(
    "wrong",
    [
        RateLimited("Wait.", code="ups.10429", source="ups"),
        TimedOut("It did not answer.", code="ups.timeout", source="ups"),
    ],
)
def test_ups_is_left_alone_once_it_refuses_or_is_silent(wrong):
    """No further question is asked; what the portal knows by itself is told all the same."""
    asked = Asked(token=[{"cached": True}], probe=[{"answered": True}], by_reference=wrong)
    items, asked, ups = swept(row(1, **LOST), row(2, **LOST), row(3, **NEVER), asked=asked)

    assert 1 == [call for call, _ in asked.calls].count("by_reference")
    assert "never_requested" == items["SHP-3"].code
    assert {"by_reference": wrong} == ups.silent


@pytest.mark.parametrize(
    ("look", "product"), [("label", "shipping"), ("by_reference", "tracking"), ("probe", "address validation")]
)
def test_the_product_that_is_missing_is_named_of_every_shipment(look, product):
    """It is that of the look which UPS refused, and is not asked for again; the other looks are."""
    missing = Unauthenticated("UPS refuses this to the app.", code="ups.250002", source="ups")
    answers = {"token": [{"cached": True}], "probe": [{"answered": True}], "address": [VALID], look: missing}
    items, asked, _ = swept(row(1, **LOST), row(2, **LOST), asked=Asked(**answers))
    times = Counter(call for call, _ in asked.calls)

    assert {"by_reference": 2, "label": 2, look: 1} == {each: times[each] for each in ("by_reference", "label", look)}
    assert {f"UPS gives the app of peakops a token, and refuses it {product} (code 250002)."} == {
        each.judged.ruling.says for each in items.values()
    }


def test_a_token_that_is_refused_ends_all_questions():
    """UPS locks who tries again and again; each shipment says why."""
    wrong = Unauthenticated("Not accepted.", code="ups.250002", source="ups")
    items, asked, ups = swept(row(1, **LOST), row(2, **LOST), asked=Asked(token=wrong))

    assert [("token", None)] == asked.calls
    assert {"ups_credentials"} == {each.code for each in items.values()}
    assert {"token": wrong} == ups.silent


def test_a_reference_that_cannot_be_asked_for_concerns_one_shipment():
    """It is unknown by itself, and the next one is asked for."""
    odd = BadInput("UPS cannot be asked for it.", code="ups.malformed_reference", source="ups")
    asked = Asked(token=[{"cached": True}], probe=[{"answered": True}], by_reference=odd)
    items, asked, ups = swept(row(1, **LOST), row(2, **LOST), asked=asked)

    assert {"unknown"} == {each.code for each in items.values()}
    assert 2 == [call for call, _ in asked.calls].count("by_reference")
    assert {} == ups.silent


def test_several_labels_of_one_reference_are_an_answer():
    """UPS's refusal to choose is no silence: the next shipment is asked for too."""
    several = Refused("Several.", code="ups.300001", source="ups")
    asked = Asked(token=[{"cached": True}], probe=[{"answered": True}], label=several)
    items, asked, ups = swept(row(1, **LOST), row(2, **LOST), asked=asked)

    assert "two_labels" == items["SHP-1"].code
    assert 2 == [call for call, _ in asked.calls].count("label")
    assert {} == ups.silent


LABEL = {"tracking_number": "1ZA1B2C30300000077", "references": ["SHP-77"], "at": ago(hours=1)}


@pytest.mark.parametrize(
    ("labels", "code", "asks"),
    [
        ([], "invalid_address", True),
        ([{**LABEL, "voided": True}], "invalid_address", True),
        ([{**LABEL, "voided": False}], "label_not_stored", False),
    ],
)
def test_the_address_matters_where_no_label_is_in_force(labels, code, asks):
    """Another label needs one that UPS takes, whatever the last attempt ended with."""
    unknown = {"result": "none", "classification": "unknown", "candidates": []}
    asked = Asked(token=[{"cached": True}], probe=[{"answered": True}], by_reference=labels, address=[unknown])
    items, asked, _ = swept(row(**LOST), asked=asked)

    assert code == items["SHP-77"].code
    assert asks == any(call == "address" for call, _ in asked.calls)


@pytest.mark.parametrize(
    ("said", "call"),
    [({}, "tracked"), ({"account": None}, "label"), ({"country": "CA"}, "address"), ({"lines": []}, "address")],
)
def test_what_cannot_be_asked_for_costs_no_time(said, call):
    """No number, no account, no address of a country that UPS knows: UPS is not waited for."""
    _, asked, _ = swept(row(**{**LOST, **said}))

    assert call not in {name for name, _ in asked.calls}


def test_a_case_with_many_shipments_is_no_long_line():
    """Five are named; the summary has all."""
    many = {"case_number": "CASE-1", "direction": "to_lab", "shipments": [f"SHP-{number}" for number in range(9)]}
    (note,) = backlog.notes(swept()[2], [many])

    assert "CASE-1 (SHP-0, SHP-1, SHP-2, SHP-3, SHP-4 and 4 more)." in note


def test_cases_with_several_shipments_are_named():
    """Three of them, and how many more there are."""
    several = [
        {"case_number": f"CASE-{number}", "direction": "to_lab", "shipments": ["SHP-1", "SHP-2"]} for number in range(4)
    ]
    (note,) = backlog.notes(swept()[2], several)

    assert "CASE-0 (SHP-1, SHP-2)" in note
    assert "; and 1 more. " in note
