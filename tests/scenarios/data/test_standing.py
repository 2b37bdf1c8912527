"""One judgement a question of a deletion request, on literal facts."""

from datetime import UTC, datetime

import pytest

from peakops.errors import Refused, UsageFault
from peakops.model import Evidence, Verdict
from peakops.scenario import Facts, Missing
from peakops.scenarios.data import erasing, erasures, looks, replay, standing

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
PERSON = {"id": "u-1", "email": "anna@smilecare.example", "given": None, "has_account": True, "has_profile": True}
SINGLE = ("person", "readiness")


def holding(table, effect, rows=1, **said):
    base = {"columns": ["user_id"], "kind": "foreign_key", "ground": None, "until": None, "why": None, "together": rows}
    return {**base, "table": table, "effect": effect, "rows": rows, **said}


def facts(**said):
    base = {
        "person": {},
        "holdings": [holding("public.users", "delete")],
        "residue": [],
        "holds": [],
        "incidents": [],
        "erased": [],
        "accounts": [],
        "profiles": [],
        "colleagues": [],
        "references": [],
        "audit": [{"own": 0, "mentions": 0}],
        "readiness": {"pseudonyms": True, "schema": True},
    }
    base |= said
    base["person"] = {**PERSON, **base["person"]}
    return Facts(
        tuple(
            Evidence(
                name=name, source="x", at=NOW, rows=(rows,) if name in SINGLE else tuple(rows), single=name in SINGLE
            )
            for name, rows in base.items()
        )
    )


def hold(subject):
    return {"subject": subject, "reason": "x", "placed_by": "counsel", "placed_at": NOW}


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("user:u-1", "legal_hold"),
        ("practice:p-1", "legal_hold"),
        ("table:public.users", "legal_hold"),
        ("table:public.x", ""),
    ],
)
def test_a_hold_binds_where_it_concerns_the_person(subject, code):
    """On the person, the practice, or a table that holds rows of theirs; another table's does not."""
    assert code == standing.hold(facts(holds=[hold(subject)])).code


def test_a_place_without_a_class_stops_it():
    """A table that refers to the person, or only names them in a text."""
    named = {"table": "public.x", "column": "words", "rows": 2, "class": None, "explained": None}

    assert "unclassified_table" == standing.classes(facts(holdings=[holding("public.x", "unclassified")])).code
    assert "unclassified_table" == standing.classes(facts(residue=[named])).code
    assert "" == standing.classes(facts(residue=[{**named, "class": "keep", "explained": "Law."}])).code


def test_what_cannot_be_counted_is_unknown():
    """A role that may not read a column proves nothing."""
    with pytest.raises(Missing, match=r"may not count public\.notes"):
        standing.obstacles(facts(holdings=[holding("public.notes", "delete", None)]))


def test_a_blocked_row_is_told_with_its_reason():
    """The table, the column and why."""
    told = standing.obstacles(facts(holdings=[holding("public.notes", "blocked", why="author cannot be emptied")]))

    assert ("blocked", True) == (told.code, "author cannot be emptied" in told.says)


@pytest.mark.parametrize(
    ("colleagues", "verdict"),
    [
        ({"owners": 0, "status": "active"}, Verdict.FOUND),
        ({"owners": 1, "status": "active"}, Verdict.OK),
        ({"owners": 0, "status": "closed"}, Verdict.OK),
    ],
)
def test_the_last_owner(colleagues, verdict):
    """Of a practice that is not closed, and has no other."""
    mine = {"id": "u-1", "role": "owner", "practice_id": "p-1"}
    left = {"practice_id": "p-1", "practice": "Smile Care", "admins": 0, "people": 2, **colleagues}

    assert verdict is standing.owner(facts(profiles=[mine], colleagues=[left])).verdict


def test_somebody_who_was_erased_and_is_there():
    """The command that is named has the request of then; who is not there is no finding."""
    line = {"request_id": "R-9", "executed_at": NOW, "operator": "mara", "plan_hash": "x"}
    gone = {"has_account": False, "has_profile": False}

    assert ("--request", "R-9") == standing.returned(facts(erased=[line])).arguments[:2]
    assert Verdict.SKIPPED is standing.returned(facts(erased=[line], holdings=[], person=gone)).verdict
    assert "nothing_held" == standing.holdings(facts(erased=[line], holdings=[], person={**gone, "email": None})).code


def test_what_a_deletion_needs():
    """19 without a key, and without a place for its log, each with what to do."""
    with pytest.raises(Refused, match="no key") as without_key:
        erasing.ready(facts(readiness={"pseudonyms": False, "schema": True}))
    with pytest.raises(Refused, match="no place"):
        erasing.ready(facts(readiness={"pseudonyms": True, "schema": False}))

    assert "PEAKOPS_PSEUDONYM_KEY" in without_key.value.hint


