"""Every source with every fault: the verdict is unknown or what is still proven, the source is named, in time."""

import pytest

TIMEOUT = 4
"""Seconds that each run is given; the contract allows one more."""
STRIPE = {
    "unauthorised": ({"status": 401}, "auth"),
    "forbidden": ({"status": 403}, "permission"),
    "too_many": ({"status": 429}, "rate_limit"),
    "too_many_for_long": ({"status": 429, "retry_after": 60}, "rate_limit"),
    "broken": ({"status": 500}, "upstream"),
    "unavailable": ({"status": 503}, "upstream"),
    "error_code": ({"error": "lock_timeout"}, "rate_limit"),
    "slow": ({"delay_s": 30}, "timeout"),
    "not_json": ({"body": "<html>not json</html>"}, "upstream"),
    "reset": ({"reset": True}, "upstream"),
    "dropped": ({"after_effect": "drop_connection"}, "upstream"),
}
NEEDED = ("GET /v1/payment_intents/*", "GET /v1/charges")
FOR_THE_CAUSE = ("GET /v1/events", "GET /v1/webhook_endpoints")


@pytest.fixture
def check(peakops):
    """Run the check of INV-123, and hold it to the contract."""

    def run(*args):
        ran = peakops("--sandbox", "payment", "check", "INV-123", "--json", "--timeout", f"{TIMEOUT}s", *args)
        assert ran.seconds < TIMEOUT + 1
        assert ran.code == ran.json["exit_code"]
        return ran

    return run


def stripe(route, fault):
    return {"vendor": "stripe", "route": route, **fault}


def paired(ones, others):
    """Each of both at least once, in turn: all pairs would take minutes, and prove no more."""
    ones, others = list(ones), list(others)
    most = max(len(ones), len(others))
    return [(ones[at % len(ones)], others[at % len(others)]) for at in range(most)]


LIES = ("{}", "null", "[]", '{"object": "list", "data": null}', '{"object": "list", "data": [{}]}')


@pytest.mark.parametrize("name", STRIPE)
def test_stripe_gone(name, check, load):
    """All of Stripe fails: unknown, 3, Stripe is named with the kind of fault, and the portal's side is still shown."""
    fault, category = STRIPE[name]
    load("paid_not_recorded", faults=[stripe("*", fault)])
    ran = check()
    errors = [each["error"] for each in ran.json["evidence"] if each["source"] == "stripe" and each["error"]]

    assert ("unknown", "unknown", 3) == (ran.json["verdict"]["code"], ran.json["status"], ran.code)
    assert ["stripe"] == ran.json["verdict"]["sources"]["missing"]
    assert category in {each["category"] for each in errors}
    assert ["open", "none", "none", None] == [each["state"] for each in ran.json["data"]["truth"]]
    assert ran.json["warnings"]


@pytest.mark.parametrize(("route", "name"), paired(NEEDED, STRIPE))
def test_one_route_gone(route, name, check, load):
    """One needed look is silent: never ok and never a guess; critical only what the others prove."""
    load("paid_not_recorded", faults=[stripe(route, STRIPE[name][0])])
    ran = check()

    assert (ran.json["verdict"]["code"], ran.code) in {("unknown", 3), ("paid_not_recorded", 2)}
    assert not ran.json["verdict"]["complete"]
    assert ["stripe"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize(("route", "body"), paired(("*", *NEEDED), LIES))
def test_stripe_lies(route, body, check, load):
    """JSON that is none of Stripe's objects is no answer: unknown, or what is still proven; never `there is none`."""
    load("insufficient_funds", faults=[stripe(route, {"body": body})])
    ran = check()

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert ["stripe"] == ran.json["verdict"]["sources"]["missing"]


@pytest.mark.parametrize("status", [404, 400])
def test_a_refused_list_is_no_empty_list(status, check, load):
    """Stripe refuses to list the charges of a PaymentIntent that it has: that is silence, not `no charge`."""
    load("insufficient_funds", faults=[stripe("GET /v1/charges", {"status": status})])

    assert 3 == check().code


def test_silence_of_charges_and_refunds_is_no_money(check, load):
    """The refund cannot be seen: a success that may have been given back is not critical."""
    load("refunded", faults=[stripe("GET /v1/charges", {"status": 503}), stripe("GET /v1/refunds", {"status": 503})])
    ran = check()

    assert "paid_not_recorded" not in [each["code"] for each in ran.json["findings"]]
    assert 3 == ran.code


def test_siblings_that_cannot_be_listed_make_ok_unknown(check, load):
    """A second payment could not be looked for: `paid` is not said."""
    load("paid_twice", faults=[stripe("GET /v1/payment_intents", {"status": 503})])

    assert check().code in {2, 3}


def test_search_that_is_not_offered_is_a_note(check, load):
    """Search fails and the customer's list answers: the verdict stands, with a note."""
    load("paid", faults=[stripe("GET /v1/payment_intents/search", {"status": 400, "error": "search_not_supported"})])
    ran = check()

    assert ("paid", True) == (ran.json["verdict"]["code"], ran.json["verdict"]["complete"])
    assert any("Search was not available" in note for each in ran.json["evidence"] for note in each["notes"])


def test_slow_answers_are_waited_for(check, load):
    """Answers that take a second each fit into the time limit, and are not given up too early."""
    load("paid_not_recorded", faults=[stripe("*", {"delay_s": 0.9})])

    assert 2 == check().code


@pytest.mark.parametrize("route", FOR_THE_CAUSE)
def test_the_cause_alone_suffers(route, check, load):
    """Without events or endpoints the verdict stands, with what is known of its cause."""
    load("paid_not_recorded", faults=[stripe(route, {"status": 503})])
    ran = check()

    assert ("paid_not_recorded", 2) == (ran.json["verdict"]["code"], ran.code)
    assert not ran.json["verdict"]["complete"]


@pytest.mark.parametrize("route", ["GET /v1/refunds", "GET /v1/disputes"])
def test_ok_is_not_said_without_refunds_or_disputes(route, check, load):
    """What could speak against `paid` did not answer: unknown."""
    load("paid", faults=[stripe(route, {"status": 503})])

    assert 3 == check().code


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "retry_after": 1}, {"reset": True}])
def test_a_fault_that_passes_is_waited_out(fault, check, load):
    """Two failures and then an answer: the verdict is as if nothing had been."""
    load("paid_not_recorded", faults=[stripe("GET /v1/charges", {**fault, "times": 1})])
    ran = check()

    assert ("paid_not_recorded", True) == (ran.json["verdict"]["code"], ran.json["verdict"]["complete"])


