"""contacts.toml, read whole: everything that is wrong with it is found at once, and told with its line."""

import errno
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peakops.contacts import entries
from peakops.contacts.lines import Lines
from peakops.contacts.shapes import REARM_SECONDS, Book, Contact, Flaw, Tier
from peakops.contacts.table import Faults, Table, shown
from peakops.errors import NotConfigured

TOP = ("zone", "rearm", "people", "vendors", "tiers")
CHECK = "Run 'peakops contacts check' for all that is wrong."
WRITE_ONE = (
    "'peakops init' writes a commented contacts.toml into the folder of config.toml: fill it in. "
    "PEAKOPS_CONTACTS names another file."
)
FILL_IN = "Take the # away before what is yours, and write who it is."
LARGEST = 1_000_000
"""Bytes; a team of a thousand needs fewer."""
REPAIR = 'Write name = "value", each once, under [people.NAME], [vendors.NAME] or [tiers.1].'

_AT = re.compile(r" *\(at (?:line (\d+), column \d+|end of document)\)$")
_TWICE = re.compile(r"Cannot declare \((.+)\) twice")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What became of a file: a book where it can be used, and all its flaws in either case."""

    book: Book | None
    flaws: tuple[Flaw, ...] = ()


def load(path: Path) -> Book:
    """
    The book of a file that can be used, whether or not somebody in it is still TBD.

    Raises NotConfigured: contacts.missing where there is no file, else contacts.malformed with file, line and hint of
    the first fault.
    """
    found = read(path)
    if found.book:
        return found.book
    first, *more = (each for each in found.flaws if each.code == "malformed")
    says = first.told(path) + (f" {len(more)} more like it." if more else "")
    raise NotConfigured(says, code="contacts.malformed", hint=f"{first.hint} {CHECK}".strip())


def read(path: Path) -> Reading:
    """
    What became of a file, whatever is in it.

    Raises NotConfigured, contacts.missing, where there is none, or it is a template with nothing filled in.
    """
    try:
        text = _text(path)
    except FileNotFoundError:
        raise NotConfigured(f"{path}: there is no such file.", code="contacts.missing", hint=WRITE_ONE) from None
    except OSError as wrong:
        return _useless(f"it cannot be read: {wrong.strerror}.", "Let it be a file that you can read.")
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        return _useless("it is no UTF-8.", "Save it as UTF-8.", line)
    try:
        values = tomllib.loads(text)
        if not values:
            raise NotConfigured(f"{path}: nothing is filled in yet.", code="contacts.missing", hint=FILL_IN)
        return _checked(path, text, values)
    except tomllib.TOMLDecodeError as wrong:
        return _useless(*_unparsed(text, str(wrong)))
    except (ValueError, RecursionError):
        return _useless("A number in it is too long, or a list too deep.", REPAIR)


def _text(path: Path) -> str:
    """The file, with or without a byte order mark. Raises OSError, also for what never ends, and UnicodeDecodeError."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "Not a plain file")
    with path.open("rb") as file:
        held = file.read(LARGEST + 1)
    if len(held) > LARGEST:
        raise OSError(errno.EFBIG, "Larger than 1 MB")
    return held.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _useless(says: str, hint: str, line: int = 0) -> Reading:
    return Reading(book=None, flaws=(Flaw(code="malformed", line=line, says=says, hint=hint),))


def _unparsed(text: str, said: str) -> tuple[str, str, int]:
    """What the parser says, without what stands in the file, and where."""
    place = _AT.search(said)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    if twice := _TWICE.search(said):
        name = shown(re.findall(r"'([^']*)'", twice[1]))
        return f"[{name}] stands here for the second time.", "Give each its own name, or take one away.", line
    if said.startswith(("Cannot overwrite", "Cannot mutate", "Duplicate inline")):
        return "A key stands here for the second time in its table.", "Take one of them away.", line
    return f"This is no TOML: {_AT.sub('', said)}.", REPAIR, line


