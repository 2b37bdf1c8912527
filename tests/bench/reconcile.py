"""
`payment reconcile` at scale: `python tests/bench/reconcile.py`, or as a part of `nox -s bench`.

Made-up books (books.py) of 100,000 invoices and 120,000 charges with 500 planted faults, and 50 ms added to every page
of Stripe's. The peer of the listing is one plain `auto_paging_iter` of the Stripe SDK over the same list, in the same
run. Exit 1 if a target is missed.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import books
from timing import clean_environment

PEAKOPS = (sys.executable, Path(sys.executable).with_name("peakops"))
INVOICES = 100_000
FAULTS = 500
DELAY_S = 0.05
DEFAULT_RATE = 20
LIFTED_RATE = 100


@dataclass(frozen=True)
class Kept:
    """A promise, what was measured, and whether it was kept."""

    says: str
    measured: str
    promised: str
    kept: bool

    def row(self) -> str:
        """A row of the table in docs/performance.md."""
        return f"| {self.says} | {self.measured} | {self.promised} | {'yes' if self.kept else 'NO'} |"


@dataclass(frozen=True)
class Swept:
    """One run of the command."""

    code: int
    lines: list[dict]
    first_s: float
    whole_s: float
    peak_mb: int
    requests_a_second: float
    statements: int


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--invoices", type=int, default=INVOICES, help="Fewer, to try the bench itself.")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="peakops-bench-") as folder:
        env = clean_environment(Path(folder))
        try:
            rows = measure(Path(folder), env, given.invoices, given.seed)
        finally:
            subprocess.run([*PEAKOPS, "sandbox", "stop"], env=env, capture_output=True, check=False)
    return told(rows)


def told(rows: list[Kept]) -> int:
    print("\n| What was measured | Figure | Promised | Kept |\n|---|---|---|---|")
    for each in rows:
        print(each.row())
    return 0 if all(each.kept for each in rows) else 1


def measure(home: Path, env: Mapping[str, str], invoices: int = INVOICES, seed: int | None = None) -> list[Kept]:
    """Load the books and hold the command to its promises."""
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    made = books.make(invoices, min(FAULTS, invoices // 20), seed=seed)
    charges, planted = len(made.stripe["charges"]), dict(made.planted)
    print(f"\nReconciling {invoices:,} invoices with {charges:,} charges, seed {seed}")
    _load(home, env, made)
    del made
    plain, windowed = _plain(home), _windowed(home)
    swept = _sweep(env, home, DEFAULT_RATE)
    found = {each["subject"]: each["verdict"] for each in swept.lines if each["type"] == "item"}
    faults = {subject: verdict for subject, verdict in found.items() if verdict in books.FAULTS}
    right = sum(faults.get(subject) == kind for subject, kind in planted.items())
    invented = len(found.keys() - planted.keys())
    pace = swept.requests_a_second / DEFAULT_RATE
    return [
        Kept(
            f"listing {charges:,} charges at {LIFTED_RATE} requests a second, to one `auto_paging_iter`",
            f"{windowed:,.0f} to {plain:,.0f} charges a second: {windowed / plain:.1f} ×",
            "5 × or more",
            windowed >= 5 * plain,
        ),
        Kept(
            f"pace at the ceiling of {DEFAULT_RATE} requests a second",
            f"{swept.requests_a_second:.1f} a second: {pace:.0%}",
            "90% or more",
            pace >= 0.9,
        ),
        Kept("peak memory of the whole run", f"{swept.peak_mb} MB", "under 250 MB", swept.peak_mb < 250),
        Kept("first line", f"{swept.first_s:.2f} s of {swept.whole_s:.0f} s", "within 2 s", swept.first_s <= 2),
        Kept("SQL statements, all of them", str(swept.statements), "40 or fewer", swept.statements <= 40),
        Kept(
            f"planted faults of {len(books.FAULTS)} kinds, found by name",
            f"{right} of {len(planted)}",
            "all",
            right == len(planted),
        ),
        Kept("items that nobody planted", str(invented), "none", not invented),
    ]


def _load(home: Path, env: Mapping[str, str], made: books.Books) -> None:
    world = made.world("books")
    world["faults"] = [{"vendor": "stripe", "route": "GET /v1/*", "delay_s": DELAY_S}]
    path = home / "books.json"
    path.write_text(json.dumps(world), "utf-8")
    del world
    start = time.perf_counter()
    subprocess.run([*PEAKOPS, "sandbox", "load", path], env=env, capture_output=True, check=True)
    print(f"loading it took {time.perf_counter() - start:.0f} s, {path.stat().st_size / 2**20:.0f} MB")


def _sandbox(home: Path):
    from peakops import sandbox

    return sandbox.status(home / "state" / "peakops")


def _plain(home: Path) -> float:
    """Charges a second of the SDK's own iterator."""
    import stripe

    here = _sandbox(home)
    stripe.enable_telemetry = False
    client = stripe.StripeClient(
        here.stripe_key,
        base_addresses={"api": here.vendor_url("stripe")},
        http_client=stripe.RequestsClient(timeout=30),
    )
    given = {"limit": 100, "created": {"gte": int((books.NOW - timedelta(days=8)).timestamp())}}
    client.v1.charges.list(given)  # the sandbox puts its list in order
    start = time.perf_counter()
    seen = sum(1 for _ in client.v1.charges.list(given).auto_paging_iter())
    return seen / (time.perf_counter() - start)


