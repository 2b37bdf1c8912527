"""The judgements of `shipping address` on literal facts: at least one for each row of the playbook."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence
from peakops.scenarios.shipping import address, places
from peakops.scenarios.shipping.address import SCENARIO
from peakops.verdict import rule

from .conftest import NOW, SILENCE, candidate, parcel, shipment, validated

AS_UPS_WRITES_IT = {"lines": ["12 ELM STREET"], "city": "NEW YORK", "state": "NY", "postal_code": "10118-4210"}


def looked(checked=None, silent=None, **stored):
    """The looks: the stored address, and what UPS makes of it."""
    rows = {"shipment": shipment(), "parcel": parcel(**stored), "address": checked}
    return tuple(
        Evidence(
            name=name,
            source="ups" if name == "address" else "database",
            at=NOW,
            rows=(row,) if row and not (silent and name == "address") else (),
            single=True,
            error=silent if name == "address" else None,
        )
        for name, row in rows.items()
    )


def judged(*args, **said):
    seen = looked(*args, **said)
    outcomes = diagnose(SCENARIO, seen)
    ruling = rule(SCENARIO, outcomes, seen)
    return (ruling.ruling.code, ruling.status.value), {each.name: each for each in outcomes}


@pytest.mark.parametrize(
    ("checked", "stored", "code", "severity"),
    [
        (validated("valid", AS_UPS_WRITES_IT), {}, "address_valid", "ok"),
        (validated("ambiguous", candidate()), {}, "address_ambiguous", "warning"),
        (validated("ambiguous"), {}, "address_ambiguous", "warning"),
        (validated("none"), {}, "address_unknown", "critical"),
        (validated("none"), {"postal_code": "75201"}, "postal_code_mismatch", "critical"),
        (validated("valid", candidate()), {}, "address_differs", "warning"),
        (validated("valid", {**AS_UPS_WRITES_IT, "lines": ["12 ELM ST"]}), {}, "address_valid", "ok"),
        (validated("valid", AS_UPS_WRITES_IT), {"postal_code": "10118-9999"}, "address_valid", "ok"),
        (None, {"lines": []}, "address_incomplete", "critical"),
        (None, {"state": None}, "address_incomplete", "critical"),
        (None, {"country": "CA", "state": None, "postal_code": "M5V 3L9"}, "address_not_covered", "warning"),
    ],
)
def test_each_row(checked, stored, code, severity):
    """What the portal has and what UPS makes of it decide; how a street is abbreviated is no difference to correct."""
    assert (code, severity) == judged(checked, **stored)[0]


def test_ups_outranks_the_table_of_postal_codes():
    """What UPS takes is not doubted: the table is coarse, and there are exceptions."""
    assert ("address_valid", "ok") == judged(validated("valid"), postal_code="75201")[0]


def test_a_mismatch_is_proven_without_ups():
    """It needs no answer; all that UPS alone knows is unknown, and so is the whole where nothing is proven."""
    found, _ = judged(silent=SILENCE, postal_code="75201")
    unknown, outcomes = judged(silent=SILENCE)

    assert ("postal_code_mismatch", "critical") == found
    assert ("unknown", "unknown") == unknown
    assert {"known", "unambiguous", "same", "settled"} == {
        name for name, each in outcomes.items() if each.verdict == "unknown"
    }


def test_what_ups_knows_instead_is_told_field_by_field():
    """A town and what differs are named; a street is personal, so that it is only said to differ."""
    several = [candidate(postal_code=f"1011{number}") for number in range(7)]
    _, outcomes = judged(validated("ambiguous", *several))
    says = outcomes["unambiguous"].says

    assert says.startswith("UPS knows 7 instead: NEW YORK, NY 10110 (another street, postal code 10118 → 10110); ")
    assert says.endswith("; and 2 more.")
    assert "ELM" not in says


@pytest.mark.parametrize(
    ("stored", "known", "differs"),
    [
        ({}, AS_UPS_WRITES_IT, []),
        ({"postal_code": "10118-4211"}, AS_UPS_WRITES_IT, ["postal_code"]),
        ({"city": "New-York "}, AS_UPS_WRITES_IT, []),
        ({"state": "NJ"}, AS_UPS_WRITES_IT, ["state"]),
        ({"lines": ["12 Elm", "Street"]}, AS_UPS_WRITES_IT, []),
        ({"city": None}, AS_UPS_WRITES_IT, ["city"]),
        ({"lines": ["12 Elm Street", None]}, AS_UPS_WRITES_IT, []),
        ({"city": "Cañon City"}, {**AS_UPS_WRITES_IT, "city": "CANON CITY"}, []),
        ({"city": "St. Louis"}, {**AS_UPS_WRITES_IT, "city": "SAINT LOUIS"}, []),
        ({"city": "Stlouis"}, {**AS_UPS_WRITES_IT, "city": "SAINT LOUIS"}, ["city"]),
    ],
)
def test_differences(stored, known, differs):
    """Case, signs, accents, blanks and a town's short form are none; four more digits count where both have them."""
    assert differs == places.differences(parcel(**stored), known)


@pytest.mark.parametrize(
    ("postal_code", "state", "fits"),
    [
        ("10118", "NY", True),
        ("06390", "NY", True),
        ("88510", "TX", True),
        ("10118", "TX", False),
        ("00907", "pr", True),
        ("10118", "Bavaria", True),
        ("X", "NY", True),
    ],
)
def test_postal_codes_of_states(postal_code, state, fits):
    """Only a known digit and a known state can contradict each other."""
    assert fits == places.belong(postal_code, state)


def test_ups_is_not_asked_where_it_has_nothing_to_say():
    """An address abroad, or without a street, is none that it validates; the carrier does not matter."""
    abroad, bare = parcel(country="CA"), parcel(lines=[])

    assert [None, None] == [address._part("city", each) for each in (abroad, bare)]
    assert "New York" == address._part("city", parcel(carrier="fedex"))
