"""`payment reconcile` in real processes: what is planted is found and nothing else, whatever the sources do."""

import json
import random
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta

import jsonschema
import psycopg
import pytest

from peakops import sandbox
from peakops.render import schema

from .bench import books
from .conftest import PEAKOPS, WORLDS, environment
from .test_worlds import Envelope, Page, steady

WORLDS_OF_SWEEP = {
    "books_agree": ("agreed", "ok", 0),
    "books_differ": ("differs", "critical", 2),
    "edge_of_the_window": ("differs", "critical", 2),
    "empty_books": ("nothing_to_reconcile", "ok", 0),
}
RECONCILE = ("--sandbox", "payment", "reconcile")
LISTS = ("payment_intents", "charges", "refunds", "disputes")


def lines(ran):
    return [json.loads(each) for each in ran.out.splitlines()]


def items(ran):
    return {each["subject"]: each["verdict"] for each in lines(ran) if each["type"] == "item"}


def summary(ran):
    """The last line, which every run has."""
    last = lines(ran)[-1]
    assert "summary" == last["type"]
    return last


@pytest.fixture
def reconcile(peakops):
    """Run it with rows as JSON lines: `reconcile("--since", "30d")`."""

    def run(*args, **env):
        return peakops(*RECONCILE, "--jsonl", *args, **{"PEAKOPS_STRIPE_RATE": "200", **env})

    return run


def planted(invoices, faults):
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")
    made = books.make(invoices, faults, seed=seed)
    return made.world("books"), made.planted


def test_every_world_is_expected_somewhere():
    """No world of the sweep is without its verdict here, and none is named that does not exist."""
    assert sorted(WORLDS_OF_SWEEP) == sorted(each.stem for each in (WORLDS / "reconcile").glob("*.json"))


@pytest.mark.parametrize("name", WORLDS_OF_SWEEP)
def test_world(name, peakops, load, snapshot):
    """The verdict, the status and the exit code, the same in every form; the envelope keeps its schema."""
    load(f"reconcile/{name}")
    script, person, stream, sheet = (peakops(*RECONCILE, *form) for form in (("--json",), (), ("--jsonl",), ("--csv",)))

    assert WORLDS_OF_SWEEP[name] == (script.json["verdict"]["code"], script.json["status"], script.code)
    assert {script.code} == {each.code for each in (person, stream, sheet)}
    jsonschema.Draft202012Validator(schema.of("payment reconcile")).validate(script.json)
    found = script.json["data"]["items"]
    assert found == [{key: each[key] for key in each if key != "type"} for each in lines(stream)[:-1]]
    assert len(found) + 1 == len(sheet.out.splitlines())
    assert [each["says"] for each in found] == person.out.splitlines()[: len(found)]
    assert snapshot(extension_class=Page) == steady(person.out)
    assert snapshot(extension_class=Envelope) == steady(script.out)


def test_what_is_planted_is_found_and_nothing_is_invented(reconcile, load):
    """60 faults of 12 kinds among 2,000 invoices, from another seed each time: each by its name, and no other."""
    world, expected = planted(2000, 60)
    load(world)
    ran = reconcile()

    assert 12 == len(set(expected.values()))
    assert expected == items(ran)
    assert 2 == ran.code
    counts = summary(ran)["data"]["summary"]["counts"]
    assert {kind: list(expected.values()).count(kind) for kind in books.FAULTS} == {k: counts[k] for k in books.FAULTS}


def test_payments_that_the_portal_does_not_name_are_found(reconcile, load):
    """Only Stripe's metadata lead to the invoice; none is judged before the lists have passed it."""
    made = books.make(0, 0, seed=3)
    for number in range(600):
        books.Case(made, number, books.NOW - timedelta(minutes=10 * number + 60), 900, "usd", 0).take(stored=False)
    load(made.world("books"))

    assert {f"INV-{number}": "paid_not_recorded" for number in range(600)} == items(reconcile())


