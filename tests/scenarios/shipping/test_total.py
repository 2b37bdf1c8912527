"""The verdicts of `shipping check` are total, and agree with a second reading of the issue."""

from itertools import product

import pytest

from peakops.scenario import Facts
from peakops.scenarios.shipping import retry
from peakops.scenarios.shipping.check import SCENARIO

from .conftest import (
    LABEL,
    OTHER,
    SILENCE,
    UPS,
    ago,
    candidate,
    evidence,
    judged,
    label,
    logged,
    package,
    parcel,
    practice,
    refusal,
    shipment,
    validated,
)

CRITICAL = (
    *("two_labels", "label_not_stored", "ups_credentials", "ups_product_missing", "ups_account", "ups_down"),
    *("invalid_address", "service_not_available", "package_invalid"),
)
WARNINGS = ("ups_rate_limited", "ambiguous_address", "outcome_unknown", "voided", "never_requested")
ORDER = (*CRITICAL, *WARNINGS, "labelled")
"""The issue's precedence."""
STATUSES = ("pending", "labelled", "failed", "voided", "parked")
HELD = {"none": None, "first": LABEL}
LABELS = {
    "none": [],
    "first": [package()],
    "first_voided": [package(voided=True)],
    "other": [package(OTHER)],
    "first_voided_other": [package(voided=True), package(OTHER)],
    "both": [package(), package(OTHER)],
}
RECOVERY = {"none": [], "other": [label(OTHER)], "silent": SILENCE}
CODES = {
    None: None,
    "timeout": "lost",
    "250002": "ups_credentials",
    "250009": "ups_product_missing",
    "120113": "ups_account",
    "120107": "ups_account",
    "120001": "ups_down",
    "120207": "invalid_address",
    "120209": "invalid_address",
    "121210": "service_not_available",
    "120601": "package_invalid",
    "10429": "ups_rate_limited",
    "999123": None,
}
"""What the portal stored, and the row that the issue has for it."""
LOGS = {
    "none": [],
    "requested": logged("requested"),
    "failed": logged("failed", "requested"),
    "created": logged("created", "requested"),
}
ADDRESSES = {
    "valid": [validated()],
    "ambiguous": [validated("ambiguous", candidate())],
    "none": [validated("none")],
    "abroad": [],
    "silent": SILENCE,
}
LIVE = {
    "well": {},
    "token": dict.fromkeys(UPS, refusal("250002", "auth")),
    "product": {"by_reference": refusal("250002", "auth"), "tracked": refusal("250002", "auth")},
    "rate": dict.fromkeys(("by_reference", "tracked", "label"), refusal("10429", "rate_limit", retry_after_s=60.0)),
    "down": dict.fromkeys(UPS, refusal("20001", "upstream")),
    "silent": dict.fromkeys(UPS, SILENCE),
}
PAIRS = (("failed", "none"), ("none", "ambiguous"), ("requested", "silent"))
KNOWN = {*SCENARIO.guide.precedence(), *SCENARIO.guide.ends}


def cells():
    """Every combination where UPS is well; where it is not, each with what differs then."""
    wide = product(STATUSES, HELD, LABELS, RECOVERY, CODES, LOGS, ADDRESSES)
    keys = ("status", "held", "labels", "recovery", "code", "log", "address")
    for values in wide:
        at = dict(zip(keys, values, strict=True))
        # Beside a label in force neither the log nor the address makes a difference: one of each will do.
        if at["labels"] in ("none", "first_voided") or (at["log"], at["address"]) in PAIRS:
            yield {**at, "live": "well"}
    narrow = product(("pending", "labelled", "failed"), HELD, ("none", "both"), CODES, LIVE)
    for status, held, labels, code, live in narrow:
        yield {
            **{"status": status, "held": held, "labels": labels, "recovery": "none", "code": code},
            **{"log": "failed" if code else "none", "address": "valid", "live": live},
        }


def judgement(at):
    return judged(**brought(at))


def looked(at):
    return evidence(**brought(at))


def brought(at):
    """What the looks bring, and which of them are silent."""
    silent = dict(LIVE[at["live"]])
    rows = {"label": RECOVERY[at["recovery"]], "address": ADDRESSES[at["address"]]}
    for look in [look for look, value in rows.items() if value is SILENCE]:
        silent.setdefault(look, rows.pop(look))
    goods = parcel(error_code=at["code"], attempted_at=None, country="CA" if at["address"] == "abroad" else "US")
    held = HELD[at["held"]]
    return dict(
        silent=silent,
        shipment=[shipment(status=at["status"], tracking_number=held)],
        parcel=[goods],
        practice=[practice()],
        audit=LOGS[at["log"]],
        by_reference=LABELS[at["labels"]],
        tracked=[each for each in LABELS[at["labels"]] if each["tracking_number"] == held],
        **rows,
    )


def expected(at):
    """The verdict by the issue, read once more: the first row of its order that applies."""
    return next(reading(at), None) or "unclassified"


