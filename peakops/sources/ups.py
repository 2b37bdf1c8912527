"""UPS, read only: where packages are, whether a label is there, what an address is, and what the app may do."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from peakops.errors import BadInput, Denied, NotFound, PeakopsError, Refused, Unauthenticated
from peakops.model import Brought, Row
from peakops.settings import Settings
from peakops.sources import ups_shapes as shapes
from peakops.sources.http_errors import Answer
from peakops.sources.http_rows import brought
from peakops.sources.threads import at_once
from peakops.sources.ups_calls import Calls
from peakops.sources.ups_looks import RECOVERY, TRACK, Found, Looks
from peakops.sources.ups_token import access

ADDRESS = "/addressvalidation/v2/3"
"""3 validates and classifies, 1 and 2 do one of both."""
COVERED = ("US", "PR")
"""The countries whose addresses UPS checks."""
NEW_YORK = {"lines": ["350 5th Ave"], "city": "New York", "state": "NY", "postal_code": "10118", "country": "US"}
"""An address that there is for sure, in a state that UPS's test environment knows too."""
IMAGE = "image"
"""What a row of a look does not show: a label has a name on it."""
NOBODYS = "1Z0000000000000000"
"""A number that no package has."""
REFUSED = (Unauthenticated, Denied)
SAID_NO = (NotFound, Refused)
"""What UPS says to a question that it lets us ask."""
NUMBERED = re.compile(r"(?=\S*\d)\S+")
"""A reference that is a number of somebody's; what else stands on a label as one may be a patient's name."""


