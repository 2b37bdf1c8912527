"""Which indexes could help, from literal plans: what is compared, joined and sorted, and what is there already."""

import pytest

from peakops.scenarios.perf.candidates import invalid, partitions, trials
from peakops.scenarios.perf.conditions import wanted
from peakops.scenarios.perf.proposals import named, proposals

from .plans import CASES, index, node, table


@pytest.mark.parametrize(
    ("text", "equal", "ranged"),
    [
        ("(cases.practice_id = $1)", ("practice_id",), ()),
        (
            "((cases.practice_id = $1) AND (cases.created_at > '…'::timestamp with time zone))",
            ("practice_id",),
            ("created_at",),
        ),
        ("((cases.status)::text = '…'::text)", ("status",), ()),
        ("(cases.status = ANY ('…'::text[]))", ("status",), ()),
        ('(cases."Read At" IS NULL)', ("Read At",), ()),
        ("($1 >= cases.created_at)", (), ("created_at",)),
        ("((cases.status = '…'::text) OR (cases.practice_id = $1))", (), ()),
        ("(NOT (cases.practice_id = $1))", (), ()),
        ("(cases.practice_id <> $1)", (), ()),
        ("(cases.updated_at > cases.created_at)", (), ()),
        ("(lower(cases.email) = $1)", (), ()),
        ("(cases.status ~~ '…'::text)", (), ()),
        ("((cases.a = ' AND (') AND (cases.b = $1))", ("a", "b"), ()),
        ("(cases.practice_id = (InitPlan 1).col1)", ("practice_id",), ()),
        ("(other.practice_id = $1)", (), ()),
        ("", (), ()),
    ],
)
def test_what_a_filter_compares(text, equal, ranged):
    """Only comparisons that must hold, of one column of this table with what is not of its row."""
    (found,) = wanted([node(filter=text)])

    assert (equal, ranged) == (found.equal, found.ranged)


@pytest.mark.parametrize(
    ("keys", "sort"),
    [
        (["cases.created_at DESC"], (("created_at", ""),)),
        (["cases.created_at DESC", "cases.id DESC"], (("created_at", ""), ("id", ""))),
        (["cases.created_at DESC", "cases.id"], (("created_at", " DESC"), ("id", ""))),
        (["cases.created_at DESC NULLS LAST"], (("created_at", " DESC NULLS LAST"),)),
        (["lower(cases.email)"], ()),
        (["cases.created_at", "practices.name"], ()),
    ],
)
def test_what_a_sort_asks_for(keys, sort):
    """An index is read from either end, so that only a mixed order, or one of nulls, is part of it."""
    (found,) = wanted([node("Sort", None, sort=keys), node(depth=1)])

    assert sort == found.sort


def columns(*indexes, rows=200_000, filter="((cases.practice_id = $1) AND (cases.status = $2))", sort=None):
    nodes = [node("Sort", None, sort=sort), node(depth=1, filter=filter)] if sort else [node(filter=filter)]
    plan = {"id": "7", "cost": 900.0, "nodes": nodes}
    return [each["names"] for each in trials([plan], [table(rows, indexes=indexes)])]


def test_equality_comes_first_then_one_range_or_sort():
    """The more distinct column leads; what is sorted by comes last, and an index has three columns at most."""
    assert [["status", "practice_id", "created_at"], ["status", "practice_id"], ["status"], ["created_at"]] == columns(
        sort=["cases.created_at DESC"]
    )
    assert [["status", "created_at"], ["status"], ["created_at"]] == columns(
        filter="((cases.created_at > $1) AND (cases.status = $2))"
    )


@pytest.mark.parametrize(
    ("there", "left"),
    [
        ((), [["status", "practice_id"], ["status"]]),
        ((index("practice_id", "status"),), [["status"]]),
        ((index("status", "practice_id", "created_at"),), []),
        ((index("status", valid=False),), [["status", "practice_id"]]),
        ((index("status", partial=True),), [["status", "practice_id"], ["status"]]),
        ((index("status", method="hash"),), [["status", "practice_id"]]),
        ((index("status", method="gin"),), [["status", "practice_id"], ["status"]]),
    ],
)
def test_what_is_there_is_not_tried(there, left):
    """An index whose first columns are these covers them, in whichever order they are compared, valid or not."""
    assert left == columns(*there)


