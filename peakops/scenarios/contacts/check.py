"""
Whether somebody can be called at any minute: the file of contacts, held against the week and against the playbook.

The file is contacts.toml beside config.toml, or PEAKOPS_CONTACTS; every fault is told with its line. With --probe the
mail domains of the addresses and the vendors' web sites are asked whether they answer; nobody is written to.

Example: peakops contacts check
"""

from collections.abc import Iterator

from peakops.model import Severity
from peakops.scenario import Facts, Look, Outcome, Row, Scenario, found, ok, skip
from peakops.scenarios.doctor.left_out import counted
from peakops.scenarios.words import day

TOLD = 5
"""Faults, gaps and names in one sentence; the data has all."""
OLD = "@supabase.io"
"""The domain of the playbook's address; Supabase takes questions at its dashboard."""
CALLED_FOR = {"security": "a security lead", "privacy": "a privacy officer"}
"""Roles that the playbook sends people to, or that a breach needs, by a word of the role."""
NO_FILE = "There is no file to look at."


def gather(look: Look, probe: bool = False) -> None:
    """What is wrong with the file, who is in it, and when nobody can be called."""
    look.at("contacts", "file", "file")
    look.at("contacts", "people", "people")
    look.at("contacts", "gaps", "gaps")
    look.at("contacts", "unset", "unset")
    look.at("contacts", "vendors", "vendors")
    look.at("contacts", "answers", "answers", probe=probe)


def file(facts: Facts) -> Outcome:
    if facts["file"]["absent"]:
        return found("no_file", facts["file"]["absent"])
    return ok(f"{facts['file']['file']} is there.")


def usable(facts: Facts) -> Outcome:
    if facts["file"]["absent"]:
        return skip(NO_FILE)
    wrong = list(_flaws(facts, "malformed"))
    return found("malformed", _several(wrong)) if wrong else ok("It is as it should be.")


def known(facts: Facts) -> Outcome:
    if facts["file"]["absent"]:
        return skip(NO_FILE)
    still_open = list(_flaws(facts, "tbd"))
    return found("contact_tbd", _several(still_open)) if still_open else ok("Nothing in it is TBD.")


def _flaws(facts: Facts, code: str) -> Iterator[str]:
    """The sentences of one kind of flaw, each with its line and its hint; the file is named by the first."""
    place = f"{facts['file']['file']}, line"
    for each in facts["file"]["flaws"]:
        if each["code"] == code:
            at = f"{place} {each['line']}" if each["line"] else place.removesuffix(", line")
            yield f"{at}: {each['says']} {each['hint']}".strip()
            place = "Line"


def addressed(facts: Facts) -> Outcome:
    if left := _unusable(facts):
        return left
    if facts["unset"]:
        return found("channel_missing", " ".join(_lacking(facts["unset"])))
    return ok("Every variable that a channel names, or that mail needs, is set.")


def _lacking(unset: list[Row]) -> Iterator[str]:
    """The variables that lead nowhere, with whose they are, by what is wrong with them."""
    for why in dict.fromkeys(each["why"] for each in unset):
        names = [f"{each['variable']} ({', '.join(each['contacts'])})" for each in unset if each["why"] == why]
        yield f"{why[0].upper()}{why[1:]}: {_several(names, ', ')}."


def covered(facts: Facts) -> Outcome:
    if left := _unusable(facts):
        return left
    seasons = _seasons(facts["gaps"])
    if seasons:
        told = [f"until {last}: {_several(list(stretches), ', ')}" for stretches, last in seasons.items()]
        return found("uncovered", f"Nobody can be called by the clock at these hours of UTC, {'; '.join(told)}.")
    return ok("Somebody can be called at every minute of the week, whatever the clocks do in the year ahead.")


def _seasons(gaps: list[Row]) -> dict[tuple[str, ...], str]:
    """The stretches that come back until the clocks are changed, and until when; each set once, as it comes first."""
    by_last: dict[str, list[str]] = {}
    for each in sorted(gaps, key=lambda gap: gap["last"]):
        by_last.setdefault(day(each["last"]), []).append(each["stretch"])
    seasons: dict[tuple[str, ...], str] = {}
    for last, stretches in by_last.items():
        seasons.setdefault(tuple(stretches), last)
    return seasons


def vendors(facts: Facts) -> Outcome:
    if left := _unusable(facts):
        return left
    there = {name for each in facts["people"] if each["kind"] == "vendor" for name in each["components"]}
    missing = [each["component"] for each in facts["vendors"] if each["component"] not in there]
    if missing:
        return found("vendor_missing", f"No vendor of the file answers for {_several(missing, ', ')}.")
    return ok(f"Each of {len(facts['vendors'])} vendors has its support in the file.")


def current(facts: Facts) -> Outcome:
    if left := _unusable(facts):
        return left
    channels = ((each["id"], channel["value"] or "") for each in facts["people"] for channel in each["channels"])
    old = [id for id, value in channels if value.lower().endswith(OLD)]
    if old:
        return found("playbook_contact_old", f"Of an old domain, {OLD[1:]}: {_several(old, ', ')}.")
    return ok("No address is known to be an old one.")


def roles(facts: Facts) -> Outcome:
    if left := _unusable(facts):
        return left
    there = [each["role"].lower() for each in facts["people"] if each["kind"] == "person"]
    missing = [who for word, who in CALLED_FOR.items() if not any(word in role for role in there)]
    if missing:
        return found("role_missing", f"Nobody in the file is {' or '.join(missing)}.")
    return ok("Each role that the playbook sends people to is somebody's.")


def answers(facts: Facts) -> Outcome:
    if left := _unusable(facts):
        return left
    if not facts["answers"]:
        return skip(" ".join(facts.notes("answers")) or "Nobody was asked: --probe does.")
    silent = [
        f"{each['contact']} ({each['target']}: {each['says']})" for each in facts["answers"] if not each["answers"]
    ]
    if silent:
        return found("contact_silent", f"{_several(silent, '; ')}.")
    return ok(f"All {len(facts['answers'])} addresses that can be asked answer.")


def reachable(facts: Facts) -> Outcome:
    if left := _unusable(facts):
        return left
    vendors = sum(each["kind"] == "vendor" for each in facts["people"])
    told = f"{counted(len(facts['people']) - vendors, 'contact')} of the team and {counted(vendors, 'vendor')}"
    return found("reachable", f"{told} are in the file.")


def _unusable(facts: Facts) -> Outcome | None:
    return None if facts["file"]["usable"] else skip("The file cannot be used.")


def _several(told: list[str], joint: str = " ") -> str:
    """The first of some things, and how many more there are."""
    more = f"{joint}{len(told) - TOLD} more, all in --json" if len(told) > TOLD else ""
    return f"{joint.join(told[:TOLD])}{more}"


def data(facts: Facts) -> Row:
    return {
        "file": facts["file"]["file"],
        "flaws": facts["file"]["flaws"],
        "contacts": facts["people"] if facts.known("people") else [],
        "gaps": facts["gaps"] if facts.known("gaps") else [],
        "unset": facts["unset"] if facts.known("unset") else [],
    }


NEEDED = ("file", "people", "gaps", "unset", "vendors")

SCENARIO = Scenario(
    module=__name__,
    gather=gather,
    checks=(file, usable, known, addressed, covered, vendors, current, roles, answers, reachable),
    subject=(),
    needs={Severity.WARNING: NEEDED, Severity.OK: NEEDED},
    data=data,
    plural="contacts",
)
