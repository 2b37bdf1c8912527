"""Where the lines go: plain into a pipe, in colour and wrapped on a terminal, whole into a file or not at all."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from peakops.errors import BadInput, UsageFault
from peakops.render.page import Line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text


def in_colour(stream: TextIO, choice: str) -> bool:
    """
    Whether a stream gets colour: `--color`, else NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM, else a terminal.

    The variables count when they are not empty; CLICOLOR_FORCE=0 is no force.
    """
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write(lines: Iterable[Line], stream: TextIO, *, colour: bool) -> None:
    """Write the lines. A pipe gets every line whole; a terminal gets them wrapped at its width."""
    if not colour and not stream.isatty():
        stream.writelines(plain(line) + "\n" for line in lines)
        stream.flush()
        return
    # rich takes 40 ms to import, and a pipe does not need it.
    from rich.console import Console
    from rich.text import Text

    wide = None if stream.isatty() else 10_000
    console = Console(
        file=stream, force_terminal=colour, color_system="auto" if colour else None, width=wide, highlight=False
    )
    for line in lines:
        text = Text.assemble(*line)
        if stream.isatty():
            console.print(*_wrapped(text, console), sep="\n", soft_wrap=True)
        else:
            console.print(text, soft_wrap=True)


def _wrapped(text: "Text", console: "Console") -> list["Text"]:
    """The text in lines of the terminal's width, each under the first one's indent."""
    width, indent = console.width, len(text.plain) - len(text.plain.lstrip(" ")) + 2
    if len(text.plain) <= width or indent >= width // 2:
        return [text]
    first, *rest = text.wrap(console, width)
    if not rest:
        return [first]
    remaining = text[len(first.plain) :]
    remaining = remaining[len(remaining.plain) - len(remaining.plain.lstrip(" ")) :]
    lines = [first]
    for line in remaining.wrap(console, width - indent):
        line.pad_left(indent)
        lines.append(line)
    return lines


def plain(line: Line) -> str:
    """A line without its styles."""
    return "".join(text for text, _ in line).rstrip()


def writable(path: Path, option: str = "--output") -> None:
    """Refuse a file that exists or a folder that cannot be written, before anything is looked at."""
    if os.path.lexists(path):
        raise UsageFault(f"{path} exists, and peakops does not overwrite.", hint=f"Give another name with {option}.")
    if not path.parent.is_dir():
        raise UsageFault(f"The folder {path.parent} does not exist.", hint=f"Make it, or give another with {option}.")
    if not os.access(path.parent, os.W_OK):
        raise UsageFault(f"The folder {path.parent} cannot be written.", hint=f"Give another with {option}.")


class Part:
    """A file in the making, beside where it will be; it gets its name when it is whole. Raises BadInput."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with _told(path):
            self._file = tempfile.NamedTemporaryFile(  # noqa: SIM115  (it outlives this function)
                "w", encoding="utf-8", newline="", dir=path.parent, delete=False
            )

    def write(self, text: str) -> None:
        """Add to the file."""
        with _told(self._path):
            self._file.write(text)

    def keep(self) -> None:
        """Give the whole file its name, never over another."""
        try:
            with _told(self._path):
                self._file.close()
                _name(Path(self._file.name), self._path)
        finally:
            self.drop()

    def drop(self) -> None:
        """Take away what is there under the file's passing name."""
        with suppress(OSError):
            self._file.close()
        Path(self._file.name).unlink(missing_ok=True)


def save(text: str, path: Path) -> None:
    """Write a file as one step: whole under its name, or not at all, and never over another. Raises BadInput."""
    part = Part(path)
    try:
        part.write(text)
        part.keep()
    finally:
        part.drop()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as wrong:
        raise BadInput(f"{path} could not be written: {wrong.strerror}.", code="output.failed") from wrong


def _name(part: Path, path: Path) -> None:
    """Give the whole file its name; unlike a rename, this fails where a file of that name has appeared meanwhile."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: claim the name first, then put the file in its place.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        part.replace(path)


def standard_output() -> TextIO:
    """stdout, able to print any name in any locale."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure and (sys.stdout.encoding or "").lower().replace("-", "") != "utf8":
        reconfigure(errors="replace")
    return sys.stdout
