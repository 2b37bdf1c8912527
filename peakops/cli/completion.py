"""
What the shell offers for an argument: the invoices, people, invitations and practices that earlier commands have met.

They are in a file of the cache folder, one for each environment, without personal data: a person is there as an id
and a masked address (j…@smilecare.example), which the commands about people take for the whole one. typer hands on
to a shell only what begins with the word so far, in the same case. So these are offered:

- an invoice by its number;
- a person or an invitation by the masked address, with nothing or its first letter typed; by the id from its second
  character on;
- a practice by its name, or by its id where a shell would take a part of the name for something else.

A shell is told nothing of an error. bash inserts what it gets as it stands, so for bash it is quoted; zsh and fish
quote by themselves, and show the words that tell whose id it is.
"""

import copy
import inspect
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from peakops.cli import cache_files
from peakops.cli.invocation import environment_of
from peakops.cli.sandboxed import SANDBOX
from peakops.model import Evidence, Report
from peakops.redact import Door
from peakops.settings import cache_home, database_file, state_home

KEPT = 500
"""Of each kind the newest; a longer list helps nobody."""
ADDRESSED = {
    **dict.fromkeys(("person", "accounts", "profiles"), "people"),
    **dict.fromkeys(("invitation", "invitations"), "invitations"),
}
"""The looks whose rows have the `id` and `email` of a subject, and its kind."""
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"\w[\w.-]{0,60}")
MASKED = re.compile(r"\w…@\w[\w.-]{0,250}")
NAME = re.compile(r"\w[\w .,&/-]{0,100}")
"""What each shell takes as it stands, once it is quoted: typer's scripts for bash and zsh expand what they get."""
WORDS = re.compile(r"[\w .,&/-]{0,100}")
"""What a practice of another name is told by, beside its id."""
NOTHING = re.compile("")
SHAPES = {
    "invoices": ((NUMBER, NOTHING),),
    **dict.fromkeys(("people", "invitations"), ((UUID, MASKED), (UUID, NOTHING))),
    "practices": ((NAME, NOTHING), (UUID, WORDS)),
}
"""Of each kind what can be typed, and the words beside it: nothing else comes into the cache, or out of it."""
QUOTED = re.compile(r"[ &@]")
"""What bash takes for the end of a word, unless there is a backslash before it."""

Known = dict[str, dict[str, str]]
"""Of each kind what was met, oldest first: what can be typed, and words that tell what it is."""
Offer = Iterable[tuple[str, str]]


class InBash(str):
    """A value as bash is to insert it, quoted; typer asks whether it begins with the word so far, which is unquoted."""

    __slots__ = ()

    def startswith(self, *begin: Any) -> bool:
        """Whether what is meant begins so."""
        return self.replace("\\", "").startswith(*begin)


def remember(environment: str, report: Report) -> None:
    """Keep what a report's evidence names; it never fails, and writes a file only when something is new."""
    try:
        met = _met(report.evidence)
        of = _portal(environment) if any(met.values()) else None
        if of is None:
            return
        known = _read(environment, of)
        both = {kind: {**known[kind], **met[kind]} for kind in SHAPES}
        if both != known:
            newest = {kind: dict([*each.items()][-KEPT:]) for kind, each in both.items()}
            cache_files.write(_file(environment), {"of": of, **newest})
    except Exception:  # noqa: BLE001  (what a shell may offer one day is no reason to fail today)
        return


def invoices(ctx: typer.Context) -> list[tuple[str, str]]:
    """The numbers of invoices."""
    return _offered(ctx, lambda known: known["invoices"].items())


