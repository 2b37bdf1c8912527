"""The vocabulary in which a fix is written: which findings it remedies, and which actions that takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from peakops.plan import Action, Grade, Params, Plan, Subject
from peakops.scenario import Facts, Scenario

__all__ = ["Action", "Fix", "Grade", "Plan", "Proposal", "Subject"]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The actions that would remedy a finding, and what to know before they are confirmed."""

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()
    customer: str = ""
    """What may be sent to the customer once it is done."""
    holds: tuple[str, Params] | None = None
    """A statement that must find its row in every transaction: what was seen, locked until the commit."""


@dataclass(frozen=True, kw_only=True)
class Fix:
    """
    A verb that remedies findings of a scenario; the module's name is the verb.

    `propose` makes the actions of the facts, of the verb's own options (its keyword parameters) and of the settings
    in `limits`; it raises Refused where a guard is against it.
    """

    module: str
    verb: str = ""
    """The whole command, where it is not the module's section and name."""
    scenario: Scenario
    remedies: tuple[str, ...]
    """The codes it acts on; each only while it is the verdict, so that nothing worse is passed over."""
    settled: tuple[str, ...]
    """The verdicts under which there is nothing left to do."""
    forbids: tuple[str, ...] = ()
    """Findings that are milder than the remedied one and still forbid it."""
    needs: tuple[str, ...]
    """The looks that must have answered: what they would have shown may forbid it."""
    grade: Grade
    audit: str
    subject: Callable[[Facts], Subject]
    propose: Callable[..., Proposal]
    limits: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    """The verb's own options that narrow what is done."""
    holds: Callable[[Facts, Mapping[str, Any]], bool] = lambda facts, options: True  # noqa: ARG005  (of verbs without options)
    """Whether a verdict that settles it means what the options ask for; raises Refused where they ask for more."""
    happened: Callable[[Facts, Plan], dict[int, Mapping[str, Any]]] = lambda facts, plan: {}  # noqa: ARG005  (no vendor)
    """The steps of a plan of which the vendors show that they were done, with what they brought."""
    pending: Callable[[Facts], str] | None = None
    """What of the change is not final yet, as a sentence, empty where all is; with it the fix takes --until final."""

    @property
    def section(self) -> str:
        return self.module.split(".")[-2]

    @property
    def name(self) -> str:
        return self.module.split(".")[-1].replace("_", "-")

    @property
    def command(self) -> str:
        return self.verb or f"{self.section} {self.name}"
