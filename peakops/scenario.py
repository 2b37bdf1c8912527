"""The vocabulary in which a scenario is written: what to look at, and what to conclude."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from peakops import playbook
from peakops.model import Evidence, Fault, Outcome, Row, Severity, Verdict
from peakops.playbook import Guide, Question
from peakops.promise import Answer, Missing, Promise

__all__ = ["Answer", "Facts", "Look", "Missing", "Outcome", "Promise", "Row", "Scenario", "found", "ok", "skip"]


class Check(Protocol):
    """A question's function: from facts to an outcome, pure."""

    __name__: str

    def __call__(self, facts: "Facts", /) -> Outcome: ...


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One playbook entry: what to look at, and what to conclude."""

    module: str
    gather: Callable[..., None]
    checks: tuple[Check, ...]
    subject: tuple[str, ...]
    """The looks that find the subject, in order; the last one's row is the subject. Empty where there is none."""
    verb: str = ""
    """The whole command, where it is not the section and the name."""
    needs: Mapping[Severity, tuple[str, ...]] = field(default_factory=dict)
    """Which looks must have answered before a verdict of this severity may be given."""
    must_answer: tuple[str, ...] = ()
    """The questions without whose answer a warning is not the verdict either, though every look answered."""
    data: Callable[["Facts"], Row] = lambda facts: {}  # noqa: ARG005  (the default takes what all take)
    brief: Callable[["Facts"], str] = lambda facts: "No row of the playbook fits."  # noqa: ARG005  (likewise)
    """What the systems say, in one sentence, where no row of the playbook fits it."""
    called: Callable[["Facts"], str] = lambda facts: ""  # noqa: ARG005  (likewise)
    """What people call the subject, for the commands that are named next: INV-123."""
    warns: Callable[["Facts"], tuple[str, ...]] = lambda facts: ()  # noqa: ARG005  (likewise)
    """What limits the whole answer, for the report's warnings."""
    whole: Callable[["Facts"], bool] = lambda facts: True  # noqa: ARG005  (likewise)
    """Whether all that matters could be asked, though every look answered; else the verdict is not complete."""
    plural: str = "subjects"
    """What the subjects are called: 'invoices'."""
    absent: Callable[[str], str] = lambda given: f"There is no '{given}'."
    """The sentence for a subject that does not exist, from what was given."""
    near: Callable[["Facts"], tuple[Row, ...]] = lambda facts: ()  # noqa: ARG005  (likewise)
    """What resembles a subject that is not there, likest first: near misses, listed as candidates."""
    candidate: Callable[[Row], Row] = dict
    """What is listed of each subject that an ambiguous identifier fits: its `id` names it alone, `says` tells it."""

    @property
    def section(self) -> str:
        return self.module.split(".")[-2]

    @property
    def name(self) -> str:
        return self.module.split(".")[-1].replace("_", "-")

    @property
    def command(self) -> str:
        return self.verb or f"{self.section} {self.name}"

    @property
    def guide(self) -> Guide:
        return playbook.guide(self.section, self.name.replace("-", "_"))

    @property
    def arguments(self) -> list[inspect.Parameter]:
        """What the scenario is told: the parameters of its `gather` but the look."""
        return list(inspect.signature(self.gather).parameters.values())[1:]

    def steps(self) -> Iterator[tuple[Question, Check | None]]:
        """Each question of the playbook with the check that answers it; none where a person must."""
        checks = {check.__name__: check for check in self.checks}
        for question in self.guide.questions:
            yield question, checks.get(question.name)


class Asker(Protocol):
    """Who carries a look out: the investigation, or a list that only wants to know what would be asked."""

    def ask(self, answer: Answer, source: str, call: str, params: Row) -> None: ...


class Listed:
    """An asker that asks nobody, and remembers each look: its name, source, call and parameters."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, Row]] = []

    def ask(self, answer: Answer, source: str, call: str, params: Row) -> None:
        """Remember the look."""
        self.asked.append((answer.name, source, call, params))


class Look:
    """Looks things up in the sources, all at once; a look waits only for the promises in it."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker

    def at(self, source: str, name: str, call: str, **params: Any) -> Answer:
        """Declare a look: `call` of `source`, remembered as `name`."""
        answer = Answer(name)
        self._asker.ask(answer, source, call, params)
        return answer

    def rows(self, name: str, query: str, **params: Any) -> Answer:
        """Declare a named query of sql/ that brings rows, remembered as `name`."""
        return self.at("database", name, "rows", query=query, **params)


class Facts(Mapping[str, Any]):
    """The evidence by name. A fact that is not there makes its check unknown; what was read is remembered."""

    def __init__(self, evidence: tuple[Evidence, ...]) -> None:
        self._evidence = {each.name: each for each in evidence}
        self.read: dict[str, None] = {}
        self.kept: dict[str, Any] = {}
        """What a check works out of these facts and asks for again, by its name: it costs the same each time."""

    def __getitem__(self, name: str) -> Any:
        evidence = self._evidence.get(name)
        if evidence is None or evidence.error:
            raise Missing(f"{name}: {evidence.error.message if evidence and evidence.error else 'not asked'}")
        self.read[name] = None
        return evidence.value

    def known(self, *names: str) -> bool:
        """Whether these looks all answered; asking does not count as reading."""
        return all(name in self._evidence and not self._evidence[name].error for name in names)

    def at(self, name: str) -> datetime | None:
        """When this look was asked, by the environment's clock; None where it has not answered."""
        return self._evidence[name].at if self.known(name) else None

    def notes(self, name: str) -> tuple[str, ...]:
        """What limits this answer."""
        return self._evidence[name].notes if name in self._evidence else ()

    def fault(self, name: str) -> Fault | None:
        """Why this look brought nothing; None where it answered, or was not declared."""
        return self._evidence[name].error if name in self._evidence else None

    def __contains__(self, name: object) -> bool:
        """Whether the look was declared at all."""
        return name in self._evidence

    def __iter__(self) -> Iterator[str]:
        return iter(self._evidence)

    def __len__(self) -> int:
        return len(self._evidence)


def ok(says: str) -> Outcome:
    """The question is answered, and nothing is wrong."""
    return Outcome(verdict=Verdict.OK, says=says)


def skip(says: str) -> Outcome:
    """The question does not arise, and why."""
    return Outcome(verdict=Verdict.SKIPPED, says=says)


def unknown(says: str) -> Outcome:
    """The question arises, and nobody can answer it."""
    return Outcome(verdict=Verdict.UNKNOWN, says=says)


def found(
    code: str,
    says: str,
    *,
    cause: str | None = None,
    row: str = "",
    next: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    instead: Mapping[str, str] | None = None,
    arguments: tuple[str, ...] = (),
    curable: bool = True,
) -> Outcome:
    """
    A row of the playbook applies; `says` proves it.

    `row` names the row where it is not the code; `instead` are words of the playbook (do, customer) that take the
    place of the row's own, where what was seen outranks it; then the row's fix may not be `curable` either.
    `arguments` are what the row's fix is told besides the subject; `without` are the commands that the row leads to
    which are not named here.
    """
    return Outcome(
        verdict=Verdict.FOUND,
        says=says,
        code=code,
        cause=cause,
        row=row or code,
        next=next,
        without=without,
        instead=instead or {},
        arguments=arguments,
        curable=curable,
    )
