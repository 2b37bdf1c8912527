"""The judgements of `shipping check` on literal facts: at least one for each row of the playbook."""

import pytest

from peakops import playbook
from peakops.investigate import diagnose
from peakops.model import Fault
from peakops.scenario import Facts, Listed, Look
from peakops.scenarios.shipping import looks, sight, standing
from peakops.scenarios.shipping.check import SCENARIO

from .conftest import (
    LABEL,
    OTHER,
    SILENCE,
    THIRD,
    UPS,
    ago,
    candidate,
    evidence,
    failed,
    label,
    logged,
    open_one,
    package,
    parcel,
    practice,
    refusal,
    shipment,
    validated,
)

DENIED = Fault(code="database.denied", category="permission", message="It may not be read.", source="database")


def told(judged):
    return judged.ruling.code, judged.ruling.cause


def first(judged):
    return judged.findings[0]


def test_a_label_that_both_know(judge):
    """Ok: it is in force, and the portal holds its number; a fresh copy of the file is what may be wanted."""
    found = judge()

    assert ("labelled", None) == told(found)
    assert ("peakops shipping recover SHP-77",) == first(found).next


@pytest.mark.parametrize("changed", [{"label": []}, {"by_reference": []}, {"label": [], "by_reference": []}])
def test_tracking_or_recovery_may_lag(judge, changed):
    """One of UPS's answers is enough to know the label that the portal holds."""
    assert ("labelled", None) == told(judge(**changed))


def test_a_label_that_tracking_does_not_show_yet(judge):
    """Label recovery alone knows it: that is enough."""
    assert ("labelled", None) == told(judge(by_reference=[], tracked=[]))


def test_a_number_that_ups_does_not_know(judge):
    """Neither labelled nor to be made again: nobody can say what it is."""
    found = judge(by_reference=[], tracked=[], label=[])

    assert "unclassified" == found.ruling.code
    assert f"UPS does not know {LABEL}, or not any more" in found.ruling.says


def test_two_labels(judge):
    """Critical: the one that the portal does not hold is offered to be voided."""
    found = judge(by_reference=[package(OTHER, at=ago(hours=3)), package()])

    assert ("two_labels", None) == told(found)
    assert (f"peakops shipping void SHP-77 --tracking {OTHER}", "C") == (
        first(found).fix.command,
        first(found).fix.grade,
    )
    assert f"the portal holds {LABEL}" in found.ruling.says


def test_two_labels_of_which_the_portal_holds_none(judge):
    """The first is kept, and the later one offered."""
    found = judge(**failed("timeout", by_reference=[package(OTHER, at=ago(hours=3)), package()]))

    assert "two_labels" == found.ruling.code
    assert f"peakops shipping void SHP-77 --tracking {LABEL}" == first(found).fix.command


def test_three_labels_name_none(judge):
    """Two are surplus: the fix without a number takes both."""
    found = judge(by_reference=[package(), package(OTHER), package(THIRD)])

    assert "peakops shipping void SHP-77" == first(found).fix.command


def test_a_voided_twin_is_none(judge):
    """A label that was taken back is no second one."""
    assert "labelled" == judge(by_reference=[package(), package(OTHER, voided=True)]).ruling.code


def test_a_label_a_package(judge):
    """Two packages have two labels of one reference, and neither is surplus; a third is, and nobody knows which."""
    two = judge(parcel=[parcel(weights=[1.0, 2.5])], by_reference=[package(), package(OTHER)])
    three = judge(parcel=[parcel(weights=[1.0, 2.5])], by_reference=[package(), package(OTHER), package(THIRD)])

    assert "labelled" == two.ruling.code
    assert ("two_labels", "peakops shipping void SHP-77") == (three.ruling.code, first(three).fix.command)


def test_recovery_knows_of_several(judge):
    """UPS refuses to recover by a reference of several labels: that proves them, whatever tracking shows so far."""
    found = judge(silent={"label": refusal("300001")})

    assert ("two_labels", "not_tracked_yet") == told(found)
    assert first(found).fix is None


