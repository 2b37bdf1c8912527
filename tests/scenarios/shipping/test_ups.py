"""The judgements of `shipping ups` on literal facts: at least one for each row of the playbook."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence
from peakops.scenarios.shipping.ups import SCENARIO
from peakops.verdict import rule

from .conftest import NOW, refusal

TOKEN = {"expires_at": NOW, "cached": False, "lasts_s": 3540}
PRODUCTS = ("shipping", "address_validation", "tracking")


def product(name, granted=True, code=None):
    return {"product": name, "granted": granted, "code": code}


def practice(**said):
    base = {"id": "p-1", "practice": "Smile Care", "status": "active", "account": "A1B2C3", "shipments": 4}
    return {**base, **said}


def judged(silent=None, **said):
    """The verdict and the outcomes: as of a connection that is in order, but for what the test says."""
    rows = {
        "token": [TOKEN],
        "products": [product(each) for each in PRODUCTS],
        "probe": [{"answered": True}],
        "accounts": [practice()],
        **said,
    }
    seen = tuple(
        Evidence(
            name=name,
            source="database" if name == "accounts" else "ups",
            at=NOW,
            rows=() if name in (silent or {}) else tuple(found),
            single=name in ("token", "probe"),
            error=(silent or {}).get(name),
        )
        for name, found in rows.items()
    )
    outcomes = diagnose(SCENARIO, seen)
    ruling = rule(SCENARIO, outcomes, seen)
    return (ruling.ruling.code, ruling.ruling.cause, ruling.status.value), {each.name: each for each in outcomes}


WRONG, LIMIT, DOWN = refusal("250002", "auth"), refusal("10429", "rate_limit"), refusal("20001", "upstream")


@pytest.mark.parametrize(
    ("silent", "said", "verdict"),
    [
        ({}, {}, ("ready", None, "ok")),
        ({"token": WRONG, "products": WRONG, "probe": WRONG}, {}, ("ups_credentials", None, "critical")),
        (
            {"probe": WRONG},
            {"products": [product(each, granted=False) for each in PRODUCTS]},
            ("ups_product_missing", "all", "critical"),
        ),
        (
            {"products": WRONG, "probe": WRONG},
            {"token": [{**TOKEN, "cached": True}]},
            ("ups_credentials", "kept_token", "critical"),
        ),
        (
            {"probe": WRONG},
            {"products": [product("tracking", granted=False)]},
            ("ups_product_missing", None, "critical"),
        ),
        ({"probe": LIMIT}, {}, ("ups_rate_limited", None, "critical")),
        ({}, {"products": [product("tracking", granted=None, code="10429")]}, ("ups_rate_limited", None, "critical")),
        ({"probe": DOWN}, {}, ("ups_down", None, "critical")),
        ({}, {"accounts": [practice(account="A1B2C")]}, ("account_malformed", None, "critical")),
        ({}, {"accounts": [practice(account="a1b2c3")]}, ("account_malformed", None, "critical")),
        ({}, {"accounts": [practice(account=None)]}, ("account_missing", None, "critical")),
        ({}, {"accounts": [practice(account=None, shipments=0)]}, ("account_missing_unused", None, "warning")),
        ({}, {"accounts": [practice(account=None, status="closed")]}, ("ready", None, "ok")),
    ],
)
def test_each_row(silent, said, verdict):
    """What UPS refuses, and which account numbers are not in order, decide; a closed practice ships nothing."""
    assert verdict == judged(silent, **said)[0]


@pytest.mark.parametrize("look", ["token", "products", "probe", "accounts"])
def test_silence_is_unknown(look):
    """Where a look is not answered, nothing is ready; a time-out of our own is no sign that UPS is down."""
    assert ("unknown", None, "unknown") == judged({look: refusal("timeout", "timeout")})[0]


def test_a_product_of_which_ups_says_nothing_is_unknown():
    """It is neither granted nor missing."""
    verdict, outcomes = judged(products=[product("shipping"), product("tracking", granted=None, code="timeout")])

    assert "unknown" == verdict[0]
    assert "Tracking" in outcomes["products"].says


def test_many_practices_are_counted():
    """Three are named."""
    rows = [practice(practice=f"Practice {number}", account=None) for number in range(5)]
    _, outcomes = judged(accounts=rows)

    assert "5 practices: Practice 0; Practice 1; Practice 2; and 2 more." == outcomes["accounts_there"].says
