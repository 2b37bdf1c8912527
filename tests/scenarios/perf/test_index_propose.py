"""The verdicts of `perf index propose` on literal plans: what was not tried is never 'nothing to propose'."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence
from peakops.scenarios.perf.index_propose import SCENARIO
from peakops.verdict import rule

from .plans import CASES, NOW, index, node, refused, side, table

STATEMENT = {"id": "q7", "calls": 10, "total_ms": 5000}
WANTED = {"id": "q7", **side(nodes=[node(filter="(cases.status = $1)")])}
TRIED = {"id": "q7", "of": CASES, "table": CASES, "names": ["status"], "columns": ["status"], "cost": 900.0}
PROOF = {**TRIED, "whole": True, "before": 900.0, "after": 8.0, "used": True}


def judged(plans, tables, proofs=()):
    looks = {"statements": [STATEMENT], "plans": plans, "tables": tables, "proofs": proofs}
    evidence = tuple(Evidence(name=name, source="plans", at=NOW, rows=tuple(rows)) for name, rows in looks.items())
    ruling = rule(SCENARIO, diagnose(SCENARIO, evidence), evidence)
    return ruling.ruling.code, ruling.status.value


@pytest.mark.parametrize(
    ("plans", "tables", "proofs", "verdict"),
    [
        ([WANTED], [table()], [PROOF], ("index_would_help", "warning")),
        ([WANTED], [table()], [{**PROOF, "used": False}], ("nothing_to_propose", "ok")),
        ([WANTED], [table(rows=10)], [], ("nothing_to_propose", "ok")),
        ([WANTED], [table(indexes=[index("status", valid=False)])], [], ("invalid_index", "warning")),
        ([], [], [], ("nothing_to_propose", "ok")),
        # What could not be planned, tried or asked is not known.
        ([{"id": "q7", **refused("cannot_be_planned")}], [], [], ("unknown", "unknown")),
        ([{"id": "q7", **refused("role_may_not")}, WANTED], [table(rows=10)], [], ("unknown", "unknown")),
        ([{"id": "q7", **refused("no_time")}, WANTED], [table(rows=10)], [], ("unknown", "unknown")),
        ([WANTED], [table()], [], ("unknown", "unknown")),
        ([WANTED], [table()], [{**PROOF, "whole": False, "used": None}], ("unknown", "unknown")),
        ([WANTED], [{**table(), "is_partition": True}], [], ("unknown", "unknown")),
    ],
)
def test_each_row(plans, tables, proofs, verdict):
    """An index, an invalid one, or none; and unknown where nobody knows that none would help."""
    assert verdict == judged(plans, tables, proofs)
