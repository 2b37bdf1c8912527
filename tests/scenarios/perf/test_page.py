"""The judgements of `perf page` on literal facts: at least one for each row, and all of them total."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from peakops.investigate import diagnose
from peakops.model import Evidence, Fault
from peakops.scenario import Facts
from peakops.scenarios.perf import page_field as field
from peakops.scenarios.perf import page_figures as figures
from peakops.scenarios.perf.page import SCENARIO
from peakops.scenarios.perf.page_words import silence
from peakops.verdict import rule

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
NOT_CONFIGURED = Fault(code="vercel.not_configured", category="config", message="Vercel is not configured.")
SILENT = Fault(code="vercel.timeout", category="timeout", message="Vercel did not answer in time.")


def sample(kind="cold", status=200, timing=None, cache="MISS", **ms):
    phases = {"dns_ms": 1.0, "connect_ms": 2.0, "tls_ms": 3.0, "wait_ms": 100.0, "download_ms": 4.0, **ms}
    told = [{"name": name, "ms": each} for name, each in (timing or {}).items()]
    return {
        **{"kind": kind, "status": status, **phases, "total_ms": sum(phases.values())},
        **{"cache": cache, "server_timing": told},
    }


def page(*samples, first=None, **said):
    """A page that is in order, but for what a test says; `first` are the milliseconds of the first visit."""
    given = samples or (sample(),) * 5
    base = {
        "url": "https://portal.example/cases",
        "measured": "https://portal.example/cases",
        "path": "/cases",
        "portal": True,
        "cookie": False,
        "cookie_at_first": False,
        "redirects": [],
        "ended": None,
        "waited_ms": None,
        "detail": None,
        "dropped": [],
        "samples": [*([{**given[0], "kind": "first", **first}] if first is not None else []), *given],
        "bundle": bundle(),
        "status": given[-1]["status"],
        "spoken": "HTTP/1.1",
        "encoding": "gzip",
        "bytes": 9_000,
        "plain_bytes": 40_000,
        "cut": False,
        **{"cache": "MISS", "region": "iad1", "age_s": 0, "cache_control": None, "content_type": "text/html"},
        "challenged": False,
    }
    return {**base, **said}


def silent(ended, **said):
    """A page that gave no answer."""
    return page(ended=ended, **{**dict.fromkeys(("status", "spoken", "encoding", "bytes", "plain_bytes")), **said}) | {
        "samples": [],
        "bundle": None,
    }


def bundle(**said):
    base = {
        "files": 3,
        "fetched": 3,
        "failed": 0,
        "foreign": 0,
        "bytes": 90_000,
        "script_bytes": 80_000,
        "plain_bytes": 270_000,
    }
    return {**base, "uncompressed": 0, "ms": 20.0, "largest": [{"path": "/a.js", "bytes": 60_000}], **said}


def hops(*ms):
    return [{"status": 307, "to": "https://portal.example/cases", "ms": each} for each in ms]


def vital(metric="lcp_ms", p75=1900, count=812, route="/cases"):
    return {"route": route, "metric": metric, "p75": p75, "count": count}


def deployment(hours=3, state="READY"):
    made = {"id": "dpl_1", "state": state, "created_at": NOW - timedelta(hours=hours)}
    return {**made, "target": "production", "branch": "main", "sha": "4f2a9c1d5e", "url": ""}


def status_page(vendor, indicator="none"):
    return {"vendor": vendor, "indicator": indicator, "description": "", "incidents": []}


def brought(looks, single):
    """What looks brought, by name each with its source and its rows; a Fault in their place is one."""
    return tuple(
        Evidence(
            name=name,
            source=source,
            at=NOW,
            rows=() if isinstance(rows, Fault) else tuple(rows),
            single=name in single,
            error=rows if isinstance(rows, Fault) else None,
        )
        for name, (source, rows) in looks.items()
    )


def evidence(*pages, vitals=NOT_CONFIGURED, deployments=(), indicator="none"):
    looks = {
        "probes": ("pages", pages or [page()]),
        "vitals": ("vercel", vitals),
        "deployments": ("vercel", deployments),
        "vercel_page": ("status", [status_page("vercel", indicator)]),
    }
    return brought(looks, single=("vercel_page",))


def judged(*pages, **said):
    """The verdict, its cause and status, and the codes that stand beside it."""
    seen = evidence(*pages, **said)
    ruled = rule(SCENARIO, diagnose(SCENARIO, seen), seen)
    codes = [each.code for each in ruled.findings]
    return (ruled.ruling.code, ruled.ruling.cause, ruled.status.value), codes


SLOW = {"wait_ms": 2500.0}
DATABASE = page(*[sample(timing={"db": 2300.0}, **SLOW)] * 5)


def test_a_silent_page_is_unknown_beside_a_warning():
    """A page that was not reached is not hidden by another one that could merely be faster."""
    slower = page(*[sample(wait_ms=1100.0)] * 5)
    (alone, _), (both, codes) = judged(slower), judged(slower, silent("unreachable"))

    assert ("could_be_faster", "warning") == (alone[0], alone[2])
    assert ("unknown", "unknown") == (both[0], both[2])
    assert ["could_be_faster"] == codes


@pytest.mark.parametrize(
    ("pages", "said", "verdict"),
    [
        ([page()], {}, ("fast", None, "ok")),
        ([page()], {"vitals": [vital()]}, ("fast", None, "ok")),
        ([page()], {"vitals": SILENT}, ("unknown", None, "unknown")),
        ([page()], {"deployments": SILENT}, ("unknown", None, "unknown")),
        ([page(sample(status=502), sample(status=502))], {}, ("page_error", None, "critical")),
        ([page(sample(), sample(status=500), sample())], {}, ("page_error", "at_times", "critical")),
        ([silent("certificate", detail=10)], {}, ("page_error", "certificate", "critical")),
        ([silent("certificate", detail=62)], {}, ("page_error", "certificate", "critical")),
        ([silent("certificate", detail=18)], {}, ("unknown", None, "unknown")),
        ([page(sample(status=404))], {}, ("page_refused", "not_found", "warning")),
        ([page(sample(status=403))], {}, ("page_refused", "log_in", "warning")),
        ([page(sample(status=403), challenged=True)], {}, ("page_refused", "challenge", "warning")),
        ([page(sample(status=429))], {}, ("page_refused", "rate_limited", "warning")),
        ([page(sample(status=418))], {}, ("page_refused", None, "warning")),
        (
            [page(redirects=hops(9), measured="https://portal.example/sign-in?…")],
            {},
            ("page_refused", "log_in", "warning"),
        ),
        (
            [page(redirects=hops(9), url="https://portal.example/login", measured="https://portal.example/auth/login")],
            {},
            ("fast", None, "ok"),
        ),
        ([page(redirects=hops(9), measured="https://portal.example/blogs")], {}, ("fast", None, "ok")),
        ([silent("loop", redirects=hops(1, 1))], {}, ("redirect_loop", None, "critical")),
        ([silent("too_many", redirects=hops(*[1] * 6))], {}, ("redirect_loop", "too_many", "critical")),
        ([silent("nowhere", redirects=hops(1))], {}, ("redirect_loop", "nowhere", "critical")),
        ([page(redirects=hops(1100, 900))], {}, ("slow_redirects", None, "critical")),
        ([silent("connect")], {}, ("unknown", None, "unknown")),
        ([silent("timeout", waited_ms=1200)], {}, ("unknown", None, "unknown")),
        ([silent("timeout", waited_ms=10_000)], {}, ("slow_server", "gave_up", "critical")),
        ([DATABASE], {}, ("slow_database", None, "critical")),
        (
            [page(*[sample(timing={"db": 200.0, "salesforce": 1900.0, "ups": 90.0}, **SLOW)] * 5)],
            {},
            ("slow_external_api", "salesforce", "critical"),
        ),
        ([page(*[sample(timing={"ext-crm": 2400.0}, **SLOW)])], {}, ("slow_external_api", "ext-crm", "critical")),
        ([page(*[sample(**SLOW)] * 5)], {}, ("slow_server", "not_told_apart", "critical")),
        ([page(*[sample(timing={"render": 2400.0}, **SLOW)])], {}, ("slow_server", "not_told_apart", "critical")),
        ([page(*[sample(timing={"db": 100.0}, **SLOW)] * 5)], {}, ("slow_server", None, "critical")),
        ([page(sample(download_ms=3200.0))], {}, ("slow_download", None, "critical")),
        (
            [page(sample(download_ms=3200.0), plain_bytes=5_000_000)],
            {},
            ("slow_download", "large_data", "critical"),
        ),
        (
            [page(sample(download_ms=3200.0), encoding=None, bytes=900_000, plain_bytes=900_000)],
            {},
            ("slow_download", "not_compressed", "critical"),
        ),
        ([page(sample(dns_ms=1900.0))], {}, ("slow_network", None, "critical")),
        ([page(sample(), bundle=bundle(ms=3100.0))], {}, ("large_bundle", None, "critical")),
        ([page(sample(), bundle=bundle(bytes=600_000))], {}, ("large_bundle", None, "warning")),
        ([page(sample(), bundle=bundle(bytes=599_999))], {}, ("fast", None, "ok")),
        ([page(plain_bytes=1_000_000)], {}, ("large_data", None, "warning")),
        ([page(cut=True)], {}, ("large_data", None, "warning")),
        ([page(first={"wait_ms": 2600.0})], {}, ("cold_start", None, "warning")),
        ([page(first={"wait_ms": 2600.0, "cache": "HIT"})], {}, ("cold_start", "not_cached", "warning")),
        ([page(first={"wait_ms": 1500.0})], {}, ("fast", None, "ok")),
        ([page(sample(wait_ms=1000.0))], {}, ("could_be_faster", "server", "warning")),
        ([page(sample(), sample(), sample(wait_ms=3300.0))], {}, ("could_be_faster", "at_times", "warning")),
        ([page(dropped=["broken"] * 6)], {}, ("unknown", None, "unknown")),
        ([page(dropped=["slow_connect"] * 6)], {}, ("unknown", None, "unknown")),
        ([page(dropped=["timeout"] * 6)], {}, ("slow_server", "gave_up", "critical")),
        ([page(dropped=["timeout"] * 5)], {}, ("could_be_faster", "at_times", "warning")),
        ([silent("slow_connect", waited_ms=3010)], {}, ("unknown", None, "unknown")),
        ([silent("slow_tls", waited_ms=3010)], {}, ("unknown", None, "unknown")),
        ([page(sample(status=204), bytes=0)], {}, ("page_refused", "empty", "warning")),
        ([page(bytes=0)], {}, ("page_refused", "empty", "warning")),
        ([page(sample(status=302))], {}, ("page_refused", "empty", "warning")),
        ([page(bundle=bundle(fetched=0, failed=3))], {}, ("page_error", "files", "critical")),
        ([page(bundle=bundle(fetched=1, failed=2))], {}, ("fast", None, "ok")),
        ([page(bundle=bundle(files=0, fetched=0))], {}, ("fast", None, "ok")),
        ([page(redirects=hops(9), measured="https://vercel.com/sso-api?…")], {}, ("page_refused", "log_in", "warning")),
        (
            [page(redirects=hops(9), measured="https://portal.example/auth?…")],
            {},
            ("page_refused", "log_in", "warning"),
        ),
        ([page(redirects=hops(9), measured="https://portal.example/authors")], {}, ("fast", None, "ok")),
        ([page(dropped=["broken"])], {}, ("could_be_faster", "at_times", "warning")),
        ([page()], {"vitals": [vital(p75=3000)]}, ("could_be_faster", "visitors", "warning")),
        ([page()], {"vitals": [vital(p75=4200)]}, ("slow_for_visitors", "lcp", "critical")),
        ([page()], {"vitals": [vital("inp_ms", 600)]}, ("slow_for_visitors", "inp", "critical")),
        ([page()], {"vitals": [vital("cls", 0.9)]}, ("fast", None, "ok")),
        ([page()], {"vitals": [vital(p75=9000, count=19)]}, ("fast", None, "ok")),
        ([page()], {"vitals": [vital(p75=9000, count=None)]}, ("slow_for_visitors", "lcp", "critical")),
        ([page()], {"vitals": [vital(p75=9000, route="/invoices")]}, ("fast", None, "ok")),
        ([page(portal=False)], {"vitals": [vital(p75=9000)]}, ("fast", None, "ok")),
        ([DATABASE], {"vitals": [vital(p75=9000)]}, ("slow_database", None, "critical")),
        ([page(), DATABASE], {}, ("slow_database", None, "critical")),
        ([silent("dns"), page()], {}, ("unknown", None, "unknown")),
        ([silent("dns"), DATABASE], {}, ("slow_database", None, "critical")),
    ],
)
def test_verdict(pages, said, verdict):
    """Each row of the playbook, with its cause and severity."""
    assert verdict == judged(*pages, **said)[0]


@pytest.mark.parametrize(
    ("hours", "state", "pages", "aside"),
    [
        (3, "READY", [DATABASE], True),
        (23.9, "READY", [DATABASE], True),
        (24.1, "READY", [DATABASE], False),
        (3, "ERROR", [DATABASE], False),
        (3, "READY", [page()], False),
        (3, "READY", [silent("loop")], True),
    ],
)
def test_a_deployment_stands_beside_what_is_wrong(hours, state, pages, aside):
    """One that went live within a day is named where something is wrong, and never is the verdict."""
    verdict, codes = judged(*pages, deployments=[deployment(hours, state)])

    assert aside == ("deployed_before" in codes)
    assert "deployed_before" != verdict[0]


def test_an_incident_stands_beside_what_is_wrong():
    """Vercel's own trouble is named where something is wrong, and changes no verdict."""
    assert ("slow_database", None, "critical") == judged(DATABASE, indicator="major")[0]
    assert "vercel_incident" in judged(DATABASE, indicator="major")[1]
    assert (("fast", None, "ok"), ["fast"]) == judged(page(), indicator="major")