def test_money_at_risk_is_summed_by_currency(reconcile, load):
    """Minor units of each currency: what Stripe captured; a payments row too many puts no money at risk."""
    load("reconcile/books_differ")

    assert {"eur": 3300, "usd": 60000} == summary(reconcile())["data"]["summary"]["at_risk"]


def test_a_429_slows_it_down_and_does_not_fail_it(reconcile, load):
    """Refused requests are asked again after Stripe's Retry-After, more often than any single look would."""
    load("reconcile/books_differ")
    before = reconcile()
    # What a crew had still asked for when the first run was done must not use the faults up.
    time.sleep(1)
    fault = {"vendor": "stripe", "route": "GET /v1/*", "status": 429, "retry_after": 1, "times": 8}
    load("reconcile/books_differ", faults=[fault])
    after = reconcile()

    assert items(before) == items(after)
    assert (2, True) == (after.code, summary(after)["data"]["summary"]["complete"])
    assert after.seconds > 1


def test_a_429_without_end_is_unknown_in_time(reconcile, load):
    """It waits as long as it may, and then says so: never longer, and never ok."""
    load("reconcile/books_agree", faults=[{"vendor": "stripe", "route": "GET /v1/charges", "status": 429}])
    ran = reconcile("--timeout", "3s")

    assert (3, "unknown") == (ran.code, summary(ran)["status"])
    assert ran.seconds < 4


@pytest.mark.parametrize(
    "fault", [{"status": 401}, {"status": 403}, {"status": 503}, {"body": "<html>"}, {"reset": True}]
)
def test_without_stripe_it_is_unknown(fault, reconcile, load):
    """Nothing is listed and nothing is ok; Stripe is named."""
    load("reconcile/books_differ", faults=[{"vendor": "stripe", "route": "*", **fault}])
    ran = reconcile()

    assert (3, "unknown", {}) == (ran.code, summary(ran)["verdict"]["code"], items(ran))
    assert ["stripe"] == summary(ran)["verdict"]["sources"]["missing"]


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "down"},
        {"fault": "deny", "table": "payments"},
        {"fault": "blind"},
        {"fault": "missing_column", "table": "invoices", "column": "status"},
    ],
)
def test_without_the_database_it_is_unknown(fault, reconcile, load):
    """A blinded role sees no invoices; that makes no charge an orphan."""
    load("reconcile/books_differ", faults=[{"vendor": "database", **fault}])
    ran = reconcile()

    assert (3, "unknown", {}) == (ran.code, summary(ran)["verdict"]["code"], items(ran))
    assert ["database"] == summary(ran)["verdict"]["sources"]["missing"]
    assert summary(ran)["warnings"]


def test_one_list_forbidden_leaves_what_the_others_prove(reconcile, load):
    """Without the refunds no invoice is ok; money that Stripe took and the portal does not show is proven still."""
    load("reconcile/books_differ", faults=[{"vendor": "stripe", "route": "GET /v1/refunds", "status": 403}])
    ran = reconcile()
    told = summary(ran)

    assert ("paid_not_recorded", 2, "critical") == (items(ran)["INV-212"], ran.code, told["status"])
    assert "paid" not in told["data"]["summary"]["counts"]
    assert (False, False) == (told["verdict"]["complete"], told["data"]["summary"]["complete"])


def test_a_list_forbidden_among_sound_books_is_unknown(reconcile, load):
    """Where nothing critical is proven the exit is 3, and the unknown are counted, not listed one by one."""
    load("reconcile/books_agree", faults=[{"vendor": "stripe", "route": "GET /v1/disputes", "status": 403}])
    ran = reconcile()

    assert (3, {}) == (ran.code, items(ran))
    assert summary(ran)["data"]["summary"]["counts"]["unknown"] > 0


