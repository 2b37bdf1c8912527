"""Causes in their order: the verdict's first, then by the share of the page's time that was measured. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from peakops.model import Outcome, Severity
from peakops.playbook import Entry, Question
from peakops.scenario import Check, Facts, Missing
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf import suspects
from peakops.scenarios.perf.check_causes import measured, waits
from peakops.scenarios.perf.page_words import split

CODES = {
    "redirects": "slow_redirects",
    "database": "slow_database",
    "external": "api_bottleneck",
    "bundle": "bundle_size",
    "server": "slow_server",
    "download": "slow_download",
    "network": "slow_network",
}
"""The row that tells of each part of a page's time; its question has the part's name."""
SUMMARY = "could_be_faster"
"""The row that names the part which takes the most; it is no cause of its own beside one that has that part."""
CONTRIBUTES = 0.1
"""Of a slow page's time: a part that takes as much is listed, though another one takes more."""
WEIGHT = (Severity.CRITICAL, Severity.WARNING)
Step = tuple[Question, Check | None]


def ranked(steps: Sequence[Step], facts: Facts) -> list[dict[str, Any]]:
    """
    Every cause that was found: its share of the page, from 0 to 1, None where that was not measured, and its evidence.

    Parts of a slow page's time that no question found are among them, from a tenth on.
    """
    causes = sorted(_found(steps, facts), key=lambda each: WEIGHT.index(each["severity"]))
    explained = {each["part"] for each in causes if each["code"] != SUMMARY and each["part"]}
    causes = [each for each in causes if each["code"] != SUMMARY or each["part"] not in explained]
    told = {each["part"] for each in causes}
    causes += [each for each in _parts(steps, facts) if each["part"] not in told]
    return [*causes[:1], *sorted(causes[1:], key=lambda each: -(each["share"] or 0.0))]


def _found(steps: Sequence[Step], facts: Facts) -> Iterator[dict[str, Any]]:
    """The findings, but for what stands beside them."""
    for question, check in steps:
        outcome = _answered(check, facts)
        if outcome and outcome.code:
            entry = question.entry(outcome.row)
            if entry.severity in WEIGHT and not entry.aside:
                yield _cause(facts, entry, outcome.code, _part(facts, question.name, outcome), outcome.says)


def _answered(check: Check | None, facts: Facts) -> Outcome | None:
    try:
        return check(facts) if check else None
    except Missing:
        return None


def _part(facts: Facts, question: str, outcome: Outcome) -> str | None:
    """The part of the page that a finding is about; the database's where its statistics explain it first."""
    if outcome.cause == "document":
        return "download"
    if outcome.code == SUMMARY:
        return outcome.cause if outcome.cause in CODES else None
    chief = suspects.first(facts) if waits(facts) else None
    if chief and chief.code == outcome.code:
        return "database"
    return question if question in CODES else None


def _parts(steps: Sequence[Step], facts: Facts) -> Iterator[dict[str, Any]]:
    page = measured(facts)
    if page is None or figures.is_good(page):
        return
    entries = {entry.code: entry for question, _ in steps for entry in question.entries}
    for each in figures.parts(page):
        if each["share"] >= CONTRIBUTES:
            code, part = CODES[each["part"]], each["part"]
            yield _cause(facts, entries[code], code, part, f"{split(page, part)}.", Severity.WARNING)


def _cause(
    facts: Facts, entry: Entry, code: str, part: str | None, says: str, severity: Severity | None = None
) -> dict[str, Any]:
    page = measured(facts)
    ms, share = figures.share(page, part) if page and part else (None, None)
    seen = suspects.suspect(facts, code) if code in suspects.EXPLAINING else None
    return {
        "code": code,
        "title": entry.title,
        "severity": severity or entry.severity,
        "says": says,
        "part": part if page else None,
        "ms": None if ms is None else round(ms),
        "of_ms": round(figures.whole_ms(page)) if page and part else None,
        "share": share,
        "statements_share": seen.share if seen else None,
    }
