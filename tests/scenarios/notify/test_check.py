"""The judgements of `notify check` on literal facts: at least one for each row and cause of the playbook."""

import pytest

from peakops.model import Evidence
from peakops.promise import kept
from peakops.scenario import Facts, Listed, Look
from peakops.scenarios.notify import looks, sight, standing
from peakops.scenarios.notify.check import SCENARIO

from .conftest import (
    AT_PROVIDER,
    MAIL,
    SILENCE,
    SINGLE,
    ago,
    changed,
    domain,
    evidence,
    failed,
    listed,
    mail,
    page,
    profile,
    quota,
    refusal,
    row,
    without_provider,
)

RESENT = ("peakops notify resend anna@smilecare.example --notification n-email", "B")
SHOWN, READ = row("in_app"), row("in_app", status="read", read_at=ago(hours=1))
RESEND = [{"provider": "resend", "from_domain": "peakdental.example"}]


def told(judged):
    return judged.ruling.code, judged.ruling.cause


def cure(judged):
    """The command that the verdict names as its fix, and its class."""
    fix = judged.findings[0].fix
    return (fix.command, fix.grade) if fix else None


@pytest.mark.parametrize("status", ["delivered", "opened", "clicked", "complained"])
def test_a_mail_that_arrived(judge, status):
    """Ok, and nothing is to be sent again; who complained had it too."""
    found = judge(messages=[mail(status)])

    assert ("delivered", None) == told(found)
    assert () == found.findings[0].next


@pytest.mark.parametrize("of", [row(status="read"), row(read_at=ago(hours=1))])
def test_a_mail_that_was_read(judge, of):
    """The portal knows, whatever the provider has of it."""
    assert ("read", None) == told(judge(notifications=[of], messages=[]))


def test_what_the_portal_shows_was_read(judge):
    """It outranks the mail that arrived."""
    assert ("read", None) == told(judge(notifications=[row(), READ]))


def test_unread_in_the_portal(judge):
    """A warning, also beside a mail that arrived; its id is told."""
    assert ("unread_in_app", None) == told(judge(notifications=[SHOWN]))
    assert "(n-in_app)" in judge(notifications=[row(), SHOWN]).ruling.says


def test_unread_is_no_answer_to_a_mail_that_could_not_be_looked_up(judge):
    """Unknown: the address may be suppressed."""
    assert "unknown" == judge(notifications=[row(), SHOWN], silent={"suppressions": SILENCE}).ruling.code
    assert "unread_in_app" == judge(notifications=[SHOWN], silent=dict.fromkeys(AT_PROVIDER, SILENCE)).ruling.code


@pytest.mark.parametrize("channel", ["email", "in_app"])
def test_one_channel_alone(judge, channel):
    """The other one is not judged."""
    one = [profile(asked_channel=channel)]
    both = [row(), SHOWN]
    found = judge(preferences=one, notifications=[each for each in both if each["channel"] == channel])

    assert {"email": "delivered", "in_app": "unread_in_app"}[channel] == found.ruling.code


def test_a_suppression_is_none_of_the_portals_own_channel(judge):
    """Only e-mail goes through the provider."""
    asked = [profile(asked_channel="in_app")]

    assert "read" == judge(preferences=asked, notifications=[READ], suppressions=[listed()]).ruling.code


@pytest.mark.parametrize("fault", ["permission_denied", "restricted_api_key", "invalid_api_key"])
@pytest.mark.parametrize("look", ["messages", "suppressions"])
def test_our_own_key_is_refused(judge, fault, look):
    """A finding and not unknown; nothing is to be sent: whether the portal's key works is not known from it."""
    category = "auth" if fault == "invalid_api_key" else "permission"
    found = judge(silent={look: refusal(fault, category)})

    assert ("key_without_scope", "of_peakops") == told(found)
    assert cure(found) is None


@pytest.mark.parametrize("look", ["domains", "rates", "scopes", "quota"])
def test_what_only_adds_may_be_refused(judge, look):
    """The mail arrived all the same."""
    assert ("delivered", None) == told(judge(silent={look: refusal("permission_denied", "permission")}))


