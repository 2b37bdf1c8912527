"""What UPS asks of the three parties of a shipment: who it is, where, and how to ring them up."""

import re

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.ups import addresses, asked
from peakops.sandbox.vendors.ups.envelope import Refusal
from peakops.sandbox.wire import State

CODES = {
    "Shipper": {"name": "120101", "line": "120102", "city": "120105", "state": "120106", "postal": "120107",
                "country": "120108", "phone": "120109", "short_phone": "120115", "address": "120801"},
    "ShipTo": {"name": "120200", "line": "120202", "city": "120205", "state": "120206", "postal": "120207",
               "country": "120208", "phone": "120209", "short_phone": "120213", "address": "120802"},
    "ShipFrom": {"name": "120300", "line": "120302", "city": "120305", "state": "120306", "postal": "120307",
                 "country": "120308", "phone": "120309", "short_phone": "120313", "address": "120803"},
}  # fmt: skip
"""The code by which UPS refuses each part of each party."""

LONGEST_LINE, LONGEST_NAME, LONGEST_CITY, MOST_LINES = 35, 35, 30, 3
PHONE_DIGITS = (10, 15)
POSTAL = re.compile(r"\d{5}(-?\d{4})?")
DOMESTIC = ("US", "PR")

STATES_BY_FIRST_DIGIT = (
    "CT MA ME NH NJ NY PR RI VT VI",
    "DE NY PA",
    "DC MD NC SC VA WV",
    "AL FL GA MS TN",
    "IN KY MI OH",
    "IA MN MT ND SD WI",
    "IL KS MO NE",
    "AR LA OK TX",
    "AZ CO ID NM NV UT WY",
    "AK AS CA GU HI MP OR WA",
)
"""The states whose postal codes begin with 0, 1, ... 9; UPS knows each code, and this much of it tells a mix-up."""
STATES = frozenset(" ".join(STATES_BY_FIRST_DIGIT).split())


def check(name: str, party: Object, *, phone_needed: bool = False) -> None:
    """Refuse a party that is not complete, or that cannot be where it says. Raises Refusal."""
    codes = CODES[name]
    given = asked.part(party, "Address")
    lines, city = asked.lines(given), asked.text(given, "City")
    country = asked.text(given, "CountryCode")
    require(0 < len(asked.text(party, "Name")) <= LONGEST_NAME, codes["name"])
    require(0 < len(lines) <= MOST_LINES and max(map(len, lines)) <= LONGEST_LINE, codes["line"])
    require(0 < len(city) <= LONGEST_CITY, codes["city"])
    require(re.fullmatch("[A-Z]{2}", country) is not None, codes["country"])
    if country in DOMESTIC:
        check_place(asked.text(given, "StateProvinceCode"), asked.text(given, "PostalCode"), codes)
    check_phone(party, codes, needed=phone_needed)


def require(fits: bool, code: str) -> None:
    """Refuse what does not fit."""
    if not fits:
        raise Refusal(code)


def check_place(state: str, postal: str, codes: dict[str, str]) -> None:
    """Refuse a state that there is not, a postal code that is none, and one that belongs to another state."""
    require(state in STATES, codes["state"])
    require(POSTAL.fullmatch(postal) is not None, codes["postal"])
    require(state in STATES_BY_FIRST_DIGIT[int(postal[0])].split(), codes["address"])


def check_phone(party: Object, codes: dict[str, str], *, needed: bool) -> None:
    """Refuse a telephone number that is empty or too short; without one most shipments do."""
    if "Phone" not in party and not needed:
        return
    digits = re.sub(r"\D", "", asked.text(party, "Phone", "Number"))
    require(0 < len(digits) <= PHONE_DIGITS[1], codes["phone"])
    require(len(digits) >= PHONE_DIGITS[0], codes["short_phone"])


def check_city(state: State, party: Object) -> None:
    """Refuse a ship-to whose city does not fit, as far as the world says it; the street UPS does not look at."""
    given = asked.part(party, "Address")
    lines = asked.lines(given)
    wanted = {
        "line": " ".join(lines),
        "first_line": lines[0],
        "city": asked.text(given, "City"),
        "state": asked.text(given, "StateProvinceCode"),
        "postal_code": asked.text(given, "PostalCode"),
    }
    found = addresses.listed(state, wanted)
    if found is None:
        return
    towns = [addresses.town(each) for each in found["candidates"]]
    misplaced = found["result"] == "ambiguous" and towns and addresses.town(wanted) not in towns
    require(found["result"] != "none" and not misplaced, CODES["ShipTo"]["address"])
