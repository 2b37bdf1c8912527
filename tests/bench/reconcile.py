"""
`payment reconcile` at scale: `python tests/bench/reconcile.py`, or as a part of `nox -s bench`.

Made-up books (books.py) of 100,000 invoices and 120,000 charges with 500 planted faults, and 50 ms added to every page
of Stripe's. The peer of the listing is one plain `auto_paging_iter` of the Stripe SDK over the same list, in the same
run. Exit 1 if a target is missed.
"""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import books
from promises import PEAKOPS, Kept, alone, any_seed, found_all, load, verdicts

INVOICES = 100_000
FAULTS = 500
DELAY_S = 0.05
DEFAULT_RATE = 20
LIFTED_RATE = 100


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


def measure(home: Path, env: Mapping[str, str], invoices: int = INVOICES, seed: int | None = None) -> list[Kept]:
    """Load the books and hold the command to its promises."""
    seed = any_seed() if seed is None else seed
    made = books.make(invoices, min(FAULTS, invoices // 20), seed=seed)
    charges, planted = len(made.stripe["charges"]), dict(made.planted)
    print(f"\nReconciling {invoices:,} invoices with {charges:,} charges, seed {seed}")
    _load(home, env, made)
    del made
    plain, windowed = _plain(home), _windowed(home)
    swept = _sweep(env, home, DEFAULT_RATE)
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
        *found_all(verdicts(swept.lines), planted, len(books.FAULTS)),
    ]


def _load(home: Path, env: Mapping[str, str], made: books.Books) -> None:
    world = made.world("books")
    world["faults"] = [{"vendor": "stripe", "route": "GET /v1/*", "delay_s": DELAY_S}]
    load(home / "books.json", world, env, f"{DELAY_S * 1000:.0f} ms on each page")


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
    sys.exit(alone(__doc__, "invoices", INVOICES, measure))