@pytest.mark.parametrize("world", ["books_agree", "empty_books"])
@pytest.mark.parametrize("name", ["charges", "refunds"])
def test_a_list_that_fails_is_named_with_its_reason(name, world, peakops, load):
    """In the warnings and on the page, once, and never ok, also where the portal has nothing to compare."""
    load(f"reconcile/{world}", faults=[{"vendor": "stripe", "route": f"GET /v1/{name}", "status": 503}])
    script, person = (peakops(*RECONCILE, *form, PEAKOPS_STRIPE_RATE="200") for form in (("--json",), ()))
    (warning,) = script.json["warnings"]

    assert (3, 3) == (script.code, person.code)
    assert warning.startswith(f"{name}: Stripe failed with HTTP 503.")
    assert 1 == " ".join(person.out.split()).count(warning)


def test_stripe_dying_in_the_middle_keeps_what_was_found(reconcile, load):
    """What was let out holds, the rest is unknown, and the summary says so."""
    world, expected = planted(2000, 60)
    route = {"vendor": "stripe", "route": "GET /v1/charges"}
    load(world, faults=[{**route, "delay_s": 0, "times": 12}, {**route, "status": 401}])
    ran = reconcile()
    found = items(ran)
    # Without the charges two rows of one charge are no more than a wrong amount.
    less = {**expected, **{each: kind for each, kind in found.items() if kind == "amount_mismatch"}}

    assert 0 < len(found) < len(expected)
    assert found.keys() <= expected.keys()
    assert found.items() <= less.items()
    assert (2, False) == (ran.code, summary(ran)["data"]["summary"]["complete"])


def running(state, *args, **env):
    command = [PEAKOPS, *RECONCILE, "--jsonl", *args]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(state, **env)
    )


def test_the_database_dying_in_the_middle_keeps_what_was_found(state, load):
    """Its connection is cut while rows still come: partial, named, and critical by what was proven before."""
    world, _ = planted(3000, 200)
    here = load(world)
    with running(state, PEAKOPS_STRIPE_RATE="12") as process:
        first = process.stdout.readline()
        with psycopg.connect(here.url_as("postgres"), autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'peakops' "
                "and datname = current_database()"
            )
        rest = process.stdout.read().splitlines()
        code = process.wait(timeout=60)
    last = json.loads(rest[-1])

    assert "item" == json.loads(first)["type"]
    assert (2, "summary", ["database"]) == (code, last["type"], last["verdict"]["sources"]["missing"])
    assert last["verdict"]["says"].startswith("Only a part was read")


def test_terminated_it_says_so_and_still_ends_with_its_summary(state, load):
    """SIGTERM ends it as every other command: 143, and the last line is the summary."""
    world, _ = planted(3000, 200)
    load(world)
    with running(state, PEAKOPS_STRIPE_RATE="12") as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read().splitlines()
        code = process.wait(timeout=60)

    assert (143, "summary") == (code, json.loads(rest[-1])["type"])


def test_the_first_item_does_not_wait_for_the_last_page(state, load):
    """At 12 requests a second the lists take longer than the first fault."""
    world, _ = planted(3000, 200)
    load(world)
    start = time.monotonic()
    with running(state, PEAKOPS_STRIPE_RATE="12") as process:
        process.stdout.readline()
        first = time.monotonic() - start
        process.stdout.read()
        process.wait(timeout=60)
        whole = time.monotonic() - start

    assert first < whole / 2


def test_an_old_invoice_paid_in_the_window_is_not_a_fault(reconcile, load):
    """Its PaymentIntent is older than all that is listed, and comes with the charge."""
    load("reconcile/edge_of_the_window")
    found = items(reconcile())

    assert "INV-221" not in found
    assert "paid_not_recorded" == found["INV-222"]


def test_a_counterpart_outside_of_the_window_is_no_false_fault(reconcile, load):
    """An invoice whose payment is older than what is read is not recorded_not_paid, and is never ok."""
    world = sandbox.named("reconcile/edge_of_the_window")
    keep = [each for each in world["tables"]["invoices"] if each["invoice_number"] == "INV-223"]
    ids = {each["id"] for each in keep}
    paid = [each for each in world["tables"]["payments"] if each["invoice_id"] in ids]
    intents = [each for each in world["stripe"]["payment_intents"] if each["id"] == keep[0]["stripe_payment_intent_id"]]
    charges = [each for each in world["stripe"]["charges"] if each["payment_intent"] == intents[0]["id"]]
    load(
        {
            **world,
            "tables": {**world["tables"], "invoices": keep, "payments": paid},
            "stripe": {**world["stripe"], "payment_intents": intents, "charges": charges},
        }
    )

    assert {"INV-223": "outside_window"} == items(reconcile())
    assert 3 == reconcile().code
    assert ({}, 0) == (items(reconcile("--since", "30d")), reconcile("--since", "30d").code)


