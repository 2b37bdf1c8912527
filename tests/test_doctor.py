"""`peakops doctor` end to end: against the sandbox with each fault, and against settings that an operator gives."""

import json

import jsonschema
import pytest

from peakops import journal, sandbox
from peakops.render import schema
from peakops.sources import queries

VALIDATOR = jsonschema.Draft202012Validator(schema.of("doctor"))
WORLD = "paid"
LIMIT_S = 12
"""Ten seconds of the command's own time limit, and its start."""


@pytest.fixture
def doctor(peakops):
    """Run the doctor in the sandbox; its document is held to its schema, and has the exit code of the process."""

    def run(*args, **env):
        ran = peakops("--sandbox", "doctor", *args, "--json", **env)
        VALIDATOR.validate(ran.json)
        assert ran.code == ran.json["exit_code"]
        return ran

    return run


@pytest.fixture
def healthy(load, peakops):
    """A world in which nothing is wrong, with an e-mail provider and the team's tables."""

    def make(world=WORLD, **changes):
        load(world, email_provider="sendgrid", **changes)
        done = peakops("--sandbox", "setup", "--confirm", "peakops", "--reason", "test", "--json")
        assert done.code == 0
        return done

    return make


def states(ran, *sources):
    return {each["question"]: each["state"] for each in ran.json["data"]["checks"] if each["source"] in sources}


def line(ran, question):
    (found,) = [each for each in ran.json["data"]["checks"] if each["question"] == question]
    return found


def test_a_healthy_sandbox_is_ready(doctor, healthy):
    """0: every line is ok, for a pipeline too, but that the playbook is old; no secret was read, so none is removed."""
    healthy()
    ran, strict = doctor(), doctor("--strict")

    assert ("ready", 0, 0) == (ran.json["verdict"]["code"], ran.code, strict.code)
    assert ["playbook"] == [each["source"] for each in ran.json["data"]["checks"] if each["state"] != "ok"]
    assert 0 == ran.json["redacted"]
    assert ["peakops playbook errata"] == ran.json["next"]


def test_every_query_is_planned(doctor, healthy):
    """Each file under the role that would run it, but what PostgreSQL cannot explain, the doctor's own, and perf's."""
    healthy()
    rows = {each["name"]: each["rows"] for each in doctor("database", "writing").json["evidence"]}
    planned = {each["query"] for name in ("plans", "writer_plans") for each in rows[name]}
    files = {f"{each.parent.name}/{each.stem}" for each in queries.root().rglob("*.sql")}
    not_explained = {each for each in files if queries.load(each).writes and queries.load(each).expects == (0, 0)}

    own = {"doctor/roles", "doctor/server", "doctor/tables", "doctor/performance"}
    of_perf = {each for each in files if each.startswith("perf/")}

    assert own | of_perf | not_explained == files - planned


def test_the_page_is_a_line_for_each_question(peakops, healthy):
    """People get one line each, by source, marked; -q leaves the verdict alone, -v adds what was read."""
    healthy()
    page, quiet, verbose = (peakops("--sandbox", "doctor", *args) for args in ((), ("-q",), ("-v",)))
    marked = [each for each in page.out.splitlines() if " ✓ " in each]

    assert 54 == len(marked)
    assert "OK  Ready  [ready]" == page.out.splitlines()[0]
    assert 2 == len(quiet.out.splitlines())
    assert "query=payment/invoices" in verbose.out


def test_no_setting_shows_its_value(peakops, healthy, state):
    """Neither the page nor the rows hold a key or an address with a role, whatever is asked for."""
    healthy()
    up = sandbox.ensure(state / "peakops")
    out = peakops("--sandbox", "doctor", "-v").out + peakops("--sandbox", "doctor", "--json").out

    for secret in (up.stripe_key, up.supabase_key, up.supabase_token, up.sendgrid_key, up.resend_key, up.database_url):
        assert secret not in out


DATABASE = {
    "denied": (
        {"fault": "deny", "table": "webhook_events"},
        "reader_denied",
        "payment webhooks and triage will answer unknown",
    ),
    "no_table": ({"fault": "missing_table", "table": "invitations"}, "schema_differs", "there is no table"),
    "no_column": (
        {"fault": "missing_column", "table": "invoices", "column": "amount_due"},
        "schema_differs",
        "there is no column i.amount_due",
    ),
    "blind": ({"fault": "blind"}, "reader_blind", "Row-level security hides rows of"),
}


