"""A recording as a text with hashes over what it holds, and the text held against them."""

import json
import re
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from peakops.errors import BadInput
from peakops.model import Evidence, Fault, Row
from peakops.recording.encode import decoded, encoded

FAMILY = "peakops/recording/"
SCHEMA = f"{FAMILY}v1"
BESIDE = ("schema", "sha256", "looks", "recorded", "candidates")
"""What is not a plain value of a recording."""
AGAIN = "Record it again with --record; a recording that was changed is no evidence."
COMMAND = re.compile(r"[a-z]+(?:[ -][a-z]+)*")
"""A command as it may stand in the lines that are told next: whoever writes a file could write its hash too."""
FAIL_ON = ("never", "warning", "critical")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the check said when it was recorded, in codes."""

    status: str
    exit_code: int
    code: str
    cause: str | None
    complete: bool
    findings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One check as it was: what was asked, what the systems answered, and what was said of it."""

    command: str
    scenario: str
    environment: str
    given: Row
    at: datetime
    fail_on: str
    version: str
    playbook: str
    """The SHA-256 of the words of the scenario's section."""
    masks: str | None
    """By what it is told whether two recordings have the same masks; None where personal data is as it was."""
    redacted: int
    recorded: Recorded
    candidates: tuple[str, ...] = ()
    """Whom an absent subject resembles, or who an ambiguous one may be; masks resemble one another, and tell it not."""
    looks: tuple[Evidence, ...] = field(default=())


def text(recording: Recording) -> str:
    """The recording as it is written: JSON, with a hash over the rows of each look and one over all."""
    body = _body(recording)
    return _written({"schema": SCHEMA, "sha256": _hash(body), **body})


def _body(recording: Recording) -> dict[str, Any]:
    own = {name: each for name, each in vars(recording).items() if name not in ("looks", "recorded", "candidates")}
    said = encoded({**asdict(recording.recorded), "findings": list(recording.recorded.findings)})
    looks = [_look(each) for each in recording.looks]
    return {**encoded(own), "recorded": said, "candidates": list(recording.candidates), "looks": looks}


def _look(look: Evidence) -> dict[str, Any]:
    own = {name: list(each) if isinstance(each, tuple) else each for name, each in vars(look).items()}
    own = {name: each for name, each in own.items() if name not in ("rows", "error")}
    rows = encoded(list(look.rows))
    error = asdict(look.error) if look.error else None
    return {**encoded(own), "error": error, "sha256": _hash(rows), "rows": rows}


def _hash(value: Any) -> str:
    """Over the canonical form: no blanks, keys in their order, UTF-8."""
    canonical = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def read(raw: bytes, name: str) -> Recording:
    """The recording in a file of this name. Raises BadInput, which says what is not as it was written."""
    try:
        document = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as wrong:
        line = raw[: wrong.start].count(b"\n") + 1
        raise _changed(f"{name}, line {line}: byte {wrong.start} is not UTF-8.") from None
    except (ValueError, RecursionError) as wrong:
        line = getattr(wrong, "lineno", 1)
        raise _changed(f"{name}, line {line}: this is not the JSON of a recording.") from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        other = isinstance(schema, str) and schema.startswith(FAMILY)
        says = f"{name} is no recording that this peakops knows: its schema is {reprlib.repr(schema)}, not '{SCHEMA}'."
        hint = "Replay it with the peakops that recorded it." if other else "Name a file that --record wrote."
        raise BadInput(says, hint=hint, code="recording.none")
    try:
        for says in _differences(document, raw):
            raise _changed(f"{name} {says}")
        return _recording(document)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError) as wrong:
        raise _changed(f"{name} is not whole: {type(wrong).__name__}: {wrong}.") from None


def _differences(document: Mapping[str, Any], raw: bytes) -> Iterator[str]:
    """What is not as it was written, the narrowest first."""
    looks = document.get("looks")
    for each in looks if isinstance(looks, list) else ():
        if isinstance(each, dict) and each.get("sha256") != _hash(each.get("rows")):
            yield f"was changed: the rows of the look '{each.get('name')}' do not fit their hash."
    body = {key: each for key, each in document.items() if key not in ("schema", "sha256")}
    if document.get("sha256") != _hash(body):
        yield "was changed: what stands beside the rows does not fit the hash of the whole, or that hash was changed."
    written = _written(document).encode("utf-8", "replace")
    if written != raw:
        pairs = enumerate(zip(written.splitlines(), raw.splitlines(), strict=False), 1)
        line = next((f"in line {place}" for place, (was, now) in pairs if was != now), "in how its lines end")
        yield f"was changed {line}: the values are the same, and it is not written as peakops writes it."


def _changed(says: str) -> BadInput:
    return BadInput(says, hint=AGAIN, code="recording.changed")


def _recording(document: Mapping[str, Any]) -> Recording:
    own = {key: each for key, each in document.items() if key not in BESIDE}
    said = document["recorded"]
    recording = Recording(
        **decoded(own),
        candidates=tuple(document["candidates"]),
        recorded=_typed(Recorded(**{**said, "findings": tuple(said["findings"])})),
        looks=tuple(_evidence(each) for each in document["looks"]),
    )
    if not COMMAND.fullmatch(_typed(recording).command) or recording.fail_on not in FAIL_ON:
        raise ValueError("it names no command, or no --fail-on, of peakops")
    return recording


def _evidence(look: Mapping[str, Any]) -> Evidence:
    own = {key: each for key, each in look.items() if key not in ("sha256", "rows", "error")}
    error = _typed(Fault(**look["error"])) if look["error"] else None
    own = {key: tuple(each) if isinstance(each, list) else each for key, each in own.items()}
    return _typed(Evidence(**decoded(own), rows=tuple(decoded(look["rows"])), error=error))


def _typed(made: T) -> T:
    """The same. Raises TypeError for a field that is not of its type."""
    for name, kind in get_type_hints(type(made)).items():
        if not _fits(getattr(made, name), kind):
            raise TypeError(f"{name} is of another type")
    return made


def _fits(value: Any, kind: Any) -> bool:
    origin, kinds = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return any(_fits(value, each) for each in kinds)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(each, kinds[0]) for each in value)
    return isinstance(value, int | float if kind is float else origin or kind)