def test_ten_thousand_webhook_rows_are_not_read(reconcile, load, state):
    """The sweep does not look at the log, nor at Stripe's events: they say nothing of the money."""
    world = sandbox.named("reconcile/books_differ")
    rows = [
        {"event_id": f"evt_{n}", "event_type": "charge.succeeded", "payload": {"n": n}, "created_at": "-1h"}
        for n in range(10_000)
    ]
    load({**world, "tables": {**world["tables"], "webhook_events": rows}})
    ran = reconcile()
    asked = {each["path"] for each in sandbox.requests(state / "peakops") if each["vendor"] == "stripe"}

    assert 2 == ran.code
    assert {f"/v1/{name}" for name in LISTS} == asked


@pytest.mark.parametrize("since", ["soon", "-3d", "0", "2026-13-01", "2099-01-01", ""])
def test_a_window_that_is_none_is_a_usage_error(since, peakops):
    """It is refused before anything is asked, as one document."""
    ran = peakops(*RECONCILE, "--json", "--since", since)

    assert (64, "usage") == (ran.code, ran.json["error"]["category"])


def test_a_rate_that_is_none_is_refused(peakops):
    """The setting is named."""
    ran = peakops(*RECONCILE, "--json", PEAKOPS_STRIPE_RATE="fast")

    assert 78 == ran.code
    assert "PEAKOPS_STRIPE_RATE" in ran.json["error"]["message"]


@pytest.fixture
def cron(peakops, load, tmp_path):
    """The same sweep as an environment of its own, whose memory outlives the sandbox's world."""
    # One present for all loads of a test: a payment's minute is part of what is remembered of it.
    now = datetime.now(UTC).replace(microsecond=0).isoformat()

    def run(world, *args, since="7d", **changes):
        document = sandbox.named(f"reconcile/{world}") if isinstance(world, str) else world
        here = load({**document, "now": now}, **changes)
        env = {
            "PEAKOPS_DATABASE_URL": here.database_url,
            "PEAKOPS_STRIPE_API_KEY": here.stripe_key,
            "PEAKOPS_STRIPE_URL": here.vendor_url("stripe"),
            "PEAKOPS_STRIPE_RATE": "200",
        }
        return peakops("payment", "reconcile", "--jsonl", "--since", since, "--new-only", *args, home=tmp_path, **env)

    return run


def test_new_only_reports_once_and_again_when_it_comes_back(cron, tmp_path):
    """Nothing twice; what was corrected and comes again is new again; the exit code is that of what is reported."""
    runs = [cron(each) for each in ("books_differ", "books_differ", "books_agree", "books_differ")]
    memory = tmp_path / "peakops" / "seen" / "payment.reconcile.json"

    assert [5, 0, 0, 5] == [len(items(each)) for each in runs]
    assert [2, 0, 0, 2] == [each.code for each in runs]
    assert ["differs", "nothing_new", "agreed", "differs"] == [summary(each)["verdict"]["code"] for each in runs]
    assert "5 known differences remain (3 critical, 2 warning)" in summary(runs[1])["verdict"]["says"]
    assert [0, 5, 0, 0] == [summary(each)["data"]["summary"]["known"] for each in runs]
    assert 0o600 == memory.stat().st_mode & 0o777
    assert [memory] == list(memory.parent.iterdir())


