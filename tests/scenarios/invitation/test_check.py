"""One judgement a row of the playbook, on literal facts."""

from datetime import timedelta

import pytest

from peakops.scenario import Facts
from peakops.scenarios.invitation import looks, renewal, sight
from peakops.scenarios.invitation.mail import GRACE

from .conftest import (
    NO_PROVIDER,
    NOW,
    accepted,
    account,
    ago,
    deleted,
    evidence,
    invitation,
    message,
    over,
    subject,
    suppression,
)

UNSENT = {"provider_message_id": None}


def verdict(judged):
    return judged.ruling.code, judged.ruling.cause, judged.status.value


def codes(judged):
    return [each.code for each in judged.findings]


def test_pending(judge):
    """Its link works, it was sent, and nothing is against the mail: open, with the link as what may be done."""
    judged = judge(messages=[message()])

    assert ("pending", None, "ok") == verdict(judged)
    assert ("peakops invitation link new.member@smilecare.example", "C") == (
        judged.findings[0].fix.command,
        judged.findings[0].fix.grade,
    )


def test_accepted(judge):
    """Accepted, and there is an account of the address: the invitation has done its work."""
    judged = judge(invitations=[accepted()], accounts=[account()])

    assert ("accepted", None, "ok") == verdict(judged)
    assert ("peakops user check new.member@smilecare.example",) == judged.findings[0].next


def test_accepted_by_an_account_that_is_not_confirmed(judge):
    """There is an account, whatever keeps it out: that is another check's question."""
    assert "accepted" == judge(invitations=[accepted()], accounts=[account(email_confirmed_at=None)]).ruling.code


def test_accepted_without_account(judge):
    """The portal holds it for used, and Supabase Auth has nobody."""
    judged = judge(invitations=[accepted()], accounts=[account(email="somebody@else.example")])

    assert ("accepted_without_account", None, "critical") == verdict(judged)
    assert ["accepted_without_account"] == codes(judged)


def test_the_account_was_deleted_since(judge):
    """A deleted account has lost its address; the profile's id still shows it."""
    judged = judge(invitations=[accepted()], accounts=[deleted()])

    assert ("accepted_without_account", "account_deleted", "critical") == verdict(judged)
    assert "deleted at 17 Nov 2026 15:00 UTC" in judged.ruling.says


@pytest.mark.parametrize("row", [invitation(), over(), invitation(status="revoked")])
def test_already_a_user(judge, row):
    """A confirmed account and an invitation that nobody accepted: found, and the verdict where it still works."""
    judged = judge(invitations=[row], accounts=[account()])

    assert "already_a_user" in codes(judged)
    assert "peakops user check new.member@smilecare.example" in judged.findings[-1].next


def test_an_account_that_is_not_confirmed_still_waits(judge):
    """Somebody who has not confirmed cannot log in: the invitation is what lets them."""
    assert "pending" == judge(accounts=[account(email_confirmed_at=None)]).ruling.code


def test_pending_expired(judge):
    """Stored as pending, past its date: the date is what counts."""
    assert ("pending_expired", None, "warning") == verdict(judge(invitations=[over()]))
    assert "pending_expired" == judge(invitations=[invitation(expires_at=NOW)]).ruling.code
    assert "pending" == judge(invitations=[invitation(expires_at=NOW + timedelta(seconds=1))]).ruling.code


def test_expired(judge):
    """The portal has said so."""
    assert ("expired", None, "warning") == verdict(judge(invitations=[over(status="expired")]))


def test_revoked(judge):
    """Somebody took it back: whoever has it as a mail waits for nothing."""
    judged = judge(invitations=[invitation(status="revoked", **UNSENT)], suppressions=[suppression()])

    assert ("revoked", None, "warning") == verdict(judged)
    assert ["revoked"] == codes(judged)


def test_several_pending(judge):
    """Two whose links work; one past its date does not count."""
    second = invitation(id="i-2", created_at=ago(days=3), practice="Molar & Sons", role="admin")
    judged = judge(invitations=[invitation(), second, over(id="i-3")])

    assert ("several_pending", None, "critical") == verdict(judged)
    assert judged.ruling.says.startswith("2 invitations are pending: of 18 Nov 2026 15:00 UTC (member, Smile Care), of")
    assert "pending" == judge(invitations=[invitation(), over(id="i-3")]).ruling.code


def test_the_newest_counts(judge):
    """Whatever the older ones are."""
    older = [accepted(id="i-2"), over(id="i-3", status="expired"), invitation(id="i-4", status="revoked")]

    assert "pending" == judge(invitations=[invitation(), *older]).ruling.code
    assert "expired" == judge(invitations=[over(status="expired"), *older, invitation(id="i-5")]).ruling.code


@pytest.mark.parametrize("row", [invitation(**UNSENT), over(**UNSENT)])
def test_never_sent(judge, row):
    """No id of a mail, and the provider knows of none: also past its date."""
    judged = judge(invitations=[row])

    assert ("never_sent", None, "critical") == verdict(judged)
    assert "The e-mail provider knows of no mail to the address since." in judged.ruling.says