def test_a_403_names_the_permission(check, load):
    """The permission that Stripe's text names is what the operator reads."""
    load("paid", faults=[stripe("GET /v1/charges", {"status": 403, "error": "rak_charge_read"})])
    ran = check()
    (charges,) = [each for each in ran.json["evidence"] if each["name"] == "charges"]

    assert "The Stripe key lacks the permission rak_charge_read." == charges["error"]["message"]
    assert "rak_charge_read" in ran.json["verdict"]["says"]


DATABASE = {
    "down": ({"fault": "down"}, "upstream", "database.unreachable"),
    "slow": ({"fault": "slow"}, "timeout", "database"),
    "blind": ({"fault": "blind"}, "permission", "database.blind"),
    "denied": ({"fault": "deny", "table": "invoices"}, "permission", "database.permission_denied"),
    "no_table": ({"fault": "missing_table", "table": "invoices"}, "config", "database.missing_table"),
    "no_column": (
        {"fault": "missing_column", "table": "invoices", "column": "amount_due"},
        "config",
        "database.missing_column",
    ),
}


@pytest.mark.parametrize("name", DATABASE)
def test_the_invoice_cannot_be_read(name, check, load):
    """Blind, denied, down, slow or changed: unknown, 3, the reason named; never `not found`."""
    fault, category, code = DATABASE[name]
    load("paid_not_recorded", faults=[{"vendor": "database", **fault}])
    ran = check()
    (invoice,) = [each for each in ran.json["evidence"] if each["name"] == "invoice"]

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert category == invoice["error"]["category"]
    assert invoice["error"]["code"].startswith(code)
    assert "database" in ran.json["verdict"]["sources"]["missing"]
    assert invoice["error"]["hint"]


def test_stripe_is_still_shown_when_the_database_is_down(check, load):
    """The money that Stripe took is in the evidence, though the invoice could not be read."""
    load("paid_not_recorded", faults=[{"vendor": "database", "fault": "down"}])
    ran = check()

    assert "captured" == ran.json["data"]["truth"][3]["state"]


@pytest.mark.parametrize(
    ("world", "table", "code", "exit_code"),
    [
        ("paid_not_recorded", "payments", "paid_not_recorded", 2),
        ("paid_not_recorded", "webhook_events", "paid_not_recorded", 2),
        ("paid", "payments", "unknown", 3),
        ("paid", "webhook_events", "paid", 0),
        ("never_attempted", "payments", "unknown", 3),
        ("disputed", "payments", "disputed", 2),
    ],
)
@pytest.mark.parametrize("fault", ["deny", "missing_table", "slow"])
def test_one_table_gone(fault, world, table, code, exit_code, check, load):
    """Money on an open invoice, or a dispute, is proven without a table; that all is well is not."""
    load(world, faults=[{"vendor": "database", "fault": fault, "table": table}])
    ran = check()

    assert (code, exit_code) == (ran.json["verdict"]["code"], ran.code)
    assert not ran.json["verdict"]["complete"]
    assert ["database"] == ran.json["verdict"]["sources"]["missing"]


def test_both_gone(check, load):
    """Nothing answers: unknown, and both are named."""
    load("paid", faults=[{"vendor": "database", "fault": "down"}, stripe("*", {"status": 503})])
    ran = check()

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert {"database", "stripe"} == set(ran.json["verdict"]["sources"]["missing"])


def test_a_fault_is_told_to_people_too(peakops, load):
    """The page names the silent look, the reason and what to do, and has the same exit code."""
    load("paid", faults=[stripe("GET /v1/charges", {"status": 403})])
    ran = peakops("--sandbox", "payment", "check", "INV-123")

    assert 3 == ran.code
    assert "UNKNOWN" in ran.out
    assert "rak_charge_read" in ran.out
    assert "Add it to the restricted key" in ran.out