def test_new_only_forgets_nothing_in_a_run_that_was_not_whole(cron):
    """After a run without Stripe, what was known is still known, and what was not reported is still to come."""
    gone = [{"vendor": "stripe", "route": "*", "status": 503}]
    runs = [cron("books_agree"), cron("books_differ", faults=gone), cron("books_differ")]
    runs += [cron("books_differ", faults=gone), cron("books_differ")]

    assert [0, 0, 5, 0, 0] == [len(items(each)) for each in runs]
    assert [0, 3, 2, 3, 0] == [each.code for each in runs]


def test_new_only_with_a_shorter_window_forgets_nothing_that_it_does_not_reach(cron):
    """A run of one day knows nothing of what is older, and so does not say that it is gone."""
    runs = [cron("books_differ"), cron("books_differ", since="1d"), cron("books_differ")]

    assert [5, 0, 0] == [len(items(each)) for each in runs]


def test_what_a_limit_cuts_is_not_remembered(cron):
    """Two of five are shown; the next run reports the other three."""
    runs = [cron("books_differ", "--limit", "2"), cron("books_differ")]

    assert [2, 3] == [len(items(each)) for each in runs]
    assert "5 of them differ" in summary(runs[0])["verdict"]["says"]
    assert (5, 2) == (summary(runs[0])["data"]["summary"]["listed"], summary(runs[1])["data"]["summary"]["known"])


def test_everything_is_listed_where_it_is_asked_for(peakops, load):
    """--all lists what is in order too: an item for each subject that is counted."""
    load("reconcile/books_differ")
    ran = peakops("--sandbox", "payment", "reconcile", "--since", "30d", "--all", "--json")
    summary = ran.json["data"]["summary"]

    assert summary["subjects"] == summary["listed"] == len(ran.json["data"]["items"])
    assert "ok" in {each["severity"] for each in ran.json["data"]["items"]}
    jsonschema.Draft202012Validator(schema.of("payment reconcile")).validate(ran.json)


def test_a_memory_that_cannot_be_read_is_said(cron, tmp_path):
    """Neither everything nor nothing is new then: it is refused, and the file named."""
    memory = tmp_path / "peakops" / "seen" / "payment.reconcile.json"
    memory.parent.mkdir(parents=True)
    memory.write_text("{]")
    ran = cron("books_differ")

    assert 78 == ran.code
    assert str(memory) in summary(ran)["error"]["message"]