def test_the_provider_knows_of_a_mail(judge):
    """The portal has not noted the mail's id, and the provider has a mail since: it was sent."""
    assert "pending" == judge(invitations=[invitation(**UNSENT)], messages=[message()]).ruling.code


def test_it_may_be_on_its_way(judge):
    """Within the grace nothing is said of a mail that is not known yet; after it, it was never sent."""
    young = invitation(**UNSENT, created_at=NOW - GRACE + timedelta(seconds=1))

    assert "pending" == judge(invitations=[young]).ruling.code
    assert "never_sent" == judge(invitations=[{**young, "created_at": NOW - GRACE}]).ruling.code


def test_without_a_provider_the_id_alone_tells(judge):
    """Nobody can be asked, and the questions say so; what has no id of a mail was never sent."""
    notes = {"suppressions": NO_PROVIDER, "messages": NO_PROVIDER}
    judged = judge(notes=notes, invitations=[invitation(**UNSENT)])

    assert ("never_sent", None, "critical") == verdict(judged)
    assert judged.ruling.says.endswith("No e-mail provider is configured.")
    assert ("pending", True) == (judge(notes=notes).ruling.code, judge(notes=notes).ruling.complete)


@pytest.mark.parametrize("status", ["bounced", "dropped", "blocked", "failed", "suppressed", "complained"])
def test_bounced(judge, status):
    """Whatever the provider calls a mail that did not arrive and will not."""
    judged = judge(messages=[message(status=status, reason="552 full")])

    assert ("bounced", None, "critical") == verdict(judged)
    assert f"SendGrid says '{status}', 552 full, 18 Nov 2026 15:00 UTC" in judged.ruling.says


@pytest.mark.parametrize("status", ["processed", "deferred", "sent", "queued", "delivery_delayed"])
def test_a_mail_that_may_still_arrive(judge, status):
    """Is not lost."""
    assert "pending" == judge(messages=[message(status=status)]).ruling.code


def test_a_later_mail_arrived(judge):
    """What bounced before it does not matter any more; what bounced after it does."""
    lost, arrived = message(status="bounced"), message(status="delivered")

    assert "pending" == judge(messages=[arrived, lost]).ruling.code
    assert "bounced" == judge(messages=[lost, arrived]).ruling.code


@pytest.mark.parametrize("kind", ["bounce", "spam_report", "invalid_email", "unsubscribe"])
def test_suppressed(judge, kind):
    """The provider does not even try, for whatever reason; a mail that was lost by it comes second."""
    judged = judge(suppressions=[suppression(kind=kind)], messages=[message(status="dropped")])

    assert ("suppressed", None, "critical") == verdict(judged)
    assert f"SendGrid suppresses the address ({kind}, 550 no such user)." == judged.ruling.says
    assert ["suppressed", "bounced"] == codes(judged)


def test_a_block_is_of_one_mail(judge):
    """SendGrid tries the next mail all the same: a block since the invitation is a lost mail, an older one nothing."""
    since = suppression(kind="block", created=ago(hours=47))

    assert ("bounced", None, "critical") == verdict(judge(suppressions=[since]))
    assert "pending" == judge(suppressions=[suppression(kind="block")]).ruling.code


@pytest.mark.parametrize(
    "said",
    [
        {"invitations": [accepted(**UNSENT)], "accounts": [account()]},
        {"invitations": [invitation(status="revoked", **UNSENT)]},
        {"invitations": [invitation(**UNSENT)], "accounts": [account()]},
    ],
    ids=["accepted", "revoked", "user"],
)
def test_nobody_waits_for_a_mail(judge, said):
    """Accepted, revoked, or a user already: what is against the mail is no finding."""
    judged = judge(**said, suppressions=[suppression()], messages=[message(status="bounced")])

    assert set() == set(codes(judged)) & {"suppressed", "bounced", "never_sent"}


@pytest.mark.parametrize("look", ["suppressions", "messages"])
def test_a_silent_provider_hides_behind_no_ok(judge, look):
    """An open invitation is not 'pending' where it is not known whether its mail arrived."""
    judged = judge(silent=(look,))

    assert ("unknown", "unknown") == (judged.ruling.code, judged.status.value)
    assert not judged.ruling.complete


def test_a_silent_provider_does_not_matter_where_nobody_waits(judge):
    """Accepted stays ok, and is not complete; a warning stays a warning."""
    silent = ("suppressions", "messages")
    judged = judge(silent=silent, invitations=[accepted()], accounts=[account()])

    assert ("accepted", None, "ok") == verdict(judged)
    assert not judged.ruling.complete
    assert ("pending_expired", False) == (
        judge(silent=silent, invitations=[over()]).ruling.code,
        judge(silent=silent, invitations=[over()]).ruling.complete,
    )