def test_small_and_managed_tables_are_left_alone():
    """A small table is read whole as quickly; what is Supabase's own changes with its versions."""
    plan = {"id": "7", "cost": 900.0, "nodes": [node(relation="auth.users", filter="(users.status = $1)")]}

    assert [] == columns(rows=9_999)
    assert [] == trials([plan], [table(name="auth.users")])
    assert [] == trials([plan], [])


def proof(names, before, after, *, id="7", used=True, whole=True):
    base = {"id": id, "of": CASES, "table": CASES, "names": names, "columns": names, "cost": before}
    return {**base, "before": before, "after": after, "used": used, "whole": whole}


STATEMENTS = [{"id": each, "calls": 10, "total_ms": 5000} for each in ("7", "8")]


def proposed(*proofs):
    rows = proposals(proofs, STATEMENTS, [table(indexes=[index("status", name="cases_status_idx")])])
    return [(each["columns"], each["proof"], each["statements"]) for each in rows]


def test_the_narrower_index_is_taken_where_it_is_as_good():
    """Among those within a tenth of the best, that of fewer columns; one that the planner leaves aside is none."""
    assert [(["status"], "proven", ["7"])] == proposed(
        proof(["status", "practice_id"], 900.0, 8.0),
        proof(["status"], 900.0, 8.5),
        proof(["id"], 900.0, 1.0, used=False),
    )


def test_what_saves_less_than_half_is_not_worth_its_writes():
    """An index costs every write something."""
    assert [] == proposed(proof(["status"], 900.0, 451.0))
    assert [(["status"], "proven", ["7"])] == proposed(proof(["status"], 900.0, 450.0))


def test_one_index_serves_several_statements():
    """The same index, or one that begins with it, is proposed once, with all its statements."""
    assert [(["status", "practice_id"], "proven", ["7", "8"])] == proposed(
        proof(["status"], 900.0, 20.0), proof(["status", "practice_id"], 900.0, 8.0, id="8")
    )


def test_without_proof_it_says_so():
    """Where the planner could not be asked, the index that serves most of the statement is named, unproven."""
    assert [(["status", "practice_id"], "unproven", ["7"])] == proposed(
        proof(["status", "practice_id"], 900.0, None, used=None), proof(["status"], 900.0, None, used=None)
    )


def test_a_name_is_short_enough_and_free():
    """PostgreSQL cuts what is longer than 63 bytes without a word, and refuses a name that is taken."""
    long = named("t" * 40, ["ü" * 20, "b"], set())

    assert "cases_status_idx1" == named("cases", ["status"], {"cases_status_idx"})
    assert 63 >= len(long.encode())
    assert long.endswith("_idx")


def test_unproven_only_a_table_that_is_read_whole_is_worth_an_index():
    """Where nobody has asked the planner, what an index is used for already has one that may do."""
    assert [] == proposed(proof(["status"], 900.0, None, used=None, whole=False))


def test_the_writes_that_an_index_slows_are_said():
    """Nobody adds one to a table that is written all day without being told."""
    busy = {**table(), "writes": 1_234_567}
    (row,) = proposals([proof(["status"], 900.0, 8.0)], STATEMENTS, [busy])

    assert 1_234_567 == row["writes"]
    assert "slows 1,234,567 writes" in row["says"]


def test_a_name_of_another_table_s_index_is_not_taken():
    """Its undo would drop that one."""
    known = {**table(), "names": ["cases_status_idx"]}
    (row,) = proposals([proof(["status"], 900.0, 8.0)], STATEMENTS, [known])

    assert "cases_status_idx1" == row["name"]
    assert "public.cases_status_idx1;" in row["undo"]


def test_an_index_in_the_making_is_not_broken_off():
    """REINDEX beside the CREATE INDEX that makes it would wait for it, and make it again."""
    plan = {"id": "7", "cost": 900.0, "nodes": [node(filter="(cases.status = $1)")]}
    found = [invalid([plan], [table(indexes=[index("status", valid=False, building=now)])]) for now in (False, True)]

    assert [1, 0] == [len(each) for each in found]


def test_partitions_that_are_read_whole_are_named():
    """No index of theirs is tried, so that nothing is known of it."""
    plan = {"id": "7", "cost": 900.0, "nodes": [node(filter="(cases.status = $1)")]}

    assert [CASES] == partitions([plan], [{**table(), "is_partition": True}])
    assert [] == partitions([plan], [table()])
    assert [] == partitions([plan], [{**table(rows=9), "is_partition": True}])
