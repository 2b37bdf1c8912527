"""A fix that is killed between any two steps, and the same command after it: the right state, exactly once."""

import pytest

from peakops import journal

from .conftest import MARK_PAID, REFUND

TEAM = {"peakops.locks": [], "peakops.journal": []}
"""With these tables in a world the schema of the team's state is there."""
BEFORE_THE_REFUND, AFTER_THE_REFUND = 5, 6
"""Before the call of Stripe's, after it: two transactions without statements and a line of the journal come first."""
THE_LEASE = 2
"""Where the team's tables are there, taking the lease is a transaction more."""
MOST_STEPS = 60
"""More than any plan here has; the loop ends when a run is not killed any more."""


def with_team(document):
    return {**document["tables"], **TEAM}


def named(name):
    from peakops import sandbox

    return sandbox.named(name)


@pytest.mark.parametrize("team", [False, True], ids=["alone", "team"])
def test_mark_paid_is_killed(team, fix, killed, load, rows, folder):
    """One payments row, one audit row, a paid invoice, a whole journal: wherever the first run was killed."""
    document = named("paid_not_recorded")
    for at in range(1, MOST_STEPS):
        load(document, tables=with_team(document) if team else document["tables"])
        was_killed = killed(at, *MARK_PAID)
        again = fix(*MARK_PAID)

        assert 0 == again.code, (at, again.out)
        assert "paid" == again.json["verdict"]["code"], at
        assert ["paid"] == [each["status"] for each in rows("invoices")], at
        assert 1 == len(rows("payments")), at
        assert 1 == len(rows("audit_logs")), at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


@pytest.mark.parametrize("team", [False, True], ids=["alone", "team"])
def test_a_refund_is_killed(team, fix, killed, load, rows, folder):
    """One refund at Stripe, one row of it, one message, one audit row: wherever the first run was killed."""
    document = named("paid_twice_same_customer_payments")
    for at in range(1, MOST_STEPS):
        load(document, tables=with_team(document) if team else document["tables"])
        was_killed = killed(at, *REFUND)
        again = fix(*REFUND)

        assert 0 == again.code, (at, again.out)
        assert "already_refunded" == again.json["verdict"]["code"], at
        assert [12000] == [each["amount"] for each in rows("refunds")], at
        assert ["refund_pending"] == [each["status"] for each in rows("payments") if each.get("stripe_refund_id")], at
        assert 1 == len(rows("notifications")), at
        assert 1 == len(rows("audit_logs")), at
        assert [] == journal.verify(folder()), at
        if not was_killed:
            return
    pytest.fail("the fix was still killed at the last step")


def test_an_unfinished_change_is_the_verdict(fix, killed, load):
    """Killed after Stripe's refund: the check says `unfinished_change`, 2, and names the command that finishes it."""
    load("paid_twice_same_customer_payments")
    assert killed(AFTER_THE_REFUND, *REFUND)
    ran = fix("payment", "duplicates", "INV-123")

    assert ("unfinished_change", 2) == (ran.json["verdict"]["code"], ran.code)
    assert "peakops payment refund INV-123" == ran.json["next"][0]


def test_another_verb_does_not_pass_an_unfinished_change(fix, killed, load):
    """Killed in the middle of a refund: mark-paid is refused, 19, and names the refund."""
    load("paid_twice_same_customer_payments")
    assert killed(AFTER_THE_REFUND, *REFUND)
    ran = fix(*MARK_PAID)

    assert ("fix.unfinished_change", 19) == (ran.json["error"]["code"], ran.code)
    assert "peakops payment refund INV-123" == ran.json["error"]["hint"]
