"""One judgement a row of the playbook, on literal facts."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peakops.model import Evidence
from peakops.scenario import Answer, Facts
from peakops.scenarios.addresses import forms, identifier, likest, pattern
from peakops.scenarios.user import looks, sight
from peakops.scenarios.user.check import SCENARIO

from .conftest import (
    ANNA,
    MAIL,
    NOW,
    OTHER,
    account,
    containment,
    evidence,
    factor,
    holding,
    identity,
    invitation,
    invited,
    message,
    only,
    passed,
    person,
    profile,
    suppression,
    unconfirmed,
    wanted,
)

LATER = NOW + timedelta(days=6)


def verdict(judged):
    return judged.ruling.code, judged.ruling.cause, judged.status.value


def codes(judged):
    return [each.code for each in judged.findings]


def test_nothing_is_in_the_way(judge):
    """Account, profile and practice are in order: can_log_in, and the reset is the next step."""
    judged = judge()

    assert ("can_log_in", None, "ok") == verdict(judged)
    assert (f"peakops user reset-password {MAIL}",) == judged.findings[0].next


def test_failed_logins_are_counted(judge):
    """The portal's log of failures is told, with the last of them."""
    failed = [{"id": 1, "action": "auth.login_failed", "created_at": NOW - timedelta(minutes=n)} for n in (5, 9)]
    judged = judge(activity=[*failed, {"id": 2, "action": "auth.login", "created_at": NOW}])

    assert "a failed log-in 2 times in 30 days, last at 20 Nov 2026 14:55 UTC" in judged.ruling.says


def test_failed_logins_that_were_cut(judge):
    """Of a log that was cut, the number is what it is at least."""
    failed = [{"id": 1, "action": "auth.login_failed", "created_at": NOW}] * 2

    assert "at least 2 times" in judge(activity=failed, notes=[("activity", ("cut",))]).ruling.says


def test_deleted(judge):
    """A row that was soft-deleted is gone for good, whatever else is said of it."""
    judged = judge(accounts=[account(deleted_at=NOW, banned_until=LATER)])

    assert ("deleted", None, "critical") == verdict(judged)
    assert ["deleted"] == codes(judged)


def test_deleted_and_registered_anew(judge):
    """The new account of the address is what is looked at next."""
    judged = judge(accounts=[account(deleted_at=NOW, email=None), account(id=OTHER)])

    assert "deleted" == judged.ruling.code
    assert (f"peakops user check {OTHER}",) == judged.findings[0].next


def test_deleted_while_contained(judge):
    """The security action is listed, and nobody is told to invite the person anew."""
    judged = judge(accounts=[account(deleted_at=NOW)], containment=[containment()])

    assert ["deleted", "contained"] == codes(judged)
    assert judged.ruling.do.startswith("Do not invite the person anew")
    assert "closed" not in judged.ruling.customer


def test_contained(judge):
    """A ban with an open security action is on purpose: who, when and why are told, and no fix is named."""
    judged = judge(accounts=[account(banned_until=LATER)], containment=[containment()])

    assert ("contained", None, "critical") == verdict(judged)
    assert ["contained"] == codes(judged)
    assert "mara@ops-1 contained it at 20 Nov 2026 12:00 UTC (Two countries in an hour)" in judged.ruling.says
    assert judged.findings[0].fix is None
    assert SCENARIO.guide.concealed == judged.ruling.customer


def test_contained_and_not_banned(judge):
    """An open action counts without a ban, too, and says so."""
    judged = judge(containment=[containment()])

    assert "contained" == judged.ruling.code
    assert "is not banned, though" in judged.ruling.says


def test_contained_without_an_account(judge):
    """The account was removed: the action is still listed, and no new invitation is advised."""
    judged = judge(accounts=[], containment=[containment()])

    assert ["contained", "auth_account_missing"] == codes(judged)
    assert "gone" in judged.ruling.says
    assert judged.findings[1].do.startswith("Do not invite the person anew")


