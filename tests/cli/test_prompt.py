"""How a prompt takes a line, on a real terminal."""

import os
import pty
import sys

import pytest

from peakops.cli import prompt
from peakops.errors import NotConfirmed

HIDDEN = [False, True]


@pytest.fixture
def typed(monkeypatch):
    """What a prompt takes of these keys."""
    main, side = pty.openpty()

    def line(keys, *, hidden):
        os.write(main, keys)
        return prompt.line("? ", hidden=hidden)

    with os.fdopen(side, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield line
    os.close(main)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_line_is_an_answer(hidden, typed):
    """Also an empty one."""
    assert ["yes\n", "\n"] == [typed(keys, hidden=hidden) for keys in (b"yes\n", b"\n")]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("keys", [b"\x04", b"yes\x04\x04"])
def test_the_end_of_the_input_is_none(keys, hidden, typed):
    """12, and so nothing is changed, whatever was typed before ^D."""
    with pytest.raises(NotConfirmed, match="The input ended") as refused:
        typed(keys, hidden=hidden)

    assert 12 == refused.value.exit_code
