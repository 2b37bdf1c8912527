"""Whether a person is kept out, from literal facts: what is missing, what is not known, and until when tokens work."""

from datetime import UTC, datetime, timedelta

import pytest

from peakops import resume
from peakops.errors import Refused
from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.plan import Action, Grade, Plan, Subject
from peakops.scenario import Facts
from peakops.scenarios.security import access, contain, release
from peakops.scenarios.security.verify import SCENARIO
from peakops.unfinished import Begun
from peakops.verdict import rule

from ..user.conftest import ANNA, NOW, account, person

FOR_GOOD = NOW + timedelta(days=36500)
SINGLE = ("person", "limits")
AGO = {minutes: NOW - timedelta(minutes=minutes) for minutes in (5, 20, 180)}
PROJECT = {
    "smtp_max_frequency": 60,
    "rate_limit_email_sent": 30,
    "mailer_otp_exp": 3600,
    "jwt_exp": 3600,
    "known_by": "project",
}
OFF = {"id": ANNA, "email": "anna@smilecare.example", "role": "member", "is_active": False, "practice_id": "p-1"}
OPEN = {
    "made_at": AGO[180],
    "operator": "mara@ops-1",
    "reason": "two countries",
    "incident_id": None,
    "released_at": None,
    "has_ban": True,
    "was_banned_until": None,
    "was_active": True,
    "jwt_exp": None,
    "evidence": "sha256:1",
}
NOTHING = {"sessions": 0, "newest_session_at": None, "links": 0}
CONTAINED = {
    "person": [person()],
    "changes": [],
    "team_changes": [],
    "accounts": [account(banned_until=FOR_GOOD)],
    "profiles": [OFF],
    "containment": [OPEN],
    "record": [{"containments": True}],
    "revoked": [{"id": 1, "user_id": ANNA, "action": "user.contained", "created_at": AGO[180], "asked_at": NOW}],
    "left": [NOTHING],
    "left_refresh": [{"refreshes": 0, "flows": 0}],
    "since": [],
    "platform": [],
    "incidents": [],
    "limits": [PROJECT],
}


def facts_of(*silent, **said):
    rows = {**CONTAINED, **said}
    fault = Fault(code="x", category="upstream", message="It was silent.")
    return tuple(
        Evidence(
            name=name,
            source="database",
            at=NOW,
            rows=() if name in silent else tuple(each),
            single=name in SINGLE,
            error=fault if name in silent else None,
        )
        for name, each in rows.items()
    )


def judged(*silent, **said):
    evidence = facts_of(*silent, **said)
    return rule(SCENARIO, diagnose(SCENARIO, evidence), evidence).ruling


def ruled(*silent, **said):
    ruling = judged(*silent, **said)
    return ruling.code, ruling.cause


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ("contained", None)),
        ({"accounts": [account(banned_until=NOW + timedelta(days=30))]}, ("partly_contained", "not_banned")),
        ({"accounts": [account(deleted_at=AGO[180])]}, ("contained", None)),
        ({"accounts": []}, ("contained", None)),
        ({"profiles": []}, ("contained", None)),
        ({"profiles": [{**OFF, "is_active": True}]}, ("partly_contained", "profile_active")),
        ({"left": [{**NOTHING, "sessions": 1}]}, ("partly_contained", "sessions_left")),
        ({"left": [{**NOTHING, "links": 2}]}, ("partly_contained", "links_left")),
        ({"left_refresh": [{"refreshes": 1, "flows": 0}]}, ("partly_contained", "refresh_tokens_left")),
        ({"left_refresh": [{"refreshes": 0, "flows": 1}]}, ("partly_contained", "flows_left")),
        ({"containment": [], "revoked": []}, ("partly_contained", "not_recorded")),
        ({"containment": []}, ("contained", None)),
        ({"revoked": []}, ("contained", None)),
        ({"containment": [], "revoked": [], "accounts": [account()]}, ("not_contained", None)),
        ({"containment": [{**OPEN, "released_at": AGO[20]}], "revoked": [], "accounts": []}, ("unclassified", None)),
    ],
)
def test_what_is_in_place_decides(said, expected):
    """One gap is enough to be only partly contained; an account that is gone needs no ban."""
    assert expected == ruled(**said)


def test_another_account_of_the_address_is_not_passed_over():
    """Single sign-on makes a second one: it is named by its id while it is open, and not once it is shut or gone."""
    other = {**account(), "id": "55555555-5555-4555-8555-000000000102", "is_sso_user": True}
    mine = account(banned_until=FOR_GOOD)
    ruling = judged(accounts=[mine, other])
    shut = [{**other, "banned_until": FOR_GOOD}, {**other, "deleted_at": AGO[180]}]

    assert ("other_account", True) == (ruling.code, other["id"] in ruling.says)
    assert ["contained", "contained"] == [judged(accounts=[mine, each]).code for each in shut]
    assert "not_contained" == judged(accounts=[account(), other], containment=[], revoked=[]).code
    assert {"other_account"} <= {*contain.FIX.settled} & {*release.FIX.remedies}