def test_banned(judge):
    """A ban in the future that no action explains is lifted by `user enable`."""
    judged = judge(accounts=[account(banned_until=LATER)])

    assert ("banned", None, "critical") == verdict(judged)
    assert f"peakops user enable {MAIL}" == judged.findings[0].fix.command


@pytest.mark.parametrize("seconds", [0, 1, 3600])
def test_a_ban_that_is_over(judge, seconds):
    """A ban that ends now, or ended before, is none."""
    assert "can_log_in" == judge(accounts=[account(banned_until=NOW - timedelta(seconds=seconds))]).ruling.code


def test_a_ban_with_silent_security_actions(judge):
    """Whether it is on purpose is not known: banned, and no fix."""
    judged = judge(("containment",), accounts=[account(banned_until=LATER)])

    assert ("banned", None, "critical") == verdict(judged)
    assert judged.findings[0].fix is None
    assert () == judged.findings[0].next


def test_no_account_of_the_profile(judge):
    """The portal knows the person, and there is nothing to log in with."""
    assert ("auth_account_missing", None, "critical") == verdict(judge(accounts=[], identities=[]))


def test_the_account_has_another_id(judge):
    """The profile's address has an account of another id, which is named."""
    judged = judge(accounts=[account(id=OTHER)], identities=[])

    assert ("auth_account_missing", "under_another_id", "critical") == verdict(judged)
    assert OTHER in judged.ruling.says
    assert (f"peakops user check {OTHER}",) == judged.findings[0].next


def test_an_accepted_invitation_without_an_account(judge):
    """Somebody accepted, and nothing came of it; the invitation is looked at next."""
    judged = judge(**only(invitations=[invitation(status="accepted", accepted_at=NOW)]))

    assert ("auth_account_missing", "accepted_invitation", "critical") == verdict(judged)
    assert (f"peakops invitation check {MAIL}",) == judged.findings[0].next


@pytest.mark.parametrize("status", ["pending", "expired"])
def test_only_an_invitation(judge, status):
    """An open invitation and no account: invited, with no mail of Supabase's to send again."""
    judged = judge(**only(invitations=[invitation(status=status)]))

    assert ("invited_not_accepted", None, "warning") == verdict(judged)
    assert judged.findings[0].fix is None
    assert (f"peakops invitation check {MAIL}",) == judged.findings[0].next


def test_a_revoked_invitation_does_not_hide_an_open_one(judge):
    """The newest that was not revoked counts."""
    several = [invitation(id="i-2", status="revoked"), invitation()]

    assert "invited_not_accepted" == judge(**only(invitations=several)).ruling.code


def test_an_invited_account(judge):
    """The account waits for its link; it is sent again by `user resend-confirmation`."""
    judged = judge(accounts=[invited()], profiles=[])

    assert ("invited_not_accepted", None, "warning") == verdict(judged)
    assert f"peakops user resend-confirmation {MAIL}" == judged.findings[0].fix.command
    assert "its link works until 20 Nov 2026 15:50 UTC" in judged.ruling.says


def test_an_invited_account_whose_link_is_over(judge):
    """How long links last is the project's setting."""
    judged = judge(accounts=[invited(confirmation_sent_at=NOW - timedelta(hours=1))], profiles=[])

    assert "its link ended at 20 Nov 2026 15:00 UTC" in judged.ruling.says


def test_an_invited_account_whose_invitation_was_revoked(judge):
    """The practice took the invitation back: it is not sent again."""
    judged = judge(accounts=[invited()], profiles=[], invitations=[invitation(status="revoked")])

    assert "invited_not_accepted" == judged.ruling.code
    assert judged.findings[0].fix is None
    assert "owner" in judged.ruling.do


@pytest.mark.parametrize(
    ("held", "lost", "curable"),
    [([suppression()], [], False), ([], [message()], True), ([suppression()], [message()], False)],
)
def test_an_invitation_that_did_not_arrive(judge, held, lost, curable):
    """The provider's word is told; only what is not suppressed can be sent again."""
    judged = judge(accounts=[invited()], profiles=[], suppressions=held, messages=lost)

    assert "The mail did not arrive" in judged.ruling.says
    assert curable == bool(judged.findings[0].fix)