def _checked(path: Path, text: str, values: Mapping[str, Any]) -> Reading:
    faults = Faults(Lines(text))
    top = Table(faults, (), values)
    top.only(TOP)
    zone, rearm = entries.zone_of(top), entries.length(top, "rearm", otherwise=REARM_SECONDS)
    tables = top.tables("people"), top.tables("vendors")
    people = [entries.contact(each, "person", zone) for each in tables[0].values()]
    vendors = [entries.contact(each, "vendor", zone) for each in tables[1].values()]
    by_id = {each.id: each for each in (*vendors, *people)}
    for each in vendors:
        if by_id[each.id] is not each:
            says = f"{shown(('vendors', each.id))}: people has it too."
            faults.note(("vendors", each.id), says, "Give each its own name.")
    for each in (*people, *vendors):
        _check_deputy(faults, each, by_id)
    tiers = tuple(_tiers(faults, top, by_id))
    flaws = tuple(sorted(faults.found, key=lambda each: each.line))
    if any(each.code == "malformed" for each in flaws):
        return Reading(book=None, flaws=flaws)
    return Reading(book=Book(file=path, people=(*people, *vendors), tiers=tiers, rearm=rearm, flaws=flaws), flaws=flaws)


def _check_deputy(faults: Faults, contact: Contact, by_id: Mapping[str, Contact]) -> None:
    """Note a deputy who is nobody, is a vendor, or is the contact; two people may well stand in for each other."""
    table = "people" if contact.kind == "person" else "vendors"
    key, name = (table, contact.id, "deputy"), shown((table, contact.id, "deputy"))
    deputy = by_id.get(contact.deputy)
    if contact.deputy and deputy is None:
        faults.note(key, f"{name}: there is no '{shown((contact.deputy,))}'.", _one_of(by_id))
    elif deputy and deputy.kind == "vendor":
        faults.note(
            key, f"{name}: '{shown((deputy.id,))}' is a vendor.", "A vendor stands in for nobody: name a person."
        )
    elif deputy is contact:
        faults.note(key, f"{name}: nobody stands in for himself.", "Name somebody else, or leave the key out.")


def _tiers(faults: Faults, top: Table, by_id: Mapping[str, Contact]) -> Iterator[Tier]:
    tables = top.tables("tiers")
    if not tables:
        faults.note(("tiers",), "There is no tier: nobody is called.", "Write [tiers.1] with name and contacts.")
    numbers = [str(each) for each in range(1, len(tables) + 1)]
    for name in tables:
        if name not in numbers:
            wanted = f"tiers are numbered from 1 without a gap; here they are to be {', '.join(numbers)}"
            says = f"{shown(('tiers', name))}: {wanted}."
            faults.note(("tiers", name), says, "Number them anew, in the order in which they are called.")
    for n, name in enumerate(numbers, 1):
        if name not in tables:
            continue
        known = len(faults.found)
        tier = entries.tier(tables[name], n)
        if len(faults.found) == known:
            _check_kinds(faults, tier, by_id)
        for id in tier.contacts:
            if id not in by_id:
                says = f"tiers.{name}.contacts: there is no '{shown((id,))}'."
                faults.note(("tiers", name, "contacts"), says, _one_of(by_id), value=f'"{id}"')
        yield tier


def _check_kinds(faults: Faults, tier: Tier, by_id: Mapping[str, Contact]) -> None:
    """Note who is in a tier that is never theirs: vendors are told of what somebody has confirmed, and they alone."""
    wanted, does = ("vendor", "confirm") if tier.mode == "confirm" else ("person", "auto")
    for id in tier.contacts:
        if id in by_id and by_id[id].kind != wanted:
            says = f"tiers.{tier.n}.contacts: '{shown((id,))}' is never called by a tier of the mode {does}."
            hint = 'Vendors belong into a tier with mode = "confirm" of their own, and people into the others.'
            faults.note(("tiers", str(tier.n), "contacts"), says, hint, value=f'"{id}"')


def _one_of(ids: Iterable[str]) -> str:
    return f"Name one of {', '.join(shown((each,)) for each in ids)}."
