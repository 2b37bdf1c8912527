"""Statements as text: which may be explained, how they are written so that they can be, and how they are shown."""

import re
from collections.abc import Callable

IN_NAME = r"\w$\x80-\U0010ffff"
"""What a name goes on with: a quote behind one of these begins nothing of its own."""
TOKEN = re.compile(
    rf"""(?sx)
    (?P<literal> (?<![{IN_NAME}])[Ee]'(?:\\.|''|[^'\\])*(?:'|\Z) | '(?:''|[^'])*(?:'|\Z)
      | (?<![{IN_NAME}])\$(?P<tag>(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?)\$.*?(?:\$(?P=tag)\$|\Z) )
    | (?P<comment> --[^\n\r]* | /\* )
    | (?P<name> "(?:""|[^"])*(?:"|\Z) )
    """
)
"""What of a statement is neither a word nor a number, as the server reads it; one that is not ended goes to the end."""
IN_COMMENT = re.compile(r"/\*|\*/")
NUMBER = re.compile(r"(?<![\w$\"])(?<!Plan )(?:\d\w*(?:\.\w*)?|\.\d\w*)")
"""A value, also 0xff and 1_000; not a parameter ($1), a part of a name, or the number of a sub-plan."""
TYPED = re.compile(
    r"(?i)\b(interval|date|timestamp with(?:out)? time zone|time with(?:out)? time zone|timestamptz|timestamp|time)"
    r"\s+(\$\d+)(?!\w)"
)
"""A literal of a type, as pg_stat_statements has normalised it: `interval $1` cannot be parsed."""
QUOTED = re.compile(r'"((?:""|[^"])*)(?:"|\Z)')
READING = ("select", "with", "values", "table")
SHOWN = 2000
"""Characters of a statement that evidence shows."""


def is_reading(text: str) -> bool:
    """
    Whether it begins as a SELECT does, and makes no table; that it is only one, the server's parser and plan decide.

    INTO is a reserved word: a SELECT that has it makes a table, or has a part that writes.
    """
    bare = _outside(text, lambda part: part, comment=" ", literal="''", name=lambda _: "x").lstrip(" \t\r\n(")
    word = re.match(r"[A-Za-z]+", bare)
    return word is not None and word[0].lower() in READING and not re.search(r"(?i)\binto\b", bare)


def without_comments(text: str) -> str:
    """A statement with empty literals, without comments, and with names that are not quoted."""
    return _outside(text, lambda part: part, comment=" ", literal="''", name=lambda name: name[1:-1])


def parsable(text: str) -> str:
    """The statement with `interval $1` and its like as casts, and without the semicolon at its end."""
    written = _outside(text, lambda part: TYPED.sub(r"\2::\1", part))
    return written.strip().removesuffix(";").rstrip()


def masked(text: str) -> str:
    """A statement or an expression of a plan without its values and comments: literals and numbers are `…`."""
    bare = _outside(text, lambda part: NUMBER.sub("…", part), comment=" ", literal="'…'")
    return " ".join(bare.split())[:SHOWN]


def shown(text: str) -> str:
    """The same of what people wrote: what stands in double quotes may be a value there, unless it looks like a name."""
    return QUOTED.sub(lambda name: name[0] if re.fullmatch(r"[A-Za-z_][\w.]*", name[1]) else '"…"', masked(text))


def without_literals(text: str) -> str:
    """An expression whose literals are empty, so that what is in them is not taken for a part of it."""
    return _outside(text, lambda part: part, literal="''")


def _outside(
    text: str,
    change: Callable[[str], str],
    *,
    comment: str | None = None,
    literal: str | None = None,
    name: Callable[[str], str] | None = None,
) -> str:
    """The text with its words changed, and with what stands in the place of comments, literals and quoted names."""
    parts, done = list[str](), 0
    while token := TOKEN.search(text, done):
        end = _end_of_comment(text, token.end()) if token["comment"] == "/*" else token.end()
        parts.append(change(text[done : token.start()]))
        kept = text[token.start() : end]
        if token["comment"] is not None and comment is not None:
            kept = comment
        elif token["literal"] is not None and literal is not None:
            kept = literal
        elif token["name"] is not None and name is not None:
            kept = name(kept)
        parts.append(kept)
        done = end
    return "".join([*parts, change(text[done:])])


def _end_of_comment(text: str, start: int) -> int:
    """Where a comment ends whose beginning was read; one within it ends first."""
    depth = 1
    for each in IN_COMMENT.finditer(text, start):
        depth += 1 if each[0] == "/*" else -1
        if depth == 0:
            return each.end()
    return len(text)