@pytest.mark.parametrize("code", ["restricted_api_key", "invalid_api_key", "401", "403"])
def test_the_portals_key_was_refused(judge, code):
    """Critical; the key of peakops may send what waits."""
    found = judge(notifications=[failed(code)], messages=[])

    assert ("key_without_scope", "of_the_portal") == told(found)
    assert RESENT == cure(found)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"notifications": [failed()], "quota": [quota(remaining=0)]}, "now"),
        ({"silent": {"messages": refusal("daily_quota_exceeded", "rate_limit")}}, "now"),
        ({"notifications": [failed("daily_quota_exceeded")], "quota": []}, "now"),
        ({"notifications": [failed("daily_quota_exceeded")]}, "over"),
        ({"notifications": [failed("monthly_quota_exceeded", created_at=ago(days=2))], "quota": []}, "over"),
        ({"notifications": [failed("maximum_credits_exceeded")], "quota": [quota(remaining=0)]}, "now"),
    ],
)
def test_a_limit_of_mails(judge, said, cause):
    """Over where mails are left, or a day has gone by: only then it is sent again."""
    found = judge(**{"messages": [], **said})

    assert ("quota_reached", cause) == told(found)
    assert (RESENT if cause == "over" else None) == cure(found)


@pytest.mark.parametrize(
    ("of", "seen", "code"),
    [
        ([row()], [mail()], "delivered"),
        ([row()], [mail("processed")], "deferred"),
        ([failed("timeout")], [mail()], "delivered"),
        ([SHOWN], [], "unread_in_app"),
        ([], [], "no_notification"),
    ],
)
def test_a_limit_that_did_not_hold_the_mail_back(judge, of, seen, code):
    """That no mail is left now says nothing of one that went out before, nor of none."""
    assert code == judge(notifications=of, messages=seen, quota=[quota(remaining=0)]).ruling.code


def test_a_limit_of_requests_is_silence(judge):
    """That we are to wait says nothing of mails."""
    assert "unknown" == judge(silent={"messages": refusal("rate_limited", "rate_limit")}).ruling.code


@pytest.mark.parametrize("indicator", ["major", "critical"])
@pytest.mark.parametrize(
    ("of", "messages"), [(row(), [mail("processed")]), (row(status="queued", provider_message_id=None), [])]
)
def test_the_provider_says_that_it_is_down(judge, indicator, of, messages):
    """With a mail that has not arrived; the incident is told."""
    found = judge(notifications=[of], messages=messages, page=[page(indicator, "Mail is delayed")])

    assert ("provider_down", "now") == told(found)
    assert "Mail is delayed" in found.ruling.says
    assert cure(found) is None


@pytest.mark.parametrize("indicator", ["none", "minor", "maintenance"])
def test_a_minor_trouble_is_none(judge, indicator):
    """A mail under way stays one."""
    assert "deferred" == judge(messages=[mail("processed")], page=[page(indicator)]).ruling.code


def test_an_outage_does_not_matter_to_a_mail_that_arrived(judge):
    """It got through."""
    assert ("delivered", None) == told(judge(page=[page("critical")]))


@pytest.mark.parametrize(("status", "code"), [("bounced", "bounced"), ("blocked", "bounced"), ("dropped", "dropped")])
def test_an_outage_does_not_hide_what_became_of_the_mail(judge, status, code):
    """The provider took it and told its end: waiting for the outage to be over would help nobody."""
    assert code == judge(messages=[mail(status)], page=[page("critical")]).ruling.code


def test_a_mail_of_the_provider_before(judge):
    """Neither an outage nor the domains of the provider in use say anything of it."""
    moved = {"notifications": [row(provider="resend")], "messages": [], "domains": [domain(verified=False)]}
    found = judge(**moved, page=[page("critical")])

    assert "unknown" == found.ruling.code
    assert () == found.findings


def test_the_provider_answers_nobody(judge):
    """HTTP 5xx to us, and a mail that could not be sent: down; for a mail that was sent it is only silence."""
    silent = dict.fromkeys(AT_PROVIDER, refusal("failed"))

    assert ("provider_down", "now") == told(judge(notifications=[failed("503")], silent=silent))
    assert "unknown" == judge(silent=silent).ruling.code


