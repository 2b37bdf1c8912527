"""
`security ratelimit` at scale: `python tests/bench/weblogs.py`, or as a part of `nox -s bench`.

2,000,000 lines of Vercel's log drain (2.3 GB) with planted networks and 1 % of broken lines, the same packed by gzip
(a quarter of them), and 20,000,000 short ones whose clients rotate through IPv6. The peer is what a person would type,
`jq | sort | uniq -c`, on a twentieth of the lines in the same run, since it takes a minute for all of them. Figures of
rows that were just written: the page cache is warm. Exit 1 if a target is missed.
"""

import gzip
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import which

from promises import PEAKOPS, Kept, alone, any_seed

LINES = 2_000_000
ROTATING = 10
"""Times as many lines whose clients rotate."""
PEER = 20
"""A part of the lines is enough for the peer, which is as fast for all of them or slower."""
PACKED = 4
ROUNDS = 2
"""Of the whole report and of the peer, one after the other; the least of each counts."""
BEGAN_MS = 1_795_186_800_000
"""2026-11-20T15:00:00Z."""
PER_SECOND = 500
CLIENTS = 20_000
TYPED = "fromjson? | select(.proxy.statusCode == 429) | .proxy.clientIp"
JQ = f"jq -rR '{TYPED}' {{file}} | sort | uniq -c | sort -rn | head -20"
MESSAGE = "[api] handled"
"""What a function wrote."""


