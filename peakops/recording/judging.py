"""From a report to a recording, and from a recording to a report: the same judgement, and nobody is asked."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import import_module
from typing import Any

from peakops import __version__, playbook
from peakops.errors import BadInput, PeakopsError, Refused
from peakops.model import Evidence, Fault, Report, Row
from peakops.recording.document import Recorded, Recording
from peakops.redact.alike import Alike
from peakops.report import Frame, of_evidence
from peakops.scenario import Facts, Scenario
from peakops.scenarios import PRECONDITIONS, SCENARIOS

Judge = Callable[[Recording], Report]
"""What judges a recording: `judged`, and what the command does with that."""
OF_ADDRESSES = "security"
"""The section in which IP addresses are what a check is about, and are not masked."""
NO_SUBJECT = ("not_found", "ambiguous")
THEN = "Replay it with the peakops that recorded it."


def of_report(report: Report, *, fail_on: str, key: bytes | None, judge: Judge) -> Recording:
    """
    The recording of a check: masked with this key, or, without one, as it is but for secrets.

    It is judged before it is given away. Raises Refused where that gives another verdict than the report's: it would
    be a recording of something that was not said.
    """
    section = report.scenario.partition(".")[0]
    door = Alike(key=key or b"", reveal=key is None, addresses=section == OF_ADDRESSES, names=_names(report))
    recording = Recording(
        command=report.command,
        scenario=report.scenario,
        environment=report.environment,
        given=door.clean(report.given),
        at=report.started_at,
        fail_on=fail_on,
        version=__version__,
        playbook=words_of(section),
        masks=_named(key) if key else None,
        redacted=0,
        recorded=told(report),
        candidates=tuple(door.text(each) for each in _candidates(report)),
        looks=tuple(_cleaned(each, door) for each in report.gathered),
    )
    recording = replace(recording, redacted=door.removed)
    try:
        again = told(judge(recording))
    except BadInput as wrong:
        raise _untrue(f"could not be judged at all ({wrong.says})", masked=key is not None) from None
    if again != recording.recorded:
        raise _untrue(_otherwise_judged(recording.recorded, again), masked=key is not None)
    return recording


def _names(report: Report) -> tuple[str, ...]:
    """What was typed of a subject that is not there, or not one: no number, id or address, it may be a name."""
    first = next(iter(report.given.values()), None)
    if not isinstance(first, str) or report.verdict is None or report.verdict.code not in NO_SUBJECT:
        return ()
    # An address is masked as one, and what a mask shows of it is one already: o…@smilecare.example.
    plain = "@" in first or (" " not in first and any(map(str.isdigit, first)))
    return () if plain else (first,)


def _cleaned(look: Evidence, door: Alike) -> Evidence:
    error = Fault(**door.clean(asdict(look.error))) if look.error else None
    return replace(
        look, asked=door.text(look.asked), notes=door.clean(look.notes), rows=door.clean(look.rows), error=error
    )


def _otherwise_judged(said: Recorded, again: Recorded) -> str:
    if again.code == said.code:
        return "would not be judged alike in everything that was found"
    return f"would be judged '{again.code}', not '{said.code}'"


def _untrue(what: str, *, masked: bool) -> Refused:
    how = "Masked, this evidence" if masked else "Without the secrets in it, this evidence"
    says = f"{how} {what}: it was not recorded."
    hint = "Record it as it is with --reveal --reason TEXT, and keep the file where personal data may be."
    return Refused(says, hint=hint if masked else "Keep what --json -v prints instead.", code="recording.untrue")


def told(report: Report) -> Recorded:
    """What a report says, in codes."""
    verdict = report.verdict
    return Recorded(
        status=report.status.value,
        exit_code=int(report.exit_code),
        code=verdict.code if verdict else "",
        cause=verdict.cause if verdict else None,
        complete=verdict.complete if verdict else False,
        findings=tuple(each.code for each in report.findings),
    )


def judged(recording: Recording) -> Report:
    """The report of what was recorded, by today's rules. Raises BadInput where they do not know it, or read more."""
    frame = Frame(
        command=recording.command,
        environment=recording.environment,
        given=recording.given,
        started_at=recording.at,
        fail_on=recording.fail_on,
    )
    try:
        scenario = scenario_of(recording.scenario)
        masked = recording.masks is not None
        judging = _near_as_listed(scenario, recording.candidates) if masked else scenario
        return of_evidence(judging, frame, recording.looks)
    except PeakopsError:
        raise
    except Exception as wrong:  # noqa: BLE001  (what rules of another day may miss, nobody can list)
        says = f"Today's rules read what peakops {recording.version} did not record: {type(wrong).__name__}: {wrong}."
        raise BadInput(says, hint=THEN, code="recording.unjudged") from None


def _candidates(report: Report) -> list[str]:
    return [str(each["id"]) for each in report.data.get("candidates", ())]


def _near_as_listed(scenario: Scenario, listed: tuple[str, ...]) -> Scenario:
    """The scenario, to which those are near that were then, in their order: masks resemble one another otherwise."""

    def near(facts: Facts) -> tuple[Row, ...]:
        scenario.near(facts)  # what it reads is where they stand
        answers = [facts[name] for name in tuple(facts.read)]
        rows = [row for each in answers if isinstance(each, list) for row in each]
        named = {str(scenario.candidate(row)["id"]): row for row in rows}
        return tuple(named[each] for each in listed if each in named)

    return replace(scenario, near=near)


def scenario_of(name: str) -> Scenario:
    """The scenario of this name. Raises BadInput."""
    if name not in (*SCENARIOS, *PRECONDITIONS):
        says = f"This peakops has no scenario '{name}', by which the recording was judged."
        raise BadInput(says, hint=THEN, code="recording.scenario")
    scenario: Scenario = import_module(f"peakops.scenarios.{name}").SCENARIO
    return scenario


def words_of(section: str) -> str:
    """The SHA-256 of the words of a section: its TOML's tables, in their order."""
    said = json.dumps(playbook.words(section), ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def _named(key: bytes) -> str:
    """By what a key is known again, and nothing else of it."""
    return hmac.digest(key, b"peakops/recording/v1 masks", "sha256").hex()[:16]


def aged(recording: Recording) -> str:
    """What is another today than when it was recorded; empty where nothing is."""
    section = recording.scenario.partition(".")[0]
    other = {
        f"peakops {recording.version}": recording.version != __version__,
        f"another text of the playbook's section '{section}'": recording.playbook != words_of(section),
    }
    return " and ".join(name for name, differs in other.items() if differs)


def replayed(recording: Recording, judge: Judge) -> Report:
    """The report by today's rules; where it says another thing than the recorded one, a warning gives both."""
    found = judge(recording)
    was, now, age = recording.recorded, told(found), aged(recording)
    about: dict[str, Any] = {
        "at": recording.at,
        "version": recording.version,
        "aged": age or None,
        "masked": recording.masks is not None,
        "recorded": {**asdict(was), "findings": list(was.findings)},
        "same": was == now,
    }
    warning = () if was == now else (_otherwise(was, now, age),)
    return replace(found, data={**found.data, "recording": about}, warnings=(*found.warnings, *warning))


def _otherwise(was: Recorded, now: Recorded, age: str) -> str:
    why = f"by {age}" if age else "by the same version and words of its section"
    then = f"'{was.code}' (exit {was.exit_code}) was said then, {why}"
    return f"Today's rules say '{now.code}' (exit {now.exit_code}); {then}."
