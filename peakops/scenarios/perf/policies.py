"""Row-level policies: what they ask again for every row, and how many of them judge the same rows. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from peakops.model import Outcome, Row
from peakops.scenario import Facts
from peakops.scenarios.perf.expressions import Call, calls, once
from peakops.scenarios.perf.triage import LARGE, Problem, locking, outcome, worst

SETTING = "current_setting"
"""PostgreSQL's own function that reads the claims of a request; its other functions cost next to nothing a row."""
COMMANDS = {"r": "select", "w": "update", "d": "delete"}
"""Those that filter rows which are there: what an insert is asked, it is asked once a row anyway."""
ALL = "*"
EVERYBODY = "public"


def policies(facts: Facts) -> Outcome:
    return outcome(per_row(facts), "No policy of a larger table asks a function again for every row.")


def per_row(facts: Facts) -> list[Problem]:
    """
    The policies that call a function for each row that is read, those whose function reads tables first.

    What a policy checks of a row that is written, it is asked once for each of those: that is not judged.

    Measured on 200,000 rows: 6,055 ms with a helper that reads a table, 105 ms with the same call in a sub-select.
    """
    problems = [each for row in facts["policies"] for each in _of_policy(row)]
    return worst(problems, "policy_reads_per_row", "policy_per_row")


def _of_policy(row: Row) -> Iterator[Problem]:
    known = {each["name"]: each for each in row["functions"]}
    repeated = {each.text: each for each in calls(row["uses"] or "") if _costs(each, known)}
    if not repeated:
        return
    reads = any(known.get(each.name, {}).get("reads") for each in repeated.values())
    names = ", ".join(dict.fromkeys(f"{each.name}()" for each in repeated.values()))
    verb = ", which reads a table," if reads else ""
    fixable = not all(each.of_row for each in repeated.values())
    yield Problem(
        code="policy_reads_per_row" if reads and row["rows"] >= LARGE else "policy_per_row",
        on=f"{row['policy']} on {row['table']}",
        says=f"Policy {row['policy']} calls {names}{verb} for each of the {row['rows']:,} rows of {row['table']}.",
        run=_altered(row, repeated) if fixable else "",
        undo=_altered(row, {}) if fixable else "",
    )


def _costs(call: Call, known: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the call is made for every row, and is more than a comparison."""
    function = known.get(call.name)
    if function is None:
        return call.name == SETTING and not call.of_row
    if not call.of_row:
        return not function["constant"]
    # What depends on the row is asked for each of them as it must be, and is dear where it is a query of its own.
    return bool(function["reads"])


def _altered(row: Row, repeated: Mapping[str, Call]) -> str:
    """The statement that gives the policy its expressions, with these calls in sub-selects."""
    returns = {each["name"]: each["returns"] for each in row["functions"]}
    types = {text: returns.get(call.name, "text") for text, call in repeated.items() if not call.of_row}
    uses = once(row["uses"], types)
    return locking(f"alter policy {row['quoted_policy']} on {row['quoted']} using ({uses});")


def permissive(facts: Facts) -> Outcome:
    return outcome(piled_up(facts), "No two permissive policies judge the same rows for the same role.")


def piled_up(facts: Facts) -> list[Problem]:
    """Tables where several permissive policies hold for one role and command: each is asked for every row."""
    several: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in facts["policies"]:
        if row["permissive"]:
            for letter in (each for each in COMMANDS if row["letter"] in (ALL, each)):
                several[row["table"], letter].append(row)
    named: dict[tuple[str, ...], Problem] = {}
    for (table, letter), rows in several.items():
        together = [each for each in rows if _shares_role(each, rows)]
        if together:
            names = tuple(each["policy"] for each in together)
            named.setdefault((table, *names), _piled(table, letter, names, together))
    return list(named.values())


def _shares_role(row: Row, rows: list[Row]) -> bool:
    return any(
        other is not row
        and (EVERYBODY in (*row["roles"], *other["roles"]) or not set(row["roles"]).isdisjoint(other["roles"]))
        for other in rows
    )


def _piled(table: str, letter: str, names: tuple[str, ...], rows: list[Row]) -> Problem:
    command = COMMANDS[letter]
    says = f"{len(names)} permissive policies are asked for each row of {table} ({command}): {', '.join(names)}."
    run, undo = _merged(rows) if _mergeable(rows) else ("", "")
    return Problem(code="policies_pile_up", on=table, says=says, run=run, undo=undo)


def _mergeable(rows: list[Row]) -> bool:
    """Whether they are for the same command and roles and only filter, so that one can take the others in."""
    only_filter = all(each["uses"] and not each["checks"] for each in rows)
    return only_filter and len({(each["letter"], *each["roles"]) for each in rows}) == 1


def _merged(rows: list[Row]) -> tuple[str, str]:
    """What makes one policy of several, and what takes it back."""
    kept, *others = rows
    place, command = kept["quoted"], COMMANDS.get(kept["letter"], "all")
    whole = " or ".join(f"({each['uses']})" for each in rows)
    drops = " ".join(f"drop policy {each['quoted_policy']} on {place};" for each in others)
    made = " ".join(
        f"create policy {each['quoted_policy']} on {place} for {command} to {', '.join(each['quoted_roles'])}"
        f" using ({each['uses']});"
        for each in others
    )
    alter = f"alter policy {kept['quoted_policy']} on {place} using"
    return locking(f"{alter} ({whole});", drops), locking(f"{alter} ({kept['uses']});", made)
