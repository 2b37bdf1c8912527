"""Counting a log: equal to a plain oracle whatever the file's form and wherever it is cut, and in bounded memory."""

import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter as Bag
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from peakops.errors import BadInput, TimedOut
from peakops.settings import Settings
from peakops.sources import weblogs, weblogs_count, weblogs_counted, weblogs_crew, weblogs_lines, weblogs_tally
from peakops.sources.weblogs_places import network_of
from peakops.sources.weblogs_record import ASSET, AUTH, PLAIN, folded
from peakops.sources.weblogs_tally import Tally
from peakops.sources.weblogs_worker import LENGTH, Head, Job, frames

START = 1_795_186_800_000
"""2026-11-20T15:00:00Z."""
AGENTS = ("Mozilla/5.0 (X11) Firefox/140", "curl/8.5", "", "Googlebot/2.1")
PATHS = ("/cases/1042?token=hidden", "/cases/77", "/api/auth/login", "/_next/static/a.js", "/")
CLIENTS = ("203.0.113.7", "203.0.113.9", "2001:db8:1:2::5", "198.51.100.1", "10.0.0.1")


def proxied(number, *, client, status, at, path=PATHS[0], agent=AGENTS[0], method="GET", **more):
    """A row that has the proxy's part."""
    proxy = {"clientIp": client, "statusCode": status, "path": path, "userAgent": [agent], "method": method}
    return {"requestId": f"r{number}", "timestamp": at, "source": "edge", "proxy": proxy, **more}


def random_rows(chance, count):
    """Rows in their order: of requests with one row and several, with no id, without the proxy's part, of a build."""
    rows = []
    for number in range(count):
        at = START + number * 700 + chance.randrange(-900, 900)
        row = proxied(
            number,
            client=chance.choice(CLIENTS),
            status=chance.choice((200, 200, 304, 401, 404, 429, 500)),
            at=at,
            path=chance.choice(PATHS),
            agent=chance.choice(AGENTS),
            method=chance.choice(("GET", "POST")),
        )
        console = {"requestId": f"r{number}", "timestamp": at + 1, "source": "lambda", "message": 'a "}, {" b'}
        kind = chance.randrange(10)
        if kind == 0:
            rows += [console, row]
        elif kind == 1:
            rows += [row, console, {**row, "timestamp": at + 5}]
        elif kind == 2:
            rows += [{key: value for key, value in row.items() if key != "requestId"}]
        elif kind == 3:
            rows += [{**console, "statusCode": 429, "path": "/api/x"}]
        elif kind == 4:
            rows += [{"source": "build", "message": "compiled"}]
        elif kind == 5:
            rows += [{key: value for key, value in row.items() if key != "timestamp"}]
        else:
            rows += [row]
    return shuffled_a_little(chance, rows)


def shuffled_a_little(chance, rows):
    """Rows of one request lie apart, as where several functions write at the same time."""
    return [
        row for _, row in sorted(((place + chance.random() * 8, row) for place, row in enumerate(rows)), key=_first)
    ]


def _first(pair):
    return pair[0]


def oracle(lines):
    """What a person would write, with everything in memory."""
    requests, waiting, output, unreadable, rows = {}, {}, 0, 0, 0
    for place, line in enumerate(lines):
        text = line.strip()
        if not text:
            continue
        try:
            row = json.loads(text)
        except ValueError:
            unreadable += 1
            continue
        rows += 1
        proxy = row.get("proxy") or {}
        status = proxy.get("statusCode", row.get("statusCode"))
        name = row.get("requestId")
        if name is None and not proxy and status is None:
            output += 1
            continue
        said = (
            proxy.get("clientIp", ""),
            (proxy.get("path") or row.get("path") or "").partition("?")[0],
            (proxy.get("userAgent") or [""])[0],
            proxy.get("method", ""),
            status or 0,
            row.get("timestamp", 0),
        )
        name = name or f"nameless {place}"
        if name in requests:
            continue
        if said[0] or name.startswith("nameless"):
            waiting.pop(name, None)
            requests[name] = said
        elif not (waiting.get(name) or (0,) * 6)[4]:
            waiting[name] = said
    return [*requests.values(), *waiting.values()], {"rows": rows, "output": output, "unreadable": unreadable}


