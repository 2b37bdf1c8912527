"""
Look through files for what must never be logged: passwords, cards, social security numbers, keys, patients' fields.

E-mail addresses, phone numbers and IP addresses are told as a warning. What is told is the place (in bytes) and the
kind, never the value. A file may be gzipped, - is stdin, and nothing of it leaves this machine. The names of the
fields of health are the setting PEAKOPS_HEALTH_FIELDS.

Example: peakops data scan portal.log portal.log.1.gz
"""

from collections import Counter
from collections.abc import Sequence

from peakops.model import Outcome, Severity
from peakops.scenario import Facts, Look, Row, Scenario, found, ok, skip, unknown

NAMES = {
    **{
        "password": "password",
        "password_hash": "password hash",
        "card": "card number",
        "ssn": "social security number",
    },
    **{"key": "key", "private_key": "private key", "jwt": "JSON Web Token", "token": "token", "health": "health field"},
    **{"email": "e-mail address", "phone": "phone number", "ip": "IP address"},
}
"""What the kinds are called."""
FIELDS = ("severity", "kind", "file", "line", "column", "offset", "says")
MEGABYTE = 1_000_000


def gather(look: Look, files: Sequence[str] = ()) -> None:
    """Declare the looks: the files one after the other, then the places that were kept."""
    scanned = look.at("scanner", "files", "scan", files=tuple(files))
    look.at("scanner", "places", "places", scanned=scanned.then(len))


def never_log(facts: Facts) -> Outcome:
    kinds = _kinds(facts, "critical")
    if not kinds:
        return _none(facts, "Nothing of the playbook's list.")
    return found("never_log_found", _told(facts, "critical", kinds), cause=kinds[0][0])


def caution(facts: Facts) -> Outcome:
    kinds = _kinds(facts, "warning")
    if not kinds:
        return _none(facts, "No e-mail address, phone number or IP address.")
    return found("caution_found", _told(facts, "warning", kinds), cause=kinds[0][0])


def whole(facts: Facts) -> Outcome:
    ended = _ended(facts)
    if ended:
        return unknown(ended)
    if _kinds(facts, "critical") or _kinds(facts, "warning"):
        return skip("Something was found.")
    return found("clean", f"Nothing was found in {_read(facts)}.")


def _none(facts: Facts, says: str) -> Outcome:
    """Nothing is in what was read, which proves something only where all was."""
    ended = _ended(facts)
    return unknown(f"Not in what was read. {ended}") if ended else ok(says)


def _ended(facts: Facts) -> str:
    """Which files were not read to their end, and why."""
    return " ".join(f"{_called(each)}: {each['ended']}." for each in facts["files"] if each["ended"])


def _kinds(facts: Facts, severity: str) -> list[tuple[str, int]]:
    """How many of each kind there are in all files, the most first."""
    counted = Counter[str]()
    for row in facts["files"]:
        counted.update({each["kind"]: each["count"] for each in row["kinds"] if each["severity"] == severity})
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _told(facts: Facts, severity: str, kinds: Sequence[tuple[str, int]]) -> str:
    first = next((each for each in facts["places"] if each["severity"] == severity), None)
    where = f"; the first at {_place(first)}" if first else ""
    said = ", ".join(_several(kind, count) for kind, count in kinds)
    return f"{said} in {_read(facts)}{where}."


def _several(kind: str, count: int) -> str:
    name = NAMES[kind]
    plural = f"{name}es" if name.endswith(("s", "sh")) else f"{name}s"
    return f"{count:,} {name if count == 1 else plural}"


def _read(facts: Facts) -> str:
    rows = facts["files"]
    size, lines = sum(each["bytes"] for each in rows), sum(each["lines"] for each in rows)
    amount = f"{size / MEGABYTE:,.1f} MB" if size >= MEGABYTE else f"{size:,} bytes"
    of = _called(rows[0]) if len(rows) == 1 else f"{len(rows)} files"
    return f"{of} ({amount}, {lines:,} line{'s' * (lines != 1)})"


def _called(row: Row) -> str:
    return "stdin" if row["file"] == "-" else str(row["file"])


def _place(row: Row) -> str:
    return f"{_called(row)}, line {row['line']}, column {row['column']}"


def data(facts: Facts) -> Row:
    """Each place, the gravest first, and each file with its counts."""
    files = facts["files"]
    items = [{**each, "says": f"{_place(each)}: {NAMES[each['kind']]}"} for each in facts["places"]]
    return {"items": items, "total": sum(kind["count"] for row in files for kind in row["kinds"]), "files": files}


def _warnings(facts: Facts) -> tuple[str, ...]:
    """What a person should know of a file that is no plain text."""
    rows = facts["files"] if facts.known("files") else ()
    binary = [_called(each) for each in rows if each["form"] == "binary"]
    return (f"{', '.join(binary)}: no plain text; what is packed or encoded within is not seen.",) if binary else ()


SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(never_log, caution, whole),
    subject=(),
    needs={Severity.WARNING: ("files", "places"), Severity.OK: ("files", "places")},
    must_answer=("whole",),
    warns=_warnings,
    whole=lambda facts: all(not each["ended"] for each in facts["files"]) if facts.known("files") else False,
    plural="files",
    data=data,
)
