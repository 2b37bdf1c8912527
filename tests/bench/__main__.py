"""
What peakops costs, as ratios to a stated peer in the same run: `nox -s bench`, or `python tests/bench`.

The python that runs this has peakops[sandbox] installed by pip, not editable, so that all bytecode is there.
Exit 1 if a target is missed.
"""

import argparse
import compileall
import json
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import backlog
import erasure
import evidence
import notifications
import oncall
import reconcile
import scan
import takeovers
import weblogs
from promises import PEAKOPS, told
from timing import Timed, clean_environment, interleaved

USER = (*PEAKOPS, "--sandbox", "user", "check", "owner@brightmesa.example", "--json")
DOCTOR = (*PEAKOPS, "--sandbox", "doctor", "--json")
DATABASE = (*PEAKOPS, "--sandbox", "perf", "db", "--json")
MANY_TABLES = """
do $$ begin
  for n in 1..1000 loop
    execute format('create table many_%s (id bigint primary key, about text, at timestamptz)', n);
    execute format('create index on many_%s (about); create index on many_%s (at, about)', n, n);
  end loop;
end $$
"""
PROBE_DELAY_S = 0.5
CHECK = (*PEAKOPS, "--sandbox", "payment", "check", "INV-123", "--json")
DELAY_S = 0.4
WORLD = "paid_not_recorded"
CRITICAL = frozenset({2})

HELLO = """
import typer

app = typer.Typer({options})


@app.command()
def hello(name: str = "world") -> None:
    typer.echo(f"Hello {{name}}")
"""
"""A bare Typer program. By default it prints its help with Rich; the second has no Rich, as peakops has none."""
IMPORTS = """
import typer
import rich
import rich.console
import rich.table
import psycopg
import stripe
import pydantic_settings
"""
"""What a program of this kind imports the plain way: at the top of its modules."""
USER_IMPORTS = """
import typer
import rich
import rich.console
import psycopg
import httpx
import pydantic_settings
"""
"""The same for a command that asks the database and Supabase, and not Stripe."""


@dataclass(frozen=True)
class Target:
    """A promise: what is compared with what, and the most that the ratio of the least times may be."""

    says: str
    timed: Timed
    ratio: float
    most: float
    unit: str = "×"

    @property
    def kept(self) -> bool:
        return self.ratio <= self.most

    def row(self) -> str:
        """A row of the table in docs/performance.md."""
        times = f"{self.timed.median:.0f} ms | {self.timed.least:.0f} ms"
        kept = "yes" if self.kept else "NO"
        return f"| {self.says} | {times} | {self.ratio:.2f} {self.unit} | {self.most:g} {self.unit} | {kept} |"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=15, help="How often each command is run.")
    rounds = arguments.parse_args().rounds
    _installed_with_bytecode()
    with tempfile.TemporaryDirectory(prefix="peakops-bench-") as folder:
        home = Path(folder)
        env = clean_environment(home)
        try:
            tables, targets = _measure(home, env, rounds)
            swept = reconcile.measure(home, env) + backlog.measure(home, env) + notifications.measure(home, env)
            for each in (takeovers, evidence, weblogs, erasure, scan, oncall):
                swept += each.measure(home, env)
        finally:
            subprocess.run([*PEAKOPS, "sandbox", "stop"], env=env, capture_output=True, check=False)
    for title, table in tables.items():
        print(f"\n{title}\n")
        _print(table)
    print("\nTargets; a ratio is one of the least times\n")
    print("| What was measured | Median | Least | Ratio | At most | Kept |\n|---|---|---|---|---|---|")
    for target in targets:
        print(target.row())
    return told(swept) or (0 if all(each.kept for each in targets) else 1)


