"""Which of Salesforce's records are a case of the portal's, out of what three ways of looking bring. Pure."""

from collections.abc import Iterable, Sequence

from peakops.scenario import Row
from peakops.scenarios.case.accounts import short

WAYS = "by the portal's id, by the id that the portal stored, and by the subject on the practice's account"
"""How a record is looked for, as a part of a sentence."""


def same(left: str | None, right: str | None) -> bool:
    """Whether two ids of Salesforce's name one record: the last three of 18 characters only guard the first 15."""
    return bool(left and right) and short(left) == short(right)


def carries(row: Row, case: Row) -> bool:
    """Whether a record carries the portal's id of this case."""
    return str(row["external_id"] or "").lower() == str(case["id"]).lower()


def is_anothers(row: Row | None, case: Row) -> bool:
    """Whether a record carries the portal's id of another case."""
    return bool(row and row["external_id"]) and not carries(row or {}, case)


def ours(case: Row, by_external: Iterable[Row], stored: Row | None, near: Iterable[Row]) -> list[Row]:
    """
    The records that are this case, oldest first, deleted ones left out.

    A record is the case where it carries the portal's id, or carries none and is the one that the portal stored, or
    has the case's very subject, which holds its number, on the practice's account.
    """
    bare = [each for each in (*near, *([stored] if stored else ())) if not each["external_id"]]
    rows = {short(each["id"]): each for each in (*bare, *_carrying(case, by_external, stored)) if not each["deleted"]}
    return sorted(rows.values(), key=lambda row: (row["created_at"], row["id"]))


def deleted(case: Row, by_external: Iterable[Row], stored: Row | None) -> Row | None:
    """A record that was this case and is in the recycle bin."""
    bare = [stored] if stored and not stored["external_id"] else []
    return next((each for each in (*_carrying(case, by_external, stored), *bare) if each["deleted"]), None)


def on_account(row: Row, case: Row, account: Row | None) -> bool:
    """Whether a record is on the practice's account, or on the one that it was merged into; true where none is set."""
    merged = account["master_id"] if account else None
    mapped = case["salesforce_account_id"]
    return not mapped or same(row["account"], mapped) or same(row["account"], merged)


def told(row: Row) -> str:
    """A record as a part of a sentence."""
    return f"{row['number']} ({row['id']})"


def listed(rows: Sequence[Row]) -> str:
    """Several, likewise."""
    return ", ".join(map(told, rows))


def _carrying(case: Row, by_external: Iterable[Row], stored: Row | None) -> list[Row]:
    return [each for each in (*by_external, *([stored] if stored else ())) if carries(each, case)]