def figures(requests):
    """The oracle's figures of each client."""
    told = {}
    for client, path, agent, method, status, at in requests:
        name, kind = folded(path)
        one = told.setdefault(client, {**Bag(), "agents": Bag(), "paths": Bag(), "times": []})
        for key, counts in {
            "requests": True,
            "limited": status == 429,
            "refused": status in (401, 403),
            "done": 200 <= status < 400,
            "failed": status >= 400 and status not in (401, 403, 429),
            "auth": kind == AUTH,
            "assets": kind == ASSET,
            "logins": kind == AUTH and method == "POST" and 200 <= status < 400,
        }.items():
            one[key] = one.get(key, 0) + counts
        one["agents"][agent or "(none)"] += 1
        one["paths"][name or "(none)"] += 1
        one["times"] += [at] if at else []
    for one in told.values():
        times = one.pop("times")
        gaps = [after - before for before, after in pairwise(times) if after >= before]
        one["gaps"] = (len(gaps), sum(gaps), sum(each * each for each in gaps))
        one["hours"] = {at // 3_600_000 % 24 for at in times}
    return told


def told_of(tally):
    """The same figures of what was counted."""
    names = ("requests", "limited", "refused", "done", "failed", "auth", "assets", "logins")
    return {
        **{name: getattr(tally, name) for name in names},
        "agents": tally.every_agent(),
        "paths": tally.every_path(),
        "gaps": (tally.gaps, tally.gap_sum, tally.gap_squares),
        "hours": {hour for hour in range(24) if tally.hours >> hour & 1},
    }


def equal(total, lines, *, but=("",)):
    """Hold what was counted to the oracle; of requests without a client the gaps have no meaning."""
    requests, counts = oracle(lines)
    expected = figures(requests)

    assert counts == {name: getattr(total, name) for name in counts}
    assert (len(requests), sum(each[4] == 429 for each in requests)) == (total.requests, total.limited)
    assert Bag(each[5] // 60_000 for each in requests) == {key: each[0] for key, each in total.minutes.items()}
    assert Bag(folded(each[1])[0] or "(none)" for each in requests) == {k: v.requests for k, v in total.paths.items()}
    assert Bag(each[2] or "(none)" for each in requests) == {k: v.requests for k, v in total.agents.items()}
    assert expected.keys() == total.addresses.keys()
    for client in expected.keys() - set(but):
        assert expected[client] == told_of(total.addresses[client]), client
    assert 0 == total.repeated


def joined(*stretches):
    """What the processes of these stretches tell, put together; they run here, so that a constant can be small."""
    crew = []
    for number, each in enumerate(stretches):
        job = Job(tuple(each), second=number > 0, first_of_two=len(stretches) > 1 and not number)
        told = b"".join(len(frame).to_bytes(LENGTH) + frame for frame in frames(job))
        crew.append(weblogs_crew.Worker(SimpleNamespace(stdout=io.BytesIO(told), wait=lambda: 0), 0))
    return weblogs_crew._joined(crew)


def ndjson(rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


@pytest.fixture
def count(monkeypatch):
    """`count(file, …)`: the real thing, with two processes however small the files are."""

    def count(*files, seconds=60, two=True):
        monkeypatch.setattr(weblogs, "WORTH_TWO", 1 if two else 1 << 40)
        return weblogs.WebLogs(Settings(), deadline=time.monotonic() + seconds).count([str(each) for each in files])

    return count


@pytest.mark.parametrize("_", range(6))
def test_a_random_log_is_counted_as_the_oracle_counts_it(_, tmp_path, monkeypatch):
    """Whatever the rows, the block, the cut between two processes, and the broken lines."""
    # A seed in the test's name would be another one in each of pytest's workers.
    seed = int(os.environ.get("PEAKOPS_SEED") or random.SystemRandom().getrandbits(32))
    print(f"PEAKOPS_SEED={seed}")
    chance = random.Random(seed)
    monkeypatch.setattr(weblogs_lines, "BLOCK", chance.choice((2, 7, 64, 1000, 1 << 19)))
    lines = ndjson(random_rows(chance, chance.randrange(1, 250))).splitlines(keepends=True)
    lines = [each[: chance.randrange(len(each))] + b"\n" if chance.random() < 0.05 else each for each in lines]
    end = chance.choice((b"\n", b"\r\n"))
    content = chance.choice((b"", weblogs_lines.BOM)) + b"".join(each.rstrip() + end for each in lines)
    content = content[: len(content) - chance.choice((0, 0, 1, 30))]
    file = tmp_path / "log"
    file.write_bytes(content)
    cut = chance.randrange(1, len(content) + 1) if len(content) > 1 else 1
    halves = ([weblogs_lines.Stretch(str(file), 0, cut)], [weblogs_lines.Stretch(str(file), cut, len(content))])

    expected = content.removeprefix(weblogs_lines.BOM).split(b"\n")
    equal(joined([weblogs_lines.Stretch(str(file))]), expected)
    equal(joined(*halves), expected)


def test_every_cut_of_a_log_counts_each_line_once(tmp_path):
    """At each byte: in the middle of a line, between two, and where rows of one request lie on both sides."""
    chance = random.Random(1)
    content = ndjson(random_rows(chance, 12))
    file = tmp_path / "log"
    file.write_bytes(content)
    for cut in range(1, len(content)):
        stretches = [[weblogs_lines.Stretch(str(file), 0, cut)], [weblogs_lines.Stretch(str(file), cut, len(content))]]
        equal(joined(*stretches), content.split(b"\n"))


def test_two_processes_count_what_one_counts(tmp_path, count):
    """Several files, one of them packed, in their order; the rows of a request in two of them are one request."""
    chance = random.Random(2)
    rows = random_rows(chance, 900)
    parts = [ndjson(rows[:200]), ndjson(rows[200:700]), ndjson(rows[700:])]
    files = [tmp_path / "a.ndjson", tmp_path / "b.ndjson.gz", tmp_path / "c.ndjson"]
    for file, part in zip(files, parts, strict=True):
        file.write_bytes(gzip.compress(part) if file.suffix == ".gz" else part)
    requests, _ = oracle(b"".join(parts).split(b"\n"))

    two, one = count(*files), count(*files, two=False)

    assert len(requests) == two.rows[0]["requests"]
    assert one == two
    assert one == count(*files, files[0])


@pytest.mark.parametrize("form", ["one line", "pretty", "a row a line", "an array a line", "two arrays"])
@pytest.mark.parametrize("block", [64, 1 << 19])
def test_an_array_is_counted_as_its_rows(form, block, tmp_path, monkeypatch):
    """However it is written; text that looks like the end of a row, within a string, is none."""
    monkeypatch.setattr(weblogs_lines, "BLOCK", block)
    rows = random_rows(random.Random(3), 120)
    half = len(rows) // 2
    text = {
        "one line": json.dumps(rows),
        "pretty": json.dumps(rows, indent=2),
        "a row a line": "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n",
        "an array a line": f"{json.dumps(rows[:half])}\n{json.dumps(rows[half:])}\n",
        "two arrays": f"{json.dumps(rows[:half], indent=1)}\n{json.dumps(rows[half:], indent=1)}",
    }[form]
    file = tmp_path / "log.json"
    file.write_text(text)

    equal(joined([weblogs_lines.Stretch(str(file))]), ndjson(rows).split(b"\n"))


@pytest.mark.parametrize(
    "odd",
    [
        {"timestamp": START // 1000},
        {"timestamp": START * 1000},
        {"timestamp": "2026-11-20T15:00:00Z"},
        {"timestamp": "2026-11-20T16:00:00+01:00"},
        {"timestamp": str(START)},
    ],
)
def test_a_time_is_read_in_any_unit(odd, tmp_path):
    """Seconds, microseconds, a date and a text are the same moment."""
    file = tmp_path / "log"
    file.write_bytes(ndjson([proxied(number, client=CLIENTS[0], status=429, at=START, **odd) for number in range(3)]))

    total = joined([weblogs_lines.Stretch(str(file))])

    assert {START // 60_000: [3, 3]} == total.minutes


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize(
    "odd",
    [
        {"timestamp": 10**30},
        {"timestamp": 1e300},
        {"timestamp": -5},
        {"timestamp": 1},
        {"timestamp": "yesterday"},
        {"proxy": {"clientIp": CLIENTS[0], "statusCode": 10**30, "path": "/"}},
        {"proxy": {"clientIp": CLIENTS[0], "statusCode": -1, "path": "/"}},
    ],
)
def test_an_odd_number_ends_no_process(odd, second, tmp_path):
    """The request counts, and what it says of its time or its answer does not."""
    file = tmp_path / "log"
    rows = [proxied(number, client=CLIENTS[0], status=200, at=START) for number in range(3)]
    file.write_bytes(ndjson([rows[0], {**rows[1], **odd}, rows[2]]))

    told = list(frames(Job((weblogs_lines.Stretch(str(file)),), second=second)))

    head = msgspec.msgpack.decode(told[0], type=Head)
    assert (3, 0) == (head.counted.requests + len(head.edge), head.counted.unreadable)


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        (b'{"requestId":"x","a":' + b"[" * 50_000 + b"]" * 50_000 + b',"proxy":{"clientIp":"10.0.0.1"}}', False),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, False),
        (b'{"requestId":"x","proxy":{"clientIp":"10.0.0.1","statusCode":429,"path":"/\xff\xfe"}}', True),
        (b'{"requestId":"x","timestamp":NaN,"proxy":{"clientIp":"10.0.0.1"}}', False),
    ],
)
def test_a_hostile_line_ends_no_process(line, counts, tmp_path):
    """Nested without end it cannot be read; with bytes that are no UTF-8 it is a request like any other."""
    file = tmp_path / "log"
    file.write_bytes(ndjson([proxied(1, client=CLIENTS[0], status=200, at=START)]) + line + b"\n")

    total = joined([weblogs_lines.Stretch(str(file))])

    assert (1 + counts, 1 - counts) == (total.requests, total.unreadable)


def test_what_is_far_too_long_is_not_kept(tmp_path):
    """Agents, paths and addresses of 100 kB each, all different: they count, and cost no memory."""
    long = "y" * 100_000
    rows = [
        proxied(
            number,
            client=f"{long}{number}",
            status=(200, 429)[number % 2],
            at=START,
            path=f"/{number}/{long}",
            agent=f"{number}{long}",
        )
        for number in range(20)
    ]
    file = tmp_path / "log"
    file.write_bytes(ndjson(rows))

    told = b"".join(frames(Job((weblogs_lines.Stretch(str(file)),), second=True)))
    counter = weblogs_count.Counter()
    counter.take(file.read_bytes().splitlines())

    assert 20 == counter.counted.requests == weblogs.row(counter.counted)["addressless"]
    assert len(told) < 100_000
    assert sum(map(len, (*counter._paths, *counter._agents, *counter.counted.addresses))) < 100_000


def test_gaps_of_years_can_be_told():
    """The sum of their squares is greater than any integer that one process can tell the other."""
    tally = Tally()
    for number in range(3000):
        at = START + number * (weblogs_tally.LONGEST_GAP - 1)
        tally.add(200, at, at // 60_000, "x", "/", PLAIN)

    assert tally == msgspec.msgpack.decode(msgspec.msgpack.encode(tally), type=Tally)
    assert tally.gap_squares > 2**64


def test_a_long_beginning_of_a_row_is_not_looked_through_again_and_again(tmp_path):
    """An array of one row of 15 MB, in the time that a few looks take."""
    file = tmp_path / "log"
    file.write_bytes(b"[" + b"1," * 7_500_000 + b"1]")
    began = time.process_time()

    assert 1 == sum(len(each) for each in weblogs_lines.blocks(weblogs_lines.Stretch(str(file))))
    assert time.process_time() - began < 2.5


def test_a_file_that_became_shorter_is_told(tmp_path):
    """Its end was there when it was cut in two, and is not when it is read."""
    file = tmp_path / "log"
    file.write_bytes(ndjson([proxied(number, client=CLIENTS[0], status=200, at=START) for number in range(9)]))
    size = file.stat().st_size

    total = joined([weblogs_lines.Stretch(str(file), 0, size)], [weblogs_lines.Stretch(str(file), size, size + 900)])

    assert (9, ["log"]) == (total.requests, total.damaged)


def test_a_network_beyond_those_told_apart_is_told(tmp_path, monkeypatch):
    """What is counted together with others is in no network, and not hidden."""
    monkeypatch.setattr(weblogs_count, "ADDRESSES", 10)
    monkeypatch.setattr(weblogs_counted, "NETWORKS", 3)
    rows = [proxied(number, client=f"10.0.{number}.1", status=429, at=START) for number in range(60)]
    file = tmp_path / "log"
    file.write_bytes(ndjson(rows))

    total = joined([weblogs_lines.Stretch(str(file))])

    others = total.networks[weblogs_counted.OTHERS].limited
    assert others > 20
    assert any(f"{others} were answered 429, are of more networks" in each for each in weblogs._notes(total))


@pytest.mark.parametrize(
    ("source", "action", "expected"),
    [("lambda", "rate_limit", "vercel_firewall"), ("lambda", "log", "portal"), ("lambda", "bypass", "portal")],
)
def test_the_firewall_answered_where_it_did_not_let_it_through(source, action, expected, tmp_path):
    """What it only noted was answered by the portal."""
    row = proxied(1, client=CLIENTS[0], status=429, at=START)
    file = tmp_path / "log"
    file.write_bytes(ndjson([{**row, "source": source, "proxy": {**row["proxy"], "wafAction": action}}]))

    assert {expected: 1} == joined([weblogs_lines.Stretch(str(file))]).answered_by


def test_standard_input_may_be_packed(tmp_path, count, monkeypatch):
    """As a file may."""
    file = tmp_path / "log.gz"
    file.write_bytes(gzip.compress(ndjson([proxied(1, client=CLIENTS[0], status=429, at=START)])))
    with file.open("rb") as piped:
        kept = os.dup(0)
        os.dup2(piped.fileno(), 0)
        told = count("-").rows[0]
        os.dup2(kept, 0)
        os.close(kept)

    assert 1 == told["limited"]


def test_a_packed_file_that_breaks_off_is_counted_as_far_as_it_goes(tmp_path, count):
    """What was unpacked counts, and the file is named."""
    rows = [proxied(number, client=CLIENTS[0], status=200, at=START) for number in range(4000)]
    file = tmp_path / "log.gz"
    packed = gzip.compress(ndjson(rows))
    file.write_bytes(packed[: len(packed) * 2 // 3])

    told = count(file).rows[0]

    assert 1000 < told["requests"] < 4000
    assert ["log.gz"] == told["damaged"]


def test_a_line_that_never_ends_costs_no_memory(tmp_path, monkeypatch):
    """It is passed over, as one that cannot be read, and those behind it are counted."""
    monkeypatch.setattr(weblogs_lines, "LONGEST", 2000)
    monkeypatch.setattr(weblogs_lines, "BLOCK", 500)
    good = ndjson([proxied(number, client=CLIENTS[0], status=200, at=START) for number in range(6)])
    file = tmp_path / "log"
    file.write_bytes(good + b"x" * 9000 + b"\n" + good.replace(b'"r', b'"s'))

    size = file.stat().st_size
    halves = ([weblogs_lines.Stretch(str(file), 0, size // 2)], [weblogs_lines.Stretch(str(file), size // 2, size)])

    for total in (joined([weblogs_lines.Stretch(str(file))]), joined(*halves)):
        assert (12, 1) == (total.requests, total.unreadable)
    assert sum(map(len, weblogs_lines._to_its_end(iter([b"x" * 500] * 90)))) < 3000


def test_rows_far_apart_count_twice_and_that_is_told(tmp_path, monkeypatch):
    """A file whose end another file repeats: beyond what is remembered a request is not known again."""
    monkeypatch.setattr(weblogs_count, "NEAR", 10)
    monkeypatch.setattr(weblogs_lines, "BLOCK", 200)
    rows = [proxied(number, client=CLIENTS[0], status=200, at=START) for number in range(100)]
    file = tmp_path / "log"
    file.write_bytes(ndjson(rows + rows))

    total = joined([weblogs_lines.Stretch(str(file))])

    assert (200, 100) == (total.requests, total.repeated)
    assert "100 requests are counted twice" in weblogs._notes(total)[0]


def test_too_many_clients_are_counted_with_their_networks(tmp_path, monkeypatch):
    """Networks and totals stay exact; a single client is told short by no more than the bound, which is told."""
    monkeypatch.setattr(weblogs_count, "ADDRESSES", 50)
    chance = random.Random(4)
    heavy = [f"198.51.100.{number}" for number in range(5)]
    clients = [
        chance.choice(heavy) if chance.random() < 0.3 else f"2001:db8:{chance.randrange(3)}::{chance.randrange(2000):x}"
        for _ in range(3000)
    ]
    rows = [proxied(number, client=each, status=429, at=START + number) for number, each in enumerate(clients)]
    file = tmp_path / "log"
    file.write_bytes(ndjson(rows))
    size = file.stat().st_size
    halves = ([weblogs_lines.Stretch(str(file), 0, size // 2)], [weblogs_lines.Stretch(str(file), size // 2, size)])

    total = joined(*halves)
    told = {each["network"]: each["requests"] for each in weblogs.row(total)["networks"]}

    assert Bag(map(network_of, clients)) == told
    assert total.folded > 2000
    for client, requests in Bag(clients).items():
        held = total.addresses.get(client, Tally()).requests
        assert requests - total.error <= held <= requests
    assert f"up to {total.error:,} more requests" in weblogs._notes(total)[0]


def test_tallies_add_up_however_they_are_cut():
    """Of one client: the figures of two parts, joined, are those of the whole."""
    chance = random.Random(5)
    times = [START + number * 900 for number in range(60)]
    said = [
        (chance.choice((200, 429, 401)), at, at // 60_000, chance.choice(AGENTS) or "(none)", "/", PLAIN)
        for at in times
    ]
    whole, first, second = Tally(), Tally(), Tally()
    for number, each in enumerate(said):
        whole.add(*each)
        (first if number < 23 else second).add(*each)
    first.merge(second, joined=True)

    assert told_of(whole) == told_of(first)
    assert (whole.first, whole.last) == (first.first, first.last)


def test_no_more_names_are_kept_of_a_client_than_a_few():
    """Those beyond are counted together, so that one client cannot fill the memory."""
    tally = Tally()
    for number in range(500):
        tally.add(200, START, START // 60_000, f"agent {number}", "/", PLAIN)

    assert weblogs_tally.MOST_KINDS + 1 >= len(tally.every_agent())
    assert 500 == sum(tally.every_agent().values())


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/cases/1042?token=eyJhbGciOi", ("/cases/[id]", PLAIN)),
        ("/cases/CASE-1042/files", ("/cases/[id]/files", PLAIN)),
        ("/u/1b4e28ba-2fa1-41d2-883f-0016d3cca427", ("/u/[id]", PLAIN)),
        ("/invitations/Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5", ("/invitations/[id]", PLAIN)),
        ("/people/jane%40clinic.example", ("/people/[id]", PLAIN)),
        ("/people/jane%2540clinic.example", ("/people/[id]", PLAIN)),
        ("/api/v1/auth/login;x=1", ("/api/v1/auth/login", AUTH)),
        ("/auth/v1/token?grant_type=password", ("/auth/v1/token", AUTH)),
        ("/_next/static/chunks/a1b2.js", ("/_next/static/chunks/…", ASSET)),
        ("/authors/list", ("/authors/list", PLAIN)),
        ("/", ("/", PLAIN)),
    ],
)
def test_paths_keep_neither_ids_nor_queries(path, expected):
    """Both may hold tokens and people's addresses."""
    assert expected == folded(path)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:0:1::5", "2001:db8::/48"),
        ("2001:0db8:00a0:1:2:3:4:5", "2001:db8:a0::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:DB8:A:1::5", "2001:db8:a::/48"),
        ("203.0.113.777", None),
        ("", None),
        ("unknown", None),
    ],
)
def test_addresses_belong_to_networks(address, expected):
    """Written in any way; what is no address has none."""
    assert expected == network_of(address)


def test_what_the_cli_prints_names_no_client(tmp_path, count):
    """Its rows have no requestId; each is a request, with a path and a status."""
    row = {"rowId": "1", "timestampInMs": START, "requestPath": "/api/x", "responseStatusCode": 429, "source": "lambda"}
    file = tmp_path / "log"
    file.write_bytes(ndjson([{**row, "rowId": str(number)} for number in range(7)]))

    told = count(file).rows[0]

    assert (7, 7, 7, []) == (told["requests"], told["limited"], told["addressless_limited"], told["networks"])
    assert [{"name": "/api/x", "requests": 7, "limited": 7}] == told["paths"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "there is no line in it"),
        (b"\n\n", "there is no line in it"),
        (b"hello\nyou\n", "log:1 is no row of a log"),
        (b'{"a":1}\n', "no row tells of a request"),
        (b"\xff\xfe\x00\x01" * 50, "log:1 is no row of a log"),
    ],
)
def test_what_is_no_log_is_refused(content, says, tmp_path, count):
    """With the first line that is none; nobody takes it for a quiet day."""
    file = tmp_path / "log"
    file.write_bytes(content)

    with pytest.raises(BadInput, match=says):
        count(file)


@pytest.mark.parametrize("name", ["missing", ".", "pipe"])
def test_what_is_no_file_is_refused(name, tmp_path, count):
    """A folder, a pipe, and what is not there."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(BadInput, match=r"No such file|it is no file"):
        count(tmp_path / name)


def test_the_time_ends_the_processes(tmp_path, count):
    """They are gone once the error is there."""
    file = tmp_path / "log"
    file.write_bytes(ndjson([proxied(number, client=CLIENTS[0], status=200, at=START) for number in range(20_000)]))
    before = _children()

    with pytest.raises(TimedOut):
        count(file, seconds=0.05)

    assert before == _children()


def test_a_process_ends_with_whoever_started_it(tmp_path):
    """Killed so that nothing can be put in order, with standard input open for ever."""
    script = (
        "import time; from peakops.settings import Settings; from peakops.sources.weblogs import WebLogs;"
        "WebLogs(Settings(), deadline=time.monotonic() + 60).count(['-'])"
    )
    held, give = os.pipe()
    run = subprocess.Popen([sys.executable, "-c", script], stdin=held, stderr=subprocess.DEVNULL)
    worker = _wait_for(lambda: _children(run.pid))[0]
    run.send_signal(signal.SIGKILL)
    run.wait()

    assert _wait_for(lambda: not Path(f"/proc/{worker}").exists() or "Z" in _state(worker))
    os.close(held)
    os.close(give)


def test_a_frame_that_is_cut_is_no_count():
    """A process that was killed in the middle of its answer has told nothing."""
    broken = weblogs_crew.Worker(SimpleNamespace(stdout=io.BytesIO((99).to_bytes(LENGTH) + b"x"), wait=lambda: -9), 0)

    with pytest.raises(EOFError):
        broken.frame(msgspec.Raw)


def _state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]


def _children(pid=None):
    tasks = Path(f"/proc/{pid or os.getpid()}/task").iterdir()
    return [child for task in tasks for child in (task / "children").read_text().split()]


def _wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