def test_a_suppressed_confirmation(judge):
    """The provider does not even try: warning, and the suppression comes first."""
    judged = judge(accounts=[unconfirmed()], suppressions=[suppression()])

    assert ("confirmation_not_delivered", None, "warning") == verdict(judged)
    assert "SendGrid suppresses the address (bounce, 550 no such user)" in judged.ruling.says
    assert judged.findings[0].fix is None


@pytest.mark.parametrize("status", ["bounced", "dropped", "blocked", "failed", "suppressed", "complained"])
def test_a_lost_confirmation(judge, status):
    """The mail was lost, and may be sent again."""
    judged = judge(accounts=[unconfirmed()], messages=[message(status=status)])

    assert ("confirmation_not_delivered", None, "warning") == verdict(judged)
    assert judged.findings[0].fix


@pytest.mark.parametrize("status", ["delivered", "opened", "processed", "deferred", "sent", "queued"])
def test_a_confirmation_that_is_not_lost(judge, status):
    """What arrived, or is under way, is no loss."""
    assert "email_not_confirmed" == judge(accounts=[unconfirmed()], messages=[message(status=status)]).ruling.code


def test_a_mail_that_arrived_since(judge):
    """A later mail got through: the address works."""
    arrived = [message(status="delivered"), message(at=NOW - timedelta(minutes=5))]

    assert "email_not_confirmed" == judge(accounts=[unconfirmed()], messages=arrived).ruling.code


def test_a_block_is_of_one_mail(judge):
    """SendGrid's list of blocks keeps nothing from being sent."""
    blocked = [suppression(kind="block")]

    assert "email_not_confirmed" == judge(accounts=[unconfirmed()], suppressions=blocked).ruling.code
    assert ["can_log_in"] == codes(judge(suppressions=blocked))


@pytest.mark.parametrize(
    ("sent", "cause"),
    [(None, "never_sent"), (timedelta(minutes=10), None), (timedelta(hours=1), "link_expired")],
)
def test_not_confirmed(judge, sent, cause):
    """The address is not confirmed; the cause is what became of the mail."""
    judged = judge(accounts=[unconfirmed(confirmation_sent_at=sent and NOW - sent)])

    assert ("email_not_confirmed", cause, "warning") == verdict(judged)
    assert f"peakops user resend-confirmation {MAIL}" == judged.findings[0].fix.command


def test_the_mail_is_looked_for_from_a_little_before():
    """The provider's clock may be behind Supabase's; nothing is asked where no confirmation is due."""
    accounts, quiet = Answer("accounts"), Answer("accounts")
    accounts.keep(Evidence(name="accounts", source="database", rows=(unconfirmed(),)))
    quiet.keep(Evidence(name="accounts", source="database", rows=(account(confirmation_sent_at=NOW),)))
    asked = {name: each.kept() for name, each in looks.confirmation_mail(accounts).items()}

    assert {"email": MAIL, "since": NOW - timedelta(minutes=10, seconds=30)} == asked
    assert [None, None] == [each.kept() for each in looks.confirmation_mail(quiet).values()]


def test_the_link_of_unknown_age(judge):
    """Without the project's limits nothing is said of the link."""
    judged = judge(("limits",), accounts=[unconfirmed(confirmation_sent_at=NOW - timedelta(days=2))])

    assert ("email_not_confirmed", None, "warning") == verdict(judged)
    assert "link" not in judged.ruling.says


def test_a_silent_provider_is_no_loss(judge):
    """Nothing is read out of silence: not confirmed, and incomplete."""
    judged = judge(("suppressions", "messages"), accounts=[unconfirmed()])

    assert "email_not_confirmed" == judged.ruling.code
    assert not judged.ruling.complete


def test_no_profile(judge):
    """The log-in works, and the portal knows nobody."""
    assert ("profile_missing", None, "critical") == verdict(judge(profiles=[]))