def test_the_ends_of_a_window_are_of_it(reconcile, load):
    """An invoice made exactly at --since is compared; one made a second before is not."""
    load("reconcile/books_differ")
    made = books.NOW - timedelta(days=4)
    at, later = (each.isoformat().replace("+00:00", "Z") for each in (made, made + timedelta(seconds=1)))
    until = (made + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")

    assert {"INV-212"} == set(items(reconcile("--since", at, "--until", until)))
    assert "INV-212" not in items(reconcile("--since", later, "--until", later))


def test_the_statements_do_not_grow_with_the_books(reconcile, load, state):
    """As PostgreSQL logs them: the same few for 200 invoices as for 3,000, with transactions and settings."""
    log = state / "peakops" / "sandbox" / "log"
    counts = []
    for invoices in (200, 3000):
        world, _ = planted(invoices, 12)
        with psycopg.connect(load(world).url_as("postgres"), autocommit=True) as admin:
            admin.execute("alter role peakops_reader set log_statement = 'all'")
            before = log.stat().st_size
            reconcile()
            admin.execute("alter role peakops_reader reset log_statement")
        counts.append(
            log.read_text()[before:].count("LOG:  statement") + log.read_text()[before:].count("LOG:  execute")
        )

    assert counts[0] == counts[1] > 0
    assert max(counts) <= 40


PRACTICE = "22222222-2222-4222-8222-000000000001"


def bill(number, name, **said):
    made = {"id": f"11111111-1111-4111-8111-{number:012d}", "invoice_number": name, "practice_id": PRACTICE}
    return {**made, "amount_due": 12000, "currency": "usd", "status": "open", "created_at": "-2d", **said}


def took(number, name=None, **said):
    """A PaymentIntent that succeeded, and its charge."""
    metadata = {"invoice_number": name} if name else {}
    same = {"amount": 12000, "currency": "usd", "status": "succeeded", "customer": "cus_1", "created": "-2d"}
    intent = {**same, "id": f"pi_{number}", "latest_charge": f"ch_{number}", "amount_received": 12000}
    charge = {**same, "id": f"ch_{number}", "payment_intent": f"pi_{number}", "captured": True, "paid": True}
    return {**intent, "metadata": metadata, **said}, {**charge, "amount_captured": 12000, **said}


def small(invoices=(), taken=(), payments=()):
    """A world of the sandbox with these invoices and payments."""
    return {
        "world": "small",
        "says": "A few payments.",
        "now": "2026-11-20T15:00:00Z",
        "tables": {
            "practices": [{"id": PRACTICE, "name": "Smile Care", "stripe_customer_id": "cus_1"}],
            "invoices": list(invoices),
            "payments": list(payments),
        },
        "stripe": {
            "customers": [{"id": "cus_1"}],
            "payment_intents": [each for each, _ in taken],
            "charges": [each for _, each in taken],
        },
    }


def test_one_payment_recorded_for_two_invoices_is_found(reconcile, load):
    """By its charge, or where one of them records the charge alone; each is paid when seen by itself."""
    row = {"amount": 12000, "currency": "usd", "status": "succeeded", "stripe_charge_id": "ch_1", "created_at": "-2d"}
    one, two = (bill(each, f"INV-{each}", status="paid", paid_at="-2d") for each in (1, 2))
    rows = [{**row, "invoice_id": one["id"], "stripe_payment_intent_id": "pi_1"}, {**row, "invoice_id": two["id"]}]
    load(small([{**one, "stripe_payment_intent_id": "pi_1"}, two], [took(1, "INV-1")], rows))

    assert {"INV-1": "sibling_invoice", "INV-2": "sibling_invoice"} == items(reconcile())
    load(small([{**one, "stripe_payment_intent_id": "pi_1"}], [took(1, "INV-1")], rows[:1]))
    assert {} == items(reconcile())


def test_an_old_invoice_set_paid_in_the_window_is_compared(reconcile, load):
    """Nothing at Stripe and no payments row: it is not passed over, and once, though it is older than --since."""
    load(small([bill(1, "INV-1", status="paid", created_at="-60d", paid_at="-1h")]))

    assert {"INV-1": "outside_window"} == items(reconcile("--since", "1d"))
    assert {"INV-1": "recorded_not_paid"} == items(reconcile("--since", "90d"))
    assert {} == items(reconcile("--since", "1d", "--until", "2h"))


def test_what_names_an_invoice_that_is_not_there_says_so(reconcile, load):
    """The portal has no INV-999: it is said, and no command leads there."""
    load(small([bill(1, "INV-1")], [took(1, "INV-999")]))
    (lost,) = lines(reconcile())[:-1]

    assert ("ch_1", "charge_without_invoice", []) == (lost["subject"], lost["verdict"], lost["next"])
    assert "INV-999, which the portal does not have" in lost["says"]


def test_numbers_that_differ_only_in_their_case_lead_by_id(reconcile, load):
    """A command with the number would find two invoices."""
    load(small([bill(1, "INV-1"), bill(2, "inv-1"), bill(3, "INV-3")], [took(3, "INV-3"), took(1, "INV-1")]))
    leads = {each["subject"]: each["next"][0] for each in lines(reconcile())[:-1]}

    assert "peakops payment check INV-3" == leads["INV-3"]
    assert f"peakops payment check {bill(1, 'INV-1')['id']}" == leads["INV-1"]


def test_a_third_charge_is_new(cron):
    """The verdict on the invoice stays paid_twice; the third charge is another fact, and is told once."""

    def run(number):
        taken = [took(each, "INV-1", created=f"2026-11-19T0{each}:00:00Z") for each in range(1, number + 1)]
        return cron(small([bill(1, "INV-1", status="paid", paid_at="-2d")], taken))

    assert [{"INV-1": "paid_twice"}, {}, {"INV-1": "paid_twice"}, {}] == [items(run(each)) for each in (2, 2, 3, 3)]
