"""The looks that reader and writer of UPS share: packages by number or reference, labels to be had again, twins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peakops.errors import NotFound, Refused
from peakops.sources import ups_shapes as shapes
from peakops.sources.ups_calls import Calls
from peakops.sources.ups_errors import NO_LABEL, NO_PACKAGE, SEVERAL, code_of

TRACK = "/track/v1/details/"
BY_REFERENCE = "/track/v1/reference/details/"
RECOVERY = "/labels/v1/recovery"
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Found:
    """Rows, and UPS's name for the request that brought them, or that it answered with having none."""

    rows: Sequence[Row] = ()
    request_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A shipment that is there and not voided: the numbers of its packages, the first one's first, and its labels."""

    numbers: tuple[str, ...]
    labels: Sequence[Row]


class Looks:
    """Each raises what UPS says; that it has nothing is no error."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def tracked(self, number: str) -> Found:
        """The package of a tracking number. Raises BadInput for what can be none."""
        return self._tracking(TRACK + shapes.number_of(number), {})

    def by_reference(self, reference: str, since: datetime, until: datetime, account: str | None) -> Found:
        """The packages with this reference whose labels were made between two days. Raises BadInput."""
        path = BY_REFERENCE + shapes.reference_in_path(reference)
        window = {"fromPickUpDate": f"{since:%Y%m%d}", "toPickUpDate": f"{until:%Y%m%d}"}
        found = self._tracking(path, {**window, **({"shipperNum": account} if account else {})})
        # UPS searches for what is alike, and among everybody's where no account is named.
        rows = [each for each in found.rows if reference in each["references"] or not each["references"]]
        return Found(rows=rows, request_id=found.request_id)

    def labels(self, *, number: str = "", reference: str = "", account: str = "") -> Found:
        """
        The labels, each with its `image`, of a number or of an account's reference.

        Raises Refused ups.300001 where several shipments have the reference, BadInput for what can be none.
        """
        if number:
            body = shapes.recovery(number=shapes.number_of(number))
        else:
            shapes.reference_in_path(reference)
            body = shapes.recovery(reference=reference, account=account)
        try:
            answer = self._calls.search(RECOVERY, body)
        except (Refused, NotFound) as absent:
            if code_of(absent) not in NO_LABEL:
                raise
            return Found(request_id=absent.request_id)
        with self._calls.reading(answer):
            return Found(rows=shapes.labels_in(answer.body), request_id=answer.request_id)

    def twin(self, reference: str, account: str, window: tuple[datetime, datetime], most: int) -> Twin | None:
        """
        The shipment of `most` packages that has the reference already, if there is one.

        Both searches are asked, since either may lag. Raises Refused where there is more than one.
        """
        packages = self.by_reference(reference, *window, account).rows
        live = [each["tracking_number"] for each in packages if not each["voided"]]
        labels = self._labels_of(reference, account, live, most)
        known = {each["tracking_number"] for each in packages}
        labels = [
            each
            for each in labels
            if each["tracking_number"] in live
            or not (each["tracking_number"] in known or self._voided(each["tracking_number"]))
        ]
        numbers = tuple(dict.fromkeys([*(each["tracking_number"] for each in labels), *live]))
        if len(numbers) > most:
            raise _several(reference)
        labels = labels or [each for number in numbers for each in self.labels(number=number).rows]
        return Twin(numbers=numbers, labels=labels) if numbers else None

    def _labels_of(self, reference: str, account: str, live: Sequence[str], most: int) -> Sequence[Row]:
        """The labels of a reference; where UPS says that several shipments have it, those that are not voided."""
        try:
            return self.labels(reference=reference, account=account).rows
        except Refused as wrong:
            if code_of(wrong) != SEVERAL:
                raise
        if not 0 < len(live) <= most:
            raise _several(reference)
        return [each for number in live for each in self.labels(number=number).rows]

    def _voided(self, number: str) -> bool:
        return any(each["voided"] for each in self.tracked(number).rows)

    def _tracking(self, path: str, params: dict[str, str]) -> Found:
        try:
            answer = self._calls.get(path, params)
        except (NotFound, Refused) as absent:
            # One without a code of UPS's is of another server, and says nothing of the package.
            if code_of(absent) not in NO_PACKAGE and not (isinstance(absent, NotFound) and code_of(absent)):
                raise
            return Found(request_id=absent.request_id)
        with self._calls.reading(answer):
            return Found(rows=shapes.tracked_in(answer.body), request_id=answer.request_id)


def _several(reference: str) -> Refused:
    says = f"UPS has several labels of {reference} that are not voided; no other one was asked for."
    hint = f"See which of them is used, and void the others: peakops shipping check {reference}"
    return Refused(says, code="ups.several_labels", hint=hint, source="ups")
