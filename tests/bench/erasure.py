"""
The plan of an erasure over 1,000 tables: `python tests/bench/erasure.py`, or as a part of `nox -s bench`.

A portal with 1,000 further tables and 1,700 foreign keys, all of which hang on a person, in a real PostgreSQL: the
catalogue is read, the graph walked, the statement composed; then every row counted, and everything erased. Of three
rounds the least times count. Exit 1 if a target is missed.
"""

import json
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from promises import PEAKOPS, Kept, alone

TABLES, KEYS, ROUNDS = 1000, 1700, 3
PLAN_S, COUNT_S, ERASE_S = 0.5, 3.0, 5.0
ANNA = "55555555-5555-4555-8555-000000000101"
RUN = """
import json, sys, time
from dataclasses import replace
from pathlib import Path
from peakops import sandbox
from peakops.cli.sandboxed import settings_of
from peakops.scenarios.data import erasing
from peakops.sources.database_writer import DatabaseWriter
from peakops.sources.erasure import Erasure
from peakops.sources.personal import Personal
from peakops.scenario import Facts
from peakops.model import Evidence

up, classes, anna, writes = sandbox.ensure(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "write"
personal = Personal(replace(settings_of(up), data_classes=classes), deadline=time.monotonic() + 600)
personal.rows("data/people")  # the connection is there
start = time.perf_counter()
references = personal.references().rows
Erasure(references).erasing()
planned = time.perf_counter()
held = personal.holdings(id=anna, references=references).rows
counted = time.perf_counter()
looks = {"person": ({"id": anna},), "references": references, "holdings": held, "audit": ({"own": 0, "mentions": 0},)}
facts = Facts(tuple(Evidence(name=n, source="", rows=tuple(r), single=n == "person") for n, r in looks.items()))
actions = erasing.transaction(facts, delete_audit=False)
began = time.perf_counter()
if writes:
    writer = DatabaseWriter(up.url_as("postgres"), ca=None, now=up.now, deadline=time.monotonic() + 600)
    writer.commit([(each.call, {**each.params, "pseudonym": anna}) for each in actions])
tables = len({each["table"] for each in references})
told = {"plan_s": planned - start, "count_s": counted - planned, "erase_s": time.perf_counter() - began}
print(json.dumps({**told, "tables": tables, "rows": sum(each["rows"] for each in held if each["effect"] == "delete")}))
"""


def measure(home: Path, env: Mapping[str, str], count: int = TABLES, seed: int = 0) -> list[Kept]:
    """Plan, count and erase over so many tables, and hold each to its promise."""
    print(f"\nErasure over {count:,} tables, seed {seed}")
    subprocess.run([*PEAKOPS, "sandbox", "load", "data/held"], env=env, check=True, capture_output=True)
    classes = home / "classes.toml"
    classes.write_text("\n".join(f'["public.many_{n}"]\nclass = "delete"' for n in range(count)))
    _made(home, env, count, seed)
    rounds = [_round(home, env, classes, "look") for _ in range(ROUNDS - 1)] + [_round(home, env, classes, "write")]
    plan, counting = (min(each[name] for each in rounds) for name in ("plan_s", "count_s"))
    last = rounds[-1]
    return [
        Kept(f"{last['tables']:,} tables planned", f"{plan:.2f} s", f"within {PLAN_S:g} s", plan <= PLAN_S),
        Kept("their rows counted", f"{counting:.2f} s", f"within {COUNT_S:g} s", counting <= COUNT_S),
        Kept(
            f"{last['rows']:,} rows erased",
            f"{last['erase_s']:.2f} s",
            f"within {ERASE_S:g} s",
            last["erase_s"] <= ERASE_S,
        ),
    ]


MAKE = """
import sys
from pathlib import Path
import psycopg
from peakops import sandbox
with psycopg.connect(sandbox.ensure(Path(sys.argv[1])).url_as("postgres"), autocommit=True) as connection:
    connection.execute(sys.stdin.read())
"""


def _made(home: Path, env: Mapping[str, str], count: int, seed: int) -> None:
    """The tables, each with three rows that lead to the person, and their keys."""
    pick = random.Random(seed)
    made = [f"create table public.many_{n} (id int primary key, who uuid, up int, beside int);" for n in range(count)]
    made += [
        f"insert into public.many_{n} select g, '{ANNA}', 1, 1 from generate_series(1, 3) g;" for n in range(count)
    ]
    made += [f"alter table public.many_{n} add foreign key (who) references public.users (id);" for n in range(count)]
    made += [
        f"alter table public.many_{n} add foreign key (up) references public.many_{pick.randrange(count)} (id);"
        for n in range(max(0, count * (KEYS - TABLES) // TABLES))
    ]
    made.append("grant select on all tables in schema public to peakops_reader;")
    state = Path(env["XDG_STATE_HOME"]) / "peakops"
    subprocess.run([sys.executable, "-c", MAKE, state], env=env, input="\n".join(made), text=True, check=True)


def _round(home: Path, env: Mapping[str, str], classes: Path, how: str) -> dict[str, Any]:
    state = Path(env["XDG_STATE_HOME"]) / "peakops"
    words = [sys.executable, "-c", RUN, state, classes, ANNA, how]
    told: dict[str, Any] = json.loads(
        subprocess.run(words, env=env, check=True, text=True, stdout=subprocess.PIPE).stdout
    )
    return told


if __name__ == "__main__":
    sys.exit(alone(__doc__, "tables", TABLES, measure))