def test_the_profile_has_another_id(judge):
    """The address has a profile of another id, which is named."""
    judged = judge(profiles=[profile(id=OTHER)])

    assert ("profile_missing", "under_another_id", "critical") == verdict(judged)
    assert OTHER in judged.ruling.says


@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("anna.smith@smilecare.example", "email_mismatch"),
        (" Anna@SmileCare.Example ", "can_log_in"),
        ("anna@smilecare.example.", "email_mismatch"),
    ],
)
def test_addresses(judge, email, code):
    """Account and profile have one address, whatever its case and blanks."""
    assert code == judge(profiles=[profile(email=email)]).ruling.code


@pytest.mark.parametrize("email", ["jo\u0308rg@x.example", "JÖRG@x.example", "jÖrg@x.example"])
def test_an_umlaut_is_no_difference(judge, email):
    """One letter, or a letter and an accent, in whatever case a database has left it."""
    both = {"accounts": [account(email="jörg@x.example")], "profiles": [profile(email=email)]}

    assert "can_log_in" == judge(**both).ruling.code


def test_a_change_of_address_that_was_not_confirmed(judge):
    """The portal has the new address already, and the account still waits for it."""
    waiting = account(email_change="Anna.Smith@smilecare.example", email_change_sent_at=NOW)
    judged = judge(accounts=[waiting], profiles=[profile(email="anna.smith@smilecare.example")])

    assert ("email_mismatch", "change_not_confirmed", "critical") == verdict(judged)


def test_switched_off(judge):
    """The portal turns the person away."""
    judged = judge(profiles=[profile(is_active=False)])

    assert ("disabled_in_portal", None, "critical") == verdict(judged)
    assert f"peakops user enable {MAIL}" == judged.findings[0].fix.command


@pytest.mark.parametrize(
    ("role", "code"), [("member", "practice_missing"), ("owner", "practice_missing"), ("staff", "can_log_in")]
)
def test_no_practice(judge, role, code):
    """Everybody but staff belongs to a practice."""
    nowhere = profile(role=role, practice_id=None, practice=None, practice_status=None)

    assert code == judge(profiles=[nowhere]).ruling.code


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_a_practice_that_is_not_open(judge, status):
    """Nobody of it gets in; how it is shut is the cause."""
    assert ("practice_suspended", status, "critical") == verdict(judge(profiles=[profile(practice_status=status)]))


def test_another_practice(judge):
    """What the person sees is not what was expected; the move names it by its id, and the two are compared."""
    both = [holding(), holding(practice_id="p-2", practice="Harbor", invoices=1, cases=0, users=1)]
    judged = judge(expected=[wanted(id="p-2", name="Harbor")], holdings=both)

    assert ("wrong_practice", None, "critical") == verdict(judged)
    assert f"peakops user set-practice {MAIL} p-2" == judged.findings[0].fix.command
    assert "Smile Care has 3 invoices, 2 cases, 1 shipment and 4 people; Harbor has 1 invoice" in judged.ruling.says


def test_the_practice_that_was_expected(judge):
    """Nothing is wrong where it is that one."""
    assert "can_log_in" == judge(expected=[wanted()], holdings=[holding()]).ruling.code


def test_no_such_practice(judge):
    """A name that no practice has exactly: nothing is wrong with the person, and ok is not said; what resembles is."""
    judged = judge(expected=[wanted(id="p-2", name="Harbor Dental", exact=False)], holdings=[])

    assert ("unknown", None, "unknown") == verdict(judged)
    assert [] == codes(judged)
    assert "Perhaps Harbor Dental is meant." in judged.ruling.says


def test_several_practices_of_that_name(judge):
    """They are told apart by their ids, and no move is offered to one of them."""
    judged = judge(expected=[wanted(id="p-2"), wanted(id="p-3")], holdings=[])

    assert "2 practices have that name: p-2, p-3." in judged.ruling.says
    assert judged.findings[0].fix is None


def test_the_practices_cannot_be_read(judge):
    """Whether it is the expected one is not known: can_log_in is not said."""
    assert "unknown" == judge(("expected",)).ruling.code


