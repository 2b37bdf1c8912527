"""The verdicts of `user check` are total, and their precedence is the issue's, for every combination of answers."""

from datetime import timedelta
from itertools import product

import pytest

from peakops.scenarios.user.check import SCENARIO

from .conftest import (
    ANNA,
    LOOKS,
    NOW,
    OTHER,
    account,
    containment,
    factor,
    holding,
    identity,
    invitation,
    invited,
    judged,
    only,
    passed,
    profile,
    suppression,
    unconfirmed,
    wanted,
)

WARNINGS = ("invited_not_accepted", "confirmation_not_delivered", "email_not_confirmed", "no_password_identity")
PRECEDENCE = (
    *("deleted", "contained", "banned", "auth_account_missing", "invited_not_accepted", "confirmation_not_delivered"),
    *("email_not_confirmed", "profile_missing", "email_mismatch", "disabled_in_portal", "practice_missing"),
    *("practice_suspended", "wrong_practice", "no_password_identity", "mfa_locked", "can_log_in"),
)
ASIDE = ("second_profile", "mail_suppressed")
ACCOUNTS = {
    "none": [],
    "deleted": [account(deleted_at=NOW, email=None)],
    "unconfirmed": [unconfirmed()],
    "invited": [invited()],
    "confirmed": [account()],
    "sso": [account(is_sso_user=True)],
    "phone": [account(email=None, email_confirmed_at=None)],
    "anonymous": [account(email=None, email_confirmed_at=None, is_anonymous=True)],
}
BANS = {"none": None, "over": NOW - timedelta(hours=1), "on": NOW + timedelta(days=6)}
CONTAINMENTS = {"none": [], "open": [containment()]}
NOWHERE = {"practice_id": None, "practice": None, "practice_status": None}
PROFILES = {
    "none": [],
    "on": [profile()],
    "off": [profile(is_active=False)],
    "moved": [profile(email="anna.smith@smilecare.example")],
    "nowhere": [profile(**NOWHERE)],
    "staff": [profile(role="staff", **NOWHERE)],
    "suspended": [profile(practice_status="suspended")],
    "off_and_closed": [profile(is_active=False, practice_status="closed")],
    "two": [profile(), profile(id=OTHER)],
    "other_id": [profile(id=OTHER)],
}
IDENTITIES = {"email": [identity()], "none": []}
FACTORS = {
    "none": {},
    "locked": {"factors": [factor()], "second_factor": [passed(60)]},
    "passed": {"factors": [factor()], "second_factor": [passed(5)]},
}
EXPECTED = {
    "unasked": {},
    "same": {"expected": [wanted()], "holdings": [holding()]},
    "other": {"expected": [wanted(id="p-2", name="Harbor")], "holdings": []},
    "no_such": {"expected": [], "holdings": []},
}
INVITATIONS = {
    "none": [],
    "pending": [invitation()],
    "expired": [invitation(status="expired")],
    "accepted": [invitation(status="accepted", accepted_at=NOW)],
    "revoked": [invitation(status="revoked")],
}
MAILS = {"none": [], "suppressed": [suppression()]}

UNCLASSIFIED = {
    "an account without an address, by a phone number or anonymous: the playbook knows none": lambda at: (
        at["account"] in ("phone", "anonymous")
    ),
}
"""Why a cell may be unclassified; a cell that fits none of these is a hole in the table."""


def cells():
    """Every combination that the parts allow: what an account has needs one, and somebody must be there."""
    for has, mine, mail in product(ACCOUNTS, PROFILES, MAILS):
        alive = has not in ("none", "deleted")
        if has == "none" and mine == "other_id":
            continue  # then that profile is the person
        invitations = INVITATIONS if has in ("none", "invited") else ("none",)
        parts = (BANS, IDENTITIES, FACTORS) if alive else (("none",), ("none",), ("none",))
        named = EXPECTED if mine not in ("none", "other_id") else ("unasked",)
        for open_action, said, *rest in product(CONTAINMENTS, invitations, named, *parts):
            if has == "none" and mine == "none" and (said in ("none", "revoked") or open_action == "open"):
                continue  # nobody is found, or there is no id that could be contained
            names = ("expected", "ban", "identity", "factor")
            yield {
                **{"account": has, "profile": mine, "mail": mail, "containment": open_action, "invitation": said},
                **dict(zip(names, rest, strict=True)),
            }