@pytest.mark.parametrize("text", ["ask anna@smilecare.example", "call +1 415 555 0199", "123-45-6789"])
def test_a_text_that_names_somebody(text):
    """What is kept for years names nobody."""
    with pytest.raises(Refused, match="--basis"):
        erasing.texts(basis=text)
    with pytest.raises(UsageFault, match="--basis"):
        erasing.texts(basis=" ")


@pytest.mark.parametrize(
    ("received", "until"), [("2026-11-02", "02 Dec 2026"), ("2027-01-31", "28 Feb 2027"), ("2026-12-15", "15 Jan 2027")]
)
def test_until_when_to_answer(received, until):
    """The same day of the next month, or its last one."""
    assert until in erasing.notes(facts(), erasing.received_on(received))[0]


def log(**said):
    base = {"executed_at": NOW, "operator": "mara", "basis": "b", "identity": "i", "counts": {}, "kept": {}}
    return {**base, **said}


def test_both_logs_are_one():
    """A request that both know is one line; what the database forgot is told as the journal's."""
    both = {"request_id": "R-1", "subject_hmac": "h", "received_at": None, "plan_hash": "x", **log()}
    known = [log(request=each, user_id="u", finished=each == "R-1") for each in ("R-1", "R-2")]
    told = facts(deletions=[both], erasures=known)

    assert [("R-2", "journal", False), ("R-1", "both", True)] == [
        (each["request"], each["known_by"], each["finished"]) for each in erasures.lines(told)
    ]


def test_a_row_that_refers_twice_is_cleared_once():
    """Its table has one action, with how many rows there are altogether."""
    twice = [
        holding("public.cases", "null", rows, together=4, columns=[name]) for rows, name in ((3, "by"), (2, "seen_by"))
    ]

    assert {"public.cases": 4} == {table: rows for table, (rows, _) in erasing.cleared(facts(holdings=twice)).items()}


def test_what_supabase_deletes_need_not_be_counted():
    """A table of Auth or Storage that the role may not read is listed without a number, and stops nothing."""
    hidden = [holding("auth.x", "auth", None), holding("storage.objects", "outside", None)]

    assert "" == standing.obstacles(facts(holdings=hidden)).code


def test_an_address_of_two_people():
    """It is typed by nobody: afterwards it would mean the other; the id is named instead, and the plan says it."""
    two = [{"id": "u-1", "email": "Desk@smilecare.example"}, {"id": "u-2", "email": "desk@smilecare.example "}]
    told = facts(profiles=two, person={"given": "desk@smilecare.example"})
    with pytest.raises(Refused, match="named by the id"):
        erasing.sure(told)

    assert "u-1" == looks.named(told)
    assert erasing.SHARED in erasing.notes(told, None)
    assert erasing.SHARED not in erasing.notes(facts(profiles=two[:1]), None)


def test_counts_of_a_table_that_goes_two_ways():
    """Invitations to the person are deleted and those by the person cleared: the log has both numbers."""
    held = [
        holding("public.invitations", "delete", 2, together=None),
        holding("public.invitations", "null", 3, together=3),
        holding("public.cases", "null", 3, together=4),
        holding("public.cases", "null", 2, together=4),
    ]

    assert {"public.invitations": {"delete": 2, "null": 3}, "public.cases": {"null": 4}} == erasing.counted(held)


def test_deletions_under_another_key():
    """Nobody can be held against them: unknown, unless the journal knows the id."""
    line = {"request_id": "R-9", "subject_hmac": "h", "key": False, **log()}
    known = log(request="R-9", user_id="u", finished=True)
    with pytest.raises(Missing, match="PEAKOPS_PSEUDONYM_KEY"):
        replay.back(facts(deletions=[line], erasures=[], present=[]))

    assert "nobody_back" == replay.back(facts(deletions=[{**line, "key": True}], erasures=[], present=[])).code
    assert "nobody_back" == replay.back(facts(deletions=[line], erasures=[known], present=[])).code


def test_somebody_who_was_erased_twice():
    """The last of the erasures is the one that is repeated."""
    lines = [{"request_id": each, "subject_hmac": "h", "key": True, **log()} for each in ("R-10", "R-9")]
    there = [{"id": "u", "pseudonym": "h"}]
    told = replay.lines(facts(deletions=lines, erasures=[], present=there))

    assert ["R-10"] == [each["request"] for each in told]
