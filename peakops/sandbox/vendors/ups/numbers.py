"""UPS's tracking numbers: 1Z, the account, the service, a serial number, and a digit that checks the rest."""

import re
from collections.abc import Iterable

from peakops.sandbox.vendors.objects import Object

SHAPE = re.compile(r"1Z[0-9A-Z]{16}")
FIRST_SERIAL = 1_000_001
"""Seven digits; worlds that name numbers of their own stay below."""


def new_number(shipments: Iterable[Object], account: str, service: str) -> str:
    """A number that no shipment has, the same each time for the same shipments."""
    taken = {each["tracking_number"] for each in shipments}
    serial = FIRST_SERIAL + len(taken)
    while (number := numbered(account, service, serial)) in taken:
        serial += 1
    return number


def numbered(account: str, service: str, serial: int) -> str:
    """The tracking number of a package, with its check digit."""
    body = f"{account}{service}{serial:07d}"
    return f"1Z{body}{check_digit(body)}"


def check_digit(body: str) -> int:
    """
    The last digit, from the fifteen characters between 1Z and it.

    A letter counts by its place in the alphabet from A = 2, without the tens; every second character counts twice.
    """
    values = [int(each) if each.isdigit() else (ord(each) - ord("A") + 2) % 10 for each in body]
    return -sum(value * (1 + place % 2) for place, value in enumerate(values)) % 10
