"""
`security hunt` at scale: `python tests/bench/takeovers.py`, or as a part of `nox -s bench`.

2,000 made-up people with 120,000 log-ins of 60 days and 40 take-overs in four styles (logins/, written without a look
at the detector). Exit 1 if a target is missed. The figures say how the detector fares on such data, and nowhere else.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import logins
from backlog import sweep
from filled import fill, told
from promises import Kept, alone, any_seed, load

from peakops import sandbox

PEOPLE, DAYS, TAKEOVERS = 2_000, 60, 40


def measure(home: Path, env: Mapping[str, str], people: int = PEOPLE, seed: int | None = None) -> list[Kept]:
    """Load the log-ins and hold the command to its promises."""
    seed = any_seed() if seed is None else seed
    book = logins.generate(seed, people=people, days=DAYS, takeovers=max(4, TAKEOVERS * people // PEOPLE))
    print(f"\n{len(book.tables['users']):,} people, seed {seed}")
    load(home / "empty.json", {"world": "logins", "says": "-", "now": book.now.isoformat(), "tables": {}}, env, "empty")
    fill(sandbox.ensure(home / "state" / "peakops").url_as("postgres"), book)
    swept = sweep(env, home, ("security", "hunt", "--since", f"{DAYS}d"), "supabase")
    recall, alerts, missed = told(book, swept.lines)
    print(f"missed: {missed}; {swept.lines[-1]['data']['summary']['counts']}")
    return [
        Kept("take-overs found, on a day of theirs", f"{recall:.3f}", "0.95 or more", recall >= 0.95),
        Kept("alerts a day (a person and a day is one)", f"{alerts:.2f}", "2 or fewer", alerts <= 2),
        Kept("the whole run, everybody judged", f"{swept.whole_s:.1f} s", "within 10 s", swept.whole_s <= 10),
        Kept("peak memory of the whole run", f"{swept.peak_mb} MB", "under 200 MB", swept.peak_mb < 200),
    ]


if __name__ == "__main__":
    sys.exit(alone(__doc__, "people", PEOPLE, measure))
