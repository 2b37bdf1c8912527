"""The subjects of `case backlog`: what is asked, how often, and what a failure hides; the verdicts are the check's."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from peakops.errors import RateLimited, Unreachable
from peakops.model import Brought
from peakops.scenarios.case import backlog
from peakops.sources import queries

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SINCE = NOW - timedelta(days=7)
ACCOUNT = "001SB0000000001AAA"
LATE = 250


def made(number):
    return NOW - timedelta(days=1, seconds=number)


def case(number, **said):
    base = {
        "id": f"id-{number}",
        "case_number": f"CASE-{number}",
        "case_type": "crown",
        "status": "synced",
        "salesforce_case_id": f"500SB{number:010d}AAA",
        "salesforce_account_id": ACCOUNT,
        "practice": "Smile Care",
        "created_at": made(number),
    }
    log = {f"logged_{key}": None for key in ("id", "action", "created_at", "error_code", "error_fields")}
    return {**base, **log, **said}


def record(number, **said):
    base = {"id": f"500SB{number:010d}AAA", "number": f"{number}", "external_id": f"id-{number}", "account": ACCOUNT}
    return {**base, "status": "New", "created_at": made(number), "deleted": False, **said}


class Played:
    """Two sources that answer from lists, and note what they are asked."""

    def __init__(self, cases, pages, lone=(), **answers):
        self.cases, self.pages, self.lone, self.answers = cases, pages, lone, answers
        self.asked = []

    def stream(self, source, call, params):
        self.asked.append(params.get("query", call))
        if source == "database":
            yield from self.cases
        elif call == "portal_cases":
            yield from self.pages
        else:
            yield list(self.lone)

    def read(self, source, call, params):  # noqa: ARG002  (as the sources are asked)
        name = params.get("query", call)
        self.asked.append(name)
        known = [{"accounts": [ACCOUNT], "shapes": ["crown CASE-#"]}] if name == "case/backlog_known" else []
        answer = self.answers.get(name, known)
        if isinstance(answer, Exception):
            raise answer
        return Brought(rows=tuple(answer))

    def subjects(self, silent=None):
        told = silent if silent is not None else {}
        return {each.name: each.looks for each in backlog.subjects(self.stream, self.read, SINCE, NOW, NOW, told)}


def test_a_case_that_is_linked_is_let_out_without_a_question():
    """Its record came with the page; only what is the same for all is asked."""
    played = Played([case(1)], [[record(1)]])
    looks = played.subjects()["CASE-1"]

    assert (record(1), [record(1)], []) == (looks["stored"], looks["found"], looks["near"])
    assert not {"cases_by_ids", "cases_by_subjects", "case/backlog_holders"} & set(played.asked)


def test_those_that_are_not_are_asked_for_together():
    """250 of them in two batches of 100 and 150: three questions each."""
    rows = [case(number, salesforce_case_id=None) for number in range(1, LATE + 1)]
    played = Played(rows, [[]])

    assert LATE == len(played.subjects())
    assert [0, 2, 2] == [
        played.asked.count(each) for each in ("cases_by_ids", "cases_by_subjects", "case/backlog_holders")
    ]


def test_a_record_without_the_portals_id_may_be_a_twin():
    """It has the case's subject; whether it is one, the check says. Another case's are let out at once."""
    twin = {**record(9, external_id=None), "subject": "crown CASE-3"}
    looks = Played([case(1), case(3)], [[record(1), record(3)]], lone=[twin], cases_by_subjects=[twin]).subjects()

    assert ([], [record(9, external_id=None)]) == (looks["CASE-1"]["near"], looks["CASE-3"]["near"])


def test_a_record_may_be_older_than_the_window():
    """By a slow clock it was made before the first page of the window: found by its subject, it is the case's own."""
    early = {**record(9, external_id="id-3"), "subject": "crown CASE-3"}
    looks = Played([case(3, salesforce_case_id=None)], [[]], cases_by_subjects=[early]).subjects()["CASE-3"]

    assert [record(9, external_id="id-3")] == looks["found"]


def test_a_page_lets_out_what_it_has_passed():
    """The first case is let out before the second page is asked for."""
    pages = iter([[record(1), record(5000)], [record(9000)]])
    played = Played([case(1), case(9000)], pages)
    found = backlog.subjects(played.stream, played.read, SINCE, NOW, NOW, {})

    assert "CASE-1" == next(found).name
    assert [record(9000)] == next(pages)


@pytest.mark.parametrize(
    ("call", "look"),
    [
        ("describe", "fields"),
        ("limits", "limits"),
        ("identity", "identity"),
        ("accounts", "account"),
        ("cases_by_subjects", "near"),
        ("case/backlog_holders", "holders"),
    ],
)
def test_a_look_that_fails_is_silence_in_that_look_alone(call, look):
    """The case is let out with the error in it, and the reason is told."""
    wrong, silent = Unreachable("Salesforce failed.", source="salesforce"), {}
    looks = Played([case(1, salesforce_case_id=None)], [[]], **{call: wrong}).subjects(silent)["CASE-1"]

    assert ({look: wrong}, wrong) == (silent, looks[look])
    assert [look] == [name for name, answer in looks.items() if isinstance(answer, Exception)]


def test_a_stream_that_fails_ends_it():
    """What was let out holds; nobody is told that the rest is in order."""

    def pages():
        yield [record(1), record(5000)]
        raise RateLimited("The requests are used up.", source="salesforce")

    found = backlog.subjects(*_ways(Played([case(1), case(9000)], pages())), SINCE, NOW, NOW, {})

    assert "CASE-1" == next(found).name
    with pytest.raises(RateLimited):
        next(found)


def _ways(played):
    return played.stream, played.read


def test_the_cases_are_read_as_the_check_reads_them():
    """The columns of a case and of its log are told by the very words of case/cases and case/audit."""
    whole = _plain(queries.load("case/backlog").text)
    columns = _plain(queries.load("case/cases").text.partition("  from public.cases as c\n")[0].removeprefix("select "))
    error = _plain(queries.load("case/audit").text)

    assert columns in whole
    for reduced in re.findall(r"(?:substring|array)\(.*?\) as error_(?:code|fields)", error):
        assert reduced.replace(" as error_", " as logged_error_") in whole


def _plain(text):
    """Without comments and line breaks."""
    return " ".join(" ".join(line for line in text.splitlines() if not line.strip().startswith("--")).split())
