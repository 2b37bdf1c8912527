"""UPS, to change: labels are made, voided, saved again. UPS knows no twins, so each label is looked for first."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from peakops.errors import PeakopsError, Refused, TimedOut, Unreachable, before_writing
from peakops.settings import Settings, WriteKeys
from peakops.sources import ups_shapes as shapes
from peakops.sources.ups_calls import Calls
from peakops.sources.ups_errors import VOIDED, code_of
from peakops.sources.ups_label_file import LabelFiles
from peakops.sources.ups_looks import Looks, Twin
from peakops.sources.ups_token import access

SECRET = "PEAKOPS_UPS_WRITE_CLIENT_SECRET"  # noqa: S105  (the name of a setting)
SHIP = "/shipments/v2409/ship?additionaladdressvalidation=city"
VOID = "/shipments/v2409/void/cancel/"
SPARE_S = 6.0
"""What is kept of the time of a write for the look that says whether it was done, should its answer be lost."""
BACK = timedelta(days=90)
"""How far back a twin is looked for; UPS forgets labels that were not used sooner."""
AHEAD = timedelta(days=1)
"""UPS's days are those of the place, and may be a day on."""
AGAIN = "Wait half an hour, then run the same command again: it looks first, and repeats nothing that UPS shows."
LAG = "and may take half an hour until it does: wait that long before another one is made"
"""UPS says no figure of how far its search lags; this one is our own caution."""
Made = Mapping[str, Any]


class UpsWriter:
    """
    The writes. Each returns the tracking number as `id`, its `status`, and `already` where it had been done before.

    A request that writes is sent once. Where its answer is lost, one look says whether it was done; what that look
    does not show may have been done all the same, since UPS's search lags behind. Errors say `nothing_done` where
    they are raised before the request, or are its certain refusal.
    """

    def __init__(self, settings: Settings, keys: WriteKeys, *, deadline: float) -> None:
        with before_writing():
            client = keys.ups_client_id or settings.ups_client_id
            credentials = access(settings.ups_url, client, keys.ups_client_secret, setting=SECRET)
            self._calls = Calls(credentials, deadline=deadline, spare_s=SPARE_S)
        now = settings.now()
        self._shipper, self._window = settings.ups_shipper, (now - BACK, now + AHEAD)
        self._looks = Looks(self._calls)

    def ship(
        self,
        *,
        shipment: str,
        reference: str,
        account: str,
        service: str,
        ship_to: Mapping[str, Any],
        packages: list[dict[str, Any]],
        to: str,
        plan: str,  # noqa: ARG002  (as every write)
        key: str,
    ) -> Made:
        """
        Have a label made for a shipment, which its reference names, and save it to the new file `to`.

        A label of that reference that is there and not voided is saved in its place. Raises Refused where there are
        several, or where the file is there; NotConfigured or BadInput where what a label needs is missing.
        """
        with before_writing():
            body = shapes.shipment(
                id=shipment,
                reference=reference,
                account=account,
                service=service,
                ship_to=ship_to,
                packages=packages,
                shipper=self._shipper,
            )
            files = LabelFiles(to, len(packages))
            twin = self._twin(reference, account, files)
        if twin:
            return self._saved(twin, files, already=True)
        return self._shipped(body, reference, account, files, key)

    def void(self, *, shipment_id: str, tracking_number: str | None, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """
        Take a label back: a whole shipment by its number, or the one package of it that `tracking_number` names.

        Raises Refused where UPS does not void it, for example since its time is over.
        """
        with before_writing():
            shipment, number = shapes.number_of(shipment_id), shapes.number_of(tracking_number or shipment_id)
        package = "" if number == shipment else f"?trackingnumber={quote(number, safe='')}"
        try:
            answer = self._calls.write("DELETE", f"{VOID}{quote(shipment, safe='')}{package}", key=key)
            with self._calls.reading(answer):
                shapes.need_voided(answer.body, number)
        except PeakopsError as wrong:
            if code_of(wrong) == VOIDED:
                return _made(number, "voided", already=True)
            if wrong.nothing_done:
                raise
            self._need_voided(number, wrong)
        return _made(number, "voided", already=False)

    def recover(self, *, tracking_number: str, to: str, plan: str, key: str) -> Made:  # noqa: ARG002  (as every write)
        """Save a label that there is to the new file `to`. Raises Refused where UPS does not give it a second time."""
        with before_writing():
            files = LabelFiles(to)
            found = next(iter(self._looks.labels(number=tracking_number).rows), None)
            if found is None:
                says = "UPS no longer has the label of this number, or it is voided."
                hint = "See where the package is: peakops shipping check"
                raise Refused(says, code="ups.no_label", hint=hint, source="ups")
            files.save([found["image"]], found["tracking_number"])
        return _made(found["tracking_number"], "saved", already=False)

    def _shipped(self, body: dict[str, Any], reference: str, account: str, files: LabelFiles, key: str) -> Made:
        try:
            answer = self._calls.write("POST", SHIP, body, key=key)
            with self._calls.reading(answer):
                made = shapes.made_in(answer.body)
        except PeakopsError as wrong:
            if wrong.nothing_done:
                raise
            twin = self._after(wrong, reference, account, files)
            return self._saved(twin, files, already=False)
        files.save([each["image"] for each in made], made[0]["tracking_number"])
        return _made(made[0]["tracking_number"], "made", already=False)

    def _after(self, lost: PeakopsError, reference: str, account: str, files: LabelFiles) -> Twin:
        """The label whose answer was lost. Raises what leaves it open whether it is made where the look shows none."""
        try:
            twin = self._twin(reference, account, files)
        except PeakopsError as wrong:
            raise _unsure("the label is made", f"the look for it failed: {wrong.says}", lost) from wrong
        if twin is None:
            raise _unsure("the label is made", f"UPS shows none of this reference yet, {LAG}.", lost) from lost
        return twin

    def _twin(self, reference: str, account: str, files: LabelFiles) -> Twin | None:
        return self._looks.twin(reference, account, self._window, most=files.count)

    def _saved(self, twin: Twin, files: LabelFiles, *, already: bool) -> Made:
        """A shipment that is there, with its labels in the files, unless UPS does not give them any more."""
        files.save([each["image"] for each in twin.labels], twin.numbers[0])
        how = "found" if already else "made"
        status = how if twin.labels else f"{how}, and UPS does not give its label again"
        return _made(twin.numbers[0], status, already=already)

    def _need_voided(self, number: str, lost: PeakopsError) -> None:
        """Raises what leaves it open whether a label is voided where tracking does not show that it is."""
        try:
            rows = self._looks.tracked(number).rows
        except PeakopsError as wrong:
            raise _unsure("the label is voided", f"the look for that failed: {wrong.says}", lost) from wrong
        if not any(each["voided"] for each in rows):
            raise _unsure("the label is voided", "UPS does not show it as voided yet.", lost) from lost


def _unsure(what: str, why: str, lost: PeakopsError) -> PeakopsError:
    """
    The error that leaves open whether a write was done.

    Never one of those that say that nothing was: a look that shows nothing proves nothing.
    """
    kind = TimedOut if isinstance(lost, TimedOut) else Unreachable
    error = kind(
        f"It is not certain that {what}: {lost.says} Afterwards {why}",
        code="ups.outcome_unknown",
        hint=AGAIN,
        source="ups",
        retry_after_s=lost.retry_after_s,
        request_id=lost.request_id,
    )
    error.http_status = lost.http_status
    return error


def _made(id: str, status: str, *, already: bool) -> dict[str, Any]:
    return {"id": id, "status": status, "already": already}