def test_the_provider_was_down_then(judge):
    """It answers again: the mail is sent again."""
    found = judge(notifications=[failed("503")], messages=[])

    assert ("provider_down", "over") == told(found)
    assert RESENT == cure(found)


def test_the_provider_was_down_and_is_silent(judge):
    """The stored code stands; whether it is over is not known, and nothing is sent."""
    found = judge(notifications=[failed("503")], silent=dict.fromkeys(AT_PROVIDER, SILENCE))

    assert ("provider_down", None) == told(found)
    assert cure(found) is None


@pytest.mark.parametrize(
    ("domains", "cause"),
    [
        ([domain(verified=False, missing=["dkim1"])], "now"),
        ([domain(verified=False), domain("elsewhere.example")], "now"),
        ([domain("elsewhere.example")], "absent"),
        ([], "absent"),
        ([domain()], "over"),
        ([domain(verified=False), domain()], "over"),
    ],
)
def test_a_domain_that_was_refused(judge, domains, cause):
    """Of the sender's domain alone; over once it is verified, and only then the mail is sent again."""
    found = judge(notifications=[failed("sender_unverified")], messages=[], domains=domains)

    assert ("domain_unverified", cause) == told(found)
    assert (RESENT if cause == "over" else None) == cure(found)


def test_a_domain_above_the_senders_counts(judge):
    """A provider verifies peakdental.example for mail from mail.peakdental.example."""
    sender = [{"provider": "sendgrid", "from_domain": "mail.peakdental.example"}]
    found = judge(provider=sender, messages=[mail("processed")], domains=[domain(verified=False)])

    assert ("domain_unverified", "now") == told(found)


def test_no_domain_is_no_fault_of_sendgrid_alone(judge):
    """SendGrid may know the single sender; Resend refuses."""
    of_resend = row(provider="resend")

    assert "deferred" == judge(messages=[mail("processed")], domains=[]).ruling.code
    assert ("domain_unverified", "absent") == told(
        judge(notifications=[of_resend], messages=[mail("sent")], domains=[], provider=RESEND)
    )


def test_the_receiving_server_cannot_tell_whose_mail_it_is(judge):
    """A matter of the domain, though the provider finds it in order: the mailbox is not to blame."""
    found = judge(messages=[mail("bounced", hard=False, reason="550 5.7.515 Access denied")])

    assert ("domain_unverified", "receiver") == told(found)
    assert cure(found) is None


def test_a_refused_domain_stands_where_the_domains_are_silent(judge):
    """Nothing is offered: whether it is verified by now is not known."""
    found = judge(notifications=[failed("sender_unverified")], messages=[], silent={"domains": SILENCE})

    assert ("domain_unverified", None) == told(found)
    assert cure(found) is None


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (["spam_report"], ("suppressed_complaint", None)),
        (["bounce", "spam_report", "unsubscribe"], ("suppressed_complaint", None)),
        (["unsubscribe", "bounce"], ("suppressed_bounce", None)),
        (["unsubscribe"], ("suppressed_unsubscribe", None)),
        (["group_unsubscribe"], ("suppressed_unsubscribe", "group")),
        (["group_unsubscribe", "unsubscribe"], ("suppressed_unsubscribe", None)),
        (["invalid_email"], ("wrong_address", "invalid_address")),
    ],
)
def test_what_the_provider_holds_against_the_address(judge, held, expected):
    """A complaint before a bounce before an unsubscription, as the issue has it; the mail was dropped for it."""
    found = judge(suppressions=[listed(each) for each in held], messages=[mail("dropped")])

    assert expected == told(found)


@pytest.mark.parametrize("kind", ["spam_report", "unsubscribe", "group_unsubscribe"])
def test_what_a_person_said_is_not_lifted(judge, kind):
    """No command is named that could."""
    found = judge(suppressions=[listed(kind)], messages=[mail("dropped")])

    assert [] == [each for one in found.findings for each in one.next]


@pytest.mark.parametrize(("status", "code"), [("delivered", "delivered"), ("processed", "deferred")])
def test_a_group_that_was_left_holds_back_only_its_own_mails(judge, status, code):
    """A newsletter that somebody does not want is no reason for a case update."""
    left = listed("group_unsubscribe", reason="Newsletter", created=None)

    assert code == judge(suppressions=[left], messages=[mail(status)]).ruling.code


