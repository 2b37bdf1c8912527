"""The sweep of the leases: each that is due is taken back as its verb would, under its own lock and in the journal."""

import time
from collections import Counter
from dataclasses import replace
from datetime import datetime

from peakops import report, runs
from peakops.cli.batch import ENDED, STOPPING, Stop
from peakops.cli.commands import Run
from peakops.cli.errand import Errand
from peakops.cli.invocation import ended
from peakops.cli.scenario_commands import investigated
from peakops.errors import Denied, Exit, Partial, PeakopsError, Refused, TimedOut
from peakops.investigate import fault_of
from peakops.model import Fault, Report, Row, Status
from peakops.scenarios.security import leases, restore, unblock
from peakops.scenarios.security.leasing import SWEEP
from peakops.verdict import exit_code

EACH_SECONDS = 60.0
"""What one lease may take of the time limit: two looks of at most 10 s, and a write of at most 20 s."""
FIXES = {"block": unblock.FIX, "limit": restore.FIX}
LEFT = "left_alone"
BAD = ("failed", "not_tried")
AGAIN = "Run the sweep again: it takes back what is left."
CODES = {
    **{"auth": Exit.DENIED, "permission": Exit.DENIED, "config": Exit.NOT_CONFIGURED, "rate_limit": Exit.TEMPORARY},
    **{"upstream": Exit.UNAVAILABLE, "timeout": Exit.TIMED_OUT, "guard": Exit.REFUSED},
}
"""The exit code where nothing was taken back, by the category of what went wrong first."""
RESULTS = {"unblocked": "taken_back", unblock.GONE: "gone", restore.BACK: "gone", unblock.LEFT: LEFT}
"""What became of a lease, by how it was ended."""