@pytest.mark.parametrize(
    ("row", "providers", "cause"),
    [
        (account(is_sso_user=True), ["sso:1"], "sso"),
        (account(is_sso_user=True), ["email"], "sso"),
        (account(), ["google"], None),
        (account(), ["google", "azure"], None),
        (account(), [], None),
    ],
)
def test_no_password(judge, row, providers, cause):
    """No password can be right: the account logs in another way, or in none."""
    judged = judge(accounts=[row], identities=[identity(provider=each) for each in providers])

    assert ("no_password_identity", cause, "warning") == verdict(judged)


def test_a_password_beside_another_provider(judge):
    """One identity for a password is enough."""
    assert "can_log_in" == judge(identities=[identity(provider="google"), identity()]).ruling.code


def test_the_second_factor_was_never_passed(judge):
    """Asked for, and no session has it."""
    half_way = [{"id": "s-1", "aal": "aal1", "created_at": NOW, "updated_at": NOW, "refreshed_at": None}]

    assert ("mfa_locked", None, "critical") == verdict(judge(factors=[factor()], sessions=half_way))


def noted(action, minutes, **said):
    """A line of Supabase's log, so many minutes ago."""
    return {"action": action, "created_at": NOW - timedelta(minutes=minutes), "by_another": False, **said}


@pytest.mark.parametrize(
    ("log", "code"),
    [
        ([], "mfa_locked"),
        ([noted("verification_attempted", 19)], "mfa_locked"),
        ([noted("logout", 5)], "mfa_locked"),
        ([noted("login", 21), noted("verification_attempted", 19)], "mfa_locked"),
        ([noted("logout", 5), noted("verification_attempted", 40)], "mfa_locked"),
        ([noted("logout", 5, by_another=True), noted("verification_attempted", 19)], "mfa_locked"),
        ([noted("logout", 5), noted("verification_attempted", 19)], "can_log_in"),
        ([noted("token_refreshed", 5), noted("verification_attempted", 20)], "can_log_in"),
    ],
)
def test_a_second_factor_without_a_session(judge, log, code):
    """What a log-out has taken away the log may show: a code that was given, and something that only follows one."""
    judged = judge(factors=[factor()], auth_events=log)

    assert code == judged.ruling.code
    assert ("no_session" if code == "mfa_locked" else None) == judged.ruling.cause
    assert code == "can_log_in" or "it is not certain" in judged.ruling.says


@pytest.mark.parametrize(("minutes", "code"), [(21, "mfa_locked"), (20, "mfa_locked"), (19, "can_log_in")])
def test_the_portal_has_noted_a_log_in(judge, minutes, code):
    """Whoever came into the portal since the code was asked for has passed it."""
    log = [{"id": 1, "action": "auth.login", "created_at": NOW - timedelta(minutes=minutes)}]

    assert code == judge(factors=[factor()], activity=log).ruling.code


def test_a_second_factor_with_silent_logs(judge):
    """Without the logs the issue's rule stands: locked, and not certain."""
    judged = judge(("auth_events", "activity"), factors=[factor()])

    assert ("mfa_locked", "no_session", "critical") == verdict(judged)


@pytest.mark.parametrize(("minutes", "code"), [(21, "mfa_locked"), (20, "can_log_in"), (5, "can_log_in")])
def test_the_second_factor_was_passed_before_or_since(judge, minutes, code):
    """A session that held the factor at the last question, or after it, has passed it."""
    assert code == judge(factors=[factor()], second_factor=[passed(minutes)]).ruling.code


def test_the_newest_question_counts(judge):
    """Of several factors, the one that was asked for last."""
    several = [factor(), factor(id="f-2", factor_type="phone", last_challenged_at=NOW - timedelta(days=3))]
    judged = judge(factors=several, second_factor=[passed(60)])

    assert "The totp factor was asked for" in judged.ruling.says


@pytest.mark.parametrize("quiet", [factor(status="unverified"), factor(last_challenged_at=None)])
def test_a_factor_that_asks_nothing(judge, quiet):
    """One that was never verified, or never asked for, is in nobody's way."""
    assert "can_log_in" == judge(factors=[quiet]).ruling.code


