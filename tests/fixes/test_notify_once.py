"""`notify resend` and `notify allow` where a second mail, or a mail to who has left, would be easy to send."""

import pytest

from peakops import sandbox

from .test_crashes import MOST_STEPS
from .test_notify_fixes import ALLOW, ANNA, LETTER, MAIL, OTHER, RESEND, SOFT, VENDORS, letter, listed, portal, refused

ELSEWHERE = "22222222-2222-4222-8222-000000000002"
HIDDEN = {"vendor": "sendgrid", "route": "POST /v3/logs", "body": '{"messages": []}'}
"""SendGrid's log lags: it does not show what was sent just now."""
LISTS = {"sendgrid": "messages", "resend": "emails"}


@pytest.fixture
def sent(world):
    """How many mails the provider in use took."""

    def sent():
        document = world()
        provider = document["email_provider"]
        return len(document.get(provider, {}).get(LISTS[provider], []))

    return sent


def test_the_same_text_of_another_notification_was_resent(fix, load, sent):
    """19 within the day: two notifications with one subject are one mail to who reads them."""
    load(portal("sendgrid", letter(), letter(id=OTHER, created_at="-3d")))
    first, second = fix(*RESEND, "--yes"), fix(*RESEND, "--notification", OTHER, "--yes")

    assert (0, 1) == (first.code, sent()), first.json["error"]
    assert ("fix.sent_already", 19) == refused(second)
    assert f"by resend (notification {LETTER})" in second.json["error"]["message"]


@pytest.mark.parametrize("provider", VENDORS)
def test_what_the_journal_knows_to_be_sent(provider, fix, killed, load, sent, entries, rows, state):
    """Killed between the mail and its note: whatever the provider shows, a day later no second one goes."""
    for at in range(1, MOST_STEPS):
        load(portal(provider, letter()), faults=[HIDDEN])
        assert killed(at, *RESEND, "--yes")
        if "done" in entries():
            break
    sandbox.clock(state / "peakops", 25 * 3600)
    again = fix(*RESEND, "--yes")

    assert (0, 1) == (again.code, sent()), again.json["error"]
    assert ["sent"] == [each["status"] for each in rows("notifications")]


LEFT = {"inactive": {"is_active": False}, "moved": {"practice_id": ELSEWHERE}}


@pytest.mark.parametrize("name", [*LEFT, "no_account"])
def test_who_has_left_gets_nothing(name, fix, load, sent):
    """19: what was meant for a member of the practice is not sent to who is none any more."""
    document = portal("sendgrid", letter(), user=LEFT.get(name))
    document["tables"]["practices"].append({"id": ELSEWHERE, "name": "Other Care"})
    if name == "no_account":
        document["tables"]["auth.users"] = []
    load(document)
    ran = fix("notify", "resend", ANNA, "--yes")

    assert ("fix.has_left", 19, 0) == (*refused(ran), sent())


PERSON = ["is_active = false", 'notification_preferences = \'{"email": {"invoice": false}}\'']


@pytest.mark.parametrize("change", PERSON)
def test_the_person_changes_right_before_the_mail(change, rushed, load, sent):
    """16 where it is so by the moment in which the text is read, after every look: no mail goes."""
    load(portal("sendgrid", letter()))
    ran = rushed(f"update users set {change}", *RESEND, "--yes")

    assert (16, 0) == (ran.code, sent()), ran.out


@pytest.fixture
def rushed(meanwhile):
    """Run a fix while somebody changes the portal right before the text of the mail is read."""
    return lambda statement, *args: meanwhile("read", statement, *args)


def test_a_group_that_was_left(fix, load):
    """The plan names it: the mail names no group, so that the provider would send it all the same."""
    load(
        portal("sendgrid", letter(), sendgrid={"suppressions": {"groups": [{"email": MAIL, "group": "News", "id": 1}]}})
    )
    notes = fix(*RESEND, "--dry-run").json["data"]["plan"]["notes"]

    assert any("has left the group News" in each for each in notes)


def test_groups_that_could_not_be_read(fix, load):
    """19 for the allowlist, which lets mails by to who unsubscribed; the plan of a mail says it."""
    denied = {"vendor": "sendgrid", "route": "GET /v3/asm/suppressions/anna*", "status": 403}
    load(portal("sendgrid", letter(), sendgrid=listed("sendgrid", SOFT)), faults=[denied])
    ran = fix(*ALLOW, "--dry-run")
    load(portal("sendgrid", letter()), faults=[denied])
    notes = fix(*RESEND, "--dry-run").json["data"]["plan"]["notes"]

    assert ("fix.unproven", 19) == refused(ran)
    assert "asm.groups.suppressions.read" in ran.json["error"]["message"]
    assert any("groups could not be read" in each for each in notes)


@pytest.mark.parametrize("provider", VENDORS)
def test_a_subject_of_two_lines_goes_nowhere(provider, fix, load, sent):
    """19: what a provider makes of a line break in a header is not tried."""
    load(portal(provider, letter(subject="Crown\r\nBcc: canary@elsewhere.example")))
    ran = fix(*RESEND, "--yes")

    assert ("email.not_whole", 19, 0) == (*refused(ran), sent())
    assert "canary" not in ran.out


@pytest.mark.parametrize("provider", VENDORS)
def test_the_portal_noted_another_attempt(provider, meanwhile, fix, load, sent, rows, entries):
    """11, and the same command again ends it: the portal's own note stays, and the audit log tells of the mail."""
    load(portal(provider, letter()))
    theirs = "update notifications set status = 'sent', provider_message_id = 'theirs', error = null"
    ran = meanwhile("write", theirs, *RESEND, "--yes")
    again, check = fix(*RESEND, "--yes"), fix("notify", "check", MAIL)

    assert (11, 1) == (ran.code, sent())
    assert ["theirs"] == [each["provider_message_id"] for each in rows("notifications")]
    assert ["notification.resent"] == [each["action"] for each in rows("audit_logs")]
    assert again.code in (0, 18), again.json["error"]
    assert "unfinished_change" != check.json["verdict"]["code"]
    assert "closed" == entries()[-1]
