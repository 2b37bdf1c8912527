"""The settings: where each comes from, which outranks which, and what is refused by name."""

import pytest

from peakops.errors import NotConfigured
from peakops.settings import load
from peakops.settings.env_file import apply

KEY = "rk_test_abcdefgh"
OTHER = "rk_test_other"


@pytest.fixture(autouse=True)
def config(monkeypatch, tmp_path):
    """An environment without PEAKOPS_ variables, and a function that writes config.toml."""
    import os

    monkeypatch.setattr(os, "environ", {k: v for k, v in os.environ.items() if not k.startswith("PEAKOPS_")})
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
    config('stripe_url = "http://config"')
    monkeypatch.setenv("PEAKOPS_STRIPE_URL", "http://environment")

    assert "http://environment" == load(None).stripe_url


def test_the_env_file_stands_between(config, monkeypatch, tmp_path):
    """The env file counts before config.toml and after the environment."""
    config('stripe_url = "http://config"\nstripe_mode = "test"')
    (tmp_path / "env").write_text(f"PEAKOPS_STRIPE_URL=http://file\nPEAKOPS_STRIPE_API_KEY={OTHER}\n")
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY", KEY)
    apply(tmp_path / "env")

    assert ("http://file", KEY) == (load(None).stripe_url, load(None).stripe_api_key)


def test_a_profile_outranks_the_top_level(config):
    """--env NAME takes [env.NAME] over the top level of config.toml."""
    config('stripe_url = "http://top"\n[env.staging]\nstripe_url = "http://staging"')

    assert ("staging", "http://staging") == (load("staging").environment, load("staging").stripe_url)
    assert "http://top" == load(None).stripe_url


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    """PEAKOPS_STRIPE_API_KEY_FILE names a file that holds the key."""
    (tmp_path / "key").write_text(f"{KEY}\n")
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY_FILE", str(tmp_path / "key"))

    assert KEY == load(None).stripe_api_key


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
        ("STRIPE_API_KEY_FILE", "/nowhere/hunter2", "cannot be read"),
        ("STRIPE_MODE", "hunter2", "PEAKOPS_STRIPE_MODE"),
    ],
)
def test_malformed_values_are_named(name, value, says, monkeypatch):
    """The sentence names the variable and what is wrong; a secret's value is not in it."""
    monkeypatch.setenv(f"PEAKOPS_{name}", value)
    with pytest.raises(NotConfigured) as refused:
        load(None)

    assert says in refused.value.says
    assert name.endswith("FILE") or "hunter2" not in refused.value.says


def test_a_key_of_the_other_mode_is_refused(monkeypatch):
    """An environment that must be live does not run on a test key."""
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY", KEY)
    monkeypatch.setenv("PEAKOPS_STRIPE_MODE", "live")
    with pytest.raises(NotConfigured, match="of the other mode"):
        load(None)


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
        ("not toml", "cannot be read"),
        (f"stripe_api_key = '{KEY}'", "holds the secret 'stripe_api_key' itself"),
    ],
)
def test_a_bad_config_file_is_refused(config, text, says):
    """A typing error, no TOML, or a secret in config.toml: named, and nothing is guessed."""
    config(text)
    with pytest.raises(NotConfigured, match=says) as refused:
        load(None)

    assert KEY not in refused.value.says


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