@pytest.mark.parametrize(
    ("provider", "expected"),
    [("sendgrid", ("peakops notify release", "peakops notify allow")), ("resend", ("peakops notify release",))],
)
def test_an_allowlist_is_sendgrids_alone(judge, provider, expected):
    """Resend has none; where there is one it comes after the fix."""
    used = [{"provider": provider, "from_domain": "peakdental.example"}]
    found = judge(provider=used, suppressions=[listed()], notifications=[row(provider=provider)])
    dropped = judge(provider=used, messages=[mail("dropped")], notifications=[row(provider=provider)])

    assert tuple(f"{each} anna@smilecare.example" for each in expected) == found.findings[0].next
    assert (provider == "sendgrid") == ("peakops notify allow anna@smilecare.example" in dropped.findings[0].next)


@pytest.mark.parametrize(("hard", "cause"), [(True, "hard"), (False, "soft"), (None, None)])
def test_only_a_soft_bounce_is_lifted(judge, hard, cause):
    """A mailbox that does not exist bounces again."""
    found = judge(suppressions=[listed(hard=hard)], messages=[mail("dropped")])

    assert ("suppressed_bounce", cause) == told(found)
    assert (None if hard else ("peakops notify release anna@smilecare.example", "C")) == cure(found)


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        (mail("bounced", hard=True, reason="550 5.1.1 unknown"), "hard"),
        (mail("bounced", hard=False, reason="552 5.2.2 full"), "soft"),
        (mail("bounced"), None),
        (mail("blocked", reason="554 policy"), "soft"),
        (mail("blocked", hard=True), "hard"),
    ],
)
def test_a_mail_that_came_back(judge, seen, cause):
    """Hard and soft are told apart: only what may arrive the next time is sent again."""
    found = judge(messages=[seen])

    assert ("bounced", cause) == told(found)
    assert (None if cause == "hard" else RESENT) == cure(found)


@pytest.mark.parametrize(("code", "cause"), [("5.1.1", "hard"), ("5.2.2", "soft"), ("4.2.2", "soft")])
@pytest.mark.parametrize("silent", [None, {"messages": SILENCE}])
def test_a_mail_that_came_back_as_the_portal_says(judge, code, cause, silent):
    """The receiving server's code stands without the provider."""
    found = judge(notifications=[failed("550", enhanced_code=code)], messages=[], silent=silent)

    assert ("bounced", cause) == told(found)


def test_a_block_of_this_mail(judge):
    """SendGrid's list of blocks tells of one that its log does not; an older one is another mail's."""
    blocked = listed("block", created=ago(hours=2), hard=False)

    assert ("bounced", "soft") == told(judge(messages=[mail("processed")], suppressions=[blocked]))
    assert "deferred" == judge(messages=[mail("processed")], suppressions=[listed("block")]).ruling.code
    assert "delivered" == judge(suppressions=[blocked]).ruling.code


@pytest.mark.parametrize("status", ["dropped", "failed", "suppressed", "canceled"])
def test_a_mail_that_was_dropped(judge, status):
    """The provider holds nothing against the address now: it is sent again."""
    found = judge(messages=[mail(status, reason="Bounced Address")])

    assert ("dropped", None) == told(found)
    assert RESENT == cure(found)


@pytest.mark.parametrize("status", ["delivered", "bounced", "dropped", "processed"])
def test_a_mail_to_an_older_address(judge, status):
    """What became of it there does not matter: the person has another address by now."""
    found = judge(messages=[mail(status, to="anna.jones@oldclinic.example", hard=True)])

    assert ("wrong_address", "old_address") == told(found)
    assert RESENT == cure(found)


def test_an_address_is_compared_as_it_is_meant(judge):
    """Without case and blanks."""
    assert "delivered" == judge(messages=[mail(to=f" {MAIL.upper()} ")]).ruling.code