@pytest.mark.parametrize("name", DATABASE)
def test_a_fault_of_the_schema_is_critical(name, doctor, load):
    """2: the query, what is missing, and the commands that will answer unknown; every other query was planned too."""
    fault, code, says = DATABASE[name]
    load(WORLD, faults=[{"vendor": "database", **fault}])
    ran = doctor("database")
    (plans,) = [each["rows"] for each in ran.json["evidence"] if each["name"] == "plans"]

    assert (code, 2) == (ran.json["verdict"]["code"], ran.code)
    assert says in ran.json["verdict"]["says"]
    assert len(plans) > 30
    assert any(each["fault"] for each in plans)


def test_a_database_that_is_down_is_unknown(doctor, load):
    """3: every question about it is unknown with the way out; what the others say still stands."""
    load(WORLD, faults=[{"vendor": "database", "fault": "down"}])
    ran = doctor()

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert {"unknown"} == set(states(ran, "database").values())
    assert "PEAKOPS_DATABASE_URL" in line(ran, "database_reachable")["hint"]
    assert "PEAKOPS_DATABASE_WRITE_URL" in line(ran, "writing_database")["hint"]
    assert {"ok"} == set(states(ran, "stripe", "supabase").values())


VENDORS = {
    "stripe_key": ({"vendor": "stripe", "route": "*", "status": 401}, "stripe_key_refused", 2),
    "stripe_right": (
        {"vendor": "stripe", "route": "GET /v1/charges", "status": 403, "error": "rak_charge_read"},
        "stripe_permission_missing",
        2,
    ),
    "stripe_list": ({"vendor": "stripe", "route": "GET /v1/events", "status": 503}, "unknown", 3),
    "stripe_garbage": ({"vendor": "stripe", "route": "*", "body": "<html>"}, "unknown", 3),
    "supabase_key": ({"vendor": "supabase", "route": "*", "status": 401}, "supabase_refused", 2),
    "supabase_down": ({"vendor": "supabase", "route": "*", "status": 503}, "unknown", 3),
    "salesforce_login": (
        {"vendor": "salesforce", "route": "POST /services/oauth2/token", "status": 400, "error": "invalid_client"},
        "salesforce_auth_failed",
        2,
    ),
    "salesforce_right": (
        {"vendor": "salesforce", "route": "GET /services/data/*/query*", "status": 400, "error": "INVALID_TYPE"},
        "salesforce_may_not_read",
        2,
    ),
    "salesforce_down": ({"vendor": "salesforce", "route": "*", "status": 503}, "unknown", 3),
    "ups_token": (
        {"vendor": "ups", "route": "POST /security/*", "status": 401, "error": "250002"},
        "ups_credentials",
        2,
    ),
    "ups_product": (
        {"vendor": "ups", "route": "GET /api/track/*", "status": 401, "error": "250002"},
        "ups_product_missing",
        2,
    ),
    "ups_garbage": ({"vendor": "ups", "route": "*", "body": "<html>"}, "unknown", 3),
    "email_key": ({"vendor": "sendgrid", "route": "*", "status": 401}, "email_key_refused", 2),
    "email_down": ({"vendor": "sendgrid", "route": "*", "reset": True}, "unknown", 3),
}


@pytest.mark.parametrize("name", VENDORS)
def test_a_vendor_that_refuses_or_fails(name, doctor, healthy):
    """A refusal is critical, silence is unknown; both name what is to be done next."""
    fault, code, exit_code = VENDORS[name]
    healthy(faults=[fault])
    ran = doctor("stripe", "supabase", "salesforce", "ups", "email")
    told = [each for each in ran.json["data"]["checks"] if each["state"] in ("critical", "unknown")]

    assert (code, exit_code) == (ran.json["verdict"]["code"], ran.code)
    assert all(each["hint"] for each in told)


@pytest.mark.parametrize(
    ("vendor", "route", "error", "code"),
    [
        ("salesforce", "POST /services/oauth2/token", "invalid_client", "salesforce_write_app_refused"),
        ("ups", "POST /security/*", "250002", "ups_write_app_refused"),
    ],
)
def test_an_app_that_writes_and_is_refused(vendor, route, error, code, doctor, healthy, state):
    """2: its fixes would change nothing; it was asked for its log-in alone, which is a POST that makes nothing."""
    healthy(faults=[{"vendor": vendor, "route": route, "status": 401, "error": error}])
    before = len(sandbox.requests(state / "peakops"))
    ran = doctor("writing")
    asked = {each["path"] for each in sandbox.requests(state / "peakops")[before:] if each["vendor"] == vendor}

    assert (code, 2) == (ran.json["verdict"]["code"], ran.code)
    assert {route.partition(" ")[2].replace("*", "v1/oauth/token")} == asked
    assert "peakops shipping ups" not in ran.out  # which looks at the app that reads


