"""
The subjects of `shipping backlog`: every shipment of a window that has no label, as far as the portal knows.

What the portal stores decides most of them. Where it leaves open whether UPS made a label, UPS is asked, which has no
question for many at once: so for a stated number of shipments, the newest, slowly, and no more once it is silent, or
asks to wait.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peakops.errors import BadInput, Denied, NotFound, PeakopsError, Refused, Unauthenticated
from peakops.scenario import Row
from peakops.scenarios.backlogs import Read, Stream, Subject
from peakops.scenarios.shipping import backlog_row, standing
from peakops.scenarios.shipping.looks import COVERED, EARLIER, UPS

EVERY, COUNTS, SEVERAL = "shipping/backlog", "shipping/backlog_counts", "shipping/backlog_several"
"""The queries: the shipments; how many the window has in all; cases that have several."""
MOST_ASKED = 50
"""For how many shipments UPS is asked: it publishes no limit, and answers 10429 where it has had enough."""
PACE_S = 0.2
"""Between two questions to UPS."""
SHOWN = 5
"""How many shipments of a case a sentence names."""
FEW = 3
"""How many such cases it names."""
ABOUT_LABELS = ("tracked", "by_reference", "label")
ADDRESS = ("lines", "city", "state", "postal_code", "country")
ONCE = ("token", "probe")
"""What is asked once for all of them: whether UPS answers."""
SOURCES = {
    **dict.fromkeys(("shipment", "parcel", "practice", "case", "audit"), "database"),
    **dict.fromkeys((*ABOUT_LABELS, "address", *ONCE), UPS),
}
"""From where each look is."""
SETTLED = ("credentials", "product", "account", "shipper", "address", "service", "package", "rate", "down")
"""Refusals by which nothing was made: UPS is not asked for what became of them."""
OF_ONE = (BadInput, NotFound, Refused)
"""What UPS says of one shipment alone."""
OF_A_PRODUCT = (Unauthenticated, Denied)
"""What UPS says where the app lacks the product of a look; it may have those of the others."""
Answer = Any
"""A row, rows, or the PeakopsError that stands for them."""


@dataclass
class AtUps:
    """UPS as one run asks it."""

    read: Read
    silent: dict[str, PeakopsError]
    """The looks that UPS did not answer, or refused to the app; they are not asked again."""
    pause: Callable[[float], None]
    left: int = MOST_ASKED
    passed_over: int = 0
    """How many shipments UPS would have been asked for, had there been fewer."""
    once: dict[str, Answer] = field(default_factory=dict)
    _over: bool = False
    """Whether UPS is asked for nothing more."""

    def general(self) -> dict[str, Answer]:
        """What is the same for every shipment."""
        if not self.once:
            self.once = {name: self._row(name) for name in ONCE}
        return self.once

    def about(self, row: Row) -> dict[str, Answer]:
        """What UPS has of one shipment; nothing where it is one too many."""
        if self._over:
            return dict(self.silent)
        if not self.left:
            self.passed_over += 1
            return {}
        self.left -= 1
        number, account = row["shipment_number"], row["account"]
        since = row["created_at"] - EARLIER
        held = row["tracking_number"]
        return {
            "tracked": self._rows("tracked", number=held) if held else [],
            "by_reference": self._rows("by_reference", reference=number, since=since, until=None, account=account),
            "label": self._rows("label", reference=number, account=account) if account else [],
        }

    def of_address(self, row: Row) -> dict[str, Answer]:
        """What UPS makes of where it goes to; nothing once it is given up, None where it would have nothing to say."""
        if self._over:
            return {}
        if not row["lines"] or row["country"] not in COVERED:
            return {"address": None}
        return {"address": self._row("address", **{name: row[name] for name in ADDRESS})}

    def _row(self, call: str, **params: Any) -> Answer:
        answer = self._rows(call, **params)
        return answer if isinstance(answer, PeakopsError) else next(iter(answer), None)

    def _rows(self, call: str, **params: Any) -> Answer:
        if self._over or call in self.silent:
            return self.silent.get(call) or next(reversed(self.silent.values()))
        self.pause(PACE_S)
        try:
            return list(self.read(UPS, call, params).rows)
        except PeakopsError as wrong:
            if not isinstance(wrong, OF_ONE):
                self.silent[call] = wrong
                # Without a token, or after a limit or a silence, the next one would only meet it too.
                self._over = call == "token" or not isinstance(wrong, OF_A_PRODUCT)
            return wrong


def subjects(stream: Stream, ups: AtUps, since: datetime, until: datetime) -> Iterator[Subject]:
    """Every such shipment once, newest first. Raises PeakopsError where the portal cannot be read on."""
    rows = stream("database", "stream", {"query": EVERY, "since": since, "until": until})
    with closing(rows):  # type: ignore[type-var]  # it is a generator
        for row in rows:
            found = backlog_row.looks(row)
            yield Subject(
                id=str(row["id"]),
                name=row["shipment_number"],
                practice=row["practice"],
                at=row["created_at"],
                looks={**found, **ups.general(), **_labels(found, ups, row)},
            )


def _labels(found: Mapping[str, Any], ups: AtUps, row: Row) -> dict[str, Answer]:
    """The labels at UPS, as far as they matter: where none was asked for there is none, and nobody to ask."""
    if never_asked(found):
        return {name: [] for name in ABOUT_LABELS}
    code = code_of(found)
    if code and standing.kind(code) in SETTLED and not _may_have_made(found, code):
        return {}
    labels = ups.about(row)
    # Where none is in force the next one needs an address that UPS takes.
    return labels if not labels or _in_force(labels) else {**labels, **ups.of_address(row)}


def _may_have_made(found: Mapping[str, Any], code: str) -> bool:
    """Whether an attempt, the last one or one before it, ended without a clear refusal: it may have made a label."""
    codes = (code, *(each["code"] for each in found["audit"]))
    return any(standing.open_ended(each) for each in codes if each)


def _in_force(labels: Mapping[str, Answer]) -> bool:
    """Whether UPS showed a label that is not voided."""
    rows = [row for answer in labels.values() if isinstance(answer, list) for row in answer]
    return any(not row.get("voided") for row in rows)


def never_asked(found: Mapping[str, Any]) -> bool:
    """Whether neither the row nor the log knows an attempt, nor a label."""
    row, parcel = found["shipment"], found["parcel"]
    traces = (row["tracking_number"], parcel["error_code"], parcel["attempted_at"], parcel["has_label"])
    return row["status"] == "pending" and not any(traces) and not found["audit"]


def code_of(found: Mapping[str, Any]) -> str | None:
    """The code with which the last attempt ended, be it that the log alone has it."""
    code: str | None = found["parcel"]["error_code"]
    if code or found["shipment"]["status"] != "failed":
        return code
    return next((each["code"] for each in found["audit"] if each["code"]), None)


def notes(ups: AtUps, several: list[Row]) -> tuple[str, ...]:
    """What limits the whole list, and what no shipment by itself shows."""
    said = []
    if ups.passed_over:
        says = f"UPS was asked for the newest {MOST_ASKED} shipments alone; {ups.passed_over} more are unknown."
        said.append(f"{says} Look at them with a narrower --since and --until, or with 'peakops shipping check'.")
    if several:
        named = "; ".join(f"{each['case_number']} ({_some(each['shipments'])})" for each in several[:FEW])
        more = f"; and {len(several) - FEW} more" if len(several) > FEW else ""
        said.append(f"Cases with several shipments of one direction: {named}{more}. Is each of them meant?")
    return tuple(said)


def _some(numbers: list[str]) -> str:
    """The first of the shipments; the summary has all."""
    more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f"{', '.join(numbers[:SHOWN])}{more}"