def _windowed(home: Path) -> float:
    """Charges a second of our listing, all of them, with what `payment reconcile` asks for."""
    from peakops.settings import Settings
    from peakops.sources import Sources

    here = _sandbox(home)
    settings = Settings(
        stripe_api_key=here.stripe_key,
        stripe_url=here.vendor_url("stripe"),
        stripe_rate=LIFTED_RATE,
        clock=here.now,
    )
    window = {"since": books.NOW - timedelta(days=8), "until": books.NOW, "kinds": ("charges",)}
    start, ids = time.perf_counter(), set()
    for batch in Sources(settings, time.monotonic() + 600, home).stream("stripe_windows", "stream", window):
        ids |= {each["id"] for each in batch.rows if batch.name == "charges"}
    return len(ids) / (time.perf_counter() - start)


def _sweep(env: Mapping[str, str], home: Path, rate: float) -> Swept:
    """The command in a process of its own, with every statement logged by PostgreSQL."""
    import psycopg

    from peakops import sandbox

    log = home / "state" / "peakops" / "sandbox" / "log"
    with psycopg.connect(_sandbox(home).url_as("postgres"), autocommit=True) as admin:
        admin.execute("alter role peakops_reader set log_statement = 'all'")
    logged, before = log.stat().st_size, len(sandbox.requests(home / "state" / "peakops"))
    command = [str(each) for each in (*PEAKOPS, "--sandbox", "payment", "reconcile", "--jsonl")]
    start, peak = time.perf_counter(), [0]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**env, "PEAKOPS_STRIPE_RATE": str(rate)}
    ) as run:
        threading.Thread(target=_watch, args=(run, peak), daemon=True).start()
        lines = [run.stdout.readline()]
        first = time.perf_counter() - start
        lines += run.stdout
        code = run.wait()
    whole = time.perf_counter() - start
    asked = sandbox.requests(home / "state" / "peakops")[before:]
    ours = [datetime.fromisoformat(each["at"]) for each in asked if each["vendor"] == "stripe"]
    with log.open("rb") as text:
        text.seek(logged)
        statements = len(re.findall(rb"LOG:  (?:statement|execute)", text.read()))
    return Swept(
        code=code,
        lines=[json.loads(each) for each in lines],
        first_s=first,
        whole_s=whole,
        peak_mb=peak[0],
        requests_a_second=(len(ours) - 1) / (ours[-1] - ours[0]).total_seconds(),
        statements=statements,
    )


def _watch(run: subprocess.Popen, peak: list[int]) -> None:
    """Keep the process's high-water mark, in MB; it is gone with the process."""
    while run.poll() is None:
        try:
            status = Path(f"/proc/{run.pid}/status").read_text()
        except OSError:
            return
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        peak[0] = int(found[1]) // 1024 if found else peak[0]
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
