"""`case salesforce`, judged on literal facts: at least one test for each row of its playbook."""

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenarios.case.salesforce import LOOKS, PAYLOAD, SCENARIO
from peakops.verdict import rule

KEY = "Portal_Case_Id__c"
IDENTITY = {
    "user_id": "005SB0000000001YAA",
    "username": "integration@peakdental.example",
    "active": True,
    "organization_id": "00DSB00000000012AA",
    "instance": "USA900",
    "sandbox": False,
    "flow": "client_credentials",
    "version": "62.0",
    "case_field": KEY,
}
LIMITS = {"daily_max": 15000, "daily_remaining": 14000, "daily_used": 1000}
VERSIONS = [{"version": f"{number}.0", "label": ""} for number in range(31, 69)]
SINGLE = ("identity", "limits")


def field(name, **said):
    return {"name": name, "createable": True, "external_id": name == KEY, "unique": name == KEY, **said}


def fields(**changed):
    return [field(name, **changed.get(name, {})) for name in (*PAYLOAD, KEY)]


def judged(**said):
    """The verdict on a healthy org with these facts instead; a Fault is silence."""
    facts = {"identity": IDENTITY, "limits": LIMITS, "describe": fields(), "versions": VERSIONS, **said}
    evidence = tuple(_evidence(name, facts[name]) for name in LOOKS)
    return rule(SCENARIO, diagnose(SCENARIO, evidence), evidence).ruling


def _evidence(name, value):
    if isinstance(value, Fault):
        return Evidence(name=name, source="salesforce", error=value)
    return Evidence(
        name=name, source="salesforce", single=name in SINGLE, rows=(value,) if name in SINGLE else (*value,)
    )


def fault(category, code="salesforce.x"):
    return Fault(code=code, category=category, message="Salesforce refused.", hint="Ask the admin.")


def test_all_in_order_is_ready():
    """The sentence names the user and the org."""
    found = judged()

    assert "ready" == found.code
    assert "integration@peakdental.example, org 00DSB00000000012AA (USA900, production)." == found.says


@pytest.mark.parametrize("look", LOOKS)
def test_a_refused_log_in_is_a_finding(look):
    """Whichever look meets it, it is a cause and no silence; the sentence has the next step."""
    found = judged(**{look: fault("auth", "salesforce.invalid_grant")})

    assert ("salesforce_auth_failed", "Salesforce refused. Ask the admin.") == (found.code, found.says)


def test_an_inactive_user():
    """The user is named."""
    assert "user_inactive" == judged(identity={**IDENTITY, "active": False}).code


@pytest.mark.parametrize(
    ("left", "code"),
    [
        (3000, "ready"),
        (2999, "api_limit_low"),
        (750, "api_limit_low"),
        (749, "api_limit_reached"),
        (0, "api_limit_reached"),
    ],
)
def test_requests_that_are_left(left, code):
    """Under 20% is a warning, under 5% critical; the bounds themselves are not under."""
    assert code == judged(limits={**LIMITS, "daily_remaining": left}).code


def test_no_requests_at_all():
    """An org that has none is judged, and nothing is divided."""
    assert "ready" == judged(limits={"daily_max": 0, "daily_remaining": 0, "daily_used": 0}).code


def test_a_refusal_for_the_limit():
    """REQUEST_LIMIT_EXCEEDED at any look is the limit."""
    assert "api_limit_reached" == judged(describe=fault("rate_limit")).code


@pytest.mark.parametrize(
    ("version", "code"),
    [
        ("30.0", "version_retired"),
        ("31.0", "version_ends"),
        ("40.0", "version_ends"),
        ("41.0", "ready"),
        ("99.0", "version_retired"),
    ],
)
def test_versions_of_the_api(version, code):
    """Up to 30 they are gone, up to 40 they end, and one that the org does not offer is no better than gone."""
    assert code == judged(identity={**IDENTITY, "version": version}).code


@pytest.mark.parametrize("code", ["salesforce.gone", "salesforce.unsupported_api_version"])
def test_a_version_that_is_refused(code):
    """Salesforce's own refusal says it too."""
    assert "version_retired" == judged(identity=fault("config", code)).code


@pytest.mark.parametrize(("version", "says"), [("62.0", "2027-06-01"), ("65.0", "does not take")])
def test_the_soap_log_in_ends(version, says):
    """On a day that is known, and from version 65 on already."""
    found = judged(identity={**IDENTITY, "flow": "password", "version": version})

    assert "soap_ends" == found.code
    assert says in found.says


@pytest.mark.parametrize("lacking", [{"unique": False}, {"external_id": False}])
def test_the_portals_id_must_find_a_case(lacking):
    """A field that is not both an External ID and unique makes twins possible."""
    assert "external_id_unusable" == judged(describe=fields(**{KEY: lacking})).code


def test_the_portals_id_is_hidden():
    """Field-level security hides it from the description altogether."""
    found = judged(describe=[each for each in fields() if each["name"] != KEY])

    assert ("external_id_unusable", f"Case has no field {KEY} that this user sees.") == (found.code, found.says)


def test_fields_that_may_not_be_set():
    """Each is named: one that only reads, and one that is hidden."""
    described = [each for each in fields(Subject={"createable": False}) if each["name"] != "Due_Date__c"]
    found = judged(describe=described)

    assert "salesforce_permission" == found.code
    assert "Subject, Due_Date__c" in found.says


def test_a_user_who_only_reads_lacks_nothing():
    """As docs/safety.md asks for: what another user may set does not show, and the sentence says so."""
    found = judged(describe=[{**each, "createable": False} for each in fields()])

    assert "ready" == found.code
    assert found.says.endswith("This user only reads; what the one that makes cases may set does not show.")


def test_a_refusal_for_a_permission():
    """Salesforce's own refusal says it too."""
    assert "salesforce_permission" == judged(describe=fault("permission")).code


@pytest.mark.parametrize("look", LOOKS)
def test_silence_is_unknown(look):
    """A look that did not answer may hide anything but what is proven."""
    assert "unknown" == judged(**{look: fault("upstream")}).code
