"""A sweep of everything: the findings of many sections with their fingerprints, and what all of it comes to. Pure."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from peakops import playbook, verdict
from peakops.model import Report, Row, Ruling, Severity, Sources, Status, placed, typed
from peakops.report import Frame

FINGERPRINT = 12
"""Hexadecimal digits: of a million findings two have one fingerprint with a chance of one in five hundred."""
LEVELS = ("critical", "unknown", "warning")
"""What is told, worst first; a section's rows that are ok are its own command's to list."""
EXPIRED = "mute_expired"
FIELDS = ("section", "subject", "verdict", "severity", "cause", "at", "says", "next", "fingerprint", "muted", "new")
"""A finding as it is let out."""


@dataclass
class Section:
    """What one section came to: what counts, and what does not since it is muted or was told before."""

    name: str
    counted: Counter[str] = field(default_factory=Counter)
    """By severity, what decides."""
    found: Counter[str] = field(default_factory=Counter)
    """By severity, all of its rows, whether or not they decide."""
    silent: bool = False
    """Whether it was not read whole: what it did not find may be there."""
    muted: Counter[str] = field(default_factory=Counter)
    """By severity, what is muted."""
    known: int = 0
    expired: int = 0
    subjects: int | None = None
    seconds: float = 0.0
    why: str = ""
    """Of a section that is unknown, wholly or in part."""

    @property
    def status(self) -> Status:
        """The worst of what decides."""
        return _worst(self.counted)

    def row(self) -> Row:
        """As `data.summary.sections` has it."""
        counts = {each: self.counted[each] for each in LEVELS}
        rest = {"muted": self.muted.total(), "known": self.known, "subjects": self.subjects}
        return {"status": self.status.value, **counts, **rest, "seconds": round(self.seconds, 3), "why": self.why}

    def line(self) -> str:
        """The section in one line."""
        # Of what is unknown as a whole the reason is told, and no number.
        told = [_counts(Counter({**self.counted, "unknown": 0}) if self.why else self.counted)]
        told += [f"{self.muted.total()} muted ({_counts(self.muted)})"] if self.muted else []
        told += [f"{self.known} known"] if self.known else []
        told += [f"{self.subjects} looked at"] if self.subjects is not None else []
        said = "; ".join(filter(None, (", ".join(filter(None, told)), self.why)))
        return f"  {self.name:<14}{self._word:<10}{said}".rstrip()

    @property
    def _word(self) -> str:
        """The status for people: what is muted, or was told before, is not in order."""
        if self.status is not Status.OK:
            return self.status.value
        return "muted" if self.muted else "known" if self.known else self.status.value


def _counts(counted: Mapping[str, int]) -> str:
    """How many of each severity, worst first: 2 critical, 1 warning."""
    return ", ".join(f"{counted[each]} {each}" for each in LEVELS if counted.get(each))


def fingerprint(section: str, subject: str, code: str, cause: str | None) -> str:
    """The name of a finding, the same in every run and on every machine: payments-1c9e2f07ab34."""
    said = json.dumps([section, subject, code, cause], ensure_ascii=False)
    return f"{section}-{hashlib.sha256(said.encode()).hexdigest()[:FINGERPRINT]}"


def finding(section: str, row: Row) -> dict[str, Any]:
    """A row of a section's own as a finding of the sweep."""
    name, cause = str(row["subject"]), row.get("cause")
    mark = fingerprint(section, name, row["verdict"], cause)
    return {
        **{"section": section, "subject": name, "verdict": row["verdict"], "severity": row["severity"]},
        **{"cause": cause, "at": row.get("at"), "says": _line(section, row, mark)},
        **{"next": list(row["next"]), "fingerprint": mark, "muted": False, "new": None},
    }


def _line(section: str, row: Row, mark: str) -> str:
    says = str(row["says"]).removeprefix(f"{section}  ")
    return f"{row['severity'].upper()}  {section}  {says}  [{mark}]"


def expired(row: Row, mute: Row, day: str) -> dict[str, Any]:
    """The finding that a mute is over, and that what it was about is still there."""
    section, key = str(row["section"]), str(mute["fingerprint"])
    said = f"{row['subject']}  {EXPIRED}  The mute of {mute['owner']} ended {day}, and {row['verdict']} is still there."
    given = {"subject": row["subject"], "verdict": EXPIRED, "severity": Severity.WARNING.value, "at": row["at"]}
    next = [typed("peakops mute end", key), *row["next"]]
    return finding(section, {**given, "cause": row["verdict"], "says": said, "next": next})


def silence(section: str, command: str, code: str, why: str) -> dict[str, Any]:
    """The row of a section of which not everything is known."""
    given = {"subject": section, "verdict": "unknown", "severity": "unknown", "cause": code}
    return finding(section, {**given, "says": f"unknown  {why}", "next": [f"peakops {command}"]})


