"""The judgements of `perf query` on literal plans: at least one for each row of the playbook."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Fault
from peakops.scenario import Facts
from peakops.scenarios.perf import sides
from peakops.scenarios.perf.query import SCENARIO
from peakops.verdict import rule

from .plans import CASES, looked, node, refused, side, table

MINE = {"function": "public.mine", "name": "mine", "volatility": "volatile"}
STABLE, CONSTANT = {**MINE, "volatility": "stable"}, {**MINE, "volatility": "immutable"}
THEIRS = "authenticated"
DENIED = Fault(code="database.set_role", category="permission", message="It may not.", hint="grant authenticated to x;")


def called(rows=200_000, **more):
    """The node of the role that calls a function for each row, carried out where it has loops."""
    return node(filter="(cases.practice_id = mine())", functions=["mine"], rows=rows, **more)


def judged(*args, **said):
    evidence = looked(*args, **said)
    ruling = rule(SCENARIO, diagnose(SCENARIO, evidence), evidence)
    return ruling.ruling.code, ruling.status.value, ruling.ruling.cause


@pytest.mark.parametrize(
    ("ours", "theirs", "said", "verdict"),
    [
        # The measured case of the facts: 6,055 ms as the role, 105 ms as the operator.
        (
            side(time_ms=105.0),
            side(THEIRS, [called(loops=1, actual_rows=1000, removed=999_000)], time_ms=6055.0),
            {"functions": [MINE]},
            ("policy_cost", "critical", "volatile_function_per_row"),
        ),
        (
            side(time_ms=105.0),
            side(THEIRS, [called()], ended=True),
            {"functions": [STABLE]},
            ("policy_cost", "critical", "function_per_row"),
        ),
        (
            side(time_ms=30.0),
            side(THEIRS, [called(loops=1, actual_rows=10, removed=20_000)], time_ms=200.0),
            {"functions": [STABLE]},
            ("policy_cost", "warning", "function_per_row"),
        ),
        (
            side(),
            side(THEIRS, [called()]),
            {"functions": [MINE]},
            ("policy_cost", "critical", "volatile_function_per_row"),
        ),
        (
            side(),
            side(THEIRS, [called(rows=5)]),
            {"functions": [MINE], "tables": [table(20_000)]},
            ("policy_cost", "warning", "volatile_function_per_row"),
        ),
        (
            side(),
            side(THEIRS, [node(subplans=1, filter="(SubPlan 1)")]),
            {},
            ("policy_cost", "critical", "subquery_per_row"),
        ),
        (side(cost=9_000.0), side(THEIRS, cost=90_000.0), {}, ("policy_cost", "warning", "another_plan")),
        (side(time_ms=1500.0), side(THEIRS, time_ms=1600.0), {}, ("slow_for_everybody", "warning", "reads_much")),
        (
            side(nodes=[node(filter="(cases.status = '…'::text)", rows=10)], cost=20_000.0),
            side(THEIRS, [node(filter="(cases.status = '…'::text)", rows=10)], cost=20_000.0),
            {},
            ("slow_for_everybody", "warning", "index"),
        ),
        (
            side(nodes=[node(rows=150_000)], rows=150_000, cost=20_000.0),
            side(THEIRS, [node(rows=150_000)], rows=150_000, cost=20_000.0),
            {},
            ("slow_for_everybody", "warning", "pagination"),
        ),
        (
            side(nodes=[node("Sort", None, spilled=True)], time_ms=1100.0),
            side(THEIRS, [node("Sort", None, spilled=True)], time_ms=1100.0),
            {},
            ("slow_for_everybody", "warning", "memory"),
        ),
        # Less than three times as long, and too long all the same; also where the time was up early.
        (side(time_ms=900.0), side(THEIRS, time_ms=2500.0), {}, ("policy_cost", "warning", "another_plan")),
        (
            side(time_ms=500.0),
            side(THEIRS, ended=True, limit_ms=1000),
            {},
            ("policy_cost", "warning", "another_plan"),
        ),
        (side(time_ms=990.0), side(THEIRS, time_ms=1010.0), {}, ("slow_for_everybody", "warning", "reads_much")),
        (side(cost=7_400.0), side(THEIRS, cost=12_900.0), {}, ("same_plan", "ok", None)),
        # A plan that costs a second is slow, whatever makes it so; and calls that were slow are not in order.
        (side(cost=5e6), side(THEIRS, cost=5e6), {}, ("slow_for_everybody", "warning", "reads_much")),
        (side(cost=500.0), side(THEIRS, cost=500.0), {"mean_ms": 5000.0}, ("slow_for_everybody", "warning", "waits")),
        # A policy that makes it cheaper is not what makes it slow.
        (
            side(cost=5e6),
            side(THEIRS, [called(rows=5)], cost=12_000.0),
            {"functions": [MINE], "tables": [table(20_000)]},
            ("slow_for_everybody", "warning", "reads_much"),
        ),
        (side(time_ms=2.0), side(THEIRS, time_ms=2.5), {}, ("same_plan", "ok", None)),
        (side(time_ms=2.0), side(THEIRS, [node("Index Scan", index="i")], time_ms=2.5), {}, ("quick", "ok", None)),
        # What is called once, or gives the same for the same, is no cost of a policy.
        (side(), side(THEIRS, [called()]), {"functions": [CONSTANT]}, ("same_plan", "ok", None)),
        (side(nodes=[called()]), side(THEIRS, [called()]), {"functions": [MINE]}, ("same_plan", "ok", None)),
        # Whoever is past row-level security has no policies.
        (
            side(),
            side(THEIRS, [called()]),
            {"functions": [MINE], "role": {"bypasses_rls": True}},
            ("same_plan", "ok", None),
        ),
        (side(), refused("role_may_not", THEIRS), {}, ("role_may_not", "critical", None)),
        (
            refused("cannot_be_planned"),
            refused("cannot_be_planned", THEIRS),
            {},
            ("cannot_be_planned", "warning", None),
        ),
        (refused("not_one_select"), refused("not_one_select", THEIRS), {}, ("not_one_select", "warning", None)),
        (side(), side(THEIRS), {"silent": {"as_role": DENIED}}, ("unknown", "unknown", None)),
        (side(), side(THEIRS), {"silent": {"as_operator": DENIED}}, ("unknown", "unknown", None)),
        # Without the operator's plan it is what the policies are known to call, where that is often enough.
        (
            side(),
            side(THEIRS, [called()]),
            {"functions": [MINE], "silent": {"as_operator": DENIED}},
            ("policy_cost", "critical", "volatile_function_per_row"),
        ),
        (
            side(),
            side(THEIRS, [called()]),
            {"functions": [{**MINE, "function": "public.other"}], "silent": {"as_operator": DENIED}},
            ("unknown", "unknown", None),
        ),
        (
            side(),
            refused("role_may_not", THEIRS),
            {"silent": {"as_operator": DENIED}},
            ("role_may_not", "critical", None),
        ),
    ],
)
def test_each_row(ours, theirs, said, verdict):
    """Both plans, and what is known of functions and tables, decide; silence of either side is unknown."""
    assert verdict == judged(ours, theirs, **said)


def test_calls_are_counted_over_all_loops():
    """A filter of a node that runs many times calls its function for each row of each time."""
    facts = Facts(
        looked(
            side(),
            side(THEIRS, [called(loops=4, actual_rows=10.0, removed=90.5)], time_ms=1.0),
            functions=[MINE],
        )
    )

    assert [("public.mine", CASES, 402)] == [
        (each["function"], each["table"], each["calls"]) for each in sides.per_row(facts)
    ]


def test_the_role_s_time_limit_is_told():
    """Where PostgreSQL ends the role's statements by itself, the sentence says when: the page fails then."""
    evidence = looked(
        side(time_ms=105.0),
        side(THEIRS, [called()], ended=True),
        functions=[MINE],
        role={"statement_timeout": "8s"},
    )
    says = rule(SCENARIO, diagnose(SCENARIO, evidence), evidence).ruling.says

    assert says.startswith("As authenticated it did not end in time, as the operator 105.0 ms.")
    assert says.endswith("PostgreSQL ends what takes this role longer than 8s.")