@pytest.mark.parametrize("row", [account(email=None, email_confirmed_at=None), account(email=None, is_anonymous=True)])
def test_unclassified(judge, row):
    """An account without an address fits no row; what the systems say is told."""
    judged = judge(accounts=[row])

    assert ("unclassified", None, "warning") == verdict(judged)
    assert "Supabase Auth:" in judged.ruling.says


@pytest.mark.parametrize("silent", ["accounts", "profiles", "containment", "identities", "factors"])
def test_what_can_log_in_needs(judge, silent):
    """Without one of these nothing is said to be in order."""
    assert ("unknown", None, "unknown") == verdict(judge((silent,)))


@pytest.mark.parametrize("silent", ["invitations", "sessions", "tokens", "auth_events", "activity", "limits"])
def test_what_can_log_in_does_not_need(judge, silent):
    """These are told of; their silence makes the verdict incomplete, and no other."""
    judged = judge((silent,))

    assert ("can_log_in", None, "ok") == verdict(judged)
    assert not judged.ruling.complete


def test_a_second_profile_is_listed_aside(judge):
    """It never is the verdict, and hides none."""
    spare = profile(id=OTHER, practice="Harbor")

    assert ["can_log_in", "second_profile"] == codes(judge(profiles=[profile(), spare]))
    assert ["banned", "second_profile"] == codes(
        judge(accounts=[account(banned_until=LATER)], profiles=[profile(), spare])
    )


def test_suppressed_mail_is_listed_aside(judge):
    """Nothing is in the way, but the reset would not arrive: lifting the suppression comes first."""
    judged = judge(suppressions=[suppression()])

    assert ["can_log_in", "mail_suppressed"] == codes(judged)
    assert "lift the suppression" in judged.ruling.do


def test_an_unfinished_change_comes_first(judge):
    """What peakops began is finished before anything else."""
    begun = {
        "operator": "mara@ops-1",
        "seq": 1,
        "at": "2026-11-20T14:00:00Z",
        "kind": "intended",
        "hash": "h",
        "detail": {"plan": "p", "run": "r", "step": 1, "of": 2, "body": {}},
    }
    judged = judge(changes=[begun], accounts=[account(deleted_at=NOW)])

    assert ("unfinished_change", None, "critical") == verdict(judged)


@pytest.mark.parametrize("check", SCENARIO.checks, ids=lambda each: each.__name__)
def test_every_question_answers_of_a_mere_invitation(check):
    """No question fails where there is neither an account nor a profile."""
    outcome = check(Facts(evidence(**only(invitations=[invitation()]))))

    assert outcome.says


def test_the_truth_of_what_could_not_be_read():
    """A system that was silent is said to be so; the others are told."""
    facts = Facts(evidence(("identities", "sessions", "factors")))
    truth = {each["system"]: each["state"] for each in sight.truth(facts)}

    assert (None, None, "confirmed") == (truth["second factor"], truth["sessions"], truth["Supabase Auth"])
    assert sight.access(facts)["providers"] is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        (" Anna@SmileCare.Example ", "anna@smilecare.example"),
        ("ANNA+LAB@x.example", "anna+lab@x.example"),
        ('"Anna Smith"@x.example', '"anna smith"@x.example'),
        ("jo\u0308rg@x.example", "jörg@x.example"),
    ],
)
def test_the_forms_of_an_address(typed, first):
    """Trimmed and in lower case first; nothing of a plus tag or of quotes is touched."""
    assert first == forms(typed)[0]


@pytest.mark.parametrize(
    "stored", ["jörg@x.example", "jÖrg@x.example", "jo\u0308rg@x.example", "jO\u0308rg@x.example".lower()]
)
def test_an_umlaut_in_every_form(stored):
    """However a database stores it, it is among the forms of each way to type it."""
    assert all(stored in forms(typed) for typed in ("JÖRG@X.example", "jörg@x.example", "Jo\u0308rg@x.example"))


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("a…@x.example", "a%@x.example"),
        ("…@x.example", None),
        ("a……@x.example", None),
        ("a_b%…@x.example", r"a\_b\%%@x.example"),
        (MAIL, None),
        ("a…", None),
    ],
)
def test_masked_addresses(typed, wanted):
    """What a page shows is a pattern, in which nothing that was typed is a wildcard."""
    assert wanted == pattern(typed)


