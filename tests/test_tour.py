"""The pictures of the tour say what the commands say today."""

import importlib.util
from pathlib import Path

import pytest

from .conftest import PEAKOPS, environment

DOCS = Path(__file__).parent.parent / "docs"
spec = importlib.util.spec_from_file_location("tour_pages", DOCS / "tour_pages.py")
tour = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tour)


@pytest.mark.parametrize("stop", tour.STOPS, ids=lambda stop: stop[0])
def test_a_picture_is_of_what_is_said_today(stop, state, load, monkeypatch):
    """The picture that is in docs/tour is the one that a run of its command makes now."""
    name, world, command, _ = stop
    load(world)
    for variable, value in environment(state, PATH=f"{PEAKOPS.parent}").items():
        monkeypatch.setenv(variable, value)
    assert (DOCS / "tour" / f"{name}.svg").read_text("utf-8") == tour.picture(command, tour.said(command)) + "\n"


def test_a_picture_asks_nobody_for_anything():
    """No picture names an address, but that of SVG itself: a page of ours makes no request to others."""
    for path in sorted((DOCS / "tour").glob("*.svg")):
        assert [] == [
            part for part in path.read_text("utf-8").split('"') if part.startswith("http") and "w3.org" not in part
        ]


def test_each_picture_is_shown():
    """The page shows every picture, and there is no picture that it does not show."""
    page = (DOCS / "tour.md").read_text("utf-8")
    assert {f"{each[0]}.svg" for each in tour.STOPS} == {each.name for each in (DOCS / "tour").glob("*.svg")}
    assert all(f"(tour/{each[0]}.svg)" in page for each in tour.STOPS)
