"""How a person at the terminal is asked for a line."""

import select
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from peakops.errors import NotConfirmed

PROMPT_SECONDS = 60.0
"""An unanswered prompt ends by then: nobody is there."""


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def line(prompt: str, *, hidden: bool = False) -> str:
    """
    What is typed after a prompt on stderr; a `hidden` line is not shown.

    Raises NotConfirmed without an answer; a line that the end of the input cut short (^D) is none.
    """
    # Silent before the prompt is there: who types at once must not be shown either.
    with _silently() if hidden else nullcontext():
        sys.stderr.write(prompt)
        sys.stderr.flush()
        answered = bool(select.select([sys.stdin], [], [], PROMPT_SECONDS)[0])
        said = sys.stdin.readline() if answered else ""
    if said.endswith("\n"):
        return said
    if not hidden:
        sys.stderr.write("\n")
    why = "The input ended without an answer" if answered else f"Nobody answered within {PROMPT_SECONDS:.0f} s"
    raise NotConfirmed(f"{why}; nothing was changed.")


@contextmanager
def _silently() -> Iterator[None]:
    """The terminal does not show what is typed. Not getpass: it waits for ever, and for another terminal."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    hushed = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSADRAIN, hushed)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        sys.stderr.write("\n")
