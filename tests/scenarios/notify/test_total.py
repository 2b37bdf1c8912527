"""The verdicts of `notify check` are total, and agree with a second reading of the issue."""

from itertools import product

import pytest

from peakops.scenarios.notify.check import SCENARIO

from .conftest import SILENCE, ago, domain, failed, judged, listed, mail, page, profile, quota, refusal, row

CRITICAL = (
    *("key_without_scope", "quota_reached", "provider_down", "domain_unverified", "suppressed_complaint"),
    *("suppressed_bounce", "suppressed_unsubscribe", "bounced", "dropped", "wrong_address", "send_failed", "not_sent"),
    "no_notification",
)
WARNINGS = ("preference_off", "deferred", "unread_in_app")
ORDER = (*CRITICAL, *WARNINGS, "read", "delivered")
"""The issue's precedence."""
KNOWN = {*ORDER, "unfinished_change", "unclassified", "unknown"}
CODES = {
    "key": failed("invalid_api_key"),
    "quota": failed("daily_quota_exceeded", created_at=ago(days=2)),
    "down": failed("503"),
    "domain": failed("sender_unverified"),
    "address": failed("550", enhanced_code="5.1.1"),
    "returned": failed("552", enhanced_code="5.2.2"),
    "lost": failed("timeout"),
    "content": failed("missing_required_field"),
    "other": failed("other"),
}
"""Mails that the portal could not send, by what it stored; the last three have no row of their own."""
OF_CODES = {
    "key": "key_without_scope",
    "quota": "quota_reached",
    "down": "provider_down",
    "domain": "domain_unverified",
    "address": "bounced",
    "returned": "bounced",
}
MAILS = {
    "none": None,
    "queued": row(status="queued", provider_message_id=None),
    "queued_now": row(status="queued", provider_message_id=None, created_at=ago(minutes=1)),
    "sent": row(),
    "sent_now": row(created_at=ago(minutes=1)),
    "sent_long_ago": row(created_at=ago(days=40)),
    "read": row(status="read"),
    "parked": row(status="parked", provider_message_id=None),
    **CODES,
}
SHOWN = {
    "none": None,
    "unread": row("in_app"),
    "read": row("in_app", read_at=ago(hours=1)),
    "failed": row("in_app", status="failed"),
    "parked": row("in_app", status="parked"),
}
AT_PROVIDER = {
    "none": [],
    "arrived": [mail("delivered", at=ago(minutes=179))],
    "waiting": [mail("deferred", at=ago(minutes=179))],
    "hard": [mail("bounced", hard=True, at=ago(minutes=179))],
    "dropped": [mail("dropped", at=ago(minutes=179))],
    "strange": [mail("teleported", at=ago(minutes=179))],
    "elsewhere": [mail("delivered", to="anna@oldclinic.example", at=ago(minutes=179))],
    "silent": SILENCE,
    "refused": refusal("permission_denied", "permission"),
}
HELD = {
    "nothing": [],
    "complaint": [listed("spam_report"), listed("bounce")],
    "bounce": [listed("bounce"), listed("unsubscribe")],
    "unsubscribe": [listed("unsubscribe")],
    "invalid": [listed("invalid_email")],
    "silent": SILENCE,
}
HOLDS = {
    "complaint": "suppressed_complaint",
    "bounce": "suppressed_bounce",
    "unsubscribe": "suppressed_unsubscribe",
    "invalid": "wrong_address",
}
WANTS = {"on": profile(), "off": profile(email_types_off=["case_update"])}
SKIES = {
    "clear": {},
    "outage": {"page": [page("critical")]},
    "no_page": {"page": SILENCE},
    "unverified": {"domains": [domain(verified=False)]},
    "no_domains": {"domains": SILENCE},
    "used_up": {"quota": [quota(remaining=0)]},
}
AXES = ("mail", "shown", "seen", "held", "wants", "sky")
REASONS = {
    "parked": "the portal stores a state that nobody knows",
    "strange": "the provider says a word that nobody knows",
    "sent_long_ago": "the log has forgotten the mail, and nobody can say whether it arrived",
}
"""Why a cell is unclassified, by what is in it."""