def test_a_missing_permission_names_the_commands(doctor, healthy):
    """The permission as Stripe names it, and each command that will answer unknown without it."""
    healthy(faults=[VENDORS["stripe_right"][0]])
    says = line(doctor("stripe"), "stripe_permissions")["says"]

    assert "rak_charge_read" in says
    assert "payment check" in says
    assert "payment webhooks" not in says


def test_what_mail_and_speed_lack_is_told(doctor, healthy):
    """The keys' rights are asked for with a GET each; a token that ends soon and a page that fails are warnings."""
    scopes = ["suppression.read", "email_activity.read", "mail.send"]
    page = {"path": "/", "status": 502, "html_kb": 1}
    token = {"name": "team", "expires_at": "2026-11-27T15:00:00Z"}
    domain = {"domain": "peakdental.example", "valid": False}
    healthy(sendgrid={"scopes": scopes, "domains": [domain]}, vercel={"token": token}, portal={"pages": [page]})
    ran = doctor("writing", "email", "vercel", "pages", "performance")
    told = {each["question"]: each["state"] for each in ran.json["data"]["checks"] if each["state"] != "ok"}

    assert {
        "writing_email": "warning",
        "email_key": "warning",
        "email_domain": "skipped",
        "vercel_token": "warning",
        "pages_portal": "warning",
    } == told
    assert "suppression.delete" in line(ran, "writing_email")["says"]
    assert "27 Nov 2026" in line(ran, "vercel_token")["says"]
    assert "HTTP 502" in line(ran, "pages_portal")["says"]


def test_a_key_that_reads_people_alone_is_a_warning(doctor, healthy):
    """1: the refusal is a finding of its own, and no silence; the people's mails are looked at all the same."""
    healthy(sendgrid={"scopes": ["suppression.read", "email_activity.read"]})
    ran = doctor("email")

    assert ("email_may_not_count", 1) == (ran.json["verdict"]["code"], ran.code)


def test_a_resend_key_that_only_sends_is_told(doctor, load):
    """Sending access is enough to send, and for nothing else: of the key that writes that is a warning."""
    load(WORLD, email_provider="resend", resend={"key": "sending_access"})
    ran = doctor("writing", "email")

    assert "full_access" in line(ran, "writing_email")["says"]
    assert "warning" == line(ran, "email_key")["state"]


VENDORS_THAT_HANG = ("stripe", "supabase", "salesforce", "ups", "email")


def test_vendors_that_hang_are_unknown_in_time(doctor, healthy):
    """Five sources do not answer: these are unknown with the credentials that write, and no other is."""
    names = [each.replace("email", "sendgrid") for each in VENDORS_THAT_HANG]
    healthy(faults=[{"vendor": each, "route": "*", "delay_s": 60} for each in names])
    ran = doctor()

    assert ran.seconds < LIMIT_S
    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    unknown = {each["source"] for each in ran.json["data"]["checks"] if each["state"] == "unknown"}
    assert {*VENDORS_THAT_HANG, "writing"} == set(ran.json["verdict"]["sources"]["missing"]) == unknown


def test_a_database_that_hangs_is_unknown_in_time(doctor, load):
    """Every table is locked: what needs no table is told, and the plans are unknown within the time limit."""
    load(WORLD, faults=[{"vendor": "database", "fault": "slow"}])
    ran = doctor("database", "writing")

    assert ran.seconds < LIMIT_S
    assert ("ok", "unknown") == (
        line(ran, "database_reachable")["state"],
        line(ran, "database_queries")["state"],
    )


def test_all_is_asked_at_once(doctor, healthy):
    """The whole takes no longer than half as much again as the slowest look."""
    healthy(
        faults=[{"vendor": "stripe", "route": "*", "delay_s": 1.5}, {"vendor": "supabase", "route": "*", "delay_s": 2}]
    )
    ran = doctor()

    assert 0 == ran.code
    assert ran.json["duration_ms"] < 1.5 * max(each["took_ms"] for each in ran.json["evidence"])


