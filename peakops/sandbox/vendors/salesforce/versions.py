"""The versions of Salesforce's API: three a year, the oldest retired one after another."""

import re

from peakops.sandbox.vendors.salesforce.envelope import Refusal

OLDEST, NEWEST = 31, 68
"""Of the year 2026: 21 to 30 are retired, 68 is of Winter '27."""
FIRST = 20
"""The first version that had a REST API; those up to 30 answer 410."""
LAST_WITH_LOGIN = 64
"""From the next one on SOAP has no login()."""
SEASONS = ("Spring", "Summer", "Winter")


def label(number: int) -> str:
    """The release: 62 is Winter '25, which comes out in the autumn before."""
    return f"{SEASONS[number % 3]} '{number // 3 + 4 + (number % 3 == 2)}"


def listed() -> list[dict[str, str]]:
    """The answer to GET /services/data/."""
    return [
        {"label": label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST, NEWEST + 1)
    ]


def require(version: str) -> None:
    """Refuse a version that is retired, or that there is not."""
    found = re.fullmatch(r"(\d{1,3})\.0", version)
    number = int(found[1]) if found else 0
    if FIRST <= number < OLDEST:
        raise Refusal("GONE")
    if not OLDEST <= number <= NEWEST:
        raise Refusal("NOT_FOUND")
