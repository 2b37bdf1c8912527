"""What the database's own statistics speak for: causes of slowness, each with its evidence. Pure."""

import re
from dataclasses import dataclass

from peakops.model import Severity
from peakops.scenario import Check, Facts, Missing
from peakops.scenarios.perf import db
from peakops.scenarios.perf.triage import Problem

OTHER = "database_other"
CAUSES = {
    "locks": "sessions_blocked",
    "connections": "connections_spent",
    "policies": "policy_per_row",
    "unbounded": "large_data_sets",
    "seq_scans": "missing_indexes",
    "index_invalid": "missing_indexes",
    "foreign_keys": "missing_indexes",
    "statements": "slow_statement",
    "n_plus_one": "slow_statement",
    "timeouts": "slow_statement",
    "temp_files": "slow_statement",
    "transactions": "open_transaction",
}
"""Each question of 'perf db' by the cause that it is evidence of, in the order of the playbook; any other is OTHER."""
EXPLAINING = ("sessions_blocked", "policy_per_row", "large_data_sets", "missing_indexes", "slow_statement")
"""Causes that make a page wait for the database by themselves, each more telling than those behind it."""
CHECKS: dict[str, Check] = {check.__name__: check for check in db.CHECKS}


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """A cause that the database's statistics speak for."""

    code: str
    problems: tuple[Problem, ...]
    critical: bool
    """As 'perf db' judges its problems, and the slow statements that they belong to."""
    about: tuple[Problem, ...] = ()
    """The slow statements that the first problem belongs to."""

    @property
    def says(self) -> str:
        """The first problem with its statement, and how many there are besides."""
        more = len(self.problems) - 1
        also = f"{more} more of the kind {'are' if more > 1 else 'is'} there." if more else ""
        return " ".join(filter(None, (self.problems[0].says, *(each.says for each in self.about[:1]), also)))

    @property
    def share(self) -> float | None:
        """Of the time of all statements, by the first that has one; None where no statement is known."""
        return next((each.share for each in (*self.about, *self.problems) if each.share is not None), None)

    @property
    def next(self) -> tuple[str, ...]:
        """The commands that look closer at the first problems."""
        return tuple(dict.fromkeys(command for each in (*self.problems[:2], *self.about[:1]) for command in each.next))


def questions(code: str) -> tuple[str, ...]:
    """The questions of 'perf db' that tell of a cause."""
    return tuple(name for name in (*CAUSES, *CHECKS) if CAUSES.get(name, OTHER) == code and name in CHECKS)


def suspect(facts: Facts, code: str) -> Suspect | None:
    """The suspect for a cause; None where nothing that was answered speaks for it. Worked out once for these facts."""
    if code not in facts.kept:
        facts.kept[code] = _suspect(facts, code)
    seen: Suspect | None = facts.kept[code]
    return seen


def _suspect(facts: Facts, code: str) -> Suspect | None:
    problems = [each for name in dict.fromkeys(questions(code)) for each in _problems(facts, name)]
    if not problems:
        return None
    slow = _problems(facts, "statements") if code in ("large_data_sets", "missing_indexes") else []
    about = [each for each in slow if _is_about(facts, each, problems[0])]
    critical = any(_is_critical(each) for each in (*problems, *about))
    return Suspect(code=code, problems=tuple(problems), critical=critical, about=tuple(about))


def first(facts: Facts) -> Suspect | None:
    """The strongest that explains why a page waits for the database; None where there is none."""
    found = [each for code in EXPLAINING if (each := suspect(facts, code))]
    return min(found, key=lambda each: not each.critical, default=None)


def _problems(facts: Facts, question: str) -> list[Problem]:
    """What a question of 'perf db' found; nothing where it was passed over, or not answered."""
    try:
        outcome = CHECKS[question](facts)
    except Missing:
        return []
    return db.QUESTIONS[question].problems(facts) if outcome.code else []


def _is_critical(problem: Problem) -> bool:
    return any(
        entry.severity is Severity.CRITICAL
        for question in db.SCENARIO.guide.questions
        for entry in question.entries
        if entry.code == problem.code
    )


def _is_about(facts: Facts, statement: Problem, problem: Problem) -> bool:
    """Whether a slow statement is the very one that brings too much, or names the table that is read whole."""
    if statement.on == problem.on:
        return True
    text = next((str(each["text"]) for each in facts["statements"] if each["id"] == statement.on), "")
    table = re.escape(problem.on.rpartition(".")[2])
    return problem.code == "table_scanned" and bool(re.search(rf"(?<!\w){table}(?!\w)", text))
