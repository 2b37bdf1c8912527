"""The file of answers that `playbook run` takes where there is no terminal to ask on."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peakops.errors import BadInput

ANSWERS = ("done", "failed", "skip")
"""What a person may say of a step: it was done and all is well, it was done and is not, it was not done."""
LARGEST_BYTES = 1_000_000
"""Far more than a few notes."""
FORM = 'For each question: spam = { answer = "done", note = "…" }, as TOML or as JSON.'


@dataclass(frozen=True, kw_only=True)
class Given:
    """What was said of one step."""

    answer: str
    note: str = ""


def read(path: Path, questions: Collection[str]) -> dict[str, Given]:
    """The answers of a file by question; a name that ends with .toml is TOML, any other JSON. Raises BadInput."""
    text = _text(path)
    parse: Callable[[str], Any] = tomllib.loads if path.suffix == ".toml" else _json
    try:
        said = parse(text)
    except (ValueError, RecursionError) as wrong:
        raise BadInput(f"{path} is malformed: {wrong}.", hint=FORM) from None
    if not isinstance(said, dict):
        raise BadInput(f"{path} holds no table of answers.", hint=FORM)
    return {name: _one(f"{path}, line {_line(text, name)}", name, each, questions) for name, each in said.items()}


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            read = file.read(LARGEST_BYTES + 1)
        if len(read) > LARGEST_BYTES:
            raise BadInput(f"{path} has more than {LARGEST_BYTES} bytes.", hint=FORM)
        # An editor may have put a mark of the byte order before the first line.
        return read.decode("utf-8-sig")
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "strerror", None) or "it is no text"
        raise BadInput(f"{path} cannot be read: {reason}.", hint=FORM) from None


def _json(text: str) -> Any:
    """JSON in which no name stands twice: the second would take the first away unseen."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice = next((name for name, count in Counter(name for name, _ in pairs).items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"'{twice}' stands there twice")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=once)


def _line(text: str, name: str) -> int:
    """The first line that has the name, but for comments."""
    found = re.search(rf"^(?!\s*#).*?(?<![\w-]){re.escape(name)}(?![\w-])", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 1


def _one(where: str, name: str, said: Any, questions: Collection[str]) -> Given:
    if name not in questions:
        raise BadInput(f"{where}: the scenario has no question '{name}'.", hint=f"It has {', '.join(questions)}.")
    told: Mapping[str, Any] = said if isinstance(said, dict) else {"answer": said}
    answer, note = told.get("answer"), told.get("note", "")
    if answer not in ANSWERS or not isinstance(note, str) or set(told) - {"answer", "note"}:
        raise BadInput(f"{where}: '{name}' is none of {', '.join(ANSWERS)} with a note.", hint=FORM)
    return Given(answer=str(answer), note=note.strip())