def test_account_and_profile_with_different_addresses(judge):
    """The portal writes to the one, the person reads the other, perhaps."""
    found = judge(preferences=[profile(account_email="anna.smith@smilecare.example")])

    assert ("wrong_address", "addresses_differ") == told(found)
    assert ("peakops user check u-1",) == found.findings[0].next


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("validation_error", "content"),
        ("429", "rate"),
        ("other", "other"),
        ("timeout", "no_answer"),
    ],
)
def test_a_mail_that_could_not_be_sent(judge, code, cause):
    """It is sent again; of a time-out it was looked for first."""
    found = judge(notifications=[failed(code)], messages=[])

    assert ("send_failed", cause) == told(found)
    assert RESENT == cure(found)


def test_a_mail_whose_answer_was_not_heard(judge):
    """The first mail to the address after it is that mail; one that is later, or earlier, is another's."""
    lost = failed("timeout")
    mine, later, earlier = (mail(at=at) for at in (ago(minutes=179), ago(hours=2), ago(hours=4)))

    assert "delivered" == judge(notifications=[lost], messages=[later, mine]).ruling.code
    assert ("send_failed", "no_answer") == told(judge(notifications=[lost], messages=[later, earlier]))
    assert "unknown" == judge(notifications=[lost], silent={"messages": SILENCE}).ruling.code


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"notes": {"messages": ("Only the newest 500 mails to anybody were read.",)}}, ("unknown", None)),
        ({"notifications": [failed("timeout", created_at=ago(days=31))]}, ("unknown", None)),
        ({"notifications": [failed("timeout", provider="resend")]}, ("unknown", None)),
        (without_provider(), ("unknown", None)),
        ({"notifications": [failed("timeout", created_at=ago(minutes=14))]}, ("deferred", "no_answer")),
        ({"notifications": [failed("timeout", created_at=ago(minutes=16))]}, ("send_failed", "no_answer")),
    ],
)
def test_an_answer_that_was_not_heard_and_no_mail_seen(judge, said, expected):
    """Nothing is sent again before it is known that none went out."""
    found = judge(**{"notifications": [failed("timeout")], "messages": [], **said})

    assert expected == told(found)
    assert (RESENT if expected[0] == "send_failed" else None) == (cure(found) if found.findings else None)


def test_a_mail_without_an_id_is_not_another_notifications(judge):
    """The invoice of the same minute arrived, which says nothing of the case update."""
    mine = row(id="n-2", provider_message_id=None, others=["m-1"])
    invoice = row(id="n-1", type="invoice", provider_message_id="m-1", created_at=ago(hours=3, seconds=10))
    seen = mail(id="m-1.recvd-7", at=ago(hours=3))

    assert ("not_sent", "not_at_provider") == told(judge(notifications=[mine, invoice], messages=[seen]))


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_mails_the_one_that_did_not_arrive_is_judged(judge, order):
    """Which of them it is nobody knows; a single one is told to be found by its time."""
    both = [mail("bounced", id="m-2", at=ago(minutes=178)), mail(id="m-1", at=ago(minutes=179))][::order]
    mine = row(provider_message_id=None)

    assert "bounced" == judge(notifications=[mine], messages=both).ruling.code
    assert "found by address and time" in judge(notifications=[mine], messages=[mail()]).ruling.says


def test_a_failure_is_told_once(judge):
    """A row that says why is enough: the failure to send is no further finding."""
    found = judge(notifications=[failed("daily_quota_exceeded")], messages=[])

    assert ["quota_reached"] == [each.code for each in found.findings]


@pytest.mark.parametrize(("minutes", "expected"), [(4, ("deferred", "queued")), (6, ("not_sent", "queued"))])
def test_a_mail_in_the_queue(judge, minutes, expected):
    """It is waited for some minutes."""
    waiting = row(status="queued", provider_message_id=None, created_at=ago(minutes=minutes))
    found = judge(notifications=[waiting], messages=[])

    assert expected == told(found)
    assert (RESENT if expected[0] == "not_sent" else None) == cure(found)


@pytest.mark.parametrize(
    ("minutes", "expected"), [(14, ("deferred", "under_way")), (16, ("not_sent", "not_at_provider"))]
)
def test_a_mail_that_the_provider_does_not_know(judge, minutes, expected):
    """The portal holds it for sent; the provider's log lags for some minutes."""
    assert expected == told(judge(notifications=[row(created_at=ago(minutes=minutes))], messages=[]))


