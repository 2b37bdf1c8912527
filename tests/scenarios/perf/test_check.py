"""The judgements of `perf check` on literal facts: each cause, its share, the ranking, and that all of it is total."""

from itertools import product

import jsonschema
import pytest

from peakops.investigate import diagnose
from peakops.model import Fault
from peakops.render import schema
from peakops.scenario import Facts
from peakops.scenarios.perf import check_beside as beside
from peakops.scenarios.perf import db, suspects
from peakops.scenarios.perf.check import SCENARIO
from peakops.verdict import rule

from .test_db import HELPER, KEY, POLICY, ROLE, SEQUENCE, SERVER, SESSION, STATEMENT, TABLE
from .test_page import (
    DATABASE,
    NOT_CONFIGURED,
    SLOW,
    brought,
    bundle,
    deployment,
    hops,
    page,
    sample,
    silent,
    status_page,
    vital,
)

DOWN = Fault(code="database.unreachable", category="network", message="The database was not reached.")
WHOLE = {**TABLE, "rows": 200_000, "live": 200_000}
SCANNED = {**WHOLE, "seq_scans": 5_000, "seq_rows": 10**9}
PER_ROW = {**POLICY, "rows": 200_000, "uses": "(practice_id = public.my_practice())"}
HARMLESS = {**PER_ROW, "functions": [{**HELPER, "reads": False}]}
BLOCKER = {**SESSION, "pid": 71, "role": "postgres", "state": "idle in transaction", "word": "ALTER", "blocked_by": []}
WAITING = {**SESSION, "pid": 72, "blocked_by": [71], "statement_s": 40, "transaction_s": 40}
OPEN = {**BLOCKER, "state_s": 900, "transaction_s": 900}


def statement(**said):
    """A statement that is in order, but for what a test says."""
    return {**STATEMENT, "id": "q7", "mean_ms": 2.0, "max_ms": 9, "share": 0.01, **said}


HEALTHY = {
    **{"server": [SERVER], "sessions": [], "statements": [statement()], "policies": [], "tables": [WHOLE]},
    **{"roles": [ROLE], "foreign_keys": [], "indexes": [], "sequences": []},
}
SLOW_STATEMENT = {"statements": [statement(mean_ms=1_900.0, max_ms=4_000, share=0.63)]}
UNBOUNDED = {"statements": [statement(rows=500 * 8_000)]}
BLINDED = {"server": [{**SERVER, "sees_all": False}]}
FORBIDDEN = {"server": [{**SERVER, "statements_usable": False}], "statements": []}
UNREAD = [{**SEQUENCE, "readable": False, "last_value": None}]
UNCOUNTED = {"server": [{**SERVER, "keeps_statements": False}], "statements": []}
FULL = Fault(code="database.too_many_connections", category="upstream", message="The database has no connection left.")
OTHER = page(path="/", portal=False, url="https://other.example/", measured="https://other.example/")
SPENT, CROWDED = {"roles": [{**ROLE, "sessions": 59}]}, {"roles": [{**ROLE, "sessions": 52}]}


def evidence(*pages, database=None, vitals=NOT_CONFIGURED, deployments=(), vendor=None):
    """What the looks brought: no page means that none was asked, `database=False` that it was not; a Fault is one."""
    looks = {"probes": ("pages", pages[0] if isinstance(pages[0], Fault) else pages)} if pages else {}
    if database is not False:
        given = dict.fromkeys(db.LOOKS, database) if isinstance(database, Fault) else {**HEALTHY, **(database or {})}
        looks |= {name: ("performance", given[name]) for name in db.LOOKS}
    looks |= {"vitals": ("vercel", vitals), "deployments": ("vercel", deployments)}
    looks |= {f"{name}_page": ("status", [status_page(name)]) for name in ("vercel", "supabase")}
    looks["vendor_page"] = ("status", [status_page("stripe", vendor)] if vendor else [])
    return brought(looks, single=("server", *beside.PAGES))


def judged(*pages, **said):
    """The whole judgement."""
    seen = evidence(*pages, **said)
    return rule(SCENARIO, diagnose(SCENARIO, seen), seen)


def named(*pages, **said):
    """The verdict, its cause and its status."""
    ruled = judged(*pages, **said)
    return ruled.ruling.code, ruled.ruling.cause, ruled.status.value