@pytest.mark.parametrize("seen", [{"by_reference": [package()]}, {"label": [label()]}])
def test_a_label_that_the_portal_does_not_know(judge, seen):
    """Critical: it is to be recovered; the stored time-out is a thing of the past."""
    found = judge(**{**failed("timeout"), **seen})

    assert ("label_not_stored", None) == told(found)
    assert ("peakops shipping recover SHP-77", "B") == (first(found).fix.command, first(found).fix.grade)
    assert ["label_not_stored"] == [each.code for each in found.findings]


def test_another_label_than_the_portal_holds(judge):
    """The portal holds one that was voided, and not the new one."""
    found = judge(
        tracked=[package(voided=True)], by_reference=[package(voided=True), package(OTHER)], label=[label(OTHER)]
    )

    assert ("label_not_stored", None) == told(found)
    assert f"UPS has the label {OTHER}; the portal holds {LABEL}, which is not in force." == found.ruling.says


def test_a_number_that_is_not_marked(judge):
    """The portal holds the number and stores the shipment as failed."""
    assert ("label_not_stored", "not_marked") == told(judge(shipment=[shipment(status="failed")]))


@pytest.mark.parametrize("code", ["250002", "9250002", "250004", "401"])
def test_the_portals_credentials(judge, code):
    """Critical by the stored code alone; nothing was made, and those of peakops make the label meanwhile."""
    found = judge(**failed(code))

    assert ("ups_credentials", "of_the_portal") == told(found)
    assert "Those of peakops work." in found.ruling.says
    assert ("peakops shipping retry SHP-77",) == first(found).next
    assert standing.instead("portals_credentials")["do"] == first(found).do


def test_our_credentials(judge):
    """A refused token is a finding, not silence: of a shipment with a label, too."""
    silent = {name: refusal("250002", "auth") for name in UPS}

    assert ("ups_credentials", "of_peakops") == told(judge(silent))
    assert ("ups_credentials", "of_peakops") == told(judge(silent, **open_one()))


def test_a_kept_token_that_was_ended_is_no_missing_product(judge):
    """The token is one of an hour ago, and every call is refused: the secret is wrong, not a product missing."""
    silent = {name: refusal("250002", "auth") for name in UPS if name != "token"}

    assert ("ups_credentials", "of_peakops") == told(judge(silent))


@pytest.mark.parametrize(
    ("look", "fault", "named"),
    [
        ("by_reference", refusal("250002", "auth"), "tracking"),
        ("label", refusal("10403", "permission"), "shipping"),
        ("address", refusal("250009", "permission"), "address validation"),
        ("label", refusal("permission_denied", "permission"), "shipping"),
    ],
)
def test_a_product_that_the_app_lacks(judge, look, fault, named):
    """With a token in hand, a refusal is of the product; which one is said."""
    found = judge({look: fault}, **open_one())

    assert ("ups_product_missing", "of_peakops") == told(found)
    assert f"refuses it {named} (code" in found.ruling.says


@pytest.mark.parametrize("code", ["250009", "10403", "403"])
def test_a_product_that_the_portals_app_lacks(judge, code):
    """By the stored code; the app of peakops, which has it, makes the label meanwhile."""
    found = judge(**failed(code))

    assert ("ups_product_missing", "of_the_portal") == told(found)
    assert "The app of peakops has what a label needs." in found.ruling.says
    assert ("peakops shipping retry SHP-77",) == first(found).next


@pytest.mark.parametrize("code", ["250002", "250009", "120001", "10429", "120207"])
@pytest.mark.parametrize(
    "against",
    [
        {"practice": [practice(account=None)]},
        {"weights": []},
        {"weights": [1.0, None]},
        {"address": [validated("ambiguous", candidate())]},
        {"silent": {"label": SILENCE}},
        {"attempted_at": ago(seconds=30), "audit": logged("requested")},
    ],
)
def test_no_label_is_offered_that_could_not_be_made(judge, code, against):
    """A refusal that is over, or of the portal alone: what else is against a label comes before the command."""
    goods = {name: against[name] for name in ("weights", "attempted_at") if name in against}
    rows = {name: against[name] for name in ("practice", "address", "audit") if name in against}
    known = {**failed(code), "parcel": [parcel(error_code=code, **goods)], **rows}
    found = judge(against.get("silent"), **known)

    assert not [each for each in found.findings if each.fix or each.next]


@pytest.mark.parametrize("code", ["408", "504"])
def test_a_gateway_that_heard_no_answer(judge, code):
    """Its time-out says nothing of the label."""
    assert ("outcome_unknown", "timeout") == told(judge(**failed(code)))