def cells():
    """Every mail with every answer of the provider under a clear sky; and the skies over those that matter to them."""
    for values in product(MAILS, SHOWN, AT_PROVIDER, HELD, WANTS):
        yield dict(zip(AXES, (*values, "clear"), strict=True))
    for values in product(MAILS, ("none", "read"), AT_PROVIDER, ("nothing", "silent"), ("on",), SKIES):
        yield dict(zip(AXES, values, strict=True))


def judgement(at):
    rows = [each for each in (MAILS[at["mail"]], SHOWN[at["shown"]]) if each]
    said = {
        "notifications": rows,
        "messages": AT_PROVIDER[at["seen"]] if asked(at) or at["seen"] in ("silent", "refused") else [],
        "suppressions": HELD[at["held"]],
        "preferences": [WANTS[at["wants"]]],
        **SKIES[at["sky"]],
    }
    silent = {name: each for name, each in said.items() if not isinstance(each, list)}
    return judged(silent, **{name: each for name, each in said.items() if isinstance(each, list)})


def asked(at):
    """Whether the provider is asked for a mail: one that has its id, or whose answer was not heard."""
    return at["mail"] in ("sent", "sent_now", "sent_long_ago", "read", "lost")


def seen(at):
    """What the provider has of the mail: a fate, "none", or "silent"; of a mail without an id, none."""
    if not asked(at):
        return "none"
    if at["seen"] == "refused":
        return "silent"
    # The mail at the provider is too late for the one that was sent just now; by its id it is that one all the same.
    return at["seen"]


def expected(at):
    """The verdict by the issue's words: the first critical row; else unknown; else the first warning; else ok."""
    codes, unknown = set(findings(at)), unanswered(at)
    for code in CRITICAL:
        if code in codes:
            return code
    for code in WARNINGS:
        if code in codes:
            return code
    if unknown:
        return "unknown"
    return next((code for code in ORDER if code in codes), "unclassified")


def arrived(at):
    """Whether the mail is known to be in the mailbox."""
    return at["mail"] == "read" or seen(at) in ("arrived", "elsewhere")


def failure(at):
    """The kind of code with which the portal failed, where the mail is not known to have arrived all the same."""
    return at["mail"] if at["mail"] in CODES and not arrived(at) else None


def waits(at):
    """Whether the mail never went to the provider: one that did is none that a limit holds back."""
    return not arrived(at) and (at["mail"] in CODES or at["mail"].startswith("queued"))


def findings(at):
    """Every row that applies."""
    code, fate = failure(at), seen(at)
    if at["seen"] == "refused" or code == "key":
        yield "key_without_scope"
    if (at["sky"] == "used_up" and waits(at)) or code == "quota":
        yield "quota_reached"
    if at["mail"] != "none" and not arrived(at):
        if (at["sky"] == "outage" and fate not in ("hard", "dropped")) or code == "down":
            yield "provider_down"
        if at["sky"] == "unverified" or code == "domain":
            yield "domain_unverified"
    if at["held"] in HOLDS:
        yield HOLDS[at["held"]]
    yield from of_the_mail(at, code, fate)
    if at["shown"] == "failed" and alone(at, code, fate):
        yield "send_failed"
    if at["mail"] == at["shown"] == "none" and at["wants"] == "on":
        yield "no_notification"
    if at["wants"] == "off" and (at["mail"] != "none" or at["shown"] == "none"):
        yield "preference_off"
    if at["shown"] == "unread" and not (at["mail"] != "none" and "silent" in (at["held"], told(at))):
        yield "unread_in_app"
    if at["mail"] == "read" or at["shown"] == "read":
        yield "read"
    elif arrived(at):
        yield "delivered"


def told(at):
    """What the look for the mail brought, where it matters: not of a mail that was read."""
    if at["mail"] == "read" or not asked(at):
        return "answered"
    return "silent" if at["seen"] in ("silent", "refused") else "answered"