def test_the_probe_alone_needs_to_answer():
    """Without it nothing is said, whatever Vercel says."""
    dark = Evidence(name="probes", source="pages", error=SILENT)
    seen = (dark, *evidence(vitals=[vital(p75=9000)])[1:])
    ruled = rule(SCENARIO, diagnose(SCENARIO, seen), seen)

    assert ("unknown", "unknown") == (ruled.ruling.code, ruled.status.value)


def test_percentiles_are_measured_values():
    """The nearest rank: of five the 95th is the slowest, of twenty the last but one."""
    assert [3, 5, 19, 1] == [
        figures.percentile([5, 1, 3, 2, 4], 0.5),
        figures.percentile([5, 1, 3, 2, 4], 0.95),
        figures.percentile(range(1, 21), 0.95),
        figures.percentile([1], 0.95),
    ]


def test_kinds_have_their_own_percentiles():
    """First, cold and warm are told apart; answers that are errors are in none of them."""
    cold, warm = [sample(wait_ms=each) for each in (10.0, 20.0, 90.0)], [sample("warm", wait_ms=5.0)]
    told = figures.by_kind(page(*cold, *warm, sample(status=500, wait_ms=9000.0), first={"wait_ms": 700.0}))

    assert [("first", 1, 700, 700), ("cold", 3, 20, 90), ("warm", 1, 5, 5)] == [
        (each["kind"], each["samples"], each["p50"]["wait_ms"], each["p95"]["wait_ms"]) for each in told
    ]


