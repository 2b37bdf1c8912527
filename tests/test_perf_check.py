"""`peakops perf check` end to end: each world's verdict, a database with faults, and what is passed over."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import jsonschema
import psycopg
import pytest

from peakops import report
from peakops.investigate import Terms
from peakops.render import schema
from peakops.report import Frame
from peakops.scenarios.perf.check import SCENARIO
from peakops.settings import STATUS_PAGES, Settings
from peakops.sources import Sources

from .conftest import WORLDS
from .planted import APP, plant
from .test_perf_db import LOOKING, embedded, prepared, url_as
from .test_perf_page import TIME, both, settled, settled_envelope
from .test_worlds import golden

EXPECTED = {
    "api_bottleneck": ("api_bottleneck", "stripe", 2),
    "bundle_size": ("bundle_size", None, 1),
    "large_data_sets": ("large_data_sets", "document", 2),
    "other_page_slow": ("slow_for_visitors", "lcp", 2),
    "quick": ("quick", None, 0),
    "several_causes": ("slow_database", None, 2),
    "slow_server": ("slow_server", "not_told_apart", 2),
}
"""Each world with its verdict, cause and exit code."""
LONGER = {"large_data_sets": ("--timeout", "8s")}
"""A world whose page takes longer, so that it is not cut off in the midst of its second answer."""
START = "other_page_slow"
"""The world in which no page is named."""
VALIDATOR = jsonschema.Draft202012Validator(schema.of("perf check"))
CAUSE = re.compile(r"^  (\d)  .*?(?=[A-Z])(.*)\n", re.MULTILINE)
VARYING = (r"\d+ of (?=\d+ connections)", r"(?<=are in use)[^.]*", r"(?<=Counted for )[^.]*")
"""Who is connected, and for how long the server has counted."""
SHORT = re.compile(r"^  ! probes: .* rounds .*\n", re.MULTILINE)
"""A busy machine has time for fewer samples, and says so."""


def page_of(text):
    """A page without its figures; a cause behind the first may be there or not, by a hair's breadth."""
    text = CAUSE.sub(lambda line: f"  1  {line[2]}\n" if line[1] == "1" else "", text)
    return _steady(settled(SHORT.sub("", text)))


def envelope_of(text):
    """Likewise a document, with one sample of the page, and without what the database's statistics say just now."""
    document = json.loads(text)
    data, looks = document["data"], {each["name"]: each for each in document["evidence"]}
    data["causes"], data["pages"][0]["kinds"] = data["causes"][:1], data["pages"][0]["kinds"][:1]
    looks["probes"]["rows"][0]["samples"] = looks["probes"]["rows"][0]["samples"][:1]
    looks["probes"]["notes"], document["warnings"] = [], [each for each in document["warnings"] if "rounds" not in each]
    for each in looks.values():
        each["rows"] = each["rows"] if each["source"] != "performance" else []
    return _steady(settled_envelope(json.dumps(document)))


def _steady(text):
    for pattern in VARYING:
        text = re.sub(pattern, "…", text)
    return text


def test_every_world_is_expected_somewhere():
    """No world of the command is without its verdict here, and none is named that is not there."""
    assert sorted(EXPECTED) == sorted(each.stem for each in (WORLDS / "perf").glob("*.json"))


@pytest.mark.parametrize("name", EXPECTED)
def test_world(name, peakops, load, snapshot):
    """The verdict, the cause and the exit code; the same code in both formats; the envelope keeps its schema."""
    load(f"perf/{name}")
    words = ("perf", "check", *(() if name == START else ("/cases",)), *LONGER.get(name, TIME))
    printed = golden(
        words, EXPECTED[name], VALIDATOR, both(peakops, words), snapshot, page=page_of, envelope=envelope_of
    )

    assert "canary" not in printed


def of_planted(url, up):
    """The report on a planted database and the page of the sandbox's world."""
    now = datetime(2026, 11, 20, 15, tzinfo=UTC)
    silent = dict.fromkeys(STATUS_PAGES, up.vendor_url("status"))
    settings = Settings(database_perf_url=url_as(url, LOOKING), portal_url=up.vendor_url("portal"), status_urls=silent)
    given = {"url": f"{up.vendor_url('portal')}/cases", "since": now - timedelta(7), "until": now}
    frame = Frame(command="perf check", environment="default", given=given)
    sources = Sources(settings, time.monotonic() + 8, up.journal)
    return report.of_scenario(SCENARIO, frame, sources.read, Terms(seconds=8, now=lambda: now))


def test_the_index_that_a_page_waits_for_is_the_verdict(load, state):
    """The page says that it waits for the database, and the database which table is read whole: one verdict of both."""
    with embedded(state) as url:
        up = load("perf/several_causes")
        plant(prepared(url), "table_scanned")
        found = of_planted(url, up)

    assert ("missing_indexes", "critical") == (found.verdict.code, found.status)
    assert re.search(
        r"1,300 ms \(\d\d %\) of it are the database\. What the database shows first: public\.letters ",
        found.verdict.says,
    )
    assert ["missing_indexes", "api_bottleneck"] == [each["code"] for each in found.data["causes"][:2]]
    assert ("database", 1300) == (found.data["causes"][0]["part"], found.data["causes"][0]["ms"])
    assert ("peakops perf index propose", "peakops perf db") == found.next[:2]


