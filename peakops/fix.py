"""The vocabulary in which a fix is written: which findings it remedies, and which actions that takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from peakops.plan import Action, Grade, Params, Plan, Subject
from peakops.scenario import Facts, Scenario

__all__ = ["Action", "Fix", "Grade", "Plan", "Proposal", "Rights", "Subject"]


@dataclass(frozen=True, kw_only=True)
class Rights:
    """A named query that brings what a role may not do, one row each, and its parameters."""

    query: str
    params: Params


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The actions that would remedy a finding, and what to know before they are confirmed."""

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()
    customer: str = ""
    """What may be sent to the customer once it is done."""
    holds: tuple[str, Params] | None = None
    """A statement that must find its row in every transaction: what was seen, locked until the commit."""
    arguments: tuple[str, ...] = ()
    """What is typed after the subject, to make the same plan again."""


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
    refuses: Mapping[str, str] = field(default_factory=dict)
    """Verdicts that somebody may wish it to act on, and that it never does: each with the reason, as a sentence."""
    needs: tuple[str, ...]
    """The looks that must have answered: what they would have shown may forbid it."""
    grade: Grade
    audit: str
    subject: Callable[[Facts], Subject]
    propose: Callable[..., Proposal]
    limits: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    """The verb's own options that narrow what is done."""
    further: tuple[str, ...] = ()
    """Its other options, which narrow nothing: where a file goes, or that a guard is lifted."""
    holds: Callable[[Facts, Mapping[str, Any]], bool] = lambda facts, options: True  # noqa: ARG005  (of verbs without options)
    """Whether a verdict that settles it means what the options ask for; raises Refused where they ask for more."""
    happened: Callable[[Facts, Plan], dict[int, Mapping[str, Any]]] = lambda facts, plan: {}  # noqa: ARG005  (no vendor)
    """The steps of a plan of which the vendors show that they were done, with what they brought."""
    shows: Callable[[Facts, Plan], str] | None = None
    """
    Of a fix that does not end its finding, such as a mail that is sent again: why the look afterwards does not show
    that the plan was carried out, as the rest of a sentence ("shows no new mail."); empty where it does.
    """
    private: Callable[[Facts], Mapping[str, str]] = lambda facts: {}  # noqa: ARG005  (most plans hold all they need)
    """What the plan's {"private": name} parameters stand for; made anew for each run, never shown or journalled."""
    reveals: Callable[[Facts, Mapping[str, str]], str] | None = None
    """The secret that was asked for, of what was private, what the vendors brought, and the settings in `limits`."""
    asks: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the scenario that the verb asks for in another way: an option of the check that it requires."""
    doubt: Callable[[Plan], str] = lambda plan: ""  # noqa: ARG005  (of vendors that know a twin when they see one)
    """What to know of a plan in the place of one that was begun, and of which the vendors show nothing."""
    lasts: bool = False
    """Whether what a vendor's step did cannot be undone, such as a mail that went out: the journal's word is enough."""
    overtaken: Callable[[Facts, Plan], bool] = lambda facts, plan: False  # noqa: ARG005  (of notes that nobody else makes)
    """Whether the portal has noted something else since a vendor's step: then the audit log's row alone is added."""
    lag: Callable[[Plan], timedelta] = lambda plan: timedelta(0)  # noqa: ARG005  (of vendors that show at once what was done)
    """How long a vendor may not show what an attempt did: until then nothing is planned in its place."""
    own_guards: bool = False
    """Whether `propose` alone says what forbids it: that a row does not name it, since it is not curable, does not."""
    removes: bool = False
    """Whether its subject is gone once it is done, so that the look afterwards finds none."""
    final: bool = False
    """Whether what its transaction did is never planned anew: what is left of the plan is done, whatever is seen."""
    after: Callable[[Facts], Scenario] | None = None
    """The scenario of the look afterwards, where what it must know of its subject is gone by then."""
    outranks: bool = False
    """
    Whether it is for an emergency: what another verb began and did not finish holds nothing up, and is closed, so that
    it is never gone on with. What the emergency's verb began in the portal's database is done whatever is seen.
    """
    rights: Rights | None = None
    """What the role that writes must be allowed, asked before the plan is made: `propose` reads the fact `rights`."""
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