@pytest.mark.parametrize(
    ("timing", "database", "external", "server"),
    [
        ({}, 0, 0, 1000),
        ({"db": 300.0}, 300, 0, 700),
        ({"db": 300.0, "salesforce": 500.0, "render": 150.0}, 300, 500, 200),
        ({"db": 300.0, "postgres": 100.0}, 400, 0, 600),
        ({"db": 1500.0, "stripe": 500.0}, 750, 250, 0),
        ({"total": 1000.0}, 0, 0, 1000),
        ({"dbx": 500.0}, 0, 0, 1000),
        ({"upsert": 500.0}, 0, 0, 1000),
        ({"ups.rates": 500.0}, 0, 500, 500),
    ],
)
def test_the_wait_is_shared(timing, database, external, server):
    """What Server-Timing names is taken out of the wait, and never more than there was."""
    probed = page(sample(wait_ms=1000.0, timing=timing))
    shares = {each["part"]: each["ms"] for each in figures.parts(probed)}

    assert (database, external, server) == (shares["database"], shares["external"], shares["server"])
    assert figures.whole_ms(probed) == pytest.approx(1000 + 1 + 2 + 3 + 4 + 20)
    assert 1.0 == pytest.approx(sum(each["share"] for each in figures.parts(probed)), abs=0.01)