class Sweep:
    """One run of the sweep."""

    def __init__(self, run: Run) -> None:
        self.ran = run
        self.settings = run.invocation.settings()
        self.folder = run.invocation.journal()
        self.keys = run.invocation.write_keys()
        self.results = Counter[str]()
        self.errors: list[Fault] = []
        self.warnings: dict[str, None] = {}

    def run(self, *, dry_run: bool) -> Report:
        """Look, take back what is due, and note the run. Raises Denied where nothing could be taken back."""
        lacking = self.keys.missing(("vercel", "database"))
        if lacking and not dry_run:
            says = f"{lacking} is not set, so that the sweep could take nothing back."
            raise Denied(says, hint=f"Set {lacking}; see docs/settings.md.", code="fix.no_write_access")
        started = self.settings.now()
        seconds = report.seconds_for_looks(self.ran.frame.left(self.ran.timeout))
        frame = replace(self.ran.frame, given={})
        found = investigated(leases.SCENARIO, self.ran, frame, self.settings, seconds)
        if any(each.code == "no_place" for each in found.findings):
            return self._refused(found)
        if any(each.name == "leases" and each.error for each in found.evidence):
            return found
        due = [each for each in found.data["items"] if each["due"]]
        if dry_run:
            for each in due:
                self._tell(each, "planned")
            return self._told(found, due, Status.PLANNED if due else Status.OK, Exit.PLANNED if due else Exit.OK)
        self._note(started)
        return self._noted(started, self._swept(found, due))

    def _noted(self, started: datetime, done: Report) -> Report:
        """What was done, noted; where it cannot be, it is told all the same, and the run counts for nothing."""
        try:
            self._note(started, done.exit_code)
        except PeakopsError as wrong:
            says = f"The run could not be noted, and counts for nothing. {wrong.says}"
            lines = (*done.lines, f"  {says}")
            done = replace(done, warnings=(*done.warnings, says), lines=lines)
            if not done.error:
                partial = Partial(says, hint=wrong.hint)
                return replace(done, status=Status.PARTIAL, exit_code=partial.exit_code, error=fault_of(partial))
        return done

    def _refused(self, found: Report) -> Report:
        says = "The schema peakops is not there: there is no lease to take back, and no place to note the run."
        wrong = Refused(says, hint="peakops setup", code="fix.no_place")
        return self._told(found, [], Status.REFUSED, wrong.exit_code, fault_of(wrong))

    def _note(self, started: datetime, ended: int | None = None) -> None:
        runs.note(SWEEP, started, self.settings, self.keys, self.folder, ended)

    def _swept(self, found: Report, due: list[Row]) -> Report:
        stop: Stop | None = None
        for each in due:
            if stop is None and self.ran.frame.remaining(self.ran.timeout) <= 0:
                over = TimedOut(f"The time limit of {self.ran.timeout:g} s was over.", code="timeout")
                stop = fault_of(over), over.exit_code
            if stop is not None:
                self._tell(each, "not_tried")
                continue
            try:
                stop = self._one(each)
            except KeyboardInterrupt as key:
                wrong = ended(key, f"The lease of {each['subject']} was being looked at.", AGAIN)
                stop = fault_of(wrong), wrong.exit_code
                self._tell(each, "failed", stop[0])
        return self._ended(found, due, stop)

    def _one(self, lease: Row) -> Stop | None:
        """One lease, looked at, taken back, and looked at again; what goes wrong with it is its own line."""
        fix = FIXES[lease["kind"]]
        left = self.ran.frame.remaining(self.ran.timeout)
        given = {fix.scenario.arguments[0].name: lease["subject"]}
        frame = replace(self.ran.frame, given=given, began=time.monotonic())
        reason = f"The lease of {lease['operator']} was over: {lease['reason']}"
        errand = Errand(fix, replace(self.ran, frame=frame, timeout=min(EACH_SECONDS, left), reason=reason), {})
        try:
            seen = errand.look()
            if seen.error or (seen.verdict and seen.verdict.code == "unknown"):
                return self._unseen(lease, seen)
            if not _same_lease(lease, seen):
                self._tell(lease, "unchanged")
                return None
            done = errand.carry_out(errand.planned(seen))
        except PeakopsError as wrong:
            self._tell(lease, "failed", fault_of(wrong))
            return None
        self.warnings |= dict.fromkeys(done.warnings)
        if done.exit_code == Exit.OK:
            self._tell(lease, _result(done))
            return None
        self._tell(lease, "failed", done.error)
        if done.error and done.exit_code in ENDED:
            return done.error, done.exit_code
        return _stopping(done.error)

    def _unseen(self, lease: Row, seen: Report) -> Stop | None:
        says = seen.error.message if seen.error else seen.verdict.says if seen.verdict else ""
        silent = next((each.error for each in seen.evidence if each.error), None)
        fault = seen.error or silent or Fault(code="unknown", category="upstream", message=says)
        self._tell(lease, "failed", fault)
        return _stopping(fault)

    def _tell(self, lease: Row, result: str, error: Fault | None = None) -> None:
        """The lease's line."""
        self.results[result] += 1
        if error:
            self.errors.append(error)
        why = f": {error.message}" if error else ""
        kept = ": somebody has changed it since" if result == LEFT else ""
        told = {"code": error.code, "message": error.message, "hint": error.hint} if error else None
        says = f"{lease['says']}  {result.replace('_', ' ')}{kept}{why}"
        left = lease["next"] if result in (*BAD, "planned") else []
        self.ran.emit({**lease, "says": says, "next": left, "result": result, "error": told})

    def _ended(self, found: Report, due: list[Row], stop: Stop | None) -> Report:
        bad = sum(self.results[each] for each in BAD)
        first = stop[0] if stop else self.errors[0] if self.errors else None
        if stop and stop[1] in ENDED:
            return self._told(found, due, Status.PARTIAL, stop[1], first)
        if bad and bad == len(due):
            return self._told(found, due, Status.ERROR, CODES.get(first.category if first else "", Exit.PARTIAL), first)
        if bad:
            why = f" {first.message}" if first else ""
            partial = Partial(f"{bad} of {len(due)} leases were not taken back.{why}", hint=AGAIN)
            return self._told(found, due, Status.PARTIAL, Exit.PARTIAL, fault_of(partial))
        if self.results[LEFT]:
            return self._told(found, due, Status.WARNING, exit_code(Status.WARNING, self.ran.frame.fail_on))
        return self._told(found, due, Status.CHANGED if due else Status.OK, Exit.OK)

    def _told(self, found: Report, due: list[Row], status: Status, code: int, error: Fault | None = None) -> Report:
        counts = dict(self.results)
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
        left = len(found.data["items"]) - len(due)
        lines = [f"{status.value.upper()}  {told or 'no lease is due'}; {left} open and not due."]
        if error:
            lines += [f"  {error.message}", f"  {error.hint}"]
        return replace(
            found,
            given=self.ran.frame.given,
            status=status,
            exit_code=code,
            verdict=None,
            findings=(),
            outcomes=(),
            data={"results": counts, "open": left},
            next=(),
            warnings=tuple(self.warnings),
            error=error,
            lines=tuple(each for each in lines if each.strip()),
        )


def _stopping(fault: Fault | None) -> Stop | None:
    """What the next lease would meet too: a token that is refused, and a limit that more requests only prolong."""
    return (fault, STOPPING[fault.category]) if fault and fault.category in STOPPING else None


def _same_lease(lease: Row, seen: Report) -> bool:
    """Whether the lease that is open is the one that was due: somebody may have made another since it was listed."""
    now = seen.data.get("lease")
    return now is not None and (str(now["id"]), now["expires_at"]) == (lease["lease"], lease["until"])


def _result(done: Report) -> str:
    """What became of a lease that was ended, by the plan that ended it."""
    if done.status is not Status.CHANGED:
        return "unchanged"
    ending = done.data["plan"]["actions"][-1]["params"].get("outcome")
    return RESULTS.get(ending, "taken_back") if isinstance(ending, str) else "taken_back"
