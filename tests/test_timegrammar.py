"""How operators write lengths of time, and moments."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakops.timegrammar import LONGEST, SECONDS, duration, moment, shift, window


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 259200), ("2w", 1209600), ("1h30m", 5400), ("0.5s", 0.5)],
)
def test_lengths(text, seconds):
    """Seconds, minutes, hours, days, weeks, and their sums."""
    assert seconds == duration(text)


@pytest.mark.parametrize("text", ["", "5", "5M", "s", "1h 30m", "-1h", "1h30", "five", "٣s5", "1.2.3s"])
def test_anything_else_is_refused(text):
    """A bare number has no unit, and is refused as everything else that is no length."""
    with pytest.raises(ValueError, match="is not a length of time"):
        duration(text)


@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from(sorted(SECONDS))), min_size=1))
def test_a_sum_is_the_sum_of_its_parts(parts):
    """Any row of parts is worth what its parts are worth; beyond ten years it is refused, as one part would be."""
    worth, text = sum(number * SECONDS[unit] for number, unit in parts), "".join(f"{n}{u}" for n, u in parts)
    if worth > LONGEST:
        with pytest.raises(ValueError, match="longer than ten years"):
            duration(text)
    else:
        assert worth == duration(text)


def test_what_no_clock_waits_for_is_refused():
    """Longer than ten years is a typing error."""
    with pytest.raises(ValueError, match="longer than ten years"):
        duration("99999999999999w")


@pytest.mark.parametrize(("text", "seconds"), [("+2h", 7200), ("-30m", -1800)])
def test_shifts(text, seconds):
    """A shift has a sign."""
    assert seconds == shift(text)


def test_a_shift_without_a_sign_is_refused():
    """2h could mean to or by; it is refused."""
    with pytest.raises(ValueError, match="is not a shift"):
        shift("2h")


NOW = datetime(2026, 11, 20, 15, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("24h", datetime(2026, 11, 19, 15, 30, 10, tzinfo=UTC)),
        ("1h30m", datetime(2026, 11, 20, 14, 0, 10, tzinfo=UTC)),
        ("today", datetime(2026, 11, 20, tzinfo=UTC)),
        ("yesterday", datetime(2026, 11, 19, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T15:00:00Z", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("2026-11-20t15:00:00.5z", datetime(2026, 11, 20, 15, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-20 15:00:00-05:00", datetime(2026, 11, 20, 20, tzinfo=UTC)),
    ],
)
def test_moments(text, at):
    """A length before now, a day's midnight in UTC, or RFC 3339 with its offset."""
    assert at == moment(text, NOW)
    assert timedelta(0) == moment(text, NOW).utcoffset()


def test_days_are_those_of_utc():
    """Whatever the offset of `now`, today is UTC's day."""
    assert datetime(2026, 11, 20, tzinfo=UTC) == moment("today", datetime.fromisoformat("2026-11-19T23:30:00-05:00"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "20", "tomorrow", "Today", "20.11.2026", "2026-11-20T15:00:00", "2026-11-20T15:00Z", "20261120"),
        *("2026-02-30", "2026-11-20T25:00:00Z", "0001-01-01T00:00:00+10:00", "1h 30m", "-24h", "99999w", "2026-W47-5"),
    ],
)
def test_what_is_no_moment_is_refused(text):
    """No guess is made at another calendar, a missing offset, or a day that does not exist."""
    with pytest.raises(ValueError, match=r"is no moment|no day of the calendar|length of time|longer than ten years"):
        moment(text, NOW)


def test_a_window_ends_now_unless_said_otherwise():
    """Both ends, in UTC; a window may be a point, and may end in the future."""
    assert (NOW - timedelta(hours=24), NOW) == window("24h", None, NOW)
    assert (NOW - timedelta(hours=24), NOW - timedelta(hours=1)) == window("24h", "1h", NOW)
    assert (NOW, NOW) == window("0s", "0s", NOW)
    assert (NOW, NOW + timedelta(seconds=50)) == window("0s", "2026-11-20T15:31:00Z", NOW)


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("2026-11-20T15:30:11Z", None, "is in the future: it is 2026-11-20T15:30:10Z"),
        ("2026-11-21", "2026-11-22", "is in the future"),
        ("1h", "2h", "'1h' is after '2h'"),
    ],
)
def test_a_window_that_is_none_is_refused(since, until, says):
    """It begins in the future, or after its end."""
    with pytest.raises(ValueError, match=says):
        window(since, until, NOW)