def test_calls_of_one_name_are_added():
    """A page may ask the same vendor twice, and name it twice."""
    twice = {**sample(wait_ms=1000.0), "server_timing": [{"name": "salesforce", "ms": each} for each in (300.0, 200.0)]}

    assert {"salesforce": 500.0} == figures.services(twice)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (silent("slow_connect", waited_ms=3010), "/cases: no connection came about within 3,010 ms."),
        (silent("slow_dns", waited_ms=0), "/cases: it was not asked, there was no time left; --timeout gives more."),
        (page(dropped=["broken"] * 6), "/cases: the connection broke, or what came is no HTTP, 6 of 11 times."),
    ],
)
def test_silence_says_where_the_time_went(page, told):
    """The way to the page is not the page, and what was not asked is not silent."""
    assert told == silence(page)


@pytest.mark.parametrize(
    ("route", "path", "fits"),
    [
        ("/cases", "/cases", True),
        ("/cases", "/cases/", True),
        ("/", "/", True),
        ("/", "/cases", False),
        ("/cases/[id]", "/cases/1042", True),
        ("/cases/[id]", "/cases", False),
        ("/cases/[id]/edit", "/cases/1042", False),
        ("/docs/[...rest]", "/docs/a/b", True),
        ("/docs/[...rest]", "/docs", False),
        ("/docs/[[...rest]]", "/docs", True),
        ("/cases/id", "/cases/1042", False),
    ],
)
def test_a_route_is_that_of_a_path(route, path, fits):
    """As Next.js reads it: [id] is any part, [...rest] any number of them, [[...rest]] also none."""
    assert fits == bool(field.of_page([vital(route=route)], page(path=path)))