@pytest.mark.parametrize(("age", "code"), [(30, "timeout"), (30, "504")])
def test_a_young_time_out_is_waited_for(judge, age, code):
    """Logged as failed or not, its label may still show."""
    young = {"parcel": [parcel(error_code=code, attempted_at=ago(seconds=age))]}
    found = judge(**{**failed(code), **young})

    assert ("outcome_unknown", ()) == (found.ruling.code, first(found).next)


def test_until_when_ups_is_left_alone(judge):
    """To the minute, and not to one that is over before it."""
    calm = refusal("10429", "rate_limit", retry_after_s=59.4)
    found = judge(dict.fromkeys(UPS, calm), **open_one())

    assert ("ups_rate_limited", "now") == told(found)
    assert "Until about 20 Nov 2026 15:01 UTC, in 59 s." in found.ruling.says


@pytest.mark.parametrize(
    ("code", "cause"), [("120113", None), ("120121", None), ("120415", None), ("120107", "shipper")]
)
def test_the_account(judge, code, cause):
    """The number, its billing, or what belongs to it; the account is named."""
    found = judge(**failed(code))

    assert ("ups_account", cause) == told(found)
    assert "Account A1B2C3" in found.ruling.says


def test_no_account(judge):
    """Without one there is no label; where there is a label, that is no finding."""
    none = {"practice": [practice(account=None)]}

    assert ("ups_account", "none") == told(judge(**open_one(**none)))
    assert ("labelled", None) == told(judge(**none))


def test_an_account_that_a_look_is_refused_for(judge):
    """Label recovery says so before any label is asked for."""
    assert ("ups_account", None) == told(judge({"label": refusal("120121")}, **open_one()))


@pytest.mark.parametrize(
    "fault", [refusal("20001", "upstream"), refusal("failed", "upstream"), refusal("777", "upstream")]
)
def test_ups_says_that_it_is_down(judge, fault):
    """It answers with a code of its own, or HTTP 500 and more."""
    found = judge(dict.fromkeys(UPS, fault), **failed("timeout"))

    assert ("ups_down", "now") == told(found)
    assert first(found).fix is None


@pytest.mark.parametrize("code", ["timeout", "unreachable", "unreadable", "no_such_host", "redirected", "refused"])
def test_silence_is_no_sign_that_ups_is_down(judge, code):
    """A time-out of ours, a broken connection and an answer that nobody can read leave it unknown."""
    silent = dict.fromkeys(UPS, refusal(code, "timeout" if code == "timeout" else "upstream"))

    assert "unknown" == judge(silent, **open_one()).ruling.code
    assert "unknown" == judge(silent).ruling.code
    assert "unknown" == judge(silent, **failed("timeout")).ruling.code


@pytest.mark.parametrize("code", ["120001", "20001", "250050", "503", "500"])
def test_ups_was_down(judge, code):
    """It is over where the probe is answered, and the label can be made; else it is not known to be."""
    over = judge(**failed(code))
    silent = judge(dict.fromkeys(UPS, SILENCE), **failed(code))

    assert ("ups_down", "over") == told(over)
    assert ("peakops shipping retry SHP-77", "C") == (first(over).fix.command, first(over).fix.grade)
    assert ("ups_down", None) == told(silent)
    assert first(silent).fix is None


@pytest.mark.parametrize("result", ["none", "ambiguous"])
def test_an_address_that_ups_refused(judge, result):
    """The candidates are told by their towns: streets are personal."""
    found = judge(**failed("120802", address=[validated(result, candidate(), candidate(postal_code="10119"))]))

    assert ("invalid_address", None) == told(found)
    assert "12 ELM ST N" not in found.ruling.says
    assert first(found).fix is None
    if result == "ambiguous":
        assert "UPS knows 2 addresses instead: NEW YORK, NY 10117; NEW YORK, NY 10119." in found.ruling.says


def test_an_address_that_does_not_exist(judge):
    """Before anybody has asked for a label."""
    found = judge(**open_one(address=[validated("none")]))

    assert ("invalid_address", None) == told(found)
    assert ["invalid_address", "never_requested"] == [each.code for each in found.findings]


