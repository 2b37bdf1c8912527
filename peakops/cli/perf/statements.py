"""What the commands about statements are told: a number or a file, a role, and the claims of a person."""

import json
import sys
from json import JSONDecodeError
from pathlib import Path
from typing import Annotated, Any

import typer

from peakops.errors import BadInput, UsageFault

LARGEST = 1 << 20
"""Bytes of a file with a statement, or with claims."""

QueryId = Annotated[
    str | None,
    typer.Argument(
        metavar="QUERYID",
        help="The number of a statement in pg_stat_statements, with q in front as 'perf db' shows it.",
        show_default=False,
    ),
]
StatementFile = Annotated[
    str | None, typer.Option("--file", metavar="FILE", help="One SELECT as text, in a file; - reads it from stdin.")
]


def text_of(queryid: str | None, file: str | None, command: str, *, needed: bool) -> str | None:
    """The text of the statement that was given; None where its number was. Raises UsageFault, BadInput."""
    if (queryid and file) or (needed and not (queryid or file)):
        says = "A statement is named by its QUERYID, or given with --file."
        raise UsageFault(says, hint=f"Run 'peakops {command} --help'.")
    return _read(file, "the statement") if file else None


def claims_of(given: str | None, role: str) -> tuple[str, str]:
    """
    The JSON of request.jwt.claims, and its `sub`, from JSON, @FILE, or sub=UUID; the role is among them.

    Raises BadInput; what was typed is not repeated, since it is personal data.
    """
    said: Any = {}
    if given and given.startswith("sub="):
        said = {"sub": given.removeprefix("sub=").strip()}
    elif given:
        try:
            said = json.loads(_read(given[1:], "the claims") if given.startswith("@") else given)
        except (JSONDecodeError, RecursionError):
            said = None
    if not isinstance(said, dict):
        raise BadInput("The claims are no JSON object.", hint="Give --claims sub=UUID, or --claims @claims.json.")
    claims = {"role": role, **said}
    return json.dumps(claims), str(claims.get("sub") or "")


def _read(file: str, what: str) -> str:
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if file == "-" else _bytes(Path(file))
        text = raw.decode("utf-8-sig")
    except OSError as wrong:
        raise BadInput(f"{file} with {what} cannot be read: {wrong.strerror}.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{file} with {what} is not UTF-8.") from None
    if len(raw) > LARGEST or "\0" in text or not text.strip():
        raise BadInput(f"{file} holds no text that could be {what}: it is empty, too large, or not text.")
    return text


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
