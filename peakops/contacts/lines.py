"""On which line of a TOML file something stands: the standard library's parser does not say."""

import re
from collections.abc import Iterator

Path = tuple[str, ...]
"""The keys that lead to a value: people, on-call, channels."""

_KEY = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_KEYS = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*\[{{1,2}}\s*(?P<keys>{_KEYS})\s*\]{{1,2}}\s*(?:#.*)?", re.ASCII)
_PAIR = re.compile(rf"\s*(?P<keys>{_KEYS})\s*=", re.ASCII)
_QUOTES = ('"' * 3, "'" * 3)
"""What begins and ends a text of several lines."""


class Lines:
    """
    Where the tables and keys of a text begin.

    Tables and pairs of a line of their own are known, as people write them; what stands inside an inline table, or in
    a list on several lines, is looked for in the text of its key. What is not found is told by what it stands in.
    """

    def __init__(self, text: str) -> None:
        # Not splitlines, for which U+2028 in a name begins a line.
        self._lines = text.split("\n")
        self._at = dict[Path, int]()
        for number, path in _found(self._lines):
            self._at.setdefault(path, number)

    def of(self, path: Path, value: str = "") -> int:
        """
        The line, from 1, of a key or table, or of a text in the key's value; 0 where not even its table is found.

        A path whose key is not there is told by the line of its table.
        """
        while path and path not in self._at:
            path, value = path[:-1], ""
        if not path:
            return 0
        begins = self._at[path]
        ends = min((each for each in self._at.values() if each > begins), default=len(self._lines) + 1)
        holds = (number for number in range(begins, ends) if value and value in self._lines[number - 1])
        return next(holds, begins)


def _found(lines: list[str]) -> Iterator[tuple[int, Path]]:
    """Each table and pair with its line; what looks like one in a text of several lines is none."""
    table: Path = ()
    inside = ""
    for number, line in enumerate(lines, 1):
        if inside:
            inside = "" if line.count(inside) % 2 else inside
            continue
        if header := _HEADER.fullmatch(line):
            table = _path(header["keys"])
            yield number, table
        elif pair := _PAIR.match(line):
            yield number, table + _path(pair["keys"])
        inside = next((each for each in _QUOTES if not line.lstrip().startswith("#") and line.count(each) % 2), "")


def _path(keys: str) -> Path:
    return tuple(each.strip("\"'") for each in re.findall(_KEY, keys))