def reading(at):
    """The rows that apply, in the issue's order; 'unknown' where what the next ones need was not answered."""
    live, holds, code = in_force(at), HELD[at["held"]], CODES[at["code"]]
    made = bool(live)
    open_ = not made and at["status"] not in ("labelled", "voided")
    if live is not None and len(live) > 1:
        yield "two_labels"
    if live is not None and len(live) == 1 and (live[0] != holds or at["status"] in ("pending", "failed")):
        yield "label_not_stored"
    if at["live"] == "token" or (open_ and code == "ups_credentials"):
        yield "ups_credentials"
    if at["live"] == "product" or (open_ and code == "ups_product_missing"):
        yield "ups_product_missing"
    if open_ and code == "ups_account":
        yield "ups_account"
    if at["live"] == "down" or (open_ and code == "ups_down"):
        yield "ups_down"
    if not made and address_of(at) == "none":
        yield "invalid_address"
    if open_ and code in ("invalid_address", "service_not_available", "package_invalid"):
        yield code
    yield from milder(at, live, code, open_=open_)


def milder(at, live, code, *, open_):
    """The warnings, and the ok row: none of them but a limit where UPS did not answer."""
    if at["live"] == "rate" or (open_ and code == "ups_rate_limited"):
        yield "ups_rate_limited"
    if live is None:
        yield "ambiguous_address" if address_of(at) == "ambiguous" else "unknown"
    if not live and address_of(at) == "ambiguous":
        yield "ambiguous_address"
    searched = live or at["recovery"] != "silent"
    if at["status"] == "voided" and (HELD[at["held"]] in live or (searched and not live)):
        yield "voided"
    if not live and searched:
        yield from without_label(at, code)
    if at["status"] == "labelled" and live == [HELD[at["held"]]]:
        yield "labelled"
    if not searched or (not live and address_of(at) is None):
        yield "unknown"


def without_label(at, code):
    """A shipment of which UPS has no label in force."""
    voided = at["held"] == "first" and "first_voided" in at["labels"]
    waiting = at["status"] == "pending" and not at["code"]
    lost = code == "lost" and at["status"] not in ("labelled", "voided")
    if (
        lost
        or (at["status"] == "labelled" and at["held"] == "none")
        or (waiting and at["log"] in ("requested", "created"))
    ):
        yield "outcome_unknown"
    if voided:
        yield "voided"
    if waiting and at["log"] in ("none", "failed"):
        yield "never_requested"


def in_force(at):
    """The labels in force, as tracking and recovery show them; None where tracking did not answer."""
    if at["live"] != "well":
        return None
    shown = [each["tracking_number"] for each in LABELS[at["labels"]] if not each["voided"]]
    return list(dict.fromkeys([*shown, *([OTHER] if at["recovery"] == "other" else [])]))


def address_of(at):
    """What UPS makes of the address; None where it did not say."""
    if at["live"] in ("token", "down", "silent") or at["address"] == "silent":
        return None
    return "valid" if at["address"] == "abroad" else at["address"]


@pytest.fixture(scope="module")
def walked():
    """Each cell of the product with its verdict; walked once."""
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


def test_first_finding_decides(walked):
    """The findings are in the issue's order, the worst first."""
    for at, each in walked:
        worst = [one.code for one in each.findings if one.severity == each.findings[0].severity]

        assert sorted(worst, key=ORDER.index) == worst, at


def test_no_label_is_offered_where_one_is_in_force(walked):
    """A retry is named only where UPS has no label, or where it fetches the one that there is."""
    for at, each in walked:
        named = [one for one in each.findings if one.fix and one.fix.command.startswith("peakops shipping retry")]
        assert not (named and in_force(at)), at


def test_nothing_that_would_be_refused_again_is_offered(walked):
    """Accounts, services and packages are corrected first, and the credentials and products of peakops."""
    final = {"ups_account", "service_not_available", "package_invalid"}
    for at, each in walked:
        own = {"ups_credentials", "ups_product_missing"} if at["live"] != "well" else set()
        assert not [one for one in each.findings if one.code in final | own and (one.fix or one.next)], at


def test_what_the_verdict_offers_is_not_refused(walked, tmp_path):
    """The retry that is named for the verdict has a plan, as it is typed."""
    offered = [at for at, each in walked if each.findings and _retries(each.findings[0])]
    file = str(tmp_path / "label.gif")

    assert {None, "timeout", "250002", "250009", "120001", "120207", "10429"} <= {at["code"] for at in offered}
    for at in offered:
        assert retry.propose(Facts(looked(at)), to=file).actions, at


def _retries(finding):
    return bool(finding.fix) and finding.fix.command == "peakops shipping retry SHP-77"


def test_labelled_only_where_both_know_it(walked):
    """The portal holds the one label that UPS has in force."""
    for at, each in walked:
        if each.ruling.code == "labelled":
            assert ("labelled", "first") == (at["status"], at["held"]), at
            assert [LABEL] == in_force(at), at


def test_a_young_attempt_is_waited_for():
    """Whatever the log says of it."""
    for log in ("none", "requested"):
        found = judged(
            shipment=[shipment(status="pending", tracking_number=None)],
            parcel=[parcel(attempted_at=ago(seconds=30))],
            audit=LOGS[log],
            **{look: [] for look in ("tracked", "by_reference", "label")},
        )
        assert ("outcome_unknown", None) == (found.ruling.code, found.findings[0].fix)
