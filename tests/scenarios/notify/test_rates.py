"""`notify rates`, judged on literal facts: at least one test for each row of its playbook, and how few are few."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence
from peakops.scenario import Facts
from peakops.scenarios.notify import figures, rates
from peakops.verdict import rule

from .conftest import NOBODY, NOW, SILENCE, domain, page, refusal

SCENARIO = rates.SCENARIO
SENT = {"provider": "sendgrid", "notifications": 900, "sent": 900, "failed": 0, "waiting": 0}


def told(requests=2000, bounces=10, complaints=0, **said):
    """The provider's figures; nobody who bounced was delivered to."""
    delivered = requests - bounces
    counts = {"requests": requests, "delivered": delivered, "bounces": bounces, "complaints": complaints}
    return {
        "provider": "sendgrid",
        **counts,
        "blocks": 0,
        "unsubscribes": 0,
        "bounce_rate": bounces / requests,
        "complaint_rate": complaints / delivered,
        "days": [],
        **said,
    }


def judge(silent=None, notes=None, **said):
    given = {
        "provider": {"provider": "sendgrid", "from_domain": "peakdental.example"},
        "rates": told(),
        "domains": [domain()],
        "page": page(),
        "sent": [SENT],
        **said,
    }
    evidence = tuple(
        Evidence(
            name=name,
            source="email",
            at=NOW,
            single=not isinstance(value, list),
            rows=() if (silent or {}).get(name) else tuple(value if isinstance(value, list) else [value] * bool(value)),
            error=(silent or {}).get(name),
            notes=(notes or {}).get(name, ()),
        )
        for name, value in given.items()
    )
    outcomes = diagnose(SCENARIO, evidence)
    judged = rule(SCENARIO, outcomes, evidence)
    return {each.name: each for each in outcomes}, judged.ruling, judged.status.value


ROWS = [
    ("rates_in_order", "ok", {}),
    ("complaint_rate_high", "critical", {"rates": told(complaints=6)}),
    ("complaint_rate_raised", "warning", {"rates": told(complaints=5)}),
    ("bounce_rate_high", "critical", {"rates": told(bounces=100)}),
    ("bounce_rate_raised", "warning", {"rates": told(bounces=99)}),
    ("bounce_rate_raised", "warning", {"rates": told(bounces=40)}),
    ("rates_in_order", "ok", {"rates": told(bounces=39)}),
    ("failing", "critical", {"sent": [{**SENT, "sent": 855, "failed": 40, "waiting": 5}]}),
    ("failing_some", "warning", {"sent": [{**SENT, "sent": 880, "failed": 10, "waiting": 10}]}),
    ("domain_unverified", "critical", {"domains": [domain(verified=False, missing=["dkim1"])]}),
    ("provider_down", "critical", {"page": page("major", "Mails are late")}),
    ("key_without_scope", "critical", {"silent": {"rates": refusal("permission_denied", "permission")}}),
    ("key_without_scope", "critical", {"silent": {"domains": refusal("invalid_api_key", "auth")}}),
    ("unknown", "unknown", {"silent": {"rates": SILENCE}}),
    ("unknown", "unknown", {"silent": {"sent": SILENCE}}),
    ("unknown", "unknown", {"silent": {"sent": SILENCE}, "rates": told(complaints=5)}),
    ("complaint_rate_high", "critical", {"silent": {"sent": SILENCE}, "rates": told(complaints=6)}),
    (
        "unknown",
        "unknown",
        {"provider": None, "rates": None, "domains": [], "page": None, "notes": {"provider": NOBODY}},
    ),
]


@pytest.mark.parametrize(("code", "status", "said"), ROWS)
def test_each_row(code, status, said):
    """What was seen is the verdict: complaints from 0.10 and 0.30 %, bounces and failures from 2 and 5 % on."""
    _, ruling, found = judge(**said)

    assert (code, status) == (ruling.code, found)


@pytest.mark.parametrize(
    ("rates", "code"),
    [
        (told(requests=10, bounces=4), "rates_in_order"),
        (told(requests=100, bounces=5), "bounce_rate_raised"),
        (told(requests=499, bounces=60), "bounce_rate_raised"),
        (told(requests=500, bounces=60), "bounce_rate_high"),
        (told(requests=300, bounces=0, complaints=1), "rates_in_order"),
        (told(requests=300, bounces=0, complaints=5), "complaint_rate_raised"),
    ],
)
def test_of_few_mails_a_rate_is_a_warning_at_most(rates, code):
    """Below 500 mails nothing is critical, and below five of them nothing is a finding; the counts are told."""
    outcomes, ruling, _ = judge(rates=rates)
    says = outcomes["bounces"].says

    assert code == ruling.code
    assert f"({rates['bounces']} of {rates['requests']} mails)" in says
    assert (rates["requests"] < figures.FEW) == ("below 500 mails a rate says little" in says)


def test_a_rate_without_counts_stands_as_it_is_told():
    """Resend may tell rates alone: of how many mails, nobody knows, which is said; it is judged all the same."""
    alone = dict.fromkeys(("requests", "delivered", "bounces", "complaints"))
    outcomes, ruling, _ = judge(rates={**told(), **alone, "bounce_rate": 0.06, "complaint_rate": 0.0})

    assert "bounce_rate_high" == ruling.code
    assert "of how many mails, the provider does not tell" in outcomes["bounces"].says


def test_no_mail_is_no_rate():
    """Without a mail both rates are nothing, and nothing is wrong."""
    none = told(bounces=0, requests=1) | {"requests": 0, "delivered": 0, "bounce_rate": None, "complaint_rate": None}
    outcomes, ruling, _ = judge(rates=none)

    assert "rates_in_order" == ruling.code
    assert "No mail was sent in that time, so that none came back." == outcomes["bounces"].says
    assert "so that none was reported as spam." in outcomes["complaints"].says


def test_the_days_that_stand_out_are_told():
    """The three with most bounces, the worst first, each with how many mails it had."""
    days = [
        {"date": f"2026-11-1{number}", "requests": 100, "delivered": 90, "bounces": bounces, "complaints": 0}
        for number, bounces in enumerate((1, 9, 0, 4, 3))
    ]
    outcomes, _, _ = judge(rates=told(days=days))

    expected = "2026-11-11 (9 of 100), 2026-11-13 (4 of 100), 2026-11-14 (3 of 100)."
    assert outcomes["bounces"].says.endswith(expected)


def test_mails_of_another_provider_are_told():
    """What the portal sent with Resend is in no figure of SendGrid's; that is a warning beside the verdict."""
    evidence = {
        "provider": Evidence(
            name="provider", source="email", at=NOW, single=True, rows=({"provider": "sendgrid", "from_domain": None},)
        ),
        "sent": Evidence(
            name="sent", source="database", at=NOW, rows=(SENT, {**SENT, "provider": "resend", "sent": 7})
        ),
    }
    (warning,) = figures.warns(Facts(tuple(evidence.values())))
    assert (
        "The portal sent 7 of these mails with Resend, which is not asked: SendGrid is the provider in use." == warning
    )


@pytest.mark.parametrize(
    ("look", "status"), [("page", "ok"), ("rates", "unknown"), ("domains", "unknown"), ("sent", "unknown")]
)
def test_what_is_silent_is_unknown_but_for_the_status_page(look, status):
    """Rates that were read are in order whatever a status page keeps to itself; it is said that not all was asked."""
    _, ruling, found = judge(silent={look: SILENCE})

    assert (status, False) == (found, ruling.complete)