def facts(at):
    """The literal facts of a cell."""
    nobody = at["account"] == "none" and at["profile"] == "none"
    return {
        **(only() if nobody else {}),
        "accounts": [{**each, "banned_until": BANS[at["ban"]]} for each in ACCOUNTS[at["account"]]],
        "profiles": PROFILES[at["profile"]],
        "containment": CONTAINMENTS[at["containment"]],
        "identities": IDENTITIES[at["identity"]],
        "invitations": INVITATIONS[at["invitation"]],
        "suppressions": MAILS[at["mail"]],
        **FACTORS[at["factor"]],
        **EXPECTED[at["expected"]],
    }


def holding_of(at):
    """What is true of a cell, by the issue's words: each code with whether it holds."""
    has, mine = at["account"], at["profile"]
    alive, own = has not in ("none", "deleted"), mine not in ("none", "other_id")
    confirmed, suppressed = has in ("confirmed", "sso"), at["mail"] == "suppressed"
    true = {
        "deleted": has == "deleted",
        "contained": at["containment"] == "open",
        "banned": alive and at["ban"] == "on" and at["containment"] != "open",
        "auth_account_missing": has == "none" and (own or at["invitation"] == "accepted"),
        "invited_not_accepted": has == "invited" or (has == "none" and not own and at["invitation"] != "accepted"),
        "confirmation_not_delivered": has == "unconfirmed" and suppressed,
        "email_not_confirmed": has == "unconfirmed" and not suppressed,
        "profile_missing": alive and not own and not (has == "invited" and mine == "none"),
        "email_mismatch": alive and mine == "moved" and has not in ("phone", "anonymous"),
        "disabled_in_portal": mine in ("off", "off_and_closed"),
        "practice_missing": mine == "nowhere",
        "practice_suspended": mine in ("suspended", "off_and_closed"),
        "wrong_practice": own
        and (at["expected"] == "other" or (at["expected"] == "same" and mine in ("nowhere", "staff"))),
        "no_password_identity": confirmed and (has == "sso" or at["identity"] != "email"),
        "mfa_locked": alive and at["factor"] == "locked",
    }
    return {**true, "can_log_in": confirmed and own and at["expected"] != "no_such" and not any(true.values())}


def verdict_of(at):
    """The contract's rule: the first critical one, else the first warning, else the ok row, else unclassified.

    Where a practice was named that is not there, what is left is unknown.
    """
    true = [code for code in PRECEDENCE if holding_of(at)[code]]
    critical = [code for code in true if code not in (*WARNINGS, "can_log_in")]
    warnings = [code for code in true if code in WARNINGS]
    return next(iter([*critical, *warnings, *true]), "unknown" if at["expected"] == "no_such" else "unclassified")


@pytest.fixture(scope="module")
def walked():
    """Each cell of the product with its verdict; walked once."""
    return [(at, judged(**facts(at))) for at in cells()]


def test_the_playbook_has_the_order_of_the_issue():
    """Rows and severities are the issue's, with an unfinished change before them and what is only told after them."""
    rows = {entry.code: entry for question in SCENARIO.guide.questions for entry in question.entries}

    assert ["unfinished_change", *PRECEDENCE, *ASIDE] == list(SCENARIO.guide.precedence())
    assert list(WARNINGS) == [code for code in PRECEDENCE if rows[code].severity == "warning"]
    assert ["can_log_in", *ASIDE] == [code for code in rows if rows[code].severity == "ok"]
    assert list(ASIDE) == [code for code, row in rows.items() if row.aside]


def test_every_cell_has_the_verdict_of_the_issue(walked):
    """Precedence, for each combination, by a second reading of the issue that knows only the cells' names."""
    assert len(walked) > 10000
    assert [] == [(at, each.ruling.code) for at, each in walked if verdict_of(at) != each.ruling.code][:5]


def test_every_finding_is_listed(walked):
    """All that is true of a cell is found, and nothing else; ok rows only where nothing is wrong."""
    for at, each in walked:
        true = {code for code, holds in holding_of(at).items() if holds}
        assert true == {one.code for one in each.findings} - set(ASIDE), at


