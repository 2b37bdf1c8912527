"""Random faults, kills and repetitions: in the end one case, one label or one mail at a vendor, known to the portal."""

import os
import random
import shlex

import pytest

from peakops import sandbox

SEQUENCES = int(os.environ.get("PEAKOPS_SEQUENCES", "5"))
"""Of each kind; docs/performance.md has the figures of a longer run."""
SEED = int(os.environ.get("PEAKOPS_SEED", "1"))
MOST_RUNS = 14
"""More than any sequence needs: each fault strikes a few times and is over."""
MOST_STEPS = 24
"""More than a plan here has steps at which it may be killed."""
KILLED = 0.3
HANG_S = 21
"""Longer than a write may take. Such a fault is rare, since each costs that time."""
BEFORE = ({"status": 503}, {"status": 500}, {"status": 429}, {"reset": True}, {"body": "<html>busy</html>"})
"""What goes wrong before anything is done, and looks the same as what goes wrong after it."""
AFTER = {"after_effect": "drop_connection"}
CASE = {
    "vendor": "salesforce",
    "worlds": ("case/missing", "case/missing_never_attempted", "case/timeout", "case/created_not_noted"),
    "writes": ("PATCH /services/data/*/sobjects/Case/*",),
    "reads": ("GET /services/data/*/query", "GET /services/data/*/queryAll", "POST /services/oauth2/token", "*"),
    "errors": ("UNABLE_TO_LOCK_ROW", "INVALID_SESSION_ID"),
}
LABEL = {
    "vendor": "ups",
    "worlds": ("shipping/outcome_unknown", "shipping/never_requested", "shipping/label_not_stored"),
    "writes": ("POST /api/shipments/*/ship",),
    "reads": ("GET /api/track/*", "POST /api/labels/*", "POST /security/v1/oauth/token", "*"),
    "errors": ("20001", "250002"),
}

LETTER = {
    "sendgrid": {
        "vendor": "sendgrid",
        "worlds": ("notify/not_sent", "notify/bounced_soft", "notify/provider_down_over"),
        "writes": ("POST /v3/mail/send",),
        "reads": ("POST /v3/logs", "GET /v3/suppression/*", "*"),
        "errors": (),
    },
    "resend": {
        "vendor": "resend",
        "worlds": ("notify/bounced_resend", "notify/send_failed", "notify/not_sent_not_at_provider"),
        "writes": ("POST /emails",),
        "reads": ("GET /emails/*", "GET /suppressions/*", "*"),
        "errors": ("application_error", "concurrent_idempotent_requests"),
    },
}
"""SendGrid's mails are found by their category, Resend's by the key."""


FIXES = {
    "case retry": False,
    "case link": False,
    "shipping recover": False,
    "shipping retry": True,
    "shipping void": True,
    "notify resend": False,
}
"""The fixes, and whether the subject has to be typed to confirm one."""


def faults(rng, kind):
    """A few faults of the vendor's, each for a few times; the writes are struck in most sequences."""
    struck = []
    for _ in range(rng.randint(1, 4)):
        on_write = rng.random() < 0.65
        route = rng.choice(kind["writes"] if on_write else kind["reads"])
        effects = [*BEFORE, *({"error": each} for each in kind["errors"])]
        effect = AFTER if on_write and rng.random() < 0.5 else rng.choice(effects)
        if on_write and SEQUENCES > 50 and rng.random() < 0.03:
            effect = {"delay_s": HANG_S}
        struck.append({"vendor": kind["vendor"], "route": route, **effect, "times": rng.randint(1, 3)})
    return struck


def remedy(report, subject, label):
    """The first fix that is named next, as an operator would type and confirm it; None where none is named."""
    for command in report["next"]:
        fix = " ".join(command.split()[1:3])
        if command.startswith("peakops ") and fix in FIXES:
            confirmed = ["--confirm", subject, "--reason", "a drill"] if FIXES[fix] else ["--yes"]
            to = ["--to", str(label)] if fix in ("shipping retry", "shipping recover") else []
            return [*shlex.split(command)[1:], *confirmed, *to]
    return None


