"""What the tests of the clients share: a vendor with a script of answers."""

import pytest

from .played import Played


@pytest.fixture
def played():
    """Start a server that gives these replies: `played(Reply(500), Reply())`."""
    up = []

    def start(*replies):
        up.append(Played(*replies))
        return up[-1]

    yield start
    for each in up:
        each.stop()