def test_unclassified_cells_have_a_reason(walked):
    """An unclassified cell is one of the listed ones, never an ordinary state."""
    holes = [
        at
        for at, each in walked
        if each.ruling.code == "unclassified" and not any(fits(at) for fits in UNCLASSIFIED.values())
    ]

    assert [] == holes[:5]
    assert any(each.ruling.code == "unclassified" for _, each in walked)


def test_first_finding_decides(walked):
    """The verdict is the first of the findings, which are in the playbook's order, the worst severity first."""
    rank = {code: index for index, code in enumerate(SCENARIO.guide.precedence())}
    worst = ("critical", "warning", "ok")
    for at, each in walked:
        told = [(one.aside, worst.index(one.severity), rank[one.code]) for one in each.findings]
        assert sorted(told) == told, at
        if each.findings and not each.findings[0].aside:
            assert each.findings[0].code == each.ruling.code, at


def test_nobody_can_log_in_while_something_is_in_the_way(walked):
    """can_log_in is said only where nothing critical and no warning holds."""
    said = [(at, each) for at, each in walked if "can_log_in" in {one.code for one in each.findings}]

    assert said
    assert [] == [at for at, each in said if any(one.severity != "ok" for one in each.findings)]
    assert {"confirmed"} == {at["account"] for at, _ in said}


def test_a_contained_account_is_never_offered_to_be_enabled(walked):
    """No verdict of a person with an open action names `user enable`, be it the finding's fix or the next command."""
    assert [] == [
        at
        for at, each in walked
        if at["containment"] == "open" and at["ban"] == "on" and "user enable" in (_first(each).fix or _NONE).command
    ]


class _NONE:
    command = ""


def _first(each):
    return next(one for one in each.findings if one.code == each.ruling.code)


@pytest.fixture(scope="module")
def banned_in_the_dark():
    """Each cell with a ban, judged without the team's tables."""
    return [(at, judged(("containment",), **facts(at))) for at in cells() if at["ban"] == "on" and at["mail"] == "none"]


def test_a_ban_in_the_dark_is_not_lifted(banned_in_the_dark):
    """Where security actions cannot be read, a ban is told and never offered to be lifted."""
    assert banned_in_the_dark
    for at, each in banned_in_the_dark:
        assert "banned" == each.ruling.code, at
        assert None is each.findings[0].fix, at
        assert not any("user enable" in command for command in each.findings[0].next), at


SAMPLE = [at for at in cells() if at["factor"] in ("none", "locked") and at["mail"] == "none" and at["ban"] != "over"]


@pytest.mark.parametrize("silent", [each for each in LOOKS if each not in ("person", "similar")])
def test_silence_is_never_ok(silent):
    """
    Without any one look: the verdict is what the full facts say, or what is still proven of them, or unknown.

    Nothing is made up: no finding that the full facts do not have, but for what a silent look would have explained.
    """
    explained = {
        "containment": {"banned"},
        "suppressions": {"email_not_confirmed"},
        "messages": {"email_not_confirmed"},
    }
    for at in SAMPLE[::7]:
        said = facts(at)
        if silent in ("expected", "holdings") and silent not in said:
            continue
        each, full = judged((silent,), **said), verdict_of(at)
        found = {one.code for one in each.findings} - set(ASIDE)
        true = {code for code, holds in holding_of(at).items() if holds}

        assert found <= true | explained.get(silent, set()), (at, silent)
        assert each.ruling.code in {full, "unknown", "unclassified", *found}, (at, silent)
        if each.ruling.code == "can_log_in":
            assert "can_log_in" == full, (at, silent)
        if full != "unclassified":
            assert "unclassified" != each.ruling.code, (at, silent)


@pytest.mark.parametrize("silent", ["accounts", "profiles"])
def test_what_every_verdict_needs(silent):
    """Without account or profile nothing but a critical finding of the other is said."""
    for at in SAMPLE[::7]:
        each = judged((silent,), **facts(at))

        assert each.status in ("unknown", "critical"), at


def test_the_cells_are_of_one_person():
    """What the product is made of is about Anna, but for what is another's on purpose."""
    ids = {row["id"] for rows in (*ACCOUNTS.values(), *PROFILES.values()) for row in rows}

    assert {ANNA, OTHER} == ids
