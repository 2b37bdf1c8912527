"""The settings: where each comes from, which outranks which, and what is refused by name."""

import json

import pytest

from peakops.errors import NotConfigured
from peakops.settings import env_file, load, write_keys
from peakops.settings.env_file import apply

KEY = "rk_test_abcdefgh"
OTHER = "rk_test_other"
PLACE = {"city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}
SHIPPER = {"name": "Peak Dental Studio", "lines": ["1 Main St"], **PLACE, "phone": "5185550199"}
SAFE = "it must begin with https://, or with http:// for this machine alone."


@pytest.fixture(autouse=True)
def config(monkeypatch, tmp_path):
    """An environment without PEAKOPS_ variables, and a function that writes config.toml."""
    import os

    monkeypatch.setattr(os, "environ", {k: v for k, v in os.environ.items() if not k.startswith("PEAKOPS_")})
    monkeypatch.setattr(env_file, "_taken", {})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "peakops").mkdir()

    def write(text):
        (tmp_path / "peakops" / "config.toml").write_text(text)

    return write


def test_nothing_is_configured():
    """Without any setting there are the defaults, and no secret."""
    settings = load(None)

    assert ("default", None, None, "https://api.stripe.com") == (
        settings.environment,
        settings.database_url,
        settings.stripe_api_key,
        settings.stripe_url,
    )


def test_the_environment_outranks_the_config_file(config, monkeypatch):
    """PEAKOPS_STRIPE_URL counts before config.toml."""
    config('stripe_url = "https://config"')
    monkeypatch.setenv("PEAKOPS_STRIPE_URL", "https://environment")

    assert "https://environment" == load(None).stripe_url


def test_the_env_file_stands_between(config, monkeypatch, tmp_path):
    """The env file counts before config.toml and after the environment."""
    config('stripe_url = "https://config"\nstripe_mode = "test"')
    (tmp_path / "env").write_text(f"PEAKOPS_STRIPE_URL=https://file\nPEAKOPS_STRIPE_API_KEY={OTHER}\n")
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY", KEY)
    apply(tmp_path / "env")

    assert ("https://file", KEY) == (load(None).stripe_url, load(None).stripe_api_key)


def test_a_profile_outranks_the_top_level(config):
    """--env NAME takes [env.NAME] over the top level of config.toml."""
    config('stripe_url = "https://top"\n[env.staging]\nstripe_url = "https://staging"')

    assert ("staging", "https://staging") == (load("staging").environment, load("staging").stripe_url)
    assert "https://top" == load(None).stripe_url


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    """PEAKOPS_STRIPE_API_KEY_FILE names a file that holds the key."""
    (tmp_path / "key").write_text(f"{KEY}\n")
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY_FILE", str(tmp_path / "key"))

    assert KEY == load(None).stripe_api_key


@pytest.mark.parametrize("name", ["PRIVATE_KEY", "WRITE_PRIVATE_KEY"])
def test_a_pem_may_be_written_in_one_line(name, monkeypatch):
    """As a variable of a container or of a service has it, where no line can end."""
    monkeypatch.setenv(f"PEAKOPS_SALESFORCE_{name}", "-----BEGIN X-----\\nabc\\n-----END X-----")
    read = load(None) if name == "PRIVATE_KEY" else write_keys(None)

    assert "-----BEGIN X-----\nabc\n-----END X-----" == read.salesforce_private_key


def test_secrets_do_not_show():
    """A Settings that is printed by mistake shows no key and no URL."""
    from peakops.settings import Settings

    assert KEY not in repr(Settings(stripe_api_key=KEY, database_url="postgresql://a:b@c/d"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "mysql://user:hunter2@host/db", "PEAKOPS_DATABASE_URL: it must begin with postgresql://."),
        ("STRIPE_API_KEY", "pk_live_hunter2", "a publishable key cannot read payments"),
        ("STRIPE_API_KEY", "hunter2", "it is not a Stripe key"),
        ("DATABASE_URL", "http://u:hunter2\uff20h/d", "PEAKOPS_DATABASE_URL: it must begin with postgresql://."),
        ("STRIPE_API_KEY_FILE", "/nowhere/hunter2", "PEAKOPS_STRIPE_API_KEY_FILE names no file that is there."),
        ("STRIPE_API_KEY_FILE", "hunter2" * 99, "PEAKOPS_STRIPE_API_KEY_FILE names no file that is there."),
        ("STRIPE_MODE", "hunter2", "PEAKOPS_STRIPE_MODE: it must be 'live' or 'test'."),
        ("STRIPE_RATE", "hunter2", "PEAKOPS_STRIPE_RATE: it must be a number."),
        ("STRIPE_RATE", "0", "PEAKOPS_STRIPE_RATE: it must be more than 0."),
        ("STATUS_URLS", "{hunter2", "PEAKOPS_STATUS_URLS is no JSON."),
        ("UPS_URL", "https://hunter2.example/api/", "PEAKOPS_UPS_URL: it is UPS's address without /api"),
        ("UPS_SHIPPER", json.dumps({**SHIPPER, "country": "hunter2"}), "its country must be two capital letters"),
        ("UPS_SHIPPER", json.dumps({**SHIPPER, "lines": [" "]}), "PEAKOPS_UPS_SHIPPER: it must have name, lines"),
    ],
)
def test_malformed_values_are_named(name, value, says, monkeypatch):
    """The sentence names the variable and what is wrong; a secret's value is not in it."""
    monkeypatch.setenv(f"PEAKOPS_{name}", value)
    with pytest.raises(NotConfigured) as refused:
        load(None)

    assert says in refused.value.says
    assert "hunter2" not in refused.value.says
    assert refused.value.hint


