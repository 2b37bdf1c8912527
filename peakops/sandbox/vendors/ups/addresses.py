"""UPS's check of an address: what it finds, what it proposes instead, and whether a business or a home is there."""

import re

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.ups import asked
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.wire import Answer, Request, State

COVERED = ("US", "PR")
WITH_CLASS = ("2", "3")
"""The request options that ask what kind of place it is."""
OPTIONS = ("1", *WITH_CLASS)
CLASS_CODES = {"unknown": "0", "commercial": "1", "residential": "2"}
CLASS_WORDS = {"unknown": "UnClassified", "commercial": "Commercial", "residential": "Residential"}
INDICATORS = {
    "valid": "ValidAddressIndicator",
    "ambiguous": "AmbiguousAddressIndicator",
    "none": "NoCandidatesIndicator",
}
"""Exactly one of them is in an answer; that it is there says yes, and its text is empty."""
USUAL_CANDIDATES = 15


def validate(state: State, request: Request, option: str) -> Answer:
    """POST /api/addressvalidation/v2/{option}."""
    if option not in OPTIONS:
        raise Refusal("9264028")
    given = asked.asked(request, "XAVRequest")
    key = asked.part(given, "AddressKeyFormat")
    if not key:
        raise Refusal("9264029")
    if asked.text(key, "CountryCode") not in COVERED:
        raise Refusal("264002")
    wanted = read(key)
    if not wanted["postal_code"] and not (wanted["city"] and wanted["state"]):
        raise Refusal("264027")
    found = listed(state, wanted) or {**wanted, "result": "valid", "classification": "commercial", "candidates": []}
    return Answer(body={"XAVResponse": response(found, request, option, given)})


def response(found: Object, request: Request, option: str, given: Object) -> Object:
    """What UPS says of an address; it writes in capitals."""
    kind = classification(found["classification"]) if option in WITH_CLASS else {}
    body = {"Response": asked.answered(given), INDICATORS[found["result"]]: "", **kind}
    candidates = found["candidates"] or ([found] if found["result"] == "valid" else [])
    if found["result"] == "valid":
        candidates = candidates[:1]
    if found["result"] != "none" and candidates:
        body["Candidate"] = [{**kind, "AddressKeyFormat": key_format(each)} for each in candidates[: most(request)]]
    return body


def most(request: Request) -> int:
    """How many candidates are wanted at most."""
    given = dict(request.query).get("maximumcandidatelistsize", "")
    return int(given) if given.isdecimal() else USUAL_CANDIDATES


def read(key: Object) -> Object:
    """An address in UPS's names, in the world's."""
    lines = asked.lines(key)
    return {
        "line": " ".join(lines),
        "first_line": lines[0] if lines else "",
        "city": asked.text(key, "PoliticalDivision2"),
        "state": asked.text(key, "PoliticalDivision1"),
        "postal_code": asked.text(key, "PostcodePrimaryLow"),
    }


def key_format(each: Object) -> Object:
    """An address in UPS's names."""
    city, state = each["city"].upper(), each["state"].upper()
    postal, _, more = each["postal_code"].partition("-")
    return {
        "AddressLine": [each["line"].upper()] if each["line"] else [],
        "Region": f"{city} {state} {each['postal_code']}",
        "PoliticalDivision2": city,
        "PoliticalDivision1": state,
        "PostcodePrimaryLow": postal,
        **({"PostcodeExtendedLow": more} if more else {}),
        "CountryCode": "US",
    }


def classification(name: str) -> Object:
    """What kind of place it is."""
    return {"AddressClassification": {"Code": CLASS_CODES[name], "Description": CLASS_WORDS[name]}}


def listed(state: State, wanted: Object) -> Object | None:
    """The world's address that is meant, or None: one that is not listed is valid."""
    return next((each for each in state["addresses"] if is_meant(each, wanted)), None)


def is_meant(each: Object, wanted: Object) -> bool:
    """Whether an address of the world is the one that is asked for, of which it may name the first line only."""
    return town(each) == town(wanted) and bare(each["line"]) in (bare(wanted["line"]), bare(wanted["first_line"]))


def town(each: Object) -> tuple[str, ...]:
    """City, state and the first five digits of the postal code."""
    return bare(each["city"]), bare(each["state"]), each["postal_code"][:5]


def bare(text: str) -> str:
    """A text without what two people may write differently."""
    return " ".join(re.sub(r"[.,]", " ", text).casefold().split())
