"""The manual pages, one of peakops and one of each group, and the completion scripts: made from the help texts."""

import re
from collections.abc import Iterator
from typing import Any

from typer._completion_shared import get_completion_script

from peakops import __version__
from peakops.cli.commands import SHARED
from peakops.errors import Exit

EVERYWHERE = {name for name, _, _ in SHARED}
"""Options that are told on the page of peakops alone."""
SHELLS = {"bash": "peakops.bash", "zsh": "_peakops", "fish": "peakops.fish"}
"""The completion script of each shell, by the name that the shell looks for."""
EXITS = {
    Exit.OK: "ok, done, or already as it should be",
    1: "the worst finding is a warning",
    2: "the worst finding is critical",
    3: "unknown: something that the verdict needs could not be read",
    Exit.PLANNED: "a plan was made, and not carried out (--dry-run)",
    Exit.PARTIAL: "a part of it failed",
    Exit.NOT_CONFIRMED: "not confirmed",
    Exit.NOT_FOUND: "not found",
    Exit.AMBIGUOUS: "ambiguous; the candidates are listed",
    Exit.CHANGED: "the state changed meanwhile; nothing was written",
    Exit.LOCKED: "another run holds the lock",
    Exit.UNVERIFIED: "done, and the look afterwards could not confirm it",
    Exit.REFUSED: "a guard refused",
}
"""The exit codes that a script meets; docs/contract.md has all of them."""


def pages(root: Any) -> Iterator[tuple[str, str]]:
    """
    Every file by its path below docs/, with its text: man/peakops.1, man/peakops-payment.1, completion/_peakops.

    `root` is the context of the whole command line.
    """
    yield "man/peakops.1", _page(root, "peakops")
    for name, context in _below(root):
        yield f"man/peakops-{name}.1", _page(context, f"peakops-{name}")
    for shell, file in SHELLS.items():
        script = get_completion_script(prog_name="peakops", complete_var="_PEAKOPS_COMPLETE", shell=shell)
        yield f"completion/{file}", script.strip() + "\n"


def _below(context: Any) -> Iterator[tuple[str, Any]]:
    """The groups and commands directly below a context, each with its own."""
    for name in context.command.list_commands(context):
        made = context.command.get_command(context, name)
        yield name, made.make_context(name, [], parent=context, resilient_parsing=True)


def _page(context: Any, title: str) -> str:
    short = _plain(context.command.get_short_help_str(200)).rstrip(".")
    lines = [
        '.\\" Made by docs/generate.py from the help texts; a change is made there.',
        f'.TH "{title.upper()}" "1" "" "peakops {__version__}" "peakops"',
        ".SH NAME",
        f"{_text(title)} \\- {_text(short)}",
        ".SH SYNOPSIS",
        *_synopsis(context),
        ".SH DESCRIPTION",
        *_described(context),
    ]
    if context.command_path == "peakops":
        lines += [".SH GROUPS AND COMMANDS", *_list(context)]
        lines += [".SH OPTIONS OF EVERY COMMAND", *_shared(context), ".SH EXIT STATUS"]
        lines += [line for code, says in EXITS.items() for line in (".TP", f"\\fB{int(code)}\\fR", _text(says))]
    elif hasattr(context.command, "list_commands"):
        says = "Besides their own options all of them have those of \\fBpeakops\\fR(1)."
        lines += [".SH COMMANDS", says, *_commands(context)]
    return "\n".join(lines) + "\n"


def _synopsis(context: Any) -> Iterator[str]:
    pieces = context.command.collect_usage_pieces(context)
    yield f"\\fB{_text(context.command_path)}\\fR {_text(' '.join(pieces))}"


def _described(context: Any) -> Iterator[str]:
    """The help, its options, and its example."""
    for number, paragraph in enumerate(_paragraphs(context.command.help or "")):
        yield from [".PP"] * bool(number)
        yield _text(paragraph)
    for param in context.command.params:
        if param.name not in EVERYWHERE:
            yield from _option(param, context)
    if context.command.epilog:
        yield from (".PP", _text(_plain(context.command.epilog)))


def _option(param: Any, context: Any) -> Iterator[str]:
    record = param.get_help_record(context)
    if record:
        yield from (".TP", f"\\fB{_text(record[0])}\\fR", _text(_plain(record[1])))


def _shared(root: Any) -> Iterator[str]:
    """What every command has, told once: read from a command that has nothing else."""
    group = dict(_below(root))["journal"]
    verify = dict(_below(group))["verify"]
    for param in verify.command.params:
        yield from _option(param, verify)


def _list(context: Any) -> Iterator[str]:
    for name, below in _below(context):
        yield from (".TP", f"\\fB{_text(name)}\\fR", _text(_plain(below.command.get_short_help_str(200))))


def _commands(context: Any) -> Iterator[str]:
    """Every command of a group, those of its groups too."""
    for _, below in _below(context):
        if hasattr(below.command, "list_commands"):
            yield from _commands(below)
            continue
        yield f'.SS "{_text(below.command_path)}"'
        yield from _synopsis(below)
        yield ".PP"
        yield from _described(below)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n", text.strip()) if each.strip()]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _text(text: str) -> str:
    """Text as roff takes it: no escape of its own, no request at the beginning of a line, hyphens as typed."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped[:1] in (".", "'") else escaped
