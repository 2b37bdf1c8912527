"""`peakops contacts check`, judged on literal facts: at least one test for each row of its playbook."""

from datetime import UTC, datetime

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.contacts.check import NEEDED, SCENARIO
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
FILE = {"file": "contacts.toml", "absent": None, "usable": True, "flaws": []}
FLAW = {"code": "malformed", "line": 7, "says": "people.lead.pager: nothing reads this key.", "hint": "Take it away."}
TBD = {"code": "tbd", "line": 9, "says": "people.lead.name is not known yet (TBD).", "hint": "Fill it in."}
PERSON = {"kind": "person", "channels": [{"kind": "phone", "value": None}], "components": []}
LEAD = {"id": "lead", "role": "Technical and Security Lead", **PERSON}
OFFICER = {"id": "officer", "role": "Privacy officer", **PERSON}
STRIPE = {
    **{"id": "stripe", "role": "Stripe Support", "kind": "vendor", "components": ["stripe"]},
    "channels": [{"kind": "url", "value": "https://support.stripe.com"}],
}
GAP = {"stretch": "Sat 02:00 to 14:00", "first": NOW, "last": datetime(2027, 3, 14, 9, tzinfo=UTC)}
UNSET = {"variable": "PEAKOPS_PAGE_X", "why": "not set", "contacts": ["lead"]}
ANSWER = {"contact": "stripe", "target": "support.stripe.com", "answers": True, "says": "HTTP 200"}
SOUND = {
    **{"file": FILE, "people": [LEAD, OFFICER, STRIPE], "gaps": [], "unset": []},
    **{"vendors": [{"component": "stripe"}], "answers": []},
}


def judge(faults=(), **said):
    """The outcomes by question, the verdict and its status."""
    down = Fault(code="x", category="timeout", message="It took too long.")
    looked = tuple(
        Evidence(
            name=name,
            source="contacts",
            at=NOW,
            rows=() if name in faults else (value,) if name == "file" else tuple(value),
            single=name == "file",
            error=down if name in faults else None,
        )
        for name, value in {**SOUND, **said}.items()
    )
    outcomes = diagnose(SCENARIO, looked)
    judged = rule(SCENARIO, outcomes, looked)
    return {each.name: each for each in outcomes}, judged.ruling, judged.status.value


ROWS = [
    ("no_file", "critical", {"file": {**FILE, "absent": "contacts.toml: there is no such file.", "usable": False}}),
    ("malformed", "critical", {"file": {**FILE, "flaws": [FLAW, TBD], "usable": False}}),
    ("contact_tbd", "critical", {"file": {**FILE, "flaws": [TBD]}}),
    ("uncovered", "warning", {"gaps": [GAP]}),
    ("channel_missing", "warning", {"unset": [UNSET]}),
    ("vendor_missing", "warning", {"vendors": [{"component": "stripe"}, {"component": "ups"}]}),
    (
        "playbook_contact_old",
        "warning",
        {"people": [LEAD, OFFICER, {**STRIPE, "channels": [{"kind": "email", "value": "Support@Supabase.io"}]}]},
    ),
    ("role_missing", "warning", {"people": [LEAD, STRIPE]}),
    ("contact_silent", "warning", {"answers": [ANSWER, {**ANSWER, "answers": False, "says": "HTTP 503"}]}),
    ("reachable", "ok", {"answers": [ANSWER]}),
]


@pytest.mark.parametrize(("code", "status", "said"), ROWS, ids=[each[0] for each in ROWS])
def test_each_row(code, status, said):
    """One thing is wrong, and the verdict is its row."""
    _, ruling, found = judge(**said)

    assert (code, status) == (ruling.code, found)


def test_faults_are_told_with_file_line_and_hint():
    """The file is named once, each line by itself; beyond five the rest is counted."""
    _, ruling, _ = judge(file={**FILE, "flaws": [{**FLAW, "line": each} for each in range(1, 8)], "usable": False})

    assert ruling.says.startswith(
        "contacts.toml, line 1: people.lead.pager: nothing reads this key. Take it away. Line 2: people.lead.pager"
    )
    assert ruling.says.endswith(
        "Line 5: people.lead.pager: nothing reads this key. Take it away. 2 more, all in --json"
    )


def test_what_leads_nowhere_is_told_by_what_is_wrong():
    """Variables that are not set, and one whose address is none, each with whose it is."""
    bare = {"variable": "PEAKOPS_PAGE_Y", "why": "no https address", "contacts": ["duty", "lead"]}
    _, ruling, _ = judge(unset=[UNSET, bare])

    assert "Not set: PEAKOPS_PAGE_X (lead). No https address: PEAKOPS_PAGE_Y (duty, lead)." == ruling.says


def test_a_fault_of_the_whole_file_has_no_line():
    """Line 0 is no line."""
    _, ruling, _ = judge(file={**FILE, "flaws": [{**FLAW, "line": 0, "says": "it cannot be read."}], "usable": False})

    assert "contacts.toml: it cannot be read. Take it away." == ruling.says


def test_hours_are_told_by_season():
    """Each set of hours once, by the day until which it comes back: winter, and summer."""
    summer = {**GAP, "stretch": "Sat 01:00 to 13:00", "last": datetime(2027, 11, 7, 8, tzinfo=UTC)}
    again = {**GAP, "last": datetime(2027, 11, 20, tzinfo=UTC)}
    _, ruling, _ = judge(gaps=[summer, GAP, again])

    assert (
        "Nobody can be called by the clock at these hours of UTC, until 14 Mar 2027 09:00 UTC: Sat 02:00 to 14:00; "
        "until 7 Nov 2027 08:00 UTC: Sat 01:00 to 13:00."
    ) == ruling.says


def test_the_worst_is_the_verdict_and_the_rest_is_listed():
    """A file that is TBD, and has gaps, and lacks a role."""
    outcomes, ruling, _ = judge(file={**FILE, "flaws": [TBD]}, gaps=[GAP], people=[LEAD, STRIPE])

    assert "contact_tbd" == ruling.code
    assert {"known", "covered", "roles"} == {name for name, each in outcomes.items() if each.verdict == "found"} - {
        "reachable"
    }


@pytest.mark.parametrize("look", NEEDED)
def test_silence_is_never_all_well(look):
    """A look that was not answered in time is unknown."""
    _, ruling, status = judge(faults=(look,))

    assert ("unknown", "unknown") == (ruling.code, status)
