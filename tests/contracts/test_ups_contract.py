"""What peakops and the sandbox's UPS say to each other, against UPS's specifications, patched where they are broken."""

import functools
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
import yaml
from openapi import Specification, places
from recorder import Exchange, Recorder, template

from peakops.settings import Settings, WriteKeys
from peakops.sources.ups import Ups
from peakops.sources.ups_writer import UpsWriter

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
WEEK = NOW - timedelta(days=7)
NUMBER = "1ZA1B2C30300000015"
PLACE = {"city": "Albany", "state": "NY", "postal_code": "12207"}
JANE = {"name": "Jane", "lines": ["1 Main St"], "country": "US", "phone": "5185550199", **PLACE}
PART = {
    "accounts": ["A1B2C3"],
    "products": ["shipping", "address_validation", "tracking"],
    "addresses": [
        {"line": "2 Main St", **PLACE, "result": "ambiguous", "candidates": [{"line": "2 Main St N", **PLACE}]}
    ],
    "shipments": [
        {
            "shipment_id": NUMBER,
            "tracking_number": NUMBER,
            "reference": "SHP-77",
            "account": "A1B2C3",
            "voided": False,
            "created_at": "-2h",
            "label": True,
        }
    ],
}
STEP = {"plan": "plan", "key": "key"}
FILES = {
    "security": "OAuthClientCredentials",
    "track": "Tracking",
    "addressvalidation": "AddressValidation",
    "shipments": "Shipping",
    "labels": "Shipping",
}
"""The specification of a path, by its first part below /api."""


def tabs(text: str) -> str:
    """Shipping and Tracking have tabs where YAML has none; libyaml takes them, other readers do not."""
    return text.replace("\t", "  ")


def twice(document: dict[str, Any]) -> None:
    """Each operation stands there a second time, under a version that is deprecated: a path must mean one."""
    document["paths"] = {path: each for path, each in document["paths"].items() if "deprecated" not in path}


def both_ways_to_name_a_label(document: dict[str, Any]) -> None:
    """Label recovery demands tracking numbers (of Roadie) and a reference; its own text says one or the other."""
    document["components"]["schemas"]["LabelRecoveryRequest"]["required"] = ["Request"]


def formats_of_three_letters(document: dict[str, Any]) -> None:
    """Label recovery wants four letters of a format whose values are GIF, PDF, ZPL, EPL and SPL."""
    for name in ("LabelRecovery_LabelSpecification_LabelImageFormat", "LabelImage_LabelImageFormat"):
        document["components"]["schemas"][name]["properties"]["Code"]["minLength"] = 3


def one_label_without_a_list(document: dict[str, Any]) -> None:
    """Recovery, which is still v1, answers one label as an object, as all did before v2403; several are a list."""
    results = document["components"]["schemas"]["LabelRecoveryResponse"]["properties"]
    results["LabelResults"] = {"anyOf": [results["LabelResults"], results["LabelResults"]["items"]]}


def weights_of_any_length(document: dict[str, Any]) -> None:
    """The weight that is billed must have eight characters, of which UPS's own examples have three."""
    del document["components"]["schemas"]["ShipmentResults_BillingWeight"]["properties"]["Weight"]["minLength"]


PATCHES: dict[str, tuple[Callable[[dict[str, Any]], None], ...]] = {
    "AddressValidation": (twice,),
    "Shipping": (
        twice,
        both_ways_to_name_a_label,
        formats_of_three_letters,
        one_label_without_a_list,
        weights_of_any_length,
    ),
}
"""What is put right of each specification, beside the tabs. 503 is declared for none but Tracking; no test needs it."""


@pytest.fixture(scope="module")
def spec_of(specs: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Specification]:
    """The patched specification that a path is in; each is read once."""
    folder = tmp_path_factory.mktemp("ups")

    @functools.cache
    def read(name: str) -> Specification:
        document = yaml.load(tabs((specs / "ups" / f"{name}.yaml").read_text("utf-8")), Loader=yaml.CSafeLoader)
        for patch in PATCHES.get(name, ()):
            patch(document)
        file = folder / f"{name}.yaml"
        file.write_text(json.dumps(document, default=str), "utf-8")
        return Specification(file)

    return lambda path: read(FILES[path.split("/")[1]])


