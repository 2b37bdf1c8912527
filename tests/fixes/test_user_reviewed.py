"""What a review of the fixes of `user check` has found: each stays mended."""

import pytest

from peakops import sandbox

from .conftest import WHY
from .test_user_fixes import ANNA, CHANGES, CONFIRMED, HARBOR, MAIL, MOVE, RESET, SMILE, told, world_of
from .test_user_fixes import sent as sent  # noqa: PLC0414  (a fixture that is used here, too)

MASK = "a…@smilecare.example"


def of_anna(document, table, **said):
    """A world in which something else is true of Anna's row of a table."""
    read = world_of(document)
    rows = [{**each, **said} if each["id"] == ANNA else each for each in read["tables"][table]]
    return {**read, "tables": {**read["tables"], table: rows}}


@pytest.mark.parametrize("name", CHANGES)
def test_a_masked_address_changes_nothing(name, fix, load, world, sent):
    """19 with the id in the hint: whoever is the only one left of that mask may not be the one that is meant."""
    document, command = CHANGES[name]
    load(f"user/{document}")
    before = world()
    ran = fix(*(MASK if each == MAIL else each for each in command))

    assert ("fix.masked", "refused", 19) == (ran.json["error"]["code"], *told(ran))
    assert ANNA in ran.json["error"]["hint"]
    assert (before, []) == (world(), sent())


def test_a_masked_address_that_only_an_invitation_has(fix, load):
    """There is no id: the whole address is asked for."""
    load("user/invited_only")
    ran = fix("user", "resend-confirmation", MASK, "--yes")

    assert ("fix.masked", 19) == (ran.json["error"]["code"], ran.code)
    assert "the whole address" in ran.json["error"]["hint"]


def test_a_reset_is_not_sent_into_the_void(fix, load, sent):
    """19 where the e-mail provider suppresses the address, as the confirmation is refused."""
    load("user/can_log_in_suppressed")
    check, ran = fix("user", "check", MAIL), fix(*RESET, "--yes")

    assert ("refused", 19, []) == (*told(ran), sent())
    assert "suppress" in ran.json["error"]["hint"]
    assert [] == check.json["next"]


@pytest.mark.parametrize(
    "practice", ["Pass password=hunter2 Dental", "Call 415-555-0100", "info@harbor.example", "Smile  Care", "-n Dental"]
)
def test_the_move_that_is_named_next_can_be_pasted(practice, fix, load):
    """The practice is named by its id, whatever its name is made of."""
    read = world_of("wrong_practice")
    practices = [{**each, "name": practice} if each["id"] == SMILE else each for each in read["tables"]["practices"]]
    load(read, tables={**read["tables"], "practices": practices})
    (command,) = fix("user", "check", MAIL, "--expect-practice", SMILE).json["next"]
    ran = fix(*command.split()[1:], "--dry-run")

    assert f"peakops user set-practice {MAIL} {SMILE}" == command
    assert ("planned", 10) == told(ran), ran.json["error"]


@pytest.mark.parametrize("document", ["can_log_in", "wrong_practice", "practice_missing", "email_not_confirmed"])
def test_a_move_to_a_practice_that_is_not_there(document, fix, load, world):
    """19 with the similar ones and their ids, whatever the verdict is without it."""
    load(f"user/{document}")
    before = world()
    ran = fix(*MOVE[:-1], "smile", *CONFIRMED)

    assert ("fix.no_practice", "refused", 19) == (ran.json["error"]["code"], *told(ran))
    assert f"Smile Care ({SMILE})" in ran.json["error"]["hint"]
    assert before == world()


@pytest.mark.parametrize(("role", "along"), [("owner", True), ("admin", True), ("member", False)])
def test_a_role_goes_along(role, along, fix, load):
    """Whoever manages one practice manages the other then: the plan says so."""
    load(of_anna("wrong_practice", "users", role=role))
    notes = fix(*MOVE, "--dry-run").json["data"]["plan"]["notes"]

    assert along == (f"The role goes along: the person is {role} of Smile Care then." in notes)


def test_staff_are_not_moved(fix, load, world):
    """19: staff belong to no practice."""
    load("user/can_log_in_staff")
    before = world()
    ran = fix(*MOVE, *CONFIRMED)

    assert ("fix.staff", "refused", 19) == (ran.json["error"]["code"], *told(ran))
    assert before == world()


@pytest.mark.parametrize(("at", "wait"), [("+30m", 60), ("+5s", 60), ("-20s", 40)])
def test_the_wait_is_no_longer_than_the_limit(at, wait, fix, load, sent):
    """A mail that was sent in the future says that the clocks differ, not that an hour is to be waited."""
    load(of_anna("can_log_in", "auth.users", recovery_sent_at=at))
    error = fix(*RESET, "--yes").json["error"]

    assert ("fix.too_soon", wait) == (error["code"], error["retry_after_s"])
    assert ("the clocks differ" in error["message"]) == at.startswith("+")
    assert [] == sent()


def test_a_confirmation_is_compared_letter_by_letter(fix, load, anna_is):
    """12 where another address is named that only its capitals share; 0 in any case."""
    load(anna_is("strasse@praxis.example"))
    enable = ("user", "enable", "strasse@praxis.example", *WHY, "--confirm")
    other, same = fix(*enable, "straße@praxis.example"), fix(*enable, "Strasse@Praxis.example")

    assert [12, 0] == [other.code, same.code], same.json["error"]


@pytest.fixture
def anna_is():
    """A world in which Anna is banned, under another address."""

    def world(email):
        read = sandbox.named("user/banned")
        tables = {name: [{**each, "email": email} for each in read["tables"][name]] for name in ("users", "auth.users")}
        return {**read, "tables": {**read["tables"], **tables}}

    return world


def test_a_move_to_where_the_person_is_not(fix, load):
    """The practice of an id is moved to as that of a name is."""
    load("user/wrong_practice")
    ran = fix(*MOVE[:-1], HARBOR, *CONFIRMED)

    assert ("ok", 0) == told(ran), ran.json["error"]