def unexplained(section: Section, command: str, report: Report) -> dict[str, Any] | None:
    """The row of what a section's report says and none of its rows: that a vendor refuses all of it, for instance."""
    ruling = report.verdict
    if report.status not in (Status.WARNING, Status.CRITICAL) or section.found[report.status.value] or not ruling:
        return None
    given = {"subject": section.name, "verdict": ruling.code, "severity": report.status.value, "cause": ruling.cause}
    next = [*report.next, f"peakops {command}"]
    return finding(section.name, {**given, "says": f"{ruling.code}  {ruling.says}", "next": list(dict.fromkeys(next))})


def unsure(section: Section, report: Report) -> bool:
    """
    Whether a section could not say all: it has no verdict, or is unknown, or something critical hides that it would be.

    Where its rows name each subject that is unknown, these say it.
    """
    incomplete = bool(report.verdict and not report.verdict.complete)
    if report.status not in (Status.OK, Status.WARNING, Status.CRITICAL, Status.UNKNOWN):
        # An error, or a refusal: whatever it is, it is no verdict.
        return True
    if report.status is not Status.UNKNOWN and not (report.status is Status.CRITICAL and incomplete):
        return False
    of_subjects = report.data.get("summary", {}).get("severities", {}).get("unknown")
    return not of_subjects or of_subjects > section.found["unknown"] or bool(report.warnings)


def reason(report: Report) -> str:
    """Why a section is unknown: what ended it, else what was silent first, else what its report says."""
    if report.error:
        return f"{report.error.message} {report.error.hint}".strip()
    says = report.verdict.says if report.verdict else ""
    faults = tuple(f"{each.error.message} {each.error.hint}".strip() for each in report.evidence if each.error)
    reasons = faults or (says,) if report.outcomes else report.warnings
    ended = (each for each in reasons if each.partition(". ")[0] in says)
    return next(ended, next(iter(reasons), says))


def _worst(counts: Mapping[str, int]) -> Status:
    return next((Status(each) for each in LEVELS if counts.get(each)), Status.OK)


def of_sections(frame: Frame, sections: list[Section], next: tuple[str, ...], warnings: tuple[str, ...]) -> Report:
    """The report on all of them: the worst decides, critical before unknown before warning."""
    counted = sum((each.counted for each in sections), Counter[str]())
    status, silent = _worst(counted), [each.name for each in sections if each.counted["unknown"]]
    words = playbook.guide("sweep", "run").ends[_end(status, sections)]
    ruling = Ruling(
        code=words.code,
        title=words.title,
        says=_says(counted, sections),
        complete=not silent,
        sources=Sources(asked=len(sections), answered=len(sections) - len(silent), missing=tuple(silent)),
        do=words.do,
    )
    lines = [f"{status.value.upper()}  {words.title}  [{words.code}]", f"  {ruling.says}"]
    lines += [each.line() for each in sections]
    lines += [f"  {each}" for each in (*warnings, ruling.do)]
    if next:
        lines.append(f"  Next: {placed(next[0], frame.environment, frame.env_file)}")
    return frame.report(
        status=status,
        exit_code=verdict.exit_code(status, frame.fail_on),
        verdict=ruling,
        data={"summary": summary(sections, counted, silent)},
        lines=tuple(lines),
        next=next,
        warnings=warnings,
    )


def summary(sections: list[Section], counted: Counter[str], silent: list[str]) -> Row:
    """What `data.summary` says."""
    muted = _muted(sections)
    return {
        "findings": counted.total(),
        "severities": {each: counted[each] for each in LEVELS},
        "muted": muted.total(),
        "muted_severities": {each: muted[each] for each in LEVELS},
        "known": sum(each.known for each in sections),
        "mute_expired": sum(each.expired for each in sections),
        "unknown_sections": silent,
        "complete": not silent,
        "seconds": round(sum(each.seconds for each in sections), 3),
        "sections": {each.name: each.row() for each in sections},
    }


def _end(status: Status, sections: list[Section]) -> str:
    """Which of the playbook's ends it is."""
    if status is Status.UNKNOWN:
        return "unknown"
    if status is not Status.OK:
        return "waiting"
    if any(each.known for each in sections):
        return "nothing_new"
    return "muted" if any(each.muted for each in sections) else "clear"


def _says(counted: Counter[str], sections: list[Section]) -> str:
    told = [f"{counted[each]} {each}" for each in ("critical", "warning") if counted[each]]
    silent = [each.name for each in sections if each.counted["unknown"]]
    told += [f"unknown: {', '.join(silent)}"] if silent else []
    said = f"{len(sections)} section{'s' * (len(sections) != 1)} looked at: {', '.join(told) or 'nothing that counts'}."
    known, muted = sum(each.known for each in sections), _muted(sections)
    said += f" Told before and still there: {known}." if known else ""
    return said + (f" Muted: {_counts(muted)}." if muted else "")


def _muted(sections: list[Section]) -> Counter[str]:
    """By severity, what is muted of all sections."""
    return sum((each.muted for each in sections), Counter[str]())