def measure(home: Path, env: Mapping[str, str], lines: int = LINES, seed: int | None = None) -> list[Kept]:
    """Write the logs and hold the command to its promises."""
    seed = any_seed() if seed is None else seed
    print(f"\nA log of {lines:,} lines, seed {seed}")
    whole, part, packed, rotating = (home / f"{name}.ndjson" for name in ("whole", "part", "packed", "rotating"))
    limited = _write(whole, log(lines, seed))
    print(f"{whole.stat().st_size / 1e9:.2f} GB")
    _write(part, log(lines // PEER, seed))
    with gzip.open(packed, "wb", compresslevel=1) as file:
        file.writelines(log(lines // PACKED, seed))
    _write(rotating, rotated(lines * ROTATING, seed))
    subprocess.run([*PEAKOPS, "sandbox", "start"], env=env, capture_output=True, check=True)
    runs, peers = [], []
    for _ in range(ROUNDS):
        peers.append(_peer(part))
        runs.append(_watched(env, whole))
    whole_s, peak_mb = min(each[1] for each in runs), max(each[2] for each in runs)
    _, packed_s, _ = _watched(env, packed)
    spun, rotating_s, rotating_mb = _watched(env, rotating)
    counted = runs[0][0]["data"]["log"]
    print(f"20 M rotating: {rotating_s:.0f} s; bound told: {spun['data']['log']['error']} requests")
    rows = [
        Kept("the whole report", f"{whole_s:.1f} s", "within 6 s", whole_s <= 6),
        Kept("peak memory of both processes that count", f"{peak_mb} MB", "120 MB or less", peak_mb <= 120),
        Kept("the same packed by gzip", f"{lines / PACKED / packed_s:,.0f} lines/s", "200,000 or more",
             lines / PACKED / packed_s >= 200_000),
        Kept(f"peak memory for {lines * ROTATING:,} lines of rotating IPv6", f"{rotating_mb} MB", "300 MB or less",
             rotating_mb <= 300),
        Kept("429s that were counted, each once", f"{counted['limited']:,} of {limited:,}", "all",
             counted["limited"] == limited),
    ]  # fmt: skip
    return [*_beside(min(peers), whole_s), *rows]


def _peer(part: Path) -> float:
    """The seconds that the peer would take for all of the lines; nothing where it is not installed."""
    if not all(map(which, ("jq", "sort", "uniq"))):
        return 0.0
    start = time.monotonic()
    subprocess.run(["sh", "-c", JQ.format(file=part)], capture_output=True, check=True)
    return (time.monotonic() - start) * PEER


def _beside(peer_s: float, whole_s: float) -> list[Kept]:
    """The promise of the peer; none where it is not installed, which is said, since nothing was kept."""
    says = f"the whole report, to `jq`, `sort` and `uniq -c`: {PEER} × what they take for a {PEER}th of the lines"
    if not peer_s:
        print(f"Passed over, without jq on this machine: {says}.")
        return []
    faster = peer_s / whole_s
    return [Kept(says, f"{peer_s:.1f} s to {whole_s:.1f} s: {faster:.1f} ×", "8 × faster", faster >= 8)]


def log(lines: int, seed: int) -> Iterator[bytes]:
    """Rows of a log drain: three in ten requests have a second row, and one line in a hundred is broken."""
    chance = random.Random(seed)
    clients = [
        f"100.{chance.randrange(64, 128)}.{chance.randrange(256)}.{chance.randrange(1, 255)}" for _ in range(CLIENTS)
    ]
    agents = [f"Mozilla/5.0 (Windows NT 10.0) Chrome/{major}.0.0.0 Safari/537.36" for major in range(100, 140)]
    written = number = 0
    while written < lines:
        number += 1
        attack = chance.random() < 0.08
        who = chance.randrange(CLIENTS)
        row = request(
            number,
            client=f"203.0.113.{chance.randrange(1, 181)}" if attack else clients[who],
            path="/api/auth/login" if attack else f"/cases/{chance.randrange(5000)}?page={chance.randrange(9)}",
            status=chance.choice((429, 429, 401)) if attack else 200,
            agent="python-requests/2.32" if attack else agents[who % len(agents)],
            at=BEGAN_MS + number * 1000 // PER_SECOND,
        )
        for row_of in [row, {**row, "id": f"b{number}", "source": "lambda"}][: 1 + (chance.random() < 0.3)]:
            text = json.dumps(row_of, separators=(",", ":"))
            yield (text[: chance.randrange(1, 900)] if chance.random() < 0.01 else text).encode() + b"\n"
            written += 1
            if written == lines:
                return


def request(number: int, *, client: str, path: str, status: int, agent: str, at: int) -> dict[str, object]:
    """One row with the fields of Vercel's reference of log drains."""
    trace = f"{number * 2654435761 % 2**64:032x}"
    name = f"iad1::iad1::x{number:07d}-{at}-{trace[-12:]}"
    return {
        "id": f"a{number}",
        "deploymentId": "dpl_7Kx0000000000000000000000000",
        "source": "edge",
        "host": "portal.example",
        "timestamp": at,
        "projectId": "prj_0000000000000000000000000000",
        "projectName": "portal",
        "level": "info",
        "message": MESSAGE,
        "buildId": "bld_0a1b2c3d4",
        "entrypoint": "api/index.js",
        "destination": "",
        "path": path.partition("?")[0],
        "type": "middleware",
        "statusCode": status,
        "requestId": name,
        "environment": "production",
        "branch": "main",
        "ja3Digest": trace,
        "ja4Digest": f"t13d1516h2_{trace[:12]}_{trace[-12:]}",
        "edgeType": "edge-function",
        "executionRegion": "iad1",
        "traceId": trace,
        "spanId": trace[:16],
        "proxy": {
            "timestamp": at,
            "method": "POST" if "login" in path else "GET",
            "host": "portal.example",
            "path": path,
            "userAgent": [agent],
            "referer": "https://portal.example/",
            "region": "iad1",
            "statusCode": status,
            "clientIp": client,
            "scheme": "https",
            "responseByteSize": 1000 + number % 9000,
            "cacheId": trace[:20],
            "pathType": "func",
            "pathTypeVariant": "api",
            "vercelId": name,
            "vercelCache": "MISS",
            "lambdaRegion": "iad1",
            "wafAction": "",
            "wafRuleId": "",
        },
    }


def rotated(lines: int, seed: int) -> Iterator[bytes]:
    """Short rows, each of another client of a thousand networks of IPv6."""
    chance = random.Random(seed)
    for number in range(lines):
        bits = chance.getrandbits(80)
        client = f"2001:db8:{number % 1000:x}:" + ":".join(f"{bits >> 16 * place & 0xFFFF:x}" for place in range(5))
        at = BEGAN_MS + number // 100
        yield (
            f'{{"requestId":"r{number}","timestamp":{at},"source":"edge","proxy":{{"clientIp":"{client}",'
            f'"path":"/api/cases","method":"GET","statusCode":429,"userAgent":["curl/8"]}}}}\n'
        ).encode()


def _write(path: Path, rows: Iterator[bytes]) -> int:
    """Write the rows; how many requests of them were limited, as a plain count of the readable rows tells."""
    limited = set()
    with path.open("wb") as file:
        for row in rows:
            file.write(row)
            if b'"statusCode":429' in row and row.endswith(b"}\n") and b'"id"' in row[:6]:
                limited.add(json.loads(row)["requestId"])
    return len(limited)


def _watched(env: Mapping[str, str], file: Path) -> tuple[dict[str, dict[str, dict[str, int]]], float, int]:
    """One run: what it said, its seconds, and the peak of the memory of what it started, in MB."""
    start = time.monotonic()
    run = subprocess.Popen(
        [*map(str, PEAKOPS), "--sandbox", "security", "ratelimit", str(file), "--json"],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    peak = [0]
    watch = threading.Thread(target=_watch, args=(run, peak), daemon=True)
    watch.start()
    out, err = run.communicate()
    took = time.monotonic() - start
    assert run.returncode in (0, 1, 2), err.decode()[-500:]
    return json.loads(out), took, peak[0]


def _watch(run: "subprocess.Popen[bytes]", peak: list[int]) -> None:
    """The greatest sum of the resident memory of the processes that count, looked at a hundred times a second."""
    while run.poll() is None:
        total = 0
        for child in _children(run.pid):
            try:
                pages = int(Path(f"/proc/{child}/statm").read_text().split()[1])
            except (OSError, IndexError):
                continue
            total += pages * os.sysconf("SC_PAGE_SIZE")
        peak[0] = max(peak[0], total >> 20)
        time.sleep(0.01)


def _children(pid: int) -> list[str]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(alone(__doc__, "lines", LINES, measure))