@pytest.mark.parametrize("code", ["120207", "9120207", "120802"])
def test_an_address_that_was_corrected(judge, code):
    """UPS accepts what the portal has now: the label can be made."""
    found = judge(**failed(code))

    assert ("invalid_address", "accepted_now") == told(found)
    assert "peakops shipping retry SHP-77" == first(found).fix.command


@pytest.mark.parametrize("code", ["120200", "120209", "120213"])
def test_what_no_validation_checks(judge, code):
    """A name or a phone is not known to be corrected."""
    found = judge(**failed(code))

    assert ("invalid_address", None) == told(found)
    assert first(found).fix is None


def test_a_refused_address_without_validation(judge):
    """The stored code alone proves it where UPS is silent, and abroad, where UPS validates nothing."""
    canada = parcel(error_code="120207", country="CA", city="Toronto")
    silent = judge({"address": SILENCE}, **failed("120207"))
    abroad = judge(**{**failed("120207"), "parcel": [canada], "address": []})

    assert ("invalid_address", None) == told(silent) == told(abroad)
    assert "UPS's validation of it is not known." in silent.ruling.says
    assert "this one is in CA." in abroad.ruling.says


def test_abroad(judge):
    """UPS validates the US and Puerto Rico alone, and nothing is made of that it does not validate others."""
    canada = parcel(attempted_at=None, country="CA", city="Toronto")
    found = judge(**open_one(parcel=[canada], address=[]))

    assert ("never_requested", None) == told(found)


@pytest.mark.parametrize("missing", [{"lines": []}, {"city": None}, {"state": ""}, {"postal_code": None}])
def test_an_address_that_is_not_complete(judge, missing):
    """Nobody needs to ask UPS."""
    found = judge(**open_one(parcel=[parcel(attempted_at=None, **missing)], address=[]))

    assert ("invalid_address", "incomplete") == told(found)


@pytest.mark.parametrize("code", ["120500", "121210", "121185", "120124"])
def test_a_service(judge, code):
    """The service is named, and another is to be chosen."""
    found = judge(**failed(code))

    assert ("service_not_available", None) == told(found)
    assert "Service 03." in found.ruling.says


@pytest.mark.parametrize("code", ["120600", "120601", "120609"])
def test_packages_that_ups_refused(judge, code):
    """What the portal has of them is said."""
    found = judge(**failed(code))

    assert ("package_invalid", None) == told(found)
    assert "1 package, 1 lb." in found.ruling.says


@pytest.mark.parametrize("weights", [[], [None], [0.0], [1.0, -2.0]])
def test_packages_without_a_weight(judge, weights):
    """There is nothing to ask UPS."""
    found = judge(**open_one(parcel=[parcel(attempted_at=None, weights=weights)]))

    assert ("package_invalid", "no_weight") == told(found)


def test_a_limit_that_we_meet(judge):
    """A warning with the moment until which to wait; not unknown, though nothing could be looked at."""
    silent = {name: refusal("10429", "rate_limit", retry_after_s=120.0) for name in UPS}
    found = judge(silent, **open_one())

    assert ("ups_rate_limited", "now") == told(found)
    assert "Until about 20 Nov 2026 15:02 UTC, in 2 min." in found.ruling.says
    assert first(found).fix is None


@pytest.mark.parametrize("code", ["10429", "429"])
def test_a_limit_that_the_portal_met(judge, code):
    """It is over where UPS answers."""
    found = judge(**failed(code))

    assert ("ups_rate_limited", "over") == told(found)
    assert "peakops shipping retry SHP-77" == first(found).fix.command


def test_an_ambiguous_address(judge):
    """A warning, and nothing is taken over."""
    found = judge(**open_one(address=[validated("ambiguous", candidate())]))

    assert ("ambiguous_address", None) == told(found)
    assert "UPS knows 1 address instead: NEW YORK, NY 10117." == found.ruling.says
    assert ["ambiguous_address", "never_requested"] == [each.code for each in found.findings]


@pytest.mark.parametrize("code", standing.LOST)
def test_an_attempt_without_an_answer(judge, code):
    """UPS shows no label, which is no proof; a new one may be the second, and is made by class C alone."""
    found = judge(**failed(code))

    assert ("outcome_unknown", "timeout") == told(found)
    assert ("peakops shipping retry SHP-77", "C") == (first(found).fix.command, first(found).fix.grade)