def test_a_status_page_is_never_red(doctor, healthy):
    """An incident is a warning; a page that does not answer is unknown, and counts for --strict alone."""
    healthy(status={"stripe": "critical"})
    incident = doctor("status")
    healthy(status={"stripe": "down", "vercel": "down"})
    silent, strict = doctor(), doctor("--strict")

    assert ("stripe_incident", 1) == (incident.json["verdict"]["code"], incident.code)
    assert ("ready", 0, False) == (silent.json["verdict"]["code"], silent.code, silent.json["verdict"]["complete"])
    assert "unknown" == line(silent, "status_stripe")["state"]
    assert ("unknown", 3) == (strict.json["verdict"]["code"], strict.code)


def test_only_the_named_sources_are_asked(doctor, healthy, state):
    """`doctor stripe` asks Stripe and nobody else, and shows no line of another source."""
    healthy()
    before = len(sandbox.requests(state / "peakops"))
    ran = doctor("stripe")
    asked = sandbox.requests(state / "peakops")[before:]

    assert {"stripe"} == {each["vendor"] for each in asked}
    assert {"stripe"} == {each["source"] for each in ran.json["data"]["checks"]}
    assert {"sources": ["stripe"]} == ran.json["given"]


def test_a_source_that_is_none_is_a_usage_error(peakops):
    """64, and the sources that there are."""
    ran = peakops("--sandbox", "doctor", "strpie", "--json")

    assert 64 == ran.code
    assert "settings, database, writing, stripe" in ran.json["error"]["message"]


def test_a_misspelt_variable_is_a_warning(doctor, healthy):
    """1: nothing reads it, and the nearest that there is is named; the value is not shown."""
    healthy()
    ran = doctor("settings", PEAKOPS_STRIPE_KEY="rk_test_hunter2")

    assert ("unknown_variable", 1) == (ran.json["verdict"]["code"], ran.code)
    assert "PEAKOPS_STRIPE_KEY, the nearest is PEAKOPS_STRIPE_API_KEY" in ran.json["verdict"]["says"]
    assert "hunter2" not in ran.out


def test_a_journal_that_was_changed_is_critical(doctor, healthy, state):
    """2: the line is named, and the command that shows it."""
    healthy()
    file = sandbox.ensure(state / "peakops").journal / journal.NAME
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0].replace("setup", "other"), *lines[1:]]) + "\n")
    ran = doctor("journal")

    assert ("journal_broken", 2) == (ran.json["verdict"]["code"], ran.code)
    assert "line 1" in ran.json["verdict"]["says"]
    assert ["peakops journal verify"] == ran.json["next"]


@pytest.fixture
def by_hand(peakops, state):
    """Run the doctor outside of the sandbox, with settings that name the sandbox's addresses."""

    def run(*args, **env):
        up = sandbox.ensure(state / "peakops")
        given = {
            "PEAKOPS_DATABASE_URL": up.database_url,
            "PEAKOPS_STRIPE_API_KEY": up.stripe_key,
            "PEAKOPS_STRIPE_URL": up.vendor_url("stripe"),
            **env,
        }
        ran = peakops("doctor", *args, "--json", **{key: each for key, each in given.items() if each})
        VALIDATOR.validate(ran.json)
        return ran

    return run


def test_settings_of_an_operator_are_told_with_their_origin(by_hand, healthy, tmp_path):
    """Environment and file are told apart; what is not configured is passed over with its setting, and not asked."""
    healthy()
    (tmp_path / "key").write_text("rk_test_sandbox")
    (tmp_path / "key").chmod(0o600)
    ran = by_hand("settings", "database", PEAKOPS_STRIPE_API_KEY="", PEAKOPS_STRIPE_API_KEY_FILE=str(tmp_path / "key"))
    origins = {each["setting"]: each["origin"] for each in ran.json["evidence"][0]["rows"]}

    assert 0 == ran.code
    assert ("environment", f"file {tmp_path / 'key'}") == (origins["database_url"], origins["stripe_api_key"])
    every = by_hand(PEAKOPS_STATUS_URLS=nowhere())
    assert "PEAKOPS_SUPABASE_URL and PEAKOPS_SUPABASE_KEY are not set." == line(every, "supabase_key")["says"]
    assert "PEAKOPS_SALESFORCE_URL is not set." == line(every, "salesforce_login")["says"]
    assert "PEAKOPS_UPS_CLIENT_ID and PEAKOPS_UPS_CLIENT_SECRET are not set." == line(every, "ups_token")["says"]


