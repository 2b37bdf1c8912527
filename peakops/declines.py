"""What a decline code means, from the playbook alone: `peakops payment decline`."""

from collections.abc import Mapping
from typing import Any

from peakops import playbook
from peakops.errors import Exit
from peakops.model import Fault, Report, Ruling, Status
from peakops.report import Frame

KINDS = {"card": "card", "local": "local payment method", "error": "error code"}
RECOGNISED = 0.6
"""How alike a code must be to be suggested; difflib's own default."""


def explain(frame: Frame, typed: str) -> Report:
    """Every meaning of a code: as a card's, as a local method's, as an error code; else the nearest codes, and 14."""
    code = typed.strip().lower()
    tables = {kind: playbook.table("declines", f"{kind}.{code}") for kind in KINDS}
    meanings = [{"kind": kind, "code": code, **_row(table)} for kind, table in tables.items() if table]
    if not meanings:
        words = playbook.words("declines")
        return _unknown(frame, typed, sorted({each for kind in KINDS for each in words[kind]}))
    lines = [line for each in meanings for line in [*_lines(each), ""]][:-1]
    return frame.report(data={"code": code, "meanings": meanings}, lines=tuple(lines))


def _row(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": table["title"],
        "means": table["means"],
        "do": table["do"],
        "who": table["who"],
        "retry": table["retry"],
        "tell": table["tell"] == "yes",
        "customer": table.get("customer"),
        "outcome_reason": table.get("reason"),
        "erratum": table.get("erratum"),
    }


def _lines(row: dict[str, Any]) -> list[str]:
    retry: str = playbook.table("payment", "retry")[row["retry"]]
    lines = [
        f"{row['code']} ({KINDS[row['kind']]}): {row['title']}",
        f"  means     {row['means']}",
        f"  do        {row['do']}",
        f"  who acts  {row['who']}",
        f"  retry     {retry}",
        f"  customer  {row['customer'] or playbook.table('payment', 'check')['concealed']}",
    ]
    lines += [] if row["tell"] else ["  conceal   The customer must not be told the reason."]
    return lines + ([f"  erratum   {row['erratum']}"] if row["erratum"] else [])


def _unknown(frame: Frame, typed: str, known: list[str]) -> Report:
    # Only for a code that is not known, which is the slow path anyway.
    from difflib import get_close_matches

    near = get_close_matches(typed.strip().lower(), known, n=3, cutoff=RECOGNISED)
    says = f"The playbook does not know the code '{typed.strip()}'."
    hint = f"Did you mean {' or '.join(near)}?" if near else "Look it up in Stripe's dashboard, beside the payment."
    return frame.report(
        status=Status.ERROR,
        exit_code=Exit.NOT_FOUND,
        verdict=Ruling(code="not_found", title="Not found", says=f"{says} {hint}"),
        data={"candidates": [{"id": each} for each in near]},
        next=tuple(f"peakops payment decline {each}" for each in near),
        error=Fault(code="not_found", category="not_found", message=says, hint=hint),
    )
