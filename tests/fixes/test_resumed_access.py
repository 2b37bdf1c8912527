"""A change of somebody's access that was begun and not finished, where something has happened in between."""

import shlex

import psycopg
import pytest

from peakops import sandbox

from .conftest import WHY
from .test_user_fixes import ANNA, MAIL, SMILE, TEAM, anna, audit, world_of  # noqa: F401  (fixtures)

ENABLE = ("user", "enable", MAIL, "--confirm", MAIL, *WHY)
MOVE = ("user", "set-practice", MAIL, "Smile Care", "--confirm", MAIL, *WHY)
CONTAIN = (
    "insert into peakops.containments (user_id, made_at, operator, reason) "
    f"values ('{ANNA}', '2026-11-20T15:00:00Z', 'sam', 'taken over')"
)
BEFORE_THE_COMMIT = 9
"""The step of `enable` at which the ban is lifted and the profile is still off: found by trying."""


@pytest.fixture
def ask(state):
    """Run a statement as the database's owner."""

    def ask(statement):
        with psycopg.connect(sandbox.ensure(state / "peakops").url_as("postgres"), autocommit=True) as owner:
            owner.execute(statement)

    return ask


@pytest.fixture
def unbanned(load, killed, anna):  # noqa: F811  (the fixture)
    """The world in which `enable` died between lifting the ban and switching the profile on."""
    for at in range(BEFORE_THE_COMMIT, BEFORE_THE_COMMIT + 6):
        load(world_of("banned_and_disabled"), tables={**world_of("banned_and_disabled")["tables"], **TEAM})
        assert killed(at, *ENABLE)
        if not anna("banned_until"):
            break
    assert (None, False) == (anna("banned_until"), anna("is_active", "users"))


def test_what_is_contained_since_is_not_switched_on(fix, unbanned, ask, anna, audit):  # noqa: F811
    """18, and the profile stays off: only the row of what was done at Supabase is still written, once."""
    ask(CONTAIN)
    again = fix(*ENABLE)

    assert 18 == again.code
    assert "contained" in again.json["error"]["message"]
    assert anna("is_active", "users") is False
    assert [["account"]] == [[change["target"].split()[0] for change in each["details"]["changes"]] for each in audit()]


def test_both_changes_are_in_one_row_of_the_audit_log(fix, load, audit):  # noqa: F811
    """The ban that was lifted and the profile that was switched on, in the order in which they were done."""
    load(world_of("banned_and_disabled"))
    done = fix(*ENABLE)
    (row,) = audit()

    assert 0 == done.code
    assert ["account", "profile"] == [each["target"].split()[0] for each in row["details"]["changes"]]


def test_a_move_that_was_begun_names_its_practice(peakops, fix, load, killed, anna):  # noqa: F811
    """The command that is named goes on where it is pasted: the practice is in it, by its id."""
    load(world_of("wrong_practice"))
    assert killed(5, *MOVE)
    found = peakops("--sandbox", "user", "check", MAIL, "--json").json
    (line,) = found["next"]

    assert "unfinished_change" == found["verdict"]["code"]
    assert f"peakops user set-practice {ANNA} {SMILE}" == line
    assert 0 == fix(*shlex.split(line)[1:], "--confirm", ANNA, *WHY).code
    assert SMILE == anna("practice_id", "users")


def test_containments_are_read_without_the_journals_table(fix, load, ask):
    """A team's table that is missing hides itself alone: who is contained stays so, and is not enabled (19)."""
    load(world_of("contained"))
    ask("drop table peakops.journal")
    checked, enabled = fix("user", "check", MAIL), fix(*ENABLE)

    assert "contained" == checked.json["verdict"]["code"]
    assert (19, "refused") == (enabled.code, enabled.json["status"])


@pytest.mark.parametrize("typed", ["o'brien@smilecare.example", "415-555-0100@smilecare.example"])
def test_an_address_that_could_not_be_pasted_is_named_by_its_id(typed, fix, load, ask):
    """What is named next works as it stands, whatever the address looks like."""
    load(world_of("banned"))
    ask(f"update auth.users set email = $${typed}$$ where id = '{ANNA}'")
    ask(f"update public.users set email = $${typed}$$ where id = '{ANNA}'")
    found = fix("user", "check", typed).json

    assert [f"peakops user enable {ANNA}"] == found["next"]