def test_an_attempt_that_the_log_alone_knows(judge):
    """Requested, and neither failed nor created."""
    found = judge(**open_one(parcel=[parcel(attempted_at=None)], audit=logged("requested")))

    assert ("outcome_unknown", "no_answer") == told(found)


def test_an_attempt_that_the_row_alone_knows(judge):
    """Attempted, and the log knows nothing."""
    assert ("outcome_unknown", "no_answer") == told(judge(**open_one(parcel=[parcel()])))


def test_an_attempt_of_a_minute_ago(judge):
    """Its answer may still come: no retry is named."""
    found = judge(**open_one(parcel=[parcel(attempted_at=ago(seconds=60))]))

    assert ("outcome_unknown", "no_answer") == told(found)
    assert first(found).fix is None
    assert "It may be under way." in found.ruling.says


def test_a_number_that_got_lost(judge):
    """The portal stores it as labelled, or its log says that a label was made, and it holds no number."""
    stored = judge(**open_one("labelled"))
    logged_ = judge(**open_one(audit=logged("created", "requested")))

    assert ("outcome_unknown", "no_number") == told(stored) == told(logged_)


def test_a_voided_label(judge):
    """Portal and UPS agree; a new one can be made."""
    found = judge(
        shipment=[shipment(status="voided")],
        tracked=[package(voided=True)],
        by_reference=[package(voided=True)],
        label=[],
    )

    assert ("voided", None) == told(found)
    assert "peakops shipping retry SHP-77" == first(found).fix.command


def test_a_label_that_ups_alone_has_voided(judge):
    """The portal still stores it as labelled."""
    found = judge(tracked=[package(voided=True)], by_reference=[package(voided=True)], label=[])

    assert ("voided", "voided_at_ups") == told(found)


def test_a_label_that_the_portal_alone_has_voided(judge):
    """At UPS it is in force: that is to be voided there, and no other to be made."""
    found = judge(shipment=[shipment(status="voided")])

    assert ("voided", "in_force_at_ups") == told(found)
    assert (f"peakops shipping void SHP-77 --tracking {LABEL}",) == first(found).next
    assert first(found).fix is None


def test_nobody_has_asked(judge):
    """Neither the row nor the log knows an attempt."""
    found = judge(**open_one())

    assert ("never_requested", None) == told(found)
    assert "peakops shipping retry SHP-77" == first(found).fix.command


def test_a_shipment_that_was_set_back(judge):
    """It failed before, and is to be asked for anew."""
    found = judge(**open_one(parcel=[parcel()], audit=logged("failed", "requested", code="120207")))

    assert ("never_requested", "set_back") == told(found)


@pytest.mark.parametrize("code", ["999123", "120701", "10001", "other", "418"])
def test_a_code_of_no_row(judge, code):
    """Unclassified, and the code is shown."""
    found = judge(**failed(code))

    assert "unclassified" == found.ruling.code
    assert (f"code {code}" if code != "other" else "words instead of a code") in found.ruling.says


@pytest.mark.parametrize("code", sorted(playbook.words("ups")["codes"]))
def test_every_code_of_the_table_is_judged(judge, code):
    """Each known code leads to the row of its kind; what no row is for stays unclassified."""
    rows = {
        **{"credentials": "ups_credentials", "product": "ups_product_missing", "account": "ups_account"},
        **{"shipper": "ups_account", "down": "ups_down", "rate": "ups_rate_limited", "address": "invalid_address"},
        **{"service": "service_not_available", "package": "package_invalid"},
    }
    kind = playbook.words("ups")["codes"][code]["kind"]

    assert rows.get(kind, "unclassified") == judge(**failed(code)).ruling.code


def test_the_code_of_the_log(judge):
    """Where the row has none, the log's is the one."""
    found = judge(**open_one("failed", audit=logged("failed", "requested", code="120113")))

    assert ("ups_account", None) == told(found)


def test_an_old_error_of_a_label_that_was_made(judge):
    """What failed before is a thing of the past."""
    assert ("labelled", None) == told(judge(parcel=[parcel(error_code="120207")]))