def ranked(*pages, **said):
    """The causes in their order, each with its part and share in percent."""
    causes = SCENARIO.data(Facts(evidence(*pages, **said)))["causes"]
    return [(each["code"], each["part"], each["share"] and round(each["share"] * 100)) for each in causes]


SERVER_LEADS = page(*[sample(**SLOW)] * 5)
BUNDLE_LEADS = page(sample(), bundle=bundle(ms=3_500.0))
STRIPE = page(*[sample(timing={"db": 100.0, "stripe": 2_200.0}, **SLOW)] * 5)
BETWEEN = page(*[sample(timing={"db": 900.0}, wait_ms=1_000.0)] * 5)


@pytest.mark.parametrize(
    ("pages", "said", "verdict"),
    [
        ([page()], {}, ("quick", None, "ok")),
        ([page()], {"vitals": [vital()]}, ("quick", None, "ok")),
        ([], {}, ("quick", None, "ok")),
        ([page()], {"database": False}, ("quick", None, "ok")),
        ([page(sample(status=503))], {}, ("page_error", None, "critical")),
        ([page(sample(status=404))], {}, ("page_refused", "not_found", "warning")),
        ([silent("loop", redirects=hops(1, 1))], {}, ("redirect_loop", None, "critical")),
        ([page(redirects=hops(1100, 900))], {}, ("slow_redirects", None, "critical")),
        ([silent("timeout", waited_ms=10_000)], {}, ("slow_server", "gave_up", "critical")),
        ([silent("dns")], {}, ("unknown", None, "unknown")),
        ([page()], {"database": {"sessions": [BLOCKER, WAITING]}}, ("sessions_blocked", None, "critical")),
        ([page()], {"database": SPENT}, ("connections_spent", None, "critical")),
        ([page()], {"database": CROWDED}, ("connections_high", None, "warning")),
        ([page()], {"database": {"sessions": [OPEN]}}, ("open_transaction", None, "warning")),
        ([DATABASE], {}, ("slow_database", None, "critical")),
        ([DATABASE], {"database": False}, ("slow_database", None, "critical")),
        ([DATABASE], {"database": DOWN}, ("slow_database", None, "critical")),
        ([DATABASE], {"database": {"policies": [PER_ROW]}}, ("policy_per_row", None, "critical")),
        ([DATABASE], {"database": {"policies": [HARMLESS]}}, ("policy_per_row", None, "critical")),
        ([DATABASE], {"database": UNBOUNDED}, ("large_data_sets", "statement", "critical")),
        ([DATABASE], {"database": {"tables": [SCANNED]}}, ("missing_indexes", None, "critical")),
        ([DATABASE], {"database": {"foreign_keys": [KEY]}}, ("missing_indexes", None, "critical")),
        ([DATABASE], {"database": SLOW_STATEMENT}, ("slow_statement", None, "critical")),
        ([DATABASE], {"database": {**SLOW_STATEMENT, "tables": [SCANNED]}}, ("missing_indexes", None, "critical")),
        ([DATABASE], {"database": {**SLOW_STATEMENT, "foreign_keys": [KEY]}}, ("slow_statement", None, "critical")),
        ([DATABASE], {"database": {"sessions": [OPEN]}}, ("slow_database", None, "critical")),
        ([page()], {"database": {"policies": [PER_ROW]}}, ("policy_per_row", None, "warning")),
        ([page()], {"database": UNBOUNDED}, ("large_data_sets", "statement", "warning")),
        ([page()], {"database": {"tables": [SCANNED]}}, ("missing_indexes", None, "warning")),
        ([page()], {"database": SLOW_STATEMENT}, ("slow_statement", None, "warning")),
        ([], {"database": {"policies": [PER_ROW]}}, ("policy_per_row", None, "critical")),
        ([], {"database": SLOW_STATEMENT}, ("slow_statement", None, "critical")),
        ([], {"database": {"tables": [SCANNED]}}, ("missing_indexes", None, "warning")),
        ([page(sample(status=404))], {"database": SLOW_STATEMENT}, ("slow_statement", None, "critical")),
        ([BETWEEN], {"database": {"tables": [SCANNED]}}, ("missing_indexes", None, "warning")),
        ([BETWEEN], {}, ("could_be_faster", "database", "warning")),
        ([STRIPE], {}, ("api_bottleneck", "stripe", "critical")),
        ([STRIPE], {"database": SLOW_STATEMENT}, ("api_bottleneck", "stripe", "critical")),
        ([BUNDLE_LEADS], {"database": {"policies": [PER_ROW]}}, ("bundle_size", None, "critical")),
        ([page(bundle=bundle(bytes=900_000))], {}, ("bundle_size", None, "warning")),
        ([SERVER_LEADS], {}, ("slow_server", "not_told_apart", "critical")),
        ([SERVER_LEADS], {"database": SLOW_STATEMENT}, ("slow_server", "not_told_apart", "critical")),
        ([page(sample(download_ms=3_200.0))], {}, ("slow_download", None, "critical")),
        (
            [page(sample(download_ms=3_200.0), plain_bytes=5_000_000)],
            {},
            ("large_data_sets", "document", "critical"),
        ),
        ([page(plain_bytes=2_000_000)], {}, ("large_data_sets", "document", "warning")),
        ([page(plain_bytes=2_000_000)], {"database": False}, ("large_data_sets", "document", "warning")),
        ([page(sample(dns_ms=1_900.0))], {}, ("slow_network", None, "critical")),
        ([page(first={"wait_ms": 2_600.0})], {}, ("cold_start", None, "warning")),
        ([page()], {"vitals": [vital(p75=9_000)]}, ("slow_for_visitors", "lcp", "critical")),
        ([page()], {"vitals": [vital(p75=9_000, route="/invoices")]}, ("quick", None, "ok")),
        ([page(path="/")], {"vitals": [vital(p75=9_000)]}, ("slow_for_visitors", "lcp", "critical")),
        ([], {"vitals": [vital(p75=9_000)]}, ("slow_for_visitors", "lcp", "critical")),
        ([page()], {"vitals": DOWN}, ("unknown", None, "unknown")),
        ([DOWN], {"database": UNBOUNDED}, ("unknown", None, "unknown")),
        ([DOWN], {"database": SLOW_STATEMENT}, ("slow_statement", None, "critical")),
        ([page()], {"database": DOWN}, ("unknown", None, "unknown")),
        ([page(bundle=bundle(bytes=900_000))], {"database": DOWN}, ("unknown", None, "unknown")),
        ([silent("connect")], {"database": {"tables": [SCANNED]}}, ("unknown", None, "unknown")),
        ([silent("connect")], {"database": {"policies": [PER_ROW]}}, ("policy_per_row", None, "critical")),
        ([page()], {"database": BLINDED}, ("unknown", None, "unknown")),
        ([], {"database": FORBIDDEN}, ("unknown", None, "unknown")),
        ([page()], {"database": {**BLINDED, "tables": [SCANNED]}}, ("missing_indexes", None, "warning")),
        ([page()], {"database": FULL}, ("connections_spent", None, "critical")),
        ([OTHER], {"vitals": [vital(p75=9_000)]}, ("quick", None, "ok")),
    ],
)
def test_verdict(pages, said, verdict):
    """Each row of the playbook, with its cause and severity."""
    assert verdict == named(*pages, **said)