Asked = Callable[[Ups], Any]
SHIPMENT = {"shipment": "0b8d0000-0000-4000-8000-000000000077", "reference": "SHP-78", "account": "A1B2C3"}
BOX = {"weight_lb": 2.5, "length_in": 10, "width_in": 4, "height_in": 3}
READS: dict[str, tuple[Asked, str]] = {
    # what is called, and the part of the request without which UPS must refuse it
    "token": (lambda ups: ups.token(), "body.grant_type"),
    "tracked": (lambda ups: ups.tracked(NUMBER), "headers.transid"),
    "by_reference": (lambda ups: ups.by_reference("SHP-77", WEEK, NOW, "A1B2C3"), "headers.transactionsrc"),
    "label": (lambda ups: ups.label(tracking_number=NUMBER), "body.LabelRecoveryRequest.Request"),
    "label by reference": (
        lambda ups: ups.label(reference="SHP-77", account="A1B2C3"),
        "body.LabelRecoveryRequest.ReferenceValues.ShipperNumber",
    ),
    "address": (
        lambda ups: ups.address(["2 Main St"], "Albany", "NY", "12207", "US"),
        "body.XAVRequest.AddressKeyFormat.CountryCode",
    ),
    "probe": (lambda ups: ups.probe(), "body.XAVRequest"),
}
WRITES: dict[str, tuple[dict[str, Any], str]] = {
    # its parameters, and the part without which UPS must refuse it
    "ship": (
        {**SHIPMENT, "service": "03", "ship_to": JANE, "packages": [BOX]},
        "body.ShipmentRequest.Shipment.Service",
    ),
    "void": ({"shipment_id": NUMBER, "tracking_number": None}, "path"),
}
CALLS = {**READS, **WRITES}


@pytest.fixture
def heard(load: Any, tmp_path: Path) -> Callable[[str], Exchange]:
    """What is said last when a call is made: those before are the token and the search for a twin."""

    def heard(call: str) -> Exchange:
        box = load({"says": "UPS.", "now": "2026-11-20T15:00:00Z", "ups": PART})
        recorder = Recorder(box.vendor_url("ups"))
        settings = Settings(
            ups_url=recorder.url,
            ups_client_id=box.ups_client_id,
            ups_client_secret=box.ups_client_secret,
            ups_shipper=box.ups_shipper,
            clock=NOW,
        )
        deadline = time.monotonic() + 20
        ups = Ups(settings, deadline=deadline, folder=tmp_path / "state")
        writer = UpsWriter(settings, WriteKeys(ups_client_secret=box.ups_client_secret), deadline=deadline)
        if call in READS:
            READS[call][0](ups)
        else:
            to = {"to": str(tmp_path / "a.gif")} if call == "ship" else {}
            getattr(writer, call)(**WRITES[call][0], **to, **STEP)
        recorder.shutdown()
        said = recorder.heard[-1]
        return replace(said, path=said.path.removeprefix("/api"))

    return heard


def faults(spec: Specification, said: Exchange) -> dict[str, str]:
    """What the specification holds against a request: its path, the names in its query, its headers and its body."""
    try:
        path = template(spec, said)
    except AssertionError as wrong:
        return {"path": str(wrong)}
    operation = spec.document["paths"][path][said.method.lower()]
    wanted = [each for each in operation.get("parameters", []) if each["in"] == "header" and each.get("required")]
    missing = {
        f"headers.{each['name'].lower()}": "missing" for each in wanted if each["name"].lower() not in said.headers
    }
    unknown = {f"query.{name}": "unknown" for name in set(said.query) - spec.parameters(said.method, path)}
    body = {} if said.body is None else places(spec.request_errors(said.method, path, said.body))
    return {**missing, **unknown, **body}