@pytest.mark.parametrize("name", ["stripe", "supabase", "supabase_management", "sendgrid", "resend"])
@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://vendor.example", True),
        ("http://127.0.0.1:4000", True),
        ("http://localhost:4000", True),
        ("http://[::1]:4000", True),
        ("http://vendor.example", False),
        ("http://127.0.0.1.vendor.example", False),
        ("http://127.0.0.1@vendor.example", False),
        ("ftp://vendor.example", False),
    ],
)
def test_a_key_never_travels_in_the_clear(name, url, taken, monkeypatch):
    """Every vendor's address is https, or http on this machine alone; the setting is named."""
    monkeypatch.setenv(f"PEAKOPS_{name.upper()}_URL", url)
    try:
        seen = getattr(load(None), f"{name}_url")
    except NotConfigured as refused:
        seen = refused.says

    assert (url if taken else f"PEAKOPS_{name.upper()}_URL: {SAFE}") == seen


@pytest.mark.parametrize(
    ("content", "says"), [(b" \n", "is empty"), (b"\xffhunter2", "no text in UTF-8"), (None, "no file")]
)
def test_a_secret_file_that_holds_none(content, says, monkeypatch, tmp_path):
    """An empty file, one that is no text, and a folder: the variable and the file are named."""
    (tmp_path / "key").mkdir() if content is None else (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(NotConfigured, match=says) as refused:
        load(None)

    assert refused.value.says.startswith("PEAKOPS_STRIPE_API_KEY_FILE names")


def test_a_key_of_the_other_mode_is_refused(monkeypatch):
    """An environment that must be live does not run on a test key."""
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY", KEY)
    monkeypatch.setenv("PEAKOPS_STRIPE_MODE", "live")
    with pytest.raises(NotConfigured, match="of the other mode"):
        load(None)


def test_two_places_for_an_address_of_a_person_are_refused(monkeypatch, tmp_path):
    """As of every secret: whoever is called by the old one would not be told of it."""
    (tmp_path / "slack").write_text("https://hooks.example/hush")
    monkeypatch.setenv("PEAKOPS_PAGE_SLACK", "https://hooks.example/hush-old")
    monkeypatch.setenv("PEAKOPS_PAGE_SLACK_FILE", str(tmp_path / "slack"))
    with pytest.raises(
        NotConfigured, match="both PEAKOPS_PAGE_SLACK and PEAKOPS_PAGE_SLACK_FILE are set; keep one"
    ) as both:
        load(None)
    assert "hush" not in both.value.says


def test_two_places_for_one_secret_are_refused(monkeypatch):
    """A key and a file for it: neither may win silently."""
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY", KEY)
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY_FILE", "/somewhere")
    with pytest.raises(NotConfigured, match="keep one"):
        load(None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stripe_ulr = 'x'", "unknown setting 'stripe_ulr'"),
        ("not toml", r"cannot be read as TOML \(line 1, column 5\)"),
        ("strip_rate = 2", "unknown setting 'strip_rate'"),
        ("database_url_file = 3", "PEAKOPS_DATABASE_URL_FILE: it must be a path"),
        (f"stripe_api_key = '{KEY}'", "holds the secret 'stripe_api_key' itself"),
    ],
)
def test_a_bad_config_file_is_refused(config, text, says):
    """A typing error, no TOML, or a secret in config.toml: named, and nothing is guessed."""
    config(text)
    with pytest.raises(NotConfigured, match=says) as refused:
        load(None)

    assert KEY not in refused.value.says
    assert refused.value.hint


def test_an_unknown_environment_is_refused(config):
    """--env with a name that is no profile lists those that are."""
    config("[env.staging]\n[env.production]")
    with pytest.raises(NotConfigured, match=r"known: production, staging"):
        load("prod")


@pytest.mark.parametrize("text", [None, "OTHER=1\n"])
def test_an_env_file_that_sets_nothing_is_refused(text, tmp_path):
    """A file that is not there, or has no PEAKOPS_ variable, was meant to be another one."""
    if text is not None:
        (tmp_path / "env").write_text(text)
    with pytest.raises(NotConfigured):
        apply(tmp_path / "env")