def test_where_nobody_can_say_that_it_was_never_sent(judge):
    """The log is forgotten, cut, or another provider's."""
    old, of_resend = row(created_at=ago(days=31)), row(provider="resend")
    cut = {"messages": ("Only the newest 500 mails to anybody were read.",)}

    assert "unclassified" == judge(notifications=[old], messages=[]).ruling.code
    assert "older than 30 days" in judge(notifications=[old], messages=[]).ruling.says
    assert "unknown" == judge(messages=[], notes=cut).ruling.code
    assert "Resend" in judge(notifications=[of_resend], messages=[]).ruling.says
    assert "unknown" == judge(notifications=[of_resend], messages=[]).ruling.code


@pytest.mark.parametrize(("status", "code"), [("failed", "send_failed"), ("queued", "not_sent")])
def test_what_the_portal_itself_should_show(judge, status, code):
    """No provider is needed, and peakops cannot make it."""
    found = judge(notifications=[row(), row("in_app", status=status)])

    assert (code, "in_app") == told(found)
    assert cure(found) is None


@pytest.mark.parametrize(
    ("said", "cause"), [([profile()], None), ([profile(is_active=False)], "inactive"), ([], "no_profile")]
)
def test_nothing_was_ever_created(judge, said, cause):
    """Critical: somebody waits, and nothing was lost."""
    assert ("no_notification", cause) == told(judge(preferences=said, notifications=[], messages=[]))


@pytest.mark.parametrize(
    ("beside", "cause", "says"),
    [
        ({"last_at": ago(days=9)}, "earlier_ones", "is of 11 Nov 2026"),
        ({"last_at": ago(days=9), "practice_at": ago(hours=5)}, "to_the_practice", "One went to the practice"),
        ({"types": ["invoice", "refund"]}, None, "of the type invoice, refund"),
    ],
)
def test_what_there_is_beside_the_window(judge, beside, cause, says):
    """Nothing in the window is not nothing ever: an older one, one for the whole practice, another type."""
    told_beside = {"last_at": None, "practice_at": None, "types": [], **beside}
    asked = [profile(asked_type="invoce")]
    found = judge(notifications=[], messages=[], earlier=[told_beside], preferences=asked)

    assert ("no_notification", cause) == told(found)
    assert says in found.ruling.says


def test_what_is_beside_the_window_only_adds(judge):
    """The verdict stands without it."""
    found = judge(notifications=[], messages=[], silent={"earlier": SILENCE})

    assert ("no_notification", None) == told(found)


@pytest.mark.parametrize("status", ["failed", "queued"])
def test_all_is_well_with_the_newest_alone(judge, status):
    """What may be missed instead is told: other types, and an earlier one that was not sent."""
    other = row(id="n-0", type="invoice", status=status, provider_message_id=None, created_at=ago(days=1))
    says = judge(notifications=[row(), other]).ruling.says

    assert "others are of the type invoice: name one with --type" in says
    assert "e-mail notification 'invoice' of 19 Nov 2026 15:00 UTC (--notification n-0)" in says
    assert "--notification n-0" in judge(notifications=[row(), SHOWN, other]).ruling.says
    assert "--notification n-0" in judge(notifications=[row(status="read"), other]).ruling.says
    assert "--type" not in judge(notifications=[row(), row(id="n-0")]).ruling.says


def test_the_person_is_told_nothing_that_is_not_known(judge):
    """Where the key of peakops was refused, the mail may have arrived."""
    ours = judge(silent={"suppressions": refusal("permission_denied", "permission")})

    assert "could not be sent" not in ours.ruling.customer
    assert "could not be sent" in judge(notifications=[failed("401")], messages=[]).ruling.customer


def test_a_named_notification_that_is_gone(judge):
    """Unknown: that there is none of this id is not that none was made."""
    named = [profile(asked_notification="n-9")]

    assert "unknown" == judge(preferences=named, notifications=[], messages=[]).ruling.code