def of_the_mail(at, code, fate):
    """What became of the mail itself."""
    unread = at["mail"] != "read"
    if code in ("address", "returned") or (unread and fate == "hard"):
        yield "bounced"
    if unread and fate == "dropped" and at["held"] == "nothing":
        yield "dropped"
    if fate == "elsewhere":
        yield "wrong_address"
    if code in ("content", "other") or (code == "lost" and fate == "none"):
        yield "send_failed"
    if at["mail"] == "queued" or (at["mail"] == "sent" and fate == "none"):
        yield "not_sent"
    if at["mail"] == "queued_now" or (at["mail"] == "sent_now" and fate == "none") or (unread and fate == "waiting"):
        yield "deferred"


def alone(at, code, fate):
    """Whether the question of sending has no worse answer than the portal's own: it is one question for both."""
    fine = at["mail"] in ("none", "read") or arrived(at) or (asked(at) and fate not in ("none", "silent"))
    return fine and not (code and code != "lost")


def unanswered(at):
    """Whether a question has no answer, so that nothing can be said to be well."""
    fate, mailed = seen(at), at["mail"] != "none"
    if at["held"] == "silent":
        return True
    if mailed and at["mail"] != "read" and fate == "silent":
        return True
    return mailed and not arrived(at) and at["sky"] == "no_domains" and failure(at) != "domain"


@pytest.fixture(scope="module")
def walked():
    """Each cell of the products with its verdict; walked once."""
    return [(at, judgement(at)) for at in cells()]


def test_the_order_is_the_issues():
    """The rows of the playbook, after an unfinished change, are in the issue's order."""
    assert ("unfinished_change", *ORDER) == SCENARIO.guide.precedence()


def test_every_cell_agrees_with_the_second_reading(walked):
    """The verdict is the one that the issue's words give; of every row there is a cell."""
    wrong = [(expected(at), each.ruling.code, at) for at, each in walked if expected(at) != each.ruling.code]

    assert [] == wrong[:5], len(wrong)
    assert {*ORDER, "unclassified", "unknown"} <= {each.ruling.code for _, each in walked}


def test_every_code_is_of_the_closed_set(walked):
    """No combination of answers ends in a code that the playbook has no row for."""
    assert set() == {each.ruling.code for _, each in walked} - KNOWN


def test_every_unclassified_cell_has_its_reason(walked):
    """Nobody is sent to the technical lead without one."""
    cells = [at for at, each in walked if each.ruling.code == "unclassified"]

    assert cells
    for at in cells:
        assert [value for value in at.values() if value in REASONS], at


def test_the_worst_comes_first(walked):
    """The findings are in the issue's order, the worst first."""
    for at, each in walked:
        worst = [one.code for one in each.findings if one.severity == each.findings[0].severity]

        assert sorted(worst, key=ORDER.index) == worst, at


def test_nothing_is_sent_again_that_arrived_or_may_arrive(walked):
    """No resend is named where the mail is in the mailbox, or under way."""
    for at, each in walked:
        resent = [one for one in each.findings if one.fix and one.fix.command.startswith("peakops notify resend")]
        went = arrived(at) and seen(at) != "elsewhere"
        assert not (resent and (went or seen(at) == "waiting" or at["mail"] == "queued_now")), at


def test_nothing_is_sent_to_whom_it_must_not(walked):
    """The verdict of an address with a complaint, or that unsubscribed, names no command that sends or lifts."""
    for at, each in walked:
        if each.ruling.code in ("suppressed_complaint", "suppressed_unsubscribe"):
            assert not each.findings[0].fix, at
            assert () == each.findings[0].next, at


def test_all_is_well_only_where_it_is_known(walked):
    """An ok verdict needs the mail in the mailbox, or the notification read."""
    for at, each in walked:
        if each.ruling.code in ("read", "delivered"):
            assert "read" in (at["mail"], at["shown"]) or seen(at) == "arrived", at
            assert at["held"] == "nothing", at
