"""What a fix would do, as plain data: its actions in their order, and the hash that names the plan."""

import hashlib
import json
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from peakops.model import typed

Params = Mapping[str, Any]
SCHEMA = "schema"
"""The kind of subject that is the team's tables themselves, which cannot be locked before they are there."""
NETWORK = "network"
"""The kind of subject that is a network: of what is changed about it, its address is recorded and not masked."""


class Grade(StrEnum):
    """The contract's classes of what a command does, which decide how it is confirmed."""

    REVERSIBLE = "B"
    CONSEQUENTIAL = "C"
    """Money, access, network."""
    IRREVERSIBLE = "D"
    """Or many objects at once."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a plan is about: its kind and id as the lock and the journal name it, and what people type."""

    kind: str
    id: str
    name: str
    """For the journal, which holds no personal data: an invoice's number, a user's id."""
    practice_id: str | None = None
    known_as: str = ""
    """What people type where that is another than the name: a user's e-mail address."""
    erased: bool = False
    """Whether it is a person whose id is to be nowhere once the plan is carried out."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def afterwards(self) -> str | dict[str, str]:
        """By what the audit log knows it: the id; of somebody who is erased, what stands for a pseudonym."""
        return {"pseudonym": self.id} if self.erased else self.id

    @property
    def is_network(self) -> bool:
        return self.kind == NETWORK

    @property
    def argument(self) -> str:
        """What is typed after the command: nothing where there is only one such thing."""
        return "" if self.kind == SCHEMA else self.known_as or self.name


@dataclass(frozen=True, kw_only=True)
class Action:
    """
    One write: the call of a writer with its parameters, and what a person is told of it.

    A parameter {"of": 1, "field": "id"} is a field of what action 1 (from 1) of the same plan brought; {"private":
    "email"} stands for what is known when the plan is carried out, and must be neither shown nor journalled; {"read":
    "shipping/recipient", …} likewise for what that named query brings then, with the rest as its parameters; and
    {"pseudonym": id} and {"hmac": …} for what is made of an id with the key of the pseudonyms, {"mark": "pseudonyms"}
    for that by which the key itself is known again. A database action is
    told the plan's hash and the station besides, as `plan` and `station`.
    """

    via: str
    """The writer: "database", or the vendor: "stripe", "sendgrid"."""
    call: str
    """A named query of sql/, or a method of the vendor's writer."""
    params: Params
    target: str
    was: str
    becomes: str
    final: str = ""
    """What of it cannot be undone; empty where all can."""
    undo: str = ""
    """How it is taken back; empty where it cannot be."""

    def does_as(self, other: "Action") -> bool:
        """Whether it is the same write, whatever is told of it: a journal masks what is told."""
        mine, theirs = ((each.via, each.call, _plain(each.params)) for each in (self, other))
        return mine == theirs

    @property
    def at_vendor(self) -> bool:
        """Whether it changes something at a vendor, and not in the portal's database."""
        return self.via != "database"

    @property
    def on_disk(self) -> bool:
        """Whether it keeps evidence on this machine, and changes nothing: that it was done, the journal tells."""
        return self.via == "evidence"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The changes that remedy one finding of an investigation that has just run."""

    fix: str
    grade: Grade
    subject: Subject
    finding: str
    actions: tuple[Action, ...]
    audit: str
    """The action of the audit log's row: invoice.marked_paid."""
    notes: tuple[str, ...] = ()
    """What the operator should know before confirming."""
    customer: str = ""
    """What may be sent to the customer once it is done."""
    begun: tuple[int, ...] = field(default=())
    """The steps that an earlier run is known to have finished, from 1."""
    skips: tuple[int, ...] = field(default=())
    """The steps of a plan that was begun which nothing asks for any more."""
    bare: tuple[int, ...] = field(default=())
    """The portal's own steps of a plan that was begun of which only the row in the audit log is still asked for."""
    arguments: tuple[str, ...] = ()
    """What is typed after the subject: the practice to move a person to."""
    holds: tuple[str, Params] | None = None
    """A statement that must find its row in every transaction of the plan: what was seen, locked until the commit."""

    @property
    def line(self) -> str:
        """The command that makes, or goes on with, this plan."""
        return " ".join((typed(f"peakops {self.fix}", self.subject.name), *map(shlex.quote, self.arguments)))

    @property
    def hash(self) -> str:
        """Names what would be done, whoever does it and whenever: it is what makes a repeated run the same run."""
        kernel = [self.fix, self.subject.key, [[each.via, each.call, _plain(each.params)] for each in self.actions]]
        return hashlib.sha256(json.dumps(kernel, sort_keys=True).encode()).hexdigest()[:32]

    def steps(self) -> Iterator[tuple[int, tuple[Action, ...]]]:
        """
        The steps from 1: each a vendor's call, or consecutive database actions, which share a transaction.

        A plan that changes no row ends with a step without actions: its row in the audit log alone.
        """
        number = 0
        for at_vendor, group in groupby(self.actions, key=lambda each: each.at_vendor):
            actions = tuple(group)
            for each in [(one,) for one in actions] if at_vendor else [actions]:
                number += 1
                yield number, () if number in self.bare else each
        if all(each.at_vendor for each in self.actions):
            yield number + 1, ()

    def changed_by(self, numbers: Collection[int]) -> bool:
        """Whether these steps, from 1, have changed anything: evidence that was kept is no change."""
        return any(number in numbers for number, actions in self.steps() if not (actions and actions[0].on_disk))

    def as_data(self) -> dict[str, Any]:
        """The plan as plain data, from which `from_data` makes it again."""
        plain: dict[str, Any] = _plain(asdict(self))
        if not self.subject.erased:
            del plain["subject"]["erased"]
        return {**plain, "hash": self.hash}


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step that was carried out: what it brought, and whether it had been done before."""

    number: int
    actions: tuple[Action, ...]
    brought: Mapping[str, Any]

    @property
    def already(self) -> bool:
        return bool(self.brought.get("already"))


def filled(
    params: Params, brought: Mapping[int, Params], private: Mapping[str, str], read: Callable[..., Any]
) -> dict[str, Any]:
    """An action's parameters as they are carried out: what Action says of them, `read` bringing what a query does."""

    def known(value: Any) -> Any:
        match value:
            case {"of": step, "field": name}:
                return brought[step][name]
            case {"read": _}:
                return read(**value)
            case {"private": name}:
                return private[name]
            case {"hmac": {"private": name}}:
                return {"hmac": private[name]}
        return value

    return {key: known(value) for key, value in params.items()}


def from_data(data: Params) -> Plan:
    """A plan out of the journal. Raises KeyError or TypeError where it is none."""
    known = {key: data[key] for key in ("fix", "finding", "audit", "customer")}
    return Plan(
        **known,
        grade=Grade(data["grade"]),
        subject=Subject(**data["subject"]),
        actions=tuple(Action(**each) for each in data["actions"]),
        notes=tuple(data["notes"]),
        arguments=tuple(data.get("arguments", ())),
        holds=(data["holds"][0], data["holds"][1]) if data["holds"] else None,
    )


def _plain(value: Any) -> Any:
    """Data that JSON can hold; what is no number, text or truth value becomes text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | None) else str(value)
