"""The verdicts of `invitation check` are total: every combination of what the systems can say has a named verdict."""

from itertools import product

import pytest

from peakops.scenarios.invitation.check import SCENARIO

from .conftest import (
    NO_PROVIDER,
    NOW,
    accepted,
    account,
    ago,
    deleted,
    invitation,
    judged,
    message,
    over,
    suppression,
)

ORDER = (
    *("suppressed", "bounced", "accepted_without_account", "several_pending", "never_sent"),
    *("pending_expired", "expired", "revoked", "already_a_user", "accepted", "pending"),
)
"""The issue's precedence."""
NEWEST = {
    "pending": invitation(),
    "unsent": invitation(provider_message_id=None),
    "young": invitation(provider_message_id=None, created_at=ago(seconds=60)),
    "pending_over": over(),
    "unsent_over": over(provider_message_id=None),
    "expired": over(status="expired"),
    "expired_early": invitation(status="expired"),
    "revoked": invitation(status="revoked"),
    "accepted": accepted(),
    "accepted_at_no_time": accepted(accepted_at=None),
    "parked": invitation(status="parked"),
}
OLDER = {
    "none": [],
    "one_live": [invitation(id="i-2")],
    "two_live": [invitation(id="i-2"), invitation(id="i-3", practice="Molar & Sons")],
    "settled": [accepted(id="i-2"), over(id="i-3"), over(id="i-4", status="expired")],
}
PRACTICES = ("active", "suspended", "closed")
ACCOUNTS = {
    "none": [],
    "unconfirmed": [account(email_confirmed_at=None)],
    "confirmed": [account()],
    "deleted": [deleted()],
    "two": [account(email_confirmed_at=None), account(id="u-2")],
}
SUPPRESSIONS = {
    "none": [],
    "bounce": [suppression()],
    "block": [suppression(kind="block", created=NOW)],
    "both": [suppression(kind="block", created=None), suppression(kind="unsubscribe", reason=None)],
}
MESSAGES = {
    "none": [],
    "delivered": [message()],
    "bounced": [message(status="bounced", reason=None)],
    "sent": [message(status="sent", provider="resend")],
}
CODES = {*SCENARIO.guide.precedence(), *SCENARIO.guide.ends}
UNCLASSIFIED = {
    "a status that the playbook does not know, of somebody who has no account": lambda at: at["newest"] == "parked",
}
"""Why a cell may be unclassified; a cell that fits none of these is a hole in the table."""


def cells():
    """Every combination; without a provider nothing is said of suppressions and messages."""
    provided = [(held, sent, ()) for held, sent in product(SUPPRESSIONS, MESSAGES)]
    for newest, older, practice, made in product(NEWEST, OLDER, PRACTICES, ACCOUNTS):
        for held, sent, notes in [*provided, ("none", "none", NO_PROVIDER)]:
            yield {
                **{"newest": newest, "older": older, "practice": practice, "accounts": made},
                **{"suppressions": held, "messages": sent, "notes": notes},
            }


def judgement(at):
    return judged(
        notes={"suppressions": at["notes"], "messages": at["notes"]},
        invitations=[{**NEWEST[at["newest"]], "practice_status": at["practice"]}, *OLDER[at["older"]]],
        accounts=ACCOUNTS[at["accounts"]],
        suppressions=SUPPRESSIONS[at["suppressions"]],
        messages=MESSAGES[at["messages"]],
    )


@pytest.fixture(scope="module")
def walked():
    """Each cell of the product with its verdict; walked once."""
    return [(at, judgement(at)) for at in cells()]


def test_the_order_is_the_issues():
    """The rows of the playbook, after an unfinished change, are in the issue's order."""
    assert ("unfinished_change", *ORDER) == SCENARIO.guide.precedence()


def test_every_cell_has_a_verdict_of_the_closed_set(walked):
    """No combination of answers ends in a code that the playbook has no row for, or in unknown."""
    codes = {each.ruling.code for _, each in walked}

    assert set() == codes - CODES
    assert "unknown" not in codes
    assert set(ORDER) <= codes


def test_unclassified_cells_have_a_reason(walked):
    """An unclassified cell is a novelty of the portal's, never an ordinary state."""
    holes = [
        at
        for at, each in walked
        if each.ruling.code == "unclassified" and not any(fits(at) for fits in UNCLASSIFIED.values())
    ]

    assert [] == holes[:5]


def test_first_finding_decides(walked):
    """The verdict is the first finding in the issue's order of the worst severity."""
    for at, each in walked:
        worst = [one.code for one in each.findings if one.severity == each.findings[0].severity]

        assert sorted(worst, key=ORDER.index) == worst, at
        assert each.ruling.code == (worst[0] if worst else "unclassified"), at


def test_pending_only_where_somebody_can_accept(walked):
    """An open invitation has a link that works, is the only one, and nobody has an account."""
    for at, each in walked:
        if each.ruling.code == "pending":
            assert at["newest"] in ("pending", "unsent", "young"), at
            assert at["older"] in ("none", "settled"), at
            assert at["accounts"] in ("none", "unconfirmed", "deleted"), at
            assert at["suppressions"] == "none", at
            assert at["messages"] != "bounced", at


def test_the_mail_matters_only_where_it_is_waited_for(walked):
    """Where the newest was accepted or revoked, or somebody is a user, nothing is found about the mail."""
    about = {"suppressed", "bounced", "never_sent"}
    for at, each in walked:
        if at["newest"] in ("accepted", "accepted_at_no_time", "revoked") or at["accounts"] in ("confirmed", "two"):
            assert not about & {one.code for one in each.findings}, at


def test_nothing_that_would_refuse_is_named(walked):
    """A fresh invitation is offered neither to somebody who has an account nor to a practice that is closed."""
    for at, each in walked:
        several = at["older"] == "two_live" or (
            at["older"] == "one_live" and at["newest"] in ("pending", "unsent", "young")
        )
        closed = at["practice"] != "active" and not (several and at["older"] == "two_live" and at["newest"] not in LIVE)
        if at["accounts"] in ("confirmed", "two") or closed:
            fixes = [one.fix.command for one in each.findings if one.fix]
            assert not [one for one in fixes if "reissue" in one or "link" in one], at


LIVE = ("pending", "unsent", "young")
"""The newest ones whose link works; otherwise an older one that works is the model of a fresh one."""