def test_other_warnings_of_the_database_are_one_row():
    """What slows no page today is told in one row, which leads to `perf db`."""
    dead = {**WHOLE, "dead": 90_000}
    ruled = judged(page(), database={"tables": [dead]})

    assert ("database_other", "warning") == (ruled.ruling.code, ruled.status.value)
    assert ("peakops perf db",) == ruled.findings[0].next


def test_the_verdict_names_its_share_and_its_evidence():
    """What the page waits for is measured, and what the database shows stands behind it, with the commands."""
    (finding, *_) = judged(DATABASE, database={**SLOW_STATEMENT, "tables": [SCANNED]}).findings

    assert "2,300 ms (91 %) of it are the database." in finding.says
    assert "public.cases (200,000 rows) was read whole 5,000 times" in finding.says
    assert ("peakops perf index propose", "peakops perf query q7", "peakops perf db") == finding.next


@pytest.mark.parametrize(
    ("pages", "said", "causes"),
    [
        ([page()], {}, []),
        (
            [DATABASE],
            {"database": {"policies": [PER_ROW], **SLOW_STATEMENT}},
            [("policy_per_row", "database", 91), ("slow_statement", None, None)],
        ),
        (
            [page(*[sample(timing={"db": 1_200.0, "ups": 800.0}, **SLOW)] * 5)],
            {},
            [("slow_database", "database", 47), ("api_bottleneck", "external", 32), ("slow_server", "server", 20)],
        ),
        (
            [SERVER_LEADS],
            {"database": SLOW_STATEMENT},
            [("slow_server", "server", 99), ("slow_statement", None, None)],
        ),
        ([BETWEEN], {}, [("could_be_faster", "database", 87)]),
        ([BETWEEN], {"database": {"tables": [SCANNED]}}, [("missing_indexes", "database", 87)]),
        ([], {"database": SLOW_STATEMENT}, [("slow_statement", None, None)]),
        (
            [BUNDLE_LEADS],
            {"database": {"sessions": [BLOCKER, WAITING]}},
            [("sessions_blocked", None, None), ("bundle_size", "bundle", 97)],
        ),
    ],
)
def test_causes_are_ranked_by_their_share(pages, said, causes):
    """The verdict's first, then by what was measured; what was not has no share, and is never given one."""
    assert causes == ranked(*pages, **said)