def test_a_slow_statement_speaks_for_the_table_that_it_names(contrib, load):
    """On a server that counts statements: the slow one names the table that is read whole, and both are one cause."""
    up = load("perf/several_causes")
    with contrib.database() as url:
        plant(prepared(url), "table_scanned")
        with psycopg.connect(url, autocommit=True) as portal:
            portal.execute(f"grant select on letters to {APP}")
            portal.execute(f"set role {APP}")
            for _ in range(2):
                portal.execute('select l.id, pg_sleep(1.05) from "public"."letters" as l where l.about = 7')
        found = of_planted(url, up)
    first = found.data["causes"][0]

    assert ("missing_indexes", "critical") == (found.verdict.code, found.status)
    assert re.search(rf"read whole 12\d times, .* q-?\d+ of {APP} takes 1,\d\d\d ms", found.verdict.says)
    assert 0.5 < first["statements_share"] <= 1
    assert "slow_statement" in [each["code"] for each in found.data["causes"]]
    assert any(each.startswith("peakops perf query q") for each in found.next)


def test_a_faulty_database_is_found_beside_a_quick_page(load, state):
    """A policy that reads a table for every row is a warning, where the page that was asked for is quick."""
    with embedded(state) as url:
        up = load("perf/quick")
        plant(prepared(url), "policy_reads_per_row")
        found = of_planted(url, up)

    assert ("policy_per_row", "warning") == (found.verdict.code, found.status)
    assert [None] == [each["share"] for each in found.data["causes"]]


def test_what_is_not_configured_is_passed_over(peakops, load):
    """A whole address needs neither database nor Vercel; without a page and a database there is nothing to look at."""
    up = load("perf/quick")
    alone = peakops("perf", "check", f"{up.vendor_url('portal')}/cases", "--json")
    nothing = peakops("perf", "check", "--json")
    path = peakops("perf", "check", "/cases", "--json")

    assert ("quick", 0) == (alone.json["verdict"]["code"], alone.code)
    assert "The database was not looked at" in alone.json["verdict"]["says"]
    assert "Vercel is not configured. The probe speaks alone." in alone.out
    assert (78, 78) == (nothing.code, path.code)
    assert "PEAKOPS_PORTAL_URL" in nothing.json["error"]["hint"] + path.json["error"]["message"]


def test_the_database_alone_is_judged_without_a_portal(peakops, load):
    """Without a page the database speaks alone, and the answer says so; a role that sees nothing cannot say 'ok'."""
    up = load("perf/quick")
    ran = peakops("perf", "check", "--json", PEAKOPS_DATABASE_PERF_URL=up.url_as("peakops_perf"))
    blind = peakops("perf", "check", "--json", PEAKOPS_DATABASE_URL=up.database_url)

    assert ("quick", False, 0) == (ran.json["verdict"]["code"], ran.json["verdict"]["complete"], ran.code)
    assert "No page was measured" in ran.json["warnings"][-2]
    assert ("unknown", 3) == (blind.json["verdict"]["code"], blind.code)
    assert "grant pg_monitor to" in blind.json["verdict"]["says"]


def test_a_query_is_asked_for_and_told_nowhere(peakops, load, tmp_path):
    """What stands behind a path may be a token: it is in no outcome, nor in the journal of what was revealed."""
    up = load("perf/quick")
    told = peakops("perf", "check", f"{up.vendor_url('portal')}/cases?token=hush-hush", "--json", *TIME)
    refused = peakops("perf", "check", "/cases?token=hush-hush", "--json", "--reveal", "--reason", "why", home=tmp_path)
    journal = "".join(each.read_text() for each in tmp_path.rglob("*") if each.is_file())

    assert (0, 78) == (told.code, refused.code)
    assert told.json["given"]["page"].endswith("/portal/cases?…")
    assert '"perf check"' in journal
    assert "hush-hush" not in journal + told.out + told.err + refused.out + refused.err


@pytest.mark.parametrize(
    "words", [("file:///etc/passwd",), ("//x.example/a",), ("/a", "--since", "soon"), ("--guide", "--say", "customer")]
)
def test_what_cannot_be_asked_is_refused(words, peakops):
    """An address that is none of HTTP, a window that is none, and options that exclude each other."""
    ran = peakops("--sandbox", "perf", "check", *words, "--json")

    assert (64, "usage") == (ran.code, ran.json["error"]["category"])


def test_guide_asks_nobody(peakops):
    """The decision tree is there without a page and without a sandbox, with the playbook's four causes."""
    ran = peakops("perf", "check", "--guide")

    assert 0 == ran.code
    assert [] == [
        each for each in ("large_data_sets", "missing_indexes", "api_bottleneck", "bundle_size") if each not in ran.out
    ]