@pytest.mark.parametrize(
    "said",
    [
        profile(asked_type="invoice", email_types_off=["invoice"]),
        profile(email_types_off=["invoice"]),
        profile(email_off=True),
        profile(asked_channel="in_app", in_app_types_off=["invoice"]),
    ],
)
def test_what_is_switched_off_is_not_missing(judge, said):
    """That is why nothing was made: a warning, and not `no_notification`."""
    assert "preference_off" == judge(preferences=[said], notifications=[], messages=[]).ruling.code


@pytest.mark.parametrize(
    "said",
    [profile(asked_channel="email", in_app_off=True), profile(asked_channel="in_app", email_types_off=["invoice"])],
)
def test_what_is_switched_off_elsewhere_explains_nothing(judge, said):
    """Only the channel that is asked about counts."""
    assert "no_notification" == judge(preferences=[said], notifications=[], messages=[]).ruling.code


def test_another_type_that_is_switched_off(judge):
    """The newest notification's type is on; the others are told, and are no finding."""
    found = judge(preferences=[profile(email_types_off=["invoice"])])
    says = next(
        each["says"]
        for each in sight.truth(Facts(evidence(preferences=[profile(email_types_off=["invoice"])])))
        if each["system"] == "preferences"
    )

    assert "delivered" == found.ruling.code
    assert "off: invoice by e-mail" == says


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        (
            {"email_types_off": ["case_update"]},
            ("peakops notify enable anna@smilecare.example --channel email --type case_update", "C"),
        ),
        ({"email_off": True}, None),
        ({"email_types_off": ["case_update"], "in_app_types_off": ["case_update"]}, None),
    ],
)
def test_only_one_type_is_switched_on(judge, said, fix):
    """Which of several the person wants nobody knows."""
    found = judge(preferences=[profile(**said)], notifications=[row(), READ])

    assert "preference_off" == found.ruling.code
    assert fix == cure(found)


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ([changed()], "by the person at 18 Nov 2026"),
        ([changed(by_self=False, by_id="u-9")], "by u-9 at 18 Nov 2026"),
        ([changed(type=None, channel=None, enabled=None)], "by the person"),
        ([changed(enabled=True)], "does not say by whom"),
        ([changed(type="invoice")], "does not say by whom"),
        ([], "does not say by whom"),
    ],
)
def test_who_switched_it_off(judge, log, says):
    """As far as the portal's log tells."""
    found = judge(preferences=[profile(email_types_off=["case_update"])], preference_changes=log)

    assert says in found.ruling.says


def test_a_log_that_cannot_be_read_is_said(judge):
    """The verdict stands."""
    found = judge(preferences=[profile(email_off=True)], silent={"preference_changes": SILENCE})

    assert "preference_off" == found.ruling.code
    assert "could not be read" in found.ruling.says


@pytest.mark.parametrize("status", ["deferred", "delivery_delayed", "processed", "queued", "scheduled", "sent"])
def test_a_mail_under_way(judge, status):
    """A warning, and nothing is sent: there would be two."""
    found = judge(messages=[mail(status)])

    assert ("deferred", None if status in ("deferred", "delivery_delayed") else "under_way") == told(found)
    assert () == found.findings[0].next


@pytest.mark.parametrize(("hours", "cause"), [(71, None), (73, "no_end")])
def test_a_mail_is_not_under_way_for_ever(judge, hours, cause):
    """After three days no provider tries any more: to wait on would be wrong."""
    old = row(created_at=ago(hours=hours))
    found = judge(notifications=[old], messages=[mail("deferred", at=ago(hours=hours))])
    later = judge(notifications=[old], messages=[mail("scheduled", at=ago(hours=hours))])

    assert ("deferred", cause) == told(found)
    assert cause != "no_end" or "Wait no more" in found.ruling.do
    assert ("deferred", "under_way") == told(later)


def test_without_a_provider(judge):
    """What the portal knows is judged; of a mail that was sent nobody can say more."""
    assert "unknown" == judge(**without_provider()).ruling.code
    assert "read" == judge(**without_provider(notifications=[READ])).ruling.code
    assert "send_failed" == judge(**without_provider(notifications=[failed()])).ruling.code
    assert "No e-mail provider is configured" in judge(**without_provider()).ruling.says