@pytest.mark.parametrize("name", ["since", "revoked", "containment"])
def test_nobody_is_called_contained_without_the_log(name):
    """Acts after the tail would show another way in: what could not be read is not fine."""
    assert ("unknown", None) == ruled(name)


@pytest.mark.parametrize("name", ["accounts", "profiles", "left", "left_refresh"])
def test_nobody_is_called_contained_unseen(name):
    """What could not be read may let the person in: unknown, and never ok or a mere warning."""
    recent = [{**CONTAINED["revoked"][0], "created_at": AGO[20]}]

    assert ("unknown", None) == ruled(name)
    assert ("unknown", None) == ruled(name, revoked=recent)


def test_what_is_proven_stays_proven():
    """A session that is left is critical, whatever else was silent."""
    proven = {"left": [{**NOTHING, "sessions": 1}]}

    assert ("partly_contained", "sessions_left") == ruled("profiles", "left_refresh", "limits", "revoked", **proven)


def test_an_emergency_is_not_held_up_by_what_is_silent():
    """Who is not banned is not contained, though neither the record nor the refresh tokens could be read."""
    silent = ("left_refresh", "left", "containment", "record", "limits", "platform", "incidents")

    assert ("not_contained", None) == ruled(*silent, accounts=[account()], revoked=[])


@pytest.mark.parametrize(
    ("minutes", "seconds", "code"),
    [(20, 3600, "tokens_may_work"), (180, 3600, "contained"), (180, 604_800, "tokens_may_work"), (5, 60, "contained")],
)
def test_the_tail_is_as_long_as_the_project_says(minutes, seconds, code):
    """Tokens that were issued before work for jwt_exp, counted from when the sessions ended."""
    recent = [{**CONTAINED["revoked"][0], "created_at": AGO[minutes]}]
    action = [{**OPEN, "made_at": AGO[minutes]}]

    assert code == judged(revoked=recent, containment=action, limits=[{**PROJECT, "jwt_exp": seconds}]).code


def test_a_lifetime_that_is_not_known_is_assumed_aloud():
    """Without the project's word the default is taken; the page says so, and what the most would be."""
    recent = [{**CONTAINED["revoked"][0], "created_at": AGO[20]}]
    guessed = judged(revoked=recent, limits=[{**PROJECT, "known_by": "defaults"}])
    silent, later = judged("limits", revoked=recent), judged("limits")

    assert guessed.says == silent.says
    assert "the default of 3600 s is assumed; a project may set 604800 s" in silent.says
    assert ("tokens_may_work", "lifetime_unknown") == (later.code, later.cause)
    assert "may work until 27 Nov 2026 12:01 UTC, if the project set the most" in later.says


def test_a_week_after_nobody_needs_the_project_s_word():
    """No project may let a token last longer than a week: then it is over, whatever is not known."""
    made = NOW - timedelta(days=7, minutes=2)
    recent = [{**CONTAINED["revoked"][0], "created_at": made}]

    assert "contained" == judged("limits", revoked=recent, containment=[{**OPEN, "made_at": made}]).code


@pytest.mark.parametrize(
    ("then", "now", "code"),
    [(604_800, 3600, "tokens_may_work"), (3600, 3600, "contained"), (None, 3600, "contained"), (None, 0, "contained")],
)
def test_a_lifetime_that_was_lowered_since_shortens_no_token(then, now, code):
    """What was issued before lasts as long as the project said at the containment; 0 is GoTrue's default of an hour."""
    action = {**OPEN, "jwt_exp": then}

    assert code == judged(containment=[action], limits=[{**PROJECT, "jwt_exp": now}]).code


@pytest.mark.parametrize("seconds", [0, 3600])
def test_no_lifetime_ends_at_once(seconds):
    """A project that says 0 has GoTrue's default; a containment of five minutes ago is in its tail."""
    recent = [{**CONTAINED["revoked"][0], "created_at": AGO[5]}]

    assert "tokens_may_work" == judged(revoked=recent, limits=[{**PROJECT, "jwt_exp": seconds}]).code


def test_acts_since_are_counted():
    """In the tail they are told; after it they are another way in; where the tail was assumed, it may be longer."""
    late = [{"action": "records.viewed", "times": 3, "first_at": AGO[20], "last_at": AGO[5]}]
    recent = [{**CONTAINED["revoked"][0], "created_at": AGO[20]}]
    seen = [{"kind": "requests", "count": 4, "at": AGO[5]}, {"kind": "event", "count": 1, "at": AGO[5]}]
    told = judged(revoked=recent, since=late, platform=seen)

    assert "Still active: 3 entries" in told.says
    assert "4 requests" in told.says
    assert ("partly_contained", "still_active") == ruled(since=late)
    assert ("tokens_may_work", "still_active") == ruled("limits", since=late)