def worked_off(rng, subject, check, peakops, killed, labels, wait=lambda: None):
    """Check and remedy until the check is content; each run of a fix may be killed. What was seen on the way."""
    seen = []
    for run in range(MOST_RUNS):
        report = peakops("--sandbox", *check, subject, "--json").json
        seen.append(report["verdict"]["code"])
        if report["exit_code"] == 0:
            return seen
        if report["verdict"]["code"] in ("ups_rate_limited", "unfinished_change"):
            wait()
        fix = remedy(report, subject, labels / f"{run}.gif")
        if fix and rng.random() < KILLED:
            killed(rng.randint(1, MOST_STEPS), *fix, ends=range(256))
        elif fix:
            seen.append(peakops("--sandbox", *fix, "--json").code)
    pytest.fail(f"not mended after {MOST_RUNS} runs: {seen}")


def started(rng, kind, load):
    """A world of the kind with its faults."""
    document = sandbox.named(rng.choice(kind["worlds"]))
    load(document, faults=faults(rng, kind))


@pytest.mark.parametrize("seed", range(SEED, SEED + SEQUENCES))
def test_one_case(seed, peakops, killed, load, world, tmp_path):
    """One undeleted case with the portal's id, and the portal is linked to that one."""
    rng = random.Random(seed)
    started(rng, CASE, load)

    worked_off(rng, "CASE-1042", ("case", "check"), peakops, killed, tmp_path)

    after = world()
    (case,) = [each for each in after["tables"]["cases"] if each["case_number"] == "CASE-1042"]
    alive = [each for each in after["salesforce"]["cases"] if not each.get("IsDeleted")]
    assert [case["salesforce_case_id"]] == [each["Id"] for each in alive if each["Portal_Case_Id__c"] == case["id"]]


@pytest.mark.parametrize("seed", range(SEED, SEED + SEQUENCES))
def test_one_label(seed, peakops, killed, load, world, folder, tmp_path):
    """One label with the shipment's number that is not voided, and the portal has its tracking number."""

    def wait():
        """The minute for which UPS is left alone after it refused a token as one too many."""
        (folder() / "ups-token.json").unlink(missing_ok=True)

    rng = random.Random(seed)
    started(rng, LABEL, load)

    worked_off(rng, "SHP-77", ("shipping", "check"), peakops, killed, tmp_path, wait)

    after = world()
    (shipment,) = [each for each in after["tables"]["shipments"] if each["shipment_number"] == "SHP-77"]
    labels = [each for each in after["ups"]["shipments"] if each["reference"] == "SHP-77" and not each["voided"]]
    assert [shipment["tracking_number"]] == [each["tracking_number"] for each in labels]


# An answer of SendGrid's that is lost is waited for, six seconds each.
@pytest.mark.parametrize("seed", range(SEED, SEED + max(1, SEQUENCES // 2)))
@pytest.mark.parametrize("provider", LETTER)
def test_one_mail(provider, seed, peakops, killed, load, world, state, tmp_path):
    """One mail more than before, and the portal has its id."""

    def wait():
        """The quarter of an hour by which SendGrid's log may lag."""
        sandbox.clock(state / "peakops", 15 * 60)

    rng, kind = random.Random(seed), LETTER[provider]
    started(rng, kind, load)
    before = mails(world()[provider])

    worked_off(rng, "anna@smilecare.example", ("notify", "check"), peakops, killed, tmp_path, wait)

    after = world()
    (mail,) = [each for each in mails(after[provider]) if each not in before]
    assert [True] == [mail.startswith(each["provider_message_id"]) for each in after["tables"]["notifications"]]


def mails(part):
    """The ids of a provider's mails."""
    return [each.get("sg_message_id") or each["id"] for each in part.get("messages") or part.get("emails") or []]