def people(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """People, as accounts or profiles."""
    return _offered(ctx, lambda known: _addressed(known["people"], incomplete))


def invitations(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Who was invited."""
    return _offered(ctx, lambda known: _addressed(known["invitations"], incomplete))


def practices(ctx: typer.Context) -> list[tuple[str, str]]:
    """Practices: by name where a shell can take it, else by id."""
    return _offered(ctx, lambda known: known["practices"].items())


OFFERS: dict[str, Callable[..., list[tuple[str, str]]]] = {
    "invoice": invoices,
    "user": people,
    "invitation": invitations,
    "practice": practices,
    "expect_practice": practices,
}
"""What is offered for a command's parameter, by its name."""


def offering(parameter: inspect.Parameter) -> inspect.Parameter:
    """The parameter of a command, with what a shell can offer for it."""
    if parameter.name not in OFFERS:
        return parameter
    kind, info = get_args(parameter.annotation)
    info = copy.copy(info)
    info.autocompletion = OFFERS[parameter.name]
    return parameter.replace(annotation=Annotated[kind, info])


def _offered(ctx: typer.Context, choose: Callable[[Known], Offer]) -> list[tuple[str, str]]:
    """What is chosen of what is known; nothing, without a word, where anything is wrong."""
    try:
        environment = _environment(ctx)
        of = _portal(environment)
        offer = () if of is None else choose(_read(environment, of))
        if os.environ.get("_PEAKOPS_COMPLETE", "").endswith("bash"):
            return [(InBash(QUOTED.sub(r"\\\g<0>", value)), words) for value, words in offer]
        return list(offer)
    except Exception:  # noqa: BLE001  (a traceback in the middle of a command line helps nobody)
        return []


def _addressed(met: dict[str, str], incomplete: str) -> Offer:
    """By the masked address, which says more, until an id is begun."""
    if len(incomplete) > 1 and "…" not in incomplete:
        return met.items()
    return ((masked, "") for masked in dict.fromkeys(met.values()) if masked)


def _environment(ctx: typer.Context) -> str:
    root = cast("typer.Context", ctx.find_root())
    return environment_of(root, root.params.get("env"), sandbox=bool(root.params.get("sandbox"))) or "default"


def _met(evidence: Iterable[Evidence]) -> Known:
    met: Known = {kind: {} for kind in SHAPES}
    for each in evidence:
        for row in each.rows if each.source == "database" else ():
            number, practice, key = (str(row.get(name) or "") for name in ("invoice_number", "practice", "practice_id"))
            met["invoices"][number] = ""
            if NAME.fullmatch(practice):
                met["practices"][practice] = ""
            elif practice:
                met["practices"][key] = " ".join(re.sub(r"[^\w .,&/-]", " ", practice).split())[:100]
            if each.name in ADDRESSED:
                met[ADDRESSED[each.name]][str(row.get("id"))] = _masked(str(row.get("email") or ""))
    return {kind: _sound(kind, every) for kind, every in met.items()}


def _masked(email: str) -> str:
    """The address as pages show it and commands take it; empty where they would not find it by its first letter."""
    masked = Door().text(email.strip().lower())
    return masked if MASKED.fullmatch(masked) and masked[0] == email.strip().lower()[0] else ""


def _sound(kind: str, met: Any) -> dict[str, str]:
    """What of it may be kept and offered: what has the shape of its kind, and is no secret."""
    return {
        key: words
        for key, words in (met.items() if isinstance(met, dict) else ())
        if isinstance(words, str)
        and any(typed.fullmatch(key) and beside.fullmatch(words) for typed, beside in SHAPES[kind])
        and (UUID.fullmatch(key) or Door().text(key) == key)
    }


def _portal(environment: str) -> str | None:
    """Whose data it is: the sandbox's world as it was loaded (None where it is not up), or the database's address."""
    if environment != SANDBOX:
        address = os.environ.get("PEAKOPS_DATABASE_URL", "").partition("?")[0].rpartition("@")[2]
        # The file that holds the address is not opened for this; what names no file may be a secret in its place.
        file = Path(database_file(environment)).absolute() if not address else None
        whose = str(file) if file and file.is_file() else address
        # Only told apart, never read again: a password that was written oddly must not stay in the file.
        # It takes OpenSSL along: a command that asks nobody does without.
        from hashlib import sha256

        return sha256(whose.encode()).hexdigest()[:16] if whose else ""
    from peakops import sandbox

    up = sandbox.status(state_home())
    return f"{up.generation} {up.runtime}" if up else None


def _file(environment: str) -> Path:
    name = re.sub(r"[^\w.-]", "_", environment)
    return cache_home() / f"completion-{name}.json"


def _read(environment: str, of: str) -> Known:
    """What is known of this portal, as far as it is sound; nothing where the file is of another one."""
    found = cache_files.read(_file(environment))
    ours = found if isinstance(found, dict) and found.get("of") == of else {}
    return {kind: _sound(kind, ours.get(kind)) for kind in SHAPES}