def test_requests_are_asked_for_while_a_token_may_work():
    """A week at most, which is the longest that a token lasts: the logs cost two requests a day of sixty a minute."""
    row = CONTAINED["revoked"][0]
    rows = [[{**row, "created_at": NOW - timedelta(days=days)}] for days in (6, 8)]
    released = [{**row, "action": "user.released"}]

    assert [ANNA, None, None, None] == [access.whom(each) for each in (*rows, released, [])]


def test_rights_that_hide_rows_are_no_rights():
    """A role from which row-level security hides every row would delete nothing, without an error: refused."""
    rows = [{"name": name, "hidden": True} for name in ("refresh_tokens", "sessions")]
    evidence = (*facts_of(accounts=[account()]), Evidence(name="rights", source="database", rows=tuple(rows)))

    with pytest.raises(Refused, match="Row-level security hides"):
        contain.propose(Facts(evidence))


def test_the_plan_of_a_containment_is_the_same_from_look_to_look():
    """
    Nothing in it depends on the moment, so that a look under the lease leads to the same plan.

    Nor on what only tells more: a Management API, a journal of the team's, logs that fall silent in between.
    """
    later = tuple(
        Evidence(name=each.name, source=each.source, at=NOW + timedelta(minutes=1), rows=each.rows, single=each.single)
        for each in facts_of(accounts=[account()], profiles=[{**OFF, "is_active": True}], containment=[], revoked=[])
    )
    first = facts_of(accounts=[account()], profiles=[{**OFF, "is_active": True}], containment=[], revoked=[])
    silent = facts_of(
        *("limits", "platform", "team_changes", "incidents", "since"),
        **{"accounts": [account()], "profiles": [{**OFF, "is_active": True}], "containment": [], "revoked": []},
    )
    plans = [contain.propose(Facts(facts)).actions for facts in (first, later, silent)]
    calls = [[(each.call, each.params) for each in actions] for actions in plans]

    assert calls[0] == calls[1] == calls[2]
    assert ["snapshot", "ban", "security/end_sessions"] == [call for call, _ in calls[0][:3]]


def begun(fix, *, erased=False, name=""):
    action = Action(via="supabase", call="unban", params={"user": ANNA}, target="account", was="banned", becomes="free")
    one = Plan(
        fix=fix,
        grade=Grade.CONSEQUENTIAL,
        subject=Subject(kind="user", id=ANNA, name=ANNA, erased=erased),
        finding="banned",
        actions=(action,),
        audit="user.enabled",
    )
    return Begun(
        name=name or one.hash,
        body=one.as_data(),
        of=2,
        run=fix,
        since="2026-11-20T14:00:00Z",
        operator="mara@ops-1",
    )


def test_an_emergency_closes_what_others_began_and_leaves_an_erasure():
    """An erasure cannot be planned anew; what a journal does not hold as it was made is nobody's to close."""
    own, enabled, erasure = begun("security contain"), begun("user enable"), begun("data delete", erased=True)
    forged, unread = begun("user enable", name="0" * 32), begun("user enable")
    unread.body = {}
    mine, over = resume.parted(contain.FIX, (own, enabled, erasure, forged, unread))

    assert ["security contain"] == [each.run for each in mine]
    assert [("user enable", "security contain")] == [(each.run, each.overruled) for each in over]
    with pytest.raises(Refused, match="comes first"):
        resume.ours(release.FIX, (enabled,))


def test_a_containment_is_planned_whatever_another_verb_began():
    """The verdict has no unfinished change but one of a containment or a release; and the plan says what it closes."""
    line = {"operator": "mara@ops-1", "seq": 1, "at": NOW, "kind": "intended", "hash": "h", "held": False}
    enabled, released = begun("user enable"), begun("security release")

    def changes(each):
        detail = {"plan": each.name, "run": each.run, "step": 1, "of": 2, "body": each.body}
        return [{**line, "detail": detail}]

    free = {"accounts": [account()], "containment": [], "revoked": []}

    assert "not_contained" == judged(changes=changes(enabled), **free).code
    assert "unfinished_change" == judged(changes=changes(released), **free).code


def test_a_release_needs_to_know_how_it_was():
    """Without a record, and without a journal that holds the plan, it is refused: nothing is guessed."""
    with pytest.raises(Refused, match="how it was before"):
        release.propose(Facts(facts_of(containment=[])))


def test_a_ban_of_before_is_given_back_until_it_has_run_out():
    """What was to last until next week lasts until then; what has ended since is not made anew."""
    soon, over = (datetime(2026, 11, day, tzinfo=UTC).isoformat() for day in (25, 15))
    calls = [
        next(
            (each.call, each.params.get("until"))
            for each in release.propose(Facts(facts_of(containment=[{**OPEN, "was_banned_until": was}]))).actions
        )
        for was in (soon, over, None)
    ]

    assert [("ban", soon), ("unban", None), ("unban", None)] == calls