@pytest.mark.parametrize("silent", ["by_reference", "tracked"])
def test_without_tracking_nothing_mild_is_said(judge, silent):
    """Neither labelled, nor never requested, nor an unknown outcome; what the stored code proves stands."""
    assert "unknown" == judge({silent: SILENCE}).ruling.code
    assert "unknown" == judge({silent: SILENCE}, **open_one()).ruling.code
    assert "unknown" == judge({silent: SILENCE}, **failed("timeout")).ruling.code
    assert "invalid_address" == judge({silent: SILENCE}, **failed("120209")).ruling.code


def test_without_recovery_no_label_is_said_to_be_missing(judge):
    """It may know one that tracking does not show yet; a label that is there needs no recovery."""
    assert "unknown" == judge({"label": SILENCE}, **open_one()).ruling.code
    assert "labelled" == judge({"label": SILENCE}).ruling.code


@pytest.mark.parametrize("silent", ["parcel", "practice"])
def test_without_the_portals_rows_it_is_unknown(judge, silent):
    """Both are needed for any verdict."""
    assert "unknown" == judge({silent: DENIED}).ruling.code


@pytest.mark.parametrize("silent", ["case", "changes", "team_changes"])
def test_what_no_verdict_needs(judge, silent):
    """Its silence changes nothing but that it is not complete."""
    found = judge({silent: DENIED})

    assert ("labelled", False) == (found.ruling.code, found.ruling.complete)


def test_without_the_log(judge):
    """Whether a label was asked for is not known; a stored code needs no log."""
    assert "unknown" == judge({"audit": DENIED}, **open_one()).ruling.code
    assert "ups_account" == judge({"audit": DENIED}, **failed("120113")).ruling.code


@pytest.mark.parametrize("carrier", ["fedex", "UPS Freight", ""])
def test_another_carrier(judge, carrier):
    """It is not judged, and that is said."""
    found = judge(shipment=[shipment(carrier=carrier)], tracked=[], by_reference=[], label=[], address=[])

    assert "unclassified" == found.ruling.code
    assert "peakops judges shipments with UPS alone" in found.ruling.says


def test_an_unfinished_change_comes_first(judge):
    """Whatever else is wrong."""
    begun = {
        "operator": "ann",
        "seq": 1,
        "at": ago(hours=1),
        "kind": "intended",
        "hash": "h",
        "detail": {"run": "r", "plan": "p", "step": 1, "of": 2, "body": {}},
    }
    found = judge(changes=[begun], by_reference=[package(), package(OTHER)])

    assert "unfinished_change" == found.ruling.code


def test_the_truth_table():
    """One line a system; no street, name or phone in it."""
    facts = Facts(evidence(**failed("120802", address=[validated("ambiguous", candidate())])))
    lines = {each["system"]: each["says"] for each in sight.truth(facts)}

    assert ["shipment", "case", "practice", "portal's log", "labels at UPS", "address", "UPS"] == list(lines)
    assert "failed, no tracking number, error 120802" in lines["shipment"]
    assert "none that it shows" == lines["labels at UPS"]
    assert "Elm" not in "".join(lines.values())


@pytest.mark.parametrize("silent", [*UPS, "parcel", "practice", "case", "audit"])
def test_silence_breaks_neither_table_nor_data(silent):
    """What could not be read is said to be so."""
    looked = evidence({silent: SILENCE})

    assert 7 == len(sight.truth(Facts(looked)))
    assert len(SCENARIO.guide.questions) == len(diagnose(SCENARIO, looked))


@pytest.mark.parametrize(
    ("given", "forms"),
    [
        ("SHP-77", ["number", "tracking", "number"]),
        (" 1za1b2c30300000071 ", ["number", "tracking", "number", "number"]),
        ("77777777-7777-4777-8777-000000000077", ["id", "id"]),
        ("CASE-1042' or 1=1 --", ["number", "tracking", "number"]),
    ],
)
def test_the_ways_to_a_shipment(given, forms):
    """A number, a tracking number, an id; a case by either. Only a tracking number asks UPS before that."""
    listed = Listed()
    looks.shipment(Look(listed), given)
    (ways,) = [params["ways"] for name, *_, params in listed.asked if name == "shipment"]

    assert forms == [next(iter(each)) for _, each in ways]
    assert ("pointer" in [name for name, *_ in listed.asked]) == given.strip().lower().startswith("1z")
