"""
Whether evidence is as it was when it was taken: every file, every name, and the seal.

Reads every byte of the folder, and asks nobody. A changed, missing or added file is named.

Example: peakops security evidence verify evidence-7
"""

from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip, unknown
from peakops.scenarios.arguments import EvidenceFolder

NAMED = 20
"""Files that a sentence names; --json lists all of them."""
KINDS = ("changed", "missing", "added")


def gather(look: Look, folder: EvidenceFolder) -> None:
    """The one look."""
    look.at("bags", "bag", "check", folder=folder)


def whole(facts: Facts) -> Outcome:
    """Every file is there, as it was, and no other is."""
    row = facts["bag"]
    altered = [each for each in row["faults"] if each["what"] != "unreadable"]
    if altered:
        return found("altered", _said(row, altered), cause="seal_does_not_hold" if row["sealed"] == "forged" else None)
    if _noted_otherwise(row):
        says = f"The journal noted another digest of this folder on {row['noted']['at']}: {row['noted']['digest']}."
        return found("altered", says, cause="made_anew")
    if row["faults"]:
        return unknown(f"{_names(row['faults'])} cannot be read.")
    if row["journal_unread"]:
        return unknown(f"Whether the folder was made anew is not known. {row['journal_unread']}")
    return ok(f"All {row['files']} files are as the manifest says, and there is no other.")


def seal(facts: Facts) -> Outcome:
    """Who made the manifest: the seal says it, or nobody does."""
    row = facts["bag"]
    if row["faults"] or row["journal_unread"] or _noted_otherwise(row):
        return skip("It does not matter: see above.")
    files = f"All {row['files']} files are as the manifest says"
    if row["sealed"] == "unsealed":
        same = f" The journal noted the same digest on {row['noted']['at']}." if row["noted"] else ""
        return found("intact_unsealed", f"{files}; there is no seal, so anybody may have made the manifest.{same}")
    if row["sealed"] == "unknown_key":
        other = "not the expected one" if row["key_expected"] else "and none is configured to hold it against"
        return found("unknown_key", f"{files}, and the seal holds by the key {row['key']}: {other}.")
    return found("intact_sealed", f"{files}, and the seal of the key {row['key']} holds.")


def _noted_otherwise(row: Row) -> bool:
    """Whether the journal knows this folder with another digest: the whole bag was made anew."""
    return bool(row["noted"]) and row["noted"]["digest"] != row["digest"]


def _said(row: Row, altered: list[Row]) -> str:
    by = {what: [each for each in altered if each["what"] == what] for what in KINDS}
    said = [f"{what}: {_names(those)}" for what, those in by.items() if those]
    if row["sealed"] == "forged":
        said.append("the seal does not hold")
    return f"{'; '.join(said)}."


def _names(faults: list[Row]) -> str:
    named = ", ".join(each["path"] for each in faults[:NAMED])
    return f"{named} and {len(faults) - NAMED} more" if len(faults) > NAMED else named


def _data(facts: Facts) -> Row:
    row = facts["bag"]
    told = ("folder", "made", "about", "files", "bytes", "sealed", "key", "digest", "noted")
    return {"bag": {name: row[name] for name in told}, "faults": row["faults"]}


SCENARIO = Scenario(
    module=__name__,
    verb="security evidence verify",
    gather=gather,
    checks=(whole, seal),
    subject=("bag",),
    needs={Severity.WARNING: ("bag",), Severity.OK: ("bag",)},
    must_answer=("whole",),
    plural="folders",
    absent=lambda given: f"There is no folder '{given}'.",
    data=_data,
)
