"""Rows of the database as a stream: one statement, guarded as every other, and errors in the middle of it."""

import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from peakops import sandbox
from peakops.errors import Denied, TimedOut, Unreachable
from peakops.sources.database import Database

from ..bench import books

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WINDOW = {"query": "payment/reconcile_invoices", "since": NOW - timedelta(days=7), "until": NOW}


@pytest.fixture
def here(load):
    """A world with more rows than are fetched at once."""
    return load(books.make(1500, 0, seed=1).world("books"))


@pytest.fixture
def streamed(here):
    """The database of that world, and its stream of invoices."""

    def streamed(url=here.database_url, seconds=20.0):
        return Database(url, ca=None, now=NOW, deadline=time.monotonic() + seconds)

    return streamed


def test_every_row_in_order(streamed):
    """All of them, newest first, with names for the columns."""
    rows = list(streamed().stream(**WINDOW))

    assert 1500 == len({each["id"] for each in rows})
    assert [each["created_at"] for each in rows] == sorted((each["created_at"] for each in rows), reverse=True)


def test_a_stream_that_is_left_does_not_block_the_next_question(streamed):
    """Closed after its first row, the connection is free again."""
    database = streamed()
    rows = database.stream(**WINDOW)
    next(rows)
    rows.close()

    assert 1500 == len({each["id"] for each in database.stream(**WINDOW)})


def test_a_connection_cut_in_the_middle_is_an_error_of_ours(streamed, here):
    """What was handed over was handed over; then comes the error, and no silence that looks like an end."""
    rows = streamed().stream(**WINDOW)
    next(rows)
    with psycopg.connect(here.url_as("postgres"), autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'peakops'")
    with pytest.raises(Unreachable):
        list(rows)


def test_it_has_the_deadline_as_its_limit(streamed, here):
    """A locked table ends it when the time is up, which may be longer than any single look may take."""
    with psycopg.connect(here.url_as("postgres")) as admin:
        admin.execute("lock table public.invoices")
        start = time.monotonic()
        with pytest.raises(TimedOut):
            next(streamed(seconds=1.0).stream(**WINDOW))

    assert time.monotonic() - start < 3


def test_a_blinded_role_is_told_of(streamed, load):
    """Row-level security that hides rows is an error, not an empty stream."""
    world = books.make(10, 0, seed=1).world("books")
    blind = load(world, faults=[{"vendor": "database", "fault": "blind"}])
    with pytest.raises(Denied) as denied:
        list(streamed(blind.database_url).stream(**WINDOW))

    assert "database.blind" == denied.value.code


def test_the_worlds_of_the_sweep_are_on_the_shelf():
    """They are loaded by name, as every other world."""
    assert {"books_agree", "books_differ"} <= {each["name"].rpartition("/")[2] for each in sandbox.worlds()}