@pytest.mark.parametrize(("typed", "known"), [("  " + "A" * 32 + " ", True), ("anna", False), ("u-1", False)])
def test_ids(typed, known):
    """A UUID in any case, with blanks, is one."""
    assert known == bool(identifier(typed))


def test_near_misses_are_ranked():
    """The likest first; who resembles neither in name nor in domain is not told of."""
    known = ["anna@smilecare.example", "ben@smilecare.example", "anna@faraway.test", "annas@smilecare.example"]
    rows = [{"id": str(n), "email": each, "missed": "ana@smilecare.example"} for n, each in enumerate(known)]

    assert ["anna@smilecare.example", "annas@smilecare.example"] == [each["email"] for each in likest(rows)]


def test_nobody_is_a_candidate_of_silence():
    """Where what resembles could not be looked for, nothing is listed."""
    from peakops.scenario import Missing

    with pytest.raises(Missing):
        looks.near(Facts(evidence(("similar",), person=None)))


def test_a_candidate_without_a_practice():
    """What is listed of a person names what there is, and nothing that there is not."""
    row = person(practice=None, has_account=False)

    assert {"id": ANNA, "email": MAIL, "says": f"{MAIL}  profile"} == looks.candidate(row)


def test_every_row_is_tested_here():
    """Each code of the section's playbook is named in this file."""
    from pathlib import Path

    text = Path(__file__).read_text("utf-8")

    assert [] == [code for code in SCENARIO.guide.precedence() if f'"{code}"' not in text]


@pytest.mark.parametrize(
    ("typed", "another"),
    [
        ("straße@x.example", "strasse@x.example"),
        ("admın@x.example", "admin@x.example"),
        ("ﬁona@x.example", "fiona@x.example"),
        ("\u212aurt@x.example", "kurt@x.example"),
        ("ſam@x.example", "sam@x.example"),
    ],
)
def test_letters_that_share_a_capital_are_different_people(typed, another):
    """What only looks like another address, or is written like it in capitals, is somebody else's."""
    assert another not in forms(typed)
    assert typed not in forms(another)


@given(st.text(min_size=1, max_size=12))
def test_no_form_is_another_persons_plain_address(name):
    """Of a name that is not plain ASCII no form is; of one that is, the form is that in lower case alone."""
    found = forms(f"{name}@x.example")

    assert found
    assert [each.isascii() for each in found] == [name.strip().isascii()] * len(found)
    assert not name.isascii() or [f"{name}@x.example".strip().lower()] == found


@given(st.text(alphabet="ÄÖÜÉÑŽöäüéñž", min_size=1, max_size=6))
def test_capitals_of_a_database_that_knows_only_ascii(name):
    """A letter with a capital of its own is found in either case, as a database with the locale C stores it."""
    assert {name.upper(), name.lower()} <= {each.partition("@")[0] for each in forms(f"{name}@x.example")}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"accounts": [account(deleted_at=NOW)]}, "deleted"),
        ({"accounts": [account(banned_until=LATER)]}, "banned"),
        ({"profiles": [profile(is_active=False)]}, "disabled_in_portal"),
        ({"accounts": [], "identities": []}, "auth_account_missing"),
    ],
)
def test_security_actions_that_cannot_be_read(judge, said, code):
    """One may be open: the customer is told nothing of it, no fix is named, and reading it comes first."""
    judged = judge(("containment",), **said)

    assert code == judged.ruling.code
    assert SCENARIO.guide.concealed == judged.ruling.customer
    assert judged.ruling.do.startswith("Whether a security action is open could not be read")
    assert (None, ()) == (judged.findings[0].fix, judged.findings[0].next)


