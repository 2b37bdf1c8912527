"""How operators write lengths of time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakops.timegrammar import SECONDS, duration, shift


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
    """Any row of parts is worth what its parts are worth."""
    assert sum(number * SECONDS[unit] for number, unit in parts) == duration("".join(f"{n}{u}" for n, u in parts))


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