def test_a_share_that_nobody_measured_is_said_to_be_unknown():
    """Without Server-Timing the database's evidence is told, and that its share is not."""
    first, *rest = judged(SERVER_LEADS, database=SLOW_STATEMENT).findings

    assert "What share the database has is not known; it shows: q7 of authenticated takes 1,900 ms" in first.says
    assert ["Its share of /cases is not known: the page sends no Server-Timing that tells."] == [
        each.says.partition("statements. ")[2] for each in rest
    ]
    assert "peakops perf query q7" in first.next


def test_without_a_page_no_share_is_told():
    """The database alone is judged, and the report says what was passed over."""
    seen = evidence(database=SLOW_STATEMENT)

    assert "so that its share of one is not known" in judged(database=SLOW_STATEMENT).ruling.says
    assert "No page was measured" in SCENARIO.warns(Facts(seen))[0]


def test_nobody_is_told_that_a_page_was_measured_which_was_not():
    """The words for the customer tell of the database alone where only that one was asked."""
    assert "We have measured the portal" in judged(page()).ruling.customer
    assert "We find nothing slow in the portal's database." in judged().ruling.customer


def test_statements_that_are_not_kept_are_said():
    """A database without pg_stat_statements shows no cause, which is not the same as that there is none."""
    ruled = judged(DATABASE, database={"server": [{**SERVER, "keeps_statements": False}], "statements": []})

    assert "slow_database" == ruled.ruling.code
    assert "This database has no pg_stat_statements" in ruled.ruling.says


@pytest.mark.parametrize(
    ("pages", "database", "complete"),
    [
        ([page()], {}, True),
        ([page()], UNCOUNTED, False),
        ([page()], {"sequences": UNREAD}, False),
        ([page()], False, False),
        ([], {}, False),
    ],
)
def test_what_could_not_be_asked_makes_all_is_well_incomplete(pages, database, complete):
    """Quick is quick as far as it was asked: without an extension, the page or the database it is not all."""
    ruled = judged(*pages, database=database, vitals=[vital()]).ruling

    assert ("quick", complete) == (ruled.code, ruled.complete)


def test_a_database_that_did_not_answer_is_not_said_to_show_nothing():
    """A page that waits for a database which cannot be read: that is said, and not that its statistics are clean."""
    says = judged(DATABASE, database=DOWN).ruling.says

    assert says.endswith("Its statistics were not all read: The database was not reached.")


def test_questions_that_were_passed_over_are_no_questions_that_found_nothing():
    """The rest of the database's questions are counted by what they answered."""
    asked = {each.name: each.says for each in diagnose(SCENARIO, evidence(page(), database={"sequences": UNREAD}))}

    assert (
        "6 further questions to the database found nothing. 1 could not be asked: 'perf db' says why."
        == (asked["upkeep"])
    )


def test_a_page_of_another_host_is_not_the_portals():
    """The portal's database may have nothing to do with it, which is said."""
    told = SCENARIO.warns(Facts(evidence(OTHER)))

    assert "https://other.example/ is not below PEAKOPS_PORTAL_URL" in told[0]
    assert () == SCENARIO.warns(Facts(evidence(OTHER, database=False)))[1:]
    assert () == SCENARIO.warns(Facts(evidence(page())))