class Ups:
    """The looks at UPS. Opening it raises NotConfigured where the credentials are missing."""

    def __init__(self, settings: Settings, *, deadline: float, folder: Path) -> None:
        self._calls = Calls(
            access(settings.ups_url, settings.ups_client_id, settings.ups_client_secret),
            deadline=deadline,
            folder=folder,
        )
        self._looks, self._now = Looks(self._calls), settings.now

    def token(self) -> Brought:
        """Until when the token lasts, and whether an earlier run had asked for it; never the token."""
        token = self._calls.tokens.get()
        # Of the real clock, which is not the one of a sandbox's world.
        lasts_s = max(0, int(token.expires_at - time.time()))
        row = {"expires_at": token.ends, "cached": token.cached, "lasts_s": lasts_s}
        tokens = self._calls.tokens
        return Brought(
            rows=(row,),
            single=True,
            asked="POST /security/v1/oauth/token",
            request_ids=tokens.request_ids,
            notes=tokens.notes,
        )

    def tracked(self, number: str | None) -> Brought:
        """The package of a tracking number; no row for None, for what is no number, and for what UPS does not know."""
        if not number:
            return Brought()
        return _brought("GET /api/track/v1/details/{number}", partial(self._looks.tracked, number))

    def by_reference(
        self, reference: str | None, since: datetime, until: datetime | None = None, account: str | None = None
    ) -> Brought:
        """The packages with a reference, made from one day to another or to today, of an account where one is named."""
        if not reference:
            return Brought()
        look = partial(self._looks.by_reference, reference, since, until or self._now(), account)
        return _brought("GET /api/track/v1/reference/details/{reference}", look)

    def label(
        self, tracking_number: str | None = None, reference: str | None = None, account: str | None = None
    ) -> Brought:
        """
        The labels that UPS can give a second time, without their images: of a number, or of an account's reference.

        Raises Refused ups.300001 where several shipments have the reference.
        """
        if not (tracking_number or (reference and account)):
            return Brought()
        given = {"number": tracking_number} if tracking_number else {"reference": reference, "account": account}
        return _brought("POST /api/labels/v1/recovery", partial(self._looks.labels, **given))

    def address(
        self, lines: list[str] | None, city: str | None, state: str | None, postal_code: str | None, country: str | None
    ) -> Brought:
        """
        What UPS makes of an address, and which ones it takes for the meant one; no row where there is none.

        Raises BadInput where the country is none that UPS checks; in UPS's test environment Refused ups.264030 where
        the state is neither New York nor California.
        """
        if not (lines or city or postal_code):
            return Brought(single=True)
        where = (country or "US").upper()
        if where not in COVERED:
            raise BadInput(
                "UPS checks addresses of the United States and Puerto Rico only.",
                code="ups.country_not_covered",
                hint="Check the address by hand; a label can be made all the same.",
                source="ups",
            )
        answer = self._validated(
            lines=lines or [], city=city or "", state=state or "", postal_code=postal_code or "", country=where
        )
        with self._calls.reading(answer):
            row = shapes.judged_in(answer.body)
        return brought([answer], [row], "POST /api/addressvalidation/v2/3", single=True)

    def probe(self) -> Brought:
        """Whether UPS answers: it has no status page that a program could read, so an address is asked for."""
        answer = self._validated(**NEW_YORK)
        with self._calls.reading(answer):
            shapes.judged_in(answer.body)
        return brought([answer], [{"answered": True}], "POST /api/addressvalidation/v2/3", single=True)

    def products(self) -> Brought:
        """
        What the app may do, each by the cheapest question: `granted` is None where UPS did not answer it.

        UPS says the same to a wrong secret and to a product that is missing: what is refused under a token that UPS
        has just given is missing. Raises what UPS says where it gives no token in the place of one that it refuses.
        """
        # Where UPS gives no token, that is the answer to all of them.
        self._calls.tokens.get()
        probes: dict[str, Callable[[], Any]] = {
            "shipping": partial(self._calls.search, RECOVERY, shapes.recovery(number=NOBODYS)),
            "address_validation": partial(self._validated, **NEW_YORK),
            "tracking": partial(self._calls.get, TRACK + NOBODYS),
        }
        heard = dict(zip(probes, at_once([partial(_heard, each) for each in probes.values()]), strict=True))
        rows = [{"product": name, "granted": granted(wrong), "code": _code(wrong)} for name, wrong in heard.items()]
        refused = [wrong for wrong in heard.values() if isinstance(wrong, Unauthenticated)]
        if refused and self._calls.tokens.refused:
            raise self._calls.tokens.refused
        if len(refused) < len(rows) and not any(row["granted"] for row in rows):
            unclear = {name for name, wrong in heard.items() if isinstance(wrong, Unauthenticated)}
            rows = [{**row, "granted": None} if row["product"] in unclear else row for row in rows]
        return Brought(rows=tuple(rows), asked="the cheapest read of each product")

    def _validated(self, **where: Any) -> Answer:
        return self._calls.search(ADDRESS, shapes.address(**where))


def _brought(asked: str, look: Callable[[], Found]) -> Brought:
    """
    What a look found; that what is typed or stored is no number of UPS's is an answer too.

    Raises BadInput for a reference that UPS cannot be asked for: whether a label has it is not known then.
    """
    try:
        found = look()
    except BadInput as wrong:
        if wrong.code != shapes.MALFORMED_NUMBER:
            raise
        return Brought(asked=asked, notes=(wrong.says,))
    ids = (found.request_id,) if found.request_id else ()
    return Brought(rows=tuple(map(_shown, found.rows)), asked=asked, request_ids=ids)


def _shown(row: Mapping[str, Any]) -> Row:
    """What a row lets out."""
    shown = {name: value for name, value in row.items() if name != IMAGE}
    if "references" in row:
        shown["references"] = [each for each in row["references"] if NUMBERED.fullmatch(each)]
    return shown


def granted(wrong: PeakopsError | None) -> bool | None:
    """Whether what came of a question says that the app may ask it; None where it says nothing of that."""
    if wrong is None or isinstance(wrong, SAID_NO):
        return True
    return False if isinstance(wrong, REFUSED) else None


def _heard(ask: Callable[[], Any]) -> PeakopsError | None:
    try:
        ask()
    except PeakopsError as wrong:
        return wrong
    return None


def _code(wrong: PeakopsError | None) -> str | None:
    return wrong.code.removeprefix("ups.") if wrong and not isinstance(wrong, SAID_NO) else None
