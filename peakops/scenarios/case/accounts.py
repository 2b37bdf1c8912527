"""A practice's Salesforce account: what is stored, and what Salesforce says of it. Pure."""

import re
from collections.abc import Iterable, Mapping

from peakops.scenario import Row

ACCOUNT = re.compile(r"001[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
"""An Account's id: its three-letter prefix, 15 characters that tell upper from lower case, and 3 that guard them."""
SHORT = 15


def is_one(stored: str) -> bool:
    """Whether the text has the shape of an Account's id."""
    return bool(ACCOUNT.fullmatch(stored))


def short(stored: str | None) -> str:
    """The 15 characters by which two ids of one account are the same; empty where none is stored."""
    return (stored or "").strip()[:SHORT]


def to_ask(practices: Iterable[Row]) -> list[str]:
    """Each account once that Salesforce can be asked for."""
    stored = (each["salesforce_account_id"] for each in practices)
    return list({short(each): each for each in stored if each and is_one(each)}.values())


def masters(rows: Iterable[Row]) -> list[str]:
    """The accounts that others of these were merged into: they may be gone themselves."""
    return [each["master_id"] for each in rows if each["master_id"]]


def by_id(rows: Iterable[Row]) -> dict[str, Row]:
    """Accounts as Salesforce tells them, by their short id."""
    return {short(row["id"]): row for row in rows}


def left(row: Row, read: Mapping[str, Row]) -> str:
    """The account that is left of a merged one: the master, or, as far as they were read, what that became itself."""
    passed = [row["master_id"]]
    while (then := read.get(short(passed[-1]))) and then["master_id"] and then["master_id"] not in passed:
        passed.append(then["master_id"])
    return str(passed[-1])


def state(stored: str | None, read: Mapping[str, Row] | None) -> tuple[str, str]:
    """What is wrong with an account in one word, and the sentence that proves it; `read` is None where silent."""
    if not (stored or "").strip():
        return "unmapped", "No Salesforce account is set."
    if not is_one(stored or ""):
        return "malformed", f"'{stored}' is no id of a Salesforce account: 15 or 18 letters and digits from 001 on."
    if read is None:
        return "unknown", f"{stored} could not be looked at."
    row = read.get(short(stored))
    if row is None:
        return "absent", f"{stored} does not exist, or the integration user may not see it."
    if row["master_id"]:
        kept = left(row, read)
        last = read.get(short(kept))
        return "merged", f"{stored} was merged into {kept}{', which is deleted' if last and last['deleted'] else ''}."
    return ("deleted", f"{stored} is deleted.") if row["deleted"] else ("visible", f"{stored} is {row['name']}.")