def test_a_command_that_would_measure_another_page_is_not_named():
    """A query is not told, since it may hold a token: without it the page is another one."""
    with_query = {**SERVER_LEADS, "url": "https://portal.example/cases?…"}

    assert ("peakops perf page /cases", "peakops perf db") == judged(SERVER_LEADS).findings[0].next
    assert ("peakops perf db",) == judged(with_query).findings[0].next
    assert () == judged(vitals=[vital(p75=9_000, route="(other)")]).findings[0].next


def test_a_large_database_is_judged_in_the_time_that_is_left():
    """Each suspect is worked out once for a question, however many ask: the ranking asks for them for every cause."""
    facts = Facts(evidence(DATABASE, database={"policies": [PER_ROW], **SLOW_STATEMENT}))

    assert suspects.suspect(facts, "policy_per_row") is suspects.suspect(facts, "policy_per_row")


@pytest.mark.parametrize("ended", ["timeout", "slow_connect", "dns"])
def test_the_schema_knows_every_way_in_which_a_page_is_silent(ended):
    """The figures of a page are those of `perf page`, whose schema describes them for both."""
    told = SCENARIO.data(Facts(evidence(silent(ended, waited_ms=10_000))))["pages"]
    pages = schema.of("perf check")
    described = {**pages["properties"]["data"]["properties"]["pages"], "$defs": pages["$defs"]}

    assert [] == [each.message for each in jsonschema.Draft202012Validator(described).iter_errors(told)]


def test_a_vendor_that_is_disturbed_is_named():
    """Whom a slow page waits for is asked for its status page, and what that says stands in the verdict and beside."""
    ruled = judged(STRIPE, vendor="major")

    assert ruled.ruling.says.endswith("Stripe reports a disturbance: major.")
    assert ["api_bottleneck", "vendor_incident"] == [each.code for each in ruled.findings]
    assert ("stripe", None, None) == (
        beside.blamed([STRIPE]),
        beside.blamed([page()]),
        beside.blamed([page(*[sample(timing={"salesforce": 2_200.0}, **SLOW)] * 5)]),
    )


@pytest.mark.parametrize(("hours", "aside"), [(3, True), (25, False)])
def test_a_deployment_stands_beside(hours, aside):
    """One of the last 24 hours is named beside a slow page, and never is the verdict."""
    codes = [each.code for each in judged(DATABASE, deployments=[deployment(hours)]).findings]

    assert aside == ("deployed_before" in codes)
    assert "slow_database" == codes[0]


PAGES = {
    **{"none": None, "quick": page(), "between": BETWEEN, "database": DATABASE, "server": SERVER_LEADS},
    **{"stripe": STRIPE, "bundle": BUNDLE_LEADS, "failing": page(sample(status=500)), "silent": silent("tls")},
    "down": DOWN,
}
DATABASES = {
    **{"healthy": {}, "policy": {"policies": [PER_ROW]}, "scanned": {"tables": [SCANNED]}, "slow": SLOW_STATEMENT},
    **{"unbounded": UNBOUNDED, "blocked": {"sessions": [BLOCKER, WAITING]}, "down": DOWN, "none": False},
}
VISITORS = {"good": [vital()], "poor": [vital(p75=9_000)], "not asked": NOT_CONFIGURED, "down": DOWN}
ORDER = SCENARIO.guide.precedence()


@pytest.mark.parametrize(("probed", "database", "visitors"), [*product(PAGES, DATABASES, VISITORS)])
def test_precedence_is_total(probed, database, visitors):
    """Whatever comes together: one verdict, by the contract's rule, which is the first of the causes; else unknown."""
    pages = [PAGES[probed]] if PAGES[probed] else []
    said = {"database": DATABASES[database], "vitals": VISITORS[visitors]}
    code, _, status = named(*pages, **said)
    causes = SCENARIO.data(Facts(evidence(*pages, **said)))["causes"]
    critical = [each["code"] for each in causes if each["severity"] == "critical"]

    parts = [each["part"] for each in causes if each["part"]]

    assert "unclassified" != code
    assert sorted(set(parts)) == sorted(parts)
    assert sum(each["share"] or 0 for each in causes) <= 1.001
    assert ("critical" == status) == bool(critical)
    if status in ("critical", "warning"):
        assert causes[0]["code"] == code
    if status == "ok":
        assert [] == causes
        assert "down" not in (probed, database, visitors)
    if not critical and "down" in (probed, database):
        assert "unknown" == code