def test_what_is_proven_does_not_need_the_rest(judge):
    """Several are pending: critical, whoever else is silent; and no fix is named while an account may forbid it."""
    judged = judge(silent=("accounts", "profiles"), invitations=[invitation(), invitation(id="i-2")])

    assert ("several_pending", None, "critical") == verdict(judged)
    assert judged.findings[0].fix is None


@pytest.mark.parametrize("look", ["invitations", "accounts"])
def test_what_every_verdict_needs(judge, look):
    """Without the invitations, or the accounts, nothing milder than critical is said."""
    assert "unknown" == judge(silent=(look,)).ruling.code


def test_an_invitation_that_went_away(judge):
    """Deleted between two looks: unknown, and no crash."""
    assert "unknown" == judge(invitations=[]).ruling.code


def test_a_status_that_is_not_known(judge):
    """A novelty of the portal's is unclassified, with what the systems say."""
    judged = judge(invitations=[invitation(status="parked")])

    assert ("unclassified", None, "warning") == verdict(judged)
    assert "parked" in judged.ruling.says


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"invitations": [over()], "accounts": [account()]}, "Send no invitation: the person has an account."),
        ({"invitations": [over(practice_status="closed")]}, "Ask the technical lead why the practice is suspended"),
        ({"invitations": [over(practice_status="suspended")]}, "Ask the technical lead why the practice is suspended"),
    ],
    ids=["user", "closed", "suspended"],
)
def test_what_forbids_a_fresh_invitation(judge, said, words):
    """Neither fix nor link is named, and the words say why."""
    finding = judge(**said).findings[0]

    assert finding.fix is None
    assert [] == [each for each in finding.next if "reissue" in each or "link" in each]
    assert finding.do.startswith(words)


def test_reissue_and_link_are_both_named(judge):
    """The row's own fix comes first of what is next, the other way after it."""
    finding = judge(invitations=[over()]).findings[0]

    assert (
        "peakops invitation reissue new.member@smilecare.example",
        "peakops invitation link new.member@smilecare.example",
    ) == finding.next


def test_the_newest_that_works_is_the_model_of_several():
    """A fresh invitation is like the newest of several whose links work, else like the newest."""
    gone, first, second = invitation(status="revoked"), invitation(id="i-2"), invitation(id="i-3")

    assert "i-2" == renewal.original(Facts(evidence(invitations=[gone, first, second])))["id"]
    assert "i-1" == renewal.original(Facts(evidence(invitations=[gone, first])))["id"]


@pytest.mark.parametrize(
    ("given", "ways"),
    [
        (" New.Member@SmileCare.example ", {"emails": ["new.member@smilecare.example"]}),
        ("n…@smilecare.example", {"masked": "n%@smilecare.example"}),
        ("44444444-4444-4444-8444-000000000001", {"id": "44444444-4444-4444-8444-000000000001"}),
    ],
)
def test_how_an_invitation_is_named(given, ways):
    """By its address in any case, by one that a page has masked, or by its id."""
    ((query, identifier),) = looks.ways(given)

    assert "invitation/newest" == query
    assert ways == {key: value[:1] if key == "emails" else value for key, value in identifier.items()}


def test_near_misses_are_invitations():
    """Of what resembles the address, accounts and profiles are another command's."""
    rows = [
        {"id": "u-1", "email": "new.membre@smilecare.example", "missed": MISSED},
        {"id": None, "email": "new.member@smilecare.example", "missed": MISSED},
        {"id": None, "email": "zoe@smilecare.example", "missed": MISSED},
    ]
    found = looks.near(Facts(evidence(invitation=[], similar=rows)))

    assert ["new.member@smilecare.example"] == [each["email"] for each in found]
    assert "similar address" == looks.candidate(found[0])["says"]


MISSED = "new.membr@smilecare.example"


def test_each_system_says_what_it_has():
    """The older ones are counted by their state, one past its date apart; what was not read has no state."""
    rows = [invitation(), over(id="i-2"), over(id="i-3", status="expired"), over(id="i-4", status="expired")]
    told = {each["system"]: each for each in sight.truth(Facts(evidence(("suppressions",), invitations=rows)))}

    assert "1 past its date, 2 expired" == told["older ones"]["says"]
    assert "no account of the address" == told["Supabase Auth"]["says"]
    assert {"system": "e-mail provider", "state": None, "says": "could not be read"} == told["e-mail provider"]


def test_the_same_in_fields():
    """What scripts read of the newest one; the account is null where it could not be read."""
    facts = Facts(evidence(invitations=[invitation(), over(id="i-2")], accounts=[account()]))
    silent = Facts(evidence(("accounts",)))

    assert ("i-1", "pending", "confirmed", 1) == tuple(
        sight.invitation(facts)[each] for each in ("id", "status", "account", "pending")
    )
    assert sight.invitation(silent)["account"] is None


def test_what_was_typed_names_it():
    """The address as it was typed, else the id: a masked address would name several."""
    assert subject()["email"] == looks.called(Facts(evidence()))
    assert "i-1" == looks.called(Facts(evidence(invitation=[subject(given=None)])))