def test_the_route_that_names_the_path_outranks():
    """/cases/new is measured by itself where it is, and not as /cases/[id]."""
    rows = [vital(route="/cases/[id]"), vital(route="/cases/new", p75=5000)]

    assert [5000] == [each["p75"] for each in field.of_page(rows, page(path="/cases/new"))]


@pytest.mark.parametrize(
    ("metric", "good", "poor"),
    [("lcp_ms", 2500, 4000), ("inp_ms", 200, 500), ("cls", 0.1, 0.25), ("fcp_ms", 1800, 3000), ("ttfb_ms", 800, 1800)],
)
def test_the_thresholds_are_those_of_web_vitals(metric, good, poor):
    """Up to the first it is good, beyond the second poor, and between them it needs improvement."""
    assert ["good", "needs_improvement", "needs_improvement", "poor"] == [
        field.rated(vital(metric, each)) for each in (good, good * 1.01, poor, poor * 1.01)
    ]


PROBES = {
    "fast": page(),
    "between": page(sample(wait_ms=1000.0)),
    "database": DATABASE,
    "bundle": page(bundle=bundle(bytes=900_000)),
    "failing": page(sample(status=500)),
    "refused": page(sample(status=404)),
    "loop": silent("loop", redirects=hops(1)),
    "silent": silent("tls"),
}
ORDER = (
    *("page_error", "redirect_loop", "slow_database", "slow_for_visitors"),
    *("unknown", "page_refused", "large_bundle", "could_be_faster", "fast"),
)
"""The precedence, for what is played here: where a page was silent, no warning of another one stands for it."""
OWN = {
    **{"fast": "fast", "between": "could_be_faster", "database": "slow_database", "bundle": "large_bundle"},
    **{"failing": "page_error", "refused": "page_refused", "loop": "redirect_loop", "silent": "unknown"},
}
FIELD = {"good": [vital()], "poor": [vital(p75=9000)], "between": [vital(p75=3000)], "none": NOT_CONFIGURED}
FIELDS = {"good": "fast", "poor": "slow_for_visitors", "between": "could_be_faster", "none": "fast"}


@pytest.mark.parametrize(("one", "other", "seen"), [*product(PROBES, PROBES, FIELD)])
def test_every_combination_has_its_verdict(one, other, seen):
    """Of two pages and what visitors say, the verdict is the first in the precedence."""
    expected = min((OWN[one], OWN[other], FIELDS[seen]), key=ORDER.index)
    (code, _, _), _ = judged(PROBES[one], PROBES[other], vitals=FIELD[seen])

    assert expected == code


@pytest.mark.parametrize("name", PROBES)
def test_data_is_whole_whatever_was_measured(name):
    """The figures of each page are there, null where there was no answer."""
    told = SCENARIO.data(Facts(evidence(PROBES[name])))

    assert 1 == len(told["pages"])
    assert (told["pages"][0]["whole_ms"] is None) == (not told["pages"][0]["kinds"])
    assert told["vitals"] is None