@pytest.mark.parametrize("look", ["person", "notifications", "preferences"])
def test_what_every_verdict_needs(judge, look):
    """Unknown, whatever else was read."""
    assert "unknown" == judge(silent={look: SILENCE}).ruling.code


def test_an_unknown_state_is_told(judge):
    """Of the portal's, and of the provider's."""
    assert "The portal stores 'parked'" in judge(notifications=[row(status="parked")], messages=[]).ruling.says
    assert "unclassified" == judge(messages=[mail("teleported")]).ruling.code


def test_the_truth_of_rates(judge):
    """With their counts; below 500 mails a rate says little."""
    few = {
        "provider": "sendgrid",
        "requests": 40,
        "bounces": 2,
        "complaints": 0,
        "bounce_rate": 0.05,
        "complaint_rate": 0.0,
    }
    shown = {each["system"]: each["says"] for each in sight.truth(Facts(evidence(rates=[few])))}

    assert (
        "5.00 % (2) bounced, 0.00 % (0) complained about of 40 mails; below 500 mails a rate says little"
        == shown["rates"]
    )


def test_what_is_asked_of_the_provider():
    """By the mail's id; without one by the address, since its time, and only for one that may have been sent."""
    waiting = row(status="queued", provider_message_id=None)

    assert ("m-1", MAIL) == asked([row()])
    assert (None, MAIL) == asked([row(provider_message_id=None)])
    assert (None, MAIL) == asked([failed("timeout")])
    assert (None, None) == asked([waiting])
    assert (None, None) == asked([failed("503")])
    assert (None, None) == asked([SHOWN])
    assert ("m-1", MAIL) == asked([SHOWN, row(), row(provider_message_id="m-0")])


def asked(rows):
    """The id and the address with which `messages` is asked where these notifications are there."""
    answers = Kept({"notifications": rows})
    SCENARIO.gather(Look(answers), MAIL)
    given = answers.given["messages"]
    return given["id"], given["email"]


class Kept(Listed):
    """An asker that keeps each promise of a look from literal answers."""

    def __init__(self, rows):
        super().__init__()
        self.rows, self.given = rows, {}

    def ask(self, answer, source, call, params):
        super().ask(answer, source, call, params)
        rows = tuple(self.rows.get(answer.name, ()))
        answer.keep(Evidence(name=answer.name, source=source, rows=rows, single=answer.name in SINGLE))
        if answer.name == "messages":
            self.given[answer.name] = kept(params)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (None, (None, "microseconds", 7 * 86400)),
        ("90s", (None, "microseconds", 90)),
        ("today", (None, "day", 0)),
        ("yesterday", (None, "day", 86400)),
        ("2026-11-18", (ago(days=2, hours=15), "microseconds", 0)),
    ],
)
def test_since_when(typed, expected):
    """SQL counts back from the environment's clock; a moment is that moment."""
    listed = Listed()
    SCENARIO.gather(Look(listed), MAIL, since=typed)
    params = next(params for name, _, _, params in listed.asked if name == "notifications")

    assert expected == tuple(params[name]._pick(None) for name in ("since", "unit", "seconds"))


@pytest.mark.parametrize(
    ("typed", "queries"),
    [
        (MAIL, ["user/person", "user/invited"]),
        ("a…@smilecare.example", ["user/person", "user/invited"]),
        ("88888888-8888-4888-8888-000000000001", ["user/person", "notify/of_notification"]),
    ],
)
def test_who_is_meant(typed, queries):
    """An address, one that a page has masked, or an id: a person's before a notification's."""
    listed = Listed()
    SCENARIO.gather(Look(listed), typed)

    assert queries == [query for query, _ in listed.asked[0][3]["ways"]]


def test_who_is_not_there():
    """Told as what was typed."""
    assert "neither a person nor a notification" in looks.absent("88888888-8888-4888-8888-000000000001")
    assert "knows 'x@y.example'" in looks.absent("x@y.example")


@pytest.mark.parametrize("code", ["timeout", "ETIMEDOUT", "ECONNRESET"])
def test_a_lost_answer_is_none(code):
    """The mail may have been sent: it is looked for."""
    assert "lost" == standing.kind(code)
    assert looks.looked_up(failed(code))