def test_what_is_not_configured_counts_for_a_pipeline(by_hand, healthy):
    """Without --strict it is passed over; with it, 3, and the setting named; named sources alone count."""
    healthy({key: each for key, each in sandbox.named(WORLD).items() if key != "now"})  # its clock is the real one
    named = ("settings", "database", "stripe", "journal", "version")
    plain, strict = by_hand(PEAKOPS_STATUS_URLS=nowhere()), by_hand("--strict", PEAKOPS_STATUS_URLS=nowhere())

    assert ("skipped", 0) == (line(plain, "supabase_key")["state"], plain.code)
    assert 3 == strict.code
    assert "is not set" in strict.json["verdict"]["says"]
    assert ("ready", 0) == ((ran := by_hand("--strict", *named)).json["verdict"]["code"], ran.code)


def test_a_vendors_clock_that_differs_is_a_warning(by_hand, healthy):
    """1: the sandbox's Stripe lives in a world whose clock stands still, and this machine does not."""
    healthy()

    assert "stripe_clock_differs" == by_hand("stripe").json["verdict"]["code"]


def nowhere():
    """Status pages at which nobody listens, so that no other host is asked."""
    return json.dumps(dict.fromkeys(("stripe", "supabase", "vercel"), "http://127.0.0.1:9/summary.json"))


def test_a_reading_role_that_may_write_is_a_warning(by_hand, healthy, state):
    """1: the role, its rights, and the tables."""
    healthy()
    ran = by_hand("database", PEAKOPS_DATABASE_URL=sandbox.ensure(state / "peakops").url_as("peakops_writer"))

    assert ("reader_may_write", 1) == (ran.json["verdict"]["code"], ran.code)
    assert "peakops_writer may insert, update, delete" in ran.json["verdict"]["says"]


def test_a_writing_role_that_may_not_write_is_critical(by_hand, healthy, state):
    """2: the statement, the right, and the fix that would change nothing; and nothing was written to find it out."""
    healthy()
    ran = by_hand("writing", PEAKOPS_DATABASE_WRITE_URL=sandbox.ensure(state / "peakops").database_url)

    assert ("writer_cannot", 2) == (ran.json["verdict"]["code"], ran.code)
    assert "the role has no right to" in ran.json["verdict"]["says"]
    assert "will change nothing" in ran.json["verdict"]["says"]


def test_a_live_key_without_limits_is_a_warning(by_hand, load):
    """1: a secret key of the live mode reads and may do everything."""
    load(WORLD, stripe={"key": "live"})
    ran = by_hand("stripe", PEAKOPS_STRIPE_API_KEY="sk_live_sandbox")
    codes = {each["code"] for each in ran.json["findings"]}

    assert 1 == ran.code
    assert "stripe_key_unrestricted" in codes


def test_nothing_configured_leads_to_init(peakops):
    """2: nothing is asked, and the next command writes the settings."""
    ran = peakops("doctor", "settings", "--json")

    assert ("nothing_configured", 2) == (ran.json["verdict"]["code"], ran.code)
    assert ["peakops init"] == ran.json["next"]


def test_a_named_source_without_settings_is_unknown(peakops):
    """3: it was asked for, so its absence is no detail; the hint names the setting."""
    ran = peakops("doctor", "database", "--json")

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert "PEAKOPS_DATABASE_URL" in line(ran, "database_reachable")["hint"]


@pytest.mark.parametrize(
    ("source", "question", "says"),
    [
        ("email", "email_key", "PEAKOPS_EMAIL_PROVIDER is not set."),
        ("vercel", "vercel_project", "PEAKOPS_VERCEL_TOKEN is not set."),
        ("sandbox", "sandbox_state", "This is not the sandbox."),
    ],
)
def test_a_named_source_of_which_nothing_is_answered_is_unknown(source, question, says, peakops, tmp_path):
    """3: what was asked for was not looked at; nothing is started to have an answer."""
    ran = peakops("doctor", source, "--json", home=tmp_path)

    assert ("unknown", 3) == (ran.json["verdict"]["code"], ran.code)
    assert ("skipped", says) == (line(ran, question)["state"], line(ran, question)["says"])
    assert not list(tmp_path.rglob("*sandbox*"))


def test_a_malformed_setting_ends_it_before_anything_is_asked(peakops):
    """78, with the setting named and its value not shown."""
    ran = peakops("doctor", "--json", PEAKOPS_DATABASE_URL="mysql://hunter2")

    assert 78 == ran.code
    assert "PEAKOPS_DATABASE_URL" in ran.json["error"]["message"]
    assert {} == ran.json["given"]
    assert "hunter2" not in ran.out


def test_the_guide_asks_nobody(peakops):
    """--guide shows the questions and their rows."""
    ran = peakops("doctor", "--guide")

    assert 0 == ran.code
    assert "Would every query run against this schema?" in ran.out