def without(said: Exchange, part: str) -> Exchange:
    """The request without a part of it."""
    where, _, name = part.partition(".")
    if where == "path":
        return replace(said, path=said.path.rpartition("/")[0])
    if where == "headers":
        return replace(said, headers=tuple(each for each in said.headers if each != name))
    return replace(said, body=pruned(said.body, name.split(".")))


def pruned(body: Any, steps: list[str]) -> Any:
    """A document without what is at the end of the steps."""
    first, *rest = steps
    return {key: pruned(each, rest) if key == first else each for key, each in body.items() if rest or key != first}


@pytest.mark.parametrize("call", CALLS)
def test_what_is_said_is_in_the_specification(
    call: str, spec_of: Callable[[str], Specification], heard: Callable[[str], Exchange]
) -> None:
    """Each request's path, query, headers and body, and the sandbox's answer."""
    said = heard(call)
    spec = spec_of(said.path)

    assert {} == faults(spec, said)
    assert {} == places(spec.response_errors(said.method, template(spec, said), said.answer))


@pytest.mark.parametrize("call", CALLS)
def test_a_request_that_must_be_refused_is(
    call: str, spec_of: Callable[[str], Specification], heard: Callable[[str], Exchange]
) -> None:
    """The contract is not blind: the same request without one part that is needed."""
    said, part = heard(call), CALLS[call][1]

    assert without(said, part) != said
    assert {} != faults(spec_of(said.path), without(said, part))
    assert {"query.color": "unknown"} == faults(spec_of(said.path), replace(said, query=(*said.query, "color")))


@pytest.mark.parametrize(
    ("method", "path", "broken", "place"),
    [
        ("POST", "/security/v1/oauth/token", {"expires_in": 3599}, "expires_in"),
        ("GET", "/track/v1/details/{inquiryNumber}", {"trackResponse": {"shipment": {}}}, "trackResponse.shipment"),
        ("POST", "/addressvalidation/{version}/{requestoption}", {"XAVResponse": {}}, "XAVResponse"),
        (
            "POST",
            "/labels/{version}/recovery",
            {"LabelRecoveryResponse": {"LabelResults": []}},
            "LabelRecoveryResponse",
        ),
        ("POST", "/shipments/{version}/ship", {"ShipmentResponse": {"Response": {}}}, "ShipmentResponse"),
    ],
)
def test_an_answer_of_another_shape_is_noticed(
    method: str, path: str, broken: Any, place: str, spec_of: Callable[[str], Specification]
) -> None:
    """So that it is UPS's shape that the client reads, and not one that was made up for it."""
    assert place in places(spec_of(path).response_errors(method, path, broken))


@pytest.mark.parametrize("path", ["/shipments/x", "/addressvalidation/x"])
def test_a_refusal_is_in_the_envelope_of_the_specification(
    path: str, spec_of: Callable[[str], Specification], load: Any
) -> None:
    """What the sandbox answers without a token."""
    box = load({"says": "UPS.", "ups": PART})
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{box.vendor_url('ups')}/api/track/v1/details/{NUMBER}")
    answer = json.loads(refused.value.read())

    assert [] == spec_of(path).errors("ErrorResponse", answer)
    assert [] != spec_of(path).errors("ErrorResponse", {"response": {"errors": "10401"}})
    assert "10401" == answer["response"]["errors"][0]["code"]


def test_every_patch_is_needed(specs: Path) -> None:
    """A specification that UPS has put right would be told by this."""
    for name, patches in PATCHES.items():
        for patch in patches:
            document = yaml.load(tabs((specs / "ups" / f"{name}.yaml").read_text("utf-8")), Loader=yaml.CSafeLoader)
            before = json.dumps(document, default=str)
            patch(document)
            assert before != json.dumps(document, default=str), patch.__name__
    with pytest.raises(yaml.YAMLError):
        yaml.load((specs / "ups" / "Tracking.yaml").read_text("utf-8"), Loader=yaml.SafeLoader)