def _measure(home: Path, env: Mapping[str, str], rounds: int) -> tuple[dict[str, list[Timed]], list[Target]]:
    cold, warm = _sandbox(env)
    rich_hello, hello, imports, user_imports = (
        _peer(home, "hello_rich", HELLO.format(options="")),
        _peer(home, "hello_plain", HELLO.format(options="rich_markup_mode=None")),
        _peer(home, "plain_imports", IMPORTS, call=""),
        _peer(home, "user_imports", USER_IMPORTS, call=""),
    )
    bare = Timed("a bare Typer hello --help", (*rich_hello, "--help"))
    bare_plain = Timed("the same without Rich --help", (*hello, "--help"))
    helped = Timed("peakops --help", (*PEAKOPS, "--help"))
    decline = Timed("peakops payment decline expired_card", (*PEAKOPS, "payment", "decline", "expired_card"))
    version = Timed("peakops --version", (*PEAKOPS, "--version"))
    group = Timed("peakops payment check --help", (*PEAKOPS, "payment", "check", "--help"))
    attached = Timed("peakops sandbox status --json", (*PEAKOPS, "sandbox", "status", "--json"))
    light = [bare, bare_plain, helped, decline, version, group, attached]
    interleaved(light, rounds, env)

    imported = Timed("imports typer, rich, psycopg, stripe, pydantic_settings", imports)
    check = Timed("peakops --sandbox payment check INV-123 --json", CHECK, CRITICAL)
    heavy = [imported, check]
    interleaved(heavy, rounds, env)

    slow = _delayed(home, env, max(3, rounds // 3))
    access, examined, late = _access_and_doctor(home, env, rounds, user_imports)
    crowded = _crowded(home, env, rounds)
    tables = {
        "Without a source": light,
        f"In a warm sandbox, world {WORLD}": heavy,
        f"With {DELAY_S * 1000:.0f} ms added to every answer of Stripe": [slow],
        "In the clinic, with the database and Supabase": access,
        "The doctor in the clinic, and with Supabase late": [examined, late],
        "A database of 1,000 tables with 3,000 indexes": [crowded],
        "The sandbox": [cold, warm],
    }
    # What every command takes to start is not theirs; `--version` does not start one any more, since groups are lazy.
    attach = attached.least - decline.least
    felt = (slow.median - check.median) / 1000 / DELAY_S
    return tables, [
        Target("`--help`, to a bare Typer program's", helped, helped.least / bare.least, 1.4),
        Target("`--help`, to the same program's without Rich", helped, helped.least / bare_plain.least, 1.4),
        Target("`payment decline expired_card`, to that program", decline, decline.least / bare_plain.least, 1.6),
        Target("`payment check --json`, to the plain imports", check, check.least / imported.least, 1.1),
        Target("the same with Stripe late, in delays felt", slow, felt, 2.5, "delays"),
        Target("`user check --json`, to the plain imports", access[1], access[1].least / access[0].least, 1.3),
        Target(
            f"`doctor`, Supabase {PROBE_DELAY_S:g} s late: what is beside `payment decline`, to that probe",
            late,
            (late.least - decline.least) / 1000 / PROBE_DELAY_S,
            1.5,
        ),
        Target("`perf db`, on 1,000 tables", crowded, crowded.least / 1000, 2.0, "s"),
        Target("`sandbox start`, cold", cold, cold.least / 1000, 2.0, "s"),
        Target("attaching to a warm sandbox: `sandbox status` less `payment decline`", attached, attach, 20.0, "ms"),
    ]


def _access_and_doctor(
    home: Path, env: Mapping[str, str], rounds: int, imports: tuple[str | Path, ...]
) -> tuple[list[Timed], Timed, Timed]:
    """`user check` beside its plain imports, and the doctor: with quick probes, and with one that is slow."""
    _load("clinic", env)
    imported = Timed("imports typer, rich, psycopg, httpx, pydantic_settings", imports)
    user = Timed("peakops --sandbox user check EMAIL --json", USER)
    examined = Timed("peakops --sandbox doctor --json", DOCTOR)
    interleaved([imported, user, examined], rounds, env)
    world = {
        "world": "late",
        "faults": [{"vendor": "supabase", "route": "GET /auth/v1/health", "delay_s": PROBE_DELAY_S}],
    }
    (home / "probe.json").write_text(json.dumps(world), "utf-8")
    _load(str(home / "probe.json"), env)
    late = Timed("the same, with Supabase's health late", DOCTOR, frozenset({0, 1, 2, 3}))
    interleaved([late], rounds, env)
    return [imported, user], examined, late


def _crowded(home: Path, env: Mapping[str, str], rounds: int) -> Timed:
    """`perf db` where the catalogue is large; its statistics were counted before."""
    import psycopg

    from peakops import sandbox

    _load(WORLD, env)
    with psycopg.connect(sandbox.attach(home / "state" / "peakops").url_as("postgres"), autocommit=True) as owner:
        owner.execute(MANY_TABLES)
    crowded = Timed("peakops --sandbox perf db --json", DATABASE)
    interleaved([crowded], rounds, env)
    return crowded


def _sandbox(env: Mapping[str, str]) -> tuple[Timed, Timed]:
    """A cold start, three times, and the start that finds it up; then the world of the measurements is loaded."""
    cold = Timed("peakops sandbox start, cold", (*PEAKOPS, "sandbox", "start"))
    warm = Timed("peakops sandbox start, up already", (*PEAKOPS, "sandbox", "start"))
    for _ in range(3):
        subprocess.run([*PEAKOPS, "sandbox", "stop"], env=env, capture_output=True, check=True)
        cold.run(env)
        warm.run(env)
    _load(WORLD, env)
    return cold, warm


def _delayed(home: Path, env: Mapping[str, str], rounds: int) -> Timed:
    """The same check while every answer of Stripe is late; the invoice has a stored PaymentIntent."""
    world = json.loads((resources.files("peakops.sandbox") / "worlds" / "payment" / f"{WORLD}.json").read_text("utf-8"))
    world["faults"] = [{"vendor": "stripe", "route": "*", "delay_s": DELAY_S}]
    late = home / "late.json"
    late.write_text(json.dumps(world), "utf-8")
    _load(str(late), env)
    slow = Timed(CHECK[1].name + " " + " ".join(map(str, CHECK[2:])), CHECK, CRITICAL)
    interleaved([slow], rounds, env)
    return slow


def _load(world: str, env: Mapping[str, str]) -> None:
    subprocess.run([*PEAKOPS, "sandbox", "load", world], env=env, capture_output=True, check=True)


def _peer(home: Path, name: str, source: str, call: str = "app()") -> tuple[str | Path, ...]:
    """A module with its bytecode, and a script that calls it as pip's console scripts do."""
    (home / f"{name}.py").write_text(source, "utf-8")
    compileall.compile_dir(home, quiet=1, maxlevels=0)
    script = home / f"run_{name}"
    script.write_text(f"import {name}\n" + (f"{name}.{call}\n" if call else ""), "utf-8")
    return sys.executable, script


def _installed_with_bytecode() -> None:
    import peakops

    package = Path(peakops.__file__).parent
    cached = package / "__pycache__" / f"__init__.{sys.implementation.cache_tag}.pyc"
    if package.parent != Path(sysconfig.get_path("purelib")) or not cached.exists():
        sys.exit("peakops must be installed by pip and not editable: measured without bytecode, figures say nothing.")


def _print(table: list[Timed]) -> None:
    print("| what | median, ms | least, ms | runs | medians to the first | least to the first |")
    print("|---|---|---|---|---|---|")
    first = table[0]
    for each in table:
        ratios = f"{each.median / first.median:.2f} | {each.least / first.least:.2f}"
        print(f"| `{each.name}` | {each.median:.0f} | {each.least:.0f} | {len(each.runs)} | {ratios} |")


if __name__ == "__main__":
    sys.exit(main())