def test_switched_off_while_contained(judge):
    """The profile is not switched on around the security action, and its words give nothing away."""
    judged = judge(profiles=[profile(is_active=False)], containment=[containment()])

    assert ["contained", "disabled_in_portal"] == codes(judged)
    assert judged.findings[1].fix is None
    assert SCENARIO.guide.concealed == judged.findings[1].customer


@pytest.mark.parametrize(
    ("email", "part"),
    [
        ("anne@smilecare.example", "the name before the @"),
        ("anna@smilecare.test", "the domain"),
        ("anne@smilecare.test", "both the name and the domain"),
    ],
)
def test_in_what_two_addresses_differ(judge, email, part):
    """Masked they look alike: the part that differs is told, and how to see the whole."""
    judged = judge(profiles=[profile(email=email)])

    assert f"they differ in {part}, and" in judged.ruling.says
    assert "--reveal --reason TEXT" in judged.ruling.do


def test_no_account_and_an_open_invitation(judge):
    """The invitation is looked at and accepted; nobody is invited a second time."""
    judged = judge(accounts=[], identities=[], invitations=[invitation()])

    assert ("auth_account_missing", "invited", "critical") == verdict(judged)
    assert (f"peakops invitation check {MAIL}",) == judged.findings[0].next
    assert judged.ruling.do.startswith("Do not invite the person again")


def test_no_account_and_an_invitation_that_is_over(judge):
    """One that was accepted or revoked leads nowhere."""
    for status in ("accepted", "revoked"):
        judged = judge(accounts=[], identities=[], invitations=[invitation(status=status, accepted_at=NOW)])
        assert ("auth_account_missing", None, "critical") == verdict(judged)


def test_an_account_under_another_id_is_not_invited(judge):
    """The address has an account: the profile is joined to it."""
    judged = judge(accounts=[account(id=OTHER)], identities=[])

    assert judged.ruling.do.startswith("Do not invite the person: the address has an account.")


def test_a_profile_that_is_another_accounts(judge):
    """It is not joined to this account: whoever has it logs in with the other one."""
    judged = judge(
        accounts=[account(), account(id=OTHER, is_sso_user=True)], profiles=[profile(id=OTHER, has_account=True)]
    )

    assert ("profile_missing", "another_account", "critical") == verdict(judged)
    assert (f"peakops user check {OTHER}",) == judged.findings[0].next
    assert judged.ruling.do.startswith("Do not join the profile")


def test_a_password_account_beside_the_one_with_the_profile(judge):
    """The person logs in by single sign-on; the password account of the address is named."""
    judged = judge(accounts=[account(is_sso_user=True), account(id=OTHER)], identities=[identity(provider="sso:1")])

    assert ("no_password_identity", "sso", "warning") == verdict(judged)
    assert f"an account with a password too, {OTHER}" in judged.ruling.says


def test_another_persons_profile_has_the_address(judge):
    """A second profile whose id has an account is somebody else's, with this one's address."""
    spare = [profile(id="u-3"), profile(id=OTHER, has_account=True)]
    (_, aside) = judge(profiles=[profile(), *spare]).findings

    assert ("second_profile", "another_person") == (aside.code, aside.cause)
    assert OTHER in aside.says
    assert "belongs to somebody else" in aside.do


@pytest.mark.parametrize("role", ["owner", "member"])
def test_a_move_of_staff_is_not_offered(judge, role):
    """Staff belong to no practice: another one was expected, and no move is named."""
    nowhere = {"practice_id": None, "practice": None, "practice_status": None}
    expected = {"expected": [wanted()], "holdings": [holding()]}
    staff, other = (judge(profiles=[profile(role=each, **nowhere)], **expected) for each in ("staff", role))

    assert ("wrong_practice", None) == (staff.ruling.code, staff.findings[0].fix)
    assert other.findings[0].fix


def test_a_reset_into_the_void_is_not_offered(judge):
    """Where the address is suppressed the reset is no fix: it would not arrive."""
    judged = judge(suppressions=[suppression()])

    assert ("can_log_in", None, ()) == (judged.ruling.code, judged.findings[0].fix, judged.findings[0].next)
