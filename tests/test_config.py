"""`peakops config`, and what is known of each setting's origin."""

import jsonschema
import pytest

from peakops import settings
from peakops.cli import options
from peakops.render import schema
from peakops.settings import env_file
from peakops.settings.env_file import apply

VALIDATOR = jsonschema.Draft202012Validator(schema.of("config"))
KEY = "rk_test_hunter2"


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """An environment without PEAKOPS_ variables, and a function that writes config.toml."""
    import os

    monkeypatch.setattr(os, "environ", {k: v for k, v in os.environ.items() if not k.startswith("PEAKOPS_")})
    monkeypatch.setattr(env_file, "_taken", {})
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "peakops").mkdir()

    def write(text):
        (tmp_path / "peakops" / "config.toml").write_text(text)
        return tmp_path

    return write


def told(name, environment=None):
    (found,) = [each for each in settings.told(environment) if each.setting == name]
    return found


def test_every_setting_is_told_once():
    """A secret and the file that may hold it are one setting; no other is left out."""
    from peakops.settings.given import SECRETS, Given

    names = [each.setting for each in settings.told(None)]

    assert [
        each for each in Given.model_fields if each.removesuffix("_file") not in SECRETS or each in SECRETS
    ] == names


def test_each_place_is_an_origin(home, monkeypatch, tmp_path):
    """Environment, env file, a secret's own file, the environment's table, the top level, the default, nowhere."""
    home('stripe_mode = "test"\nsupabase_url = "https://top"\n[env.staging]\nsupabase_url = "https://staging"')
    (tmp_path / "env").write_text("PEAKOPS_RESEND_URL=https://file\nPEAKOPS_STRIPE_URL=https://file\n")
    monkeypatch.setenv("PEAKOPS_STRIPE_URL", "https://environment")
    (tmp_path / "key").write_text(KEY)
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY_FILE", str(tmp_path / "key"))
    apply(tmp_path / "env")

    assert {
        "stripe_url": ("https://environment", "environment"),
        "resend_url": ("https://file", f"env file {tmp_path / 'env'}"),
        "stripe_api_key": (None, f"file {tmp_path / 'key'}"),
        "supabase_url": ("https://staging", "config.toml [env.staging]"),
        "stripe_mode": ("test", "config.toml"),
        "sendgrid_url": ("https://api.sendgrid.com", "default"),
        "database_url": (None, ""),
    } == {
        name: (told(name, "staging").value, told(name, "staging").origin)
        for name in (
            *("stripe_url", "resend_url", "stripe_api_key", "supabase_url", "stripe_mode", "sendgrid_url"),
            "database_url",
        )
    }


def test_an_empty_variable_is_no_origin(monkeypatch):
    """An empty variable counts as not set, as it does where the settings are read."""
    monkeypatch.setenv("PEAKOPS_STRIPE_URL", "")

    assert "default" == told("stripe_url").origin


@pytest.mark.parametrize("name", ["PEAKOPS_STRIPE_API_KEY", "PEAKOPS_DATABASE_URL", "PEAKOPS_SUPABASE_WRITE_KEY"])
def test_a_secret_has_no_value(name, monkeypatch):
    """Of a secret there is only whether it is there, also where somebody prints it by mistake."""
    monkeypatch.setenv(name, KEY)
    found = told(name.removeprefix("PEAKOPS_").lower())

    assert (True, True, None) == (found.secret, found.present, found.value)
    assert KEY not in repr(settings.told(None))


@pytest.mark.parametrize("secret", [KEY, f"postgresql://u:{KEY}@h/d", KEY * 99])
def test_a_secret_in_a_files_place_is_not_told(secret, monkeypatch):
    """Where the variable names no file, it is named and its value is not: it may be the secret itself."""
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY_FILE", secret)

    assert (True, "no file, named by PEAKOPS_STRIPE_API_KEY_FILE") == (
        told("stripe_api_key").present,
        told("stripe_api_key").origin,
    )
    assert KEY not in repr(settings.told(None))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("supabase_url", f"postgresql://u:{KEY}@h/d"),
        ("email_provider", KEY),
        ("refund_limit", KEY),
        ("stripe_url", KEY),
        ("status_urls", KEY),
    ],
)
def test_a_malformed_value_is_not_told(setting, value, monkeypatch, home):
    """It may be a secret in the wrong setting, in the environment or in config.toml."""
    home(f"{setting} = '{value}'")
    below = told(setting).value
    monkeypatch.setenv(f"PEAKOPS_{setting.upper()}", value)

    assert ("(malformed)", "(malformed)") == (below, told(setting).value)


def test_a_table_in_the_environment_is_told(monkeypatch):
    """PEAKOPS_STATUS_URLS is JSON there, and well formed."""
    monkeypatch.setenv("PEAKOPS_STATUS_URLS", '{"stripe": "https://page.example"}')

    assert '{"stripe": "https://page.example"}' == told("status_urls").value


def test_a_secret_that_everybody_can_read(monkeypatch, tmp_path):
    """Its own file, or the env file; a file for its owner and a group is not open."""
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "env").write_text(f"PEAKOPS_SUPABASE_KEY={KEY}\nPEAKOPS_STRIPE_RATE=2\n")
    monkeypatch.setenv("PEAKOPS_STRIPE_API_KEY_FILE", str(tmp_path / "key"))
    apply(tmp_path / "env")
    seen = []
    for mode in (0o640, 0o644):
        for file in ("key", "env"):
            (tmp_path / file).chmod(mode)
        seen.append([told(each).exposed for each in ("stripe_api_key", "supabase_key", "stripe_rate")])

    assert [[False] * 3, [True, True, False]] == seen


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("PEAKOPS_STRIPE_KEY", "PEAKOPS_STRIPE_API_KEY"),
        ("PEAKOPS_DATABSE_URL", "PEAKOPS_DATABASE_URL"),
        ("PEAKOPS_TIME_OUT", "PEAKOPS_TIMEOUT"),
        ("PEAKOPS_OPERATER", "PEAKOPS_OPERATOR"),
        ("PEAKOPS_XYZZY", ""),
    ],
)
def test_a_variable_that_nothing_reads(variable, nearest, monkeypatch):
    """It is named with the nearest setting, option or other variable; what is far from all has none."""
    monkeypatch.setenv(variable, "1")

    assert ((variable, nearest),) == settings.strangers(options.twins())


def test_what_is_read_is_no_stranger(monkeypatch):
    """Settings, files of secrets, options' twins and the others are known; so is a setting in small letters."""
    for name in ("PEAKOPS_STRIPE_URL", "PEAKOPS_STRIPE_API_KEY_FILE", "PEAKOPS_OPERATOR", "PEAKOPS_JSON"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("peakops_stripe_rate", "2")

    assert () == settings.strangers(options.twins())
    assert "environment" == told("stripe_rate").origin


def test_every_option_has_its_twin_known():
    """The options before the group and those that all commands share, as the docs list them."""
    assert {"PEAKOPS_ENV", "PEAKOPS_SANDBOX", "PEAKOPS_TIMEOUT", "PEAKOPS_JSON", "PEAKOPS_LIMIT"} <= set(
        options.twins()
    )
    assert "PEAKOPS_YES" not in options.twins()


@pytest.fixture
def config(peakops, tmp_path):
    """Run the command outside of the sandbox, with the config file of this test."""

    def run(*args, **env):
        ran = peakops(*args, "config", "--json", XDG_CONFIG_HOME=str(tmp_path), **env)
        VALIDATOR.validate(ran.json)
        return ran

    return run


def of(ran, setting):
    (found,) = [each for each in ran.json["data"]["settings"] if each["setting"] == setting]
    return found


def test_the_command_shows_values_and_origins(config, home, tmp_path):
    """0: every setting with its value and origin, the files' places, and the environments that there are."""
    home('[env.staging]\nstripe_mode = "test"\n[env.live]\nstripe_mode = "live"')
    ran = config("--env", "staging", PEAKOPS_STRIPE_API_KEY=KEY)

    assert 0 == ran.code
    assert ("test", "config.toml [env.staging]") == (of(ran, "stripe_mode")["value"], of(ran, "stripe_mode")["origin"])
    assert (True, None) == (of(ran, "stripe_api_key")["present"], of(ran, "stripe_api_key")["value"])
    assert ["live", "staging"] == ran.json["data"]["environments"]
    assert {"path": str(tmp_path / "peakops" / "config.toml"), "exists": True} == ran.json["data"]["config_file"]
    assert "hunter2" not in ran.out


def test_the_page_is_a_table(peakops, home, tmp_path):
    """People get a line for each setting: variable, value or (set), origin; a misspelt variable is told under it."""
    home("")
    env = {"XDG_CONFIG_HOME": str(tmp_path), "PEAKOPS_STRIPE_API_KEY": KEY, "PEAKOPS_STRIPE_KEY": KEY}
    lines = [each.split() for each in peakops("config", **env).out.splitlines()]

    assert ["PEAKOPS_STRIPE_API_KEY", "(set)", "environment"] in lines
    assert ["PEAKOPS_STRIPE_URL", "https://api.stripe.com", "default"] in lines
    assert ["PEAKOPS_DATABASE_URL", "–"] in lines
    assert lines[-1][-1] == "PEAKOPS_STRIPE_API_KEY."


def test_a_malformed_value_is_named(config):
    """78, with the sentence that names the setting; all settings are listed all the same."""
    ran = config(PEAKOPS_STRIPE_RATE="fast")

    assert (78, "config") == (ran.code, ran.json["error"]["category"])
    assert "PEAKOPS_STRIPE_RATE" in ran.json["error"]["message"]
    assert "(malformed)" == of(ran, "stripe_rate")["value"]


@pytest.mark.parametrize(
    ("text", "args", "says"),
    [
        ("[env.staging]", ("--env", "live"), "There is no environment 'live'"),
        ("no toml", (), "cannot be read"),
        ("env = 3", (), "'env' is no table"),
    ],
)
def test_a_config_file_that_cannot_be_used(text, args, says, config, home):
    """78, and the reason."""
    home(text)
    ran = config(*args)

    assert 78 == ran.code
    assert says in ran.json["error"]["message"]


def test_the_sandbox_shows_its_own(config, load):
    """Its settings come from it, and its keys are not shown either."""
    load("paid")
    ran = config("--sandbox", PEAKOPS_STRIPE_RATE="7")

    assert "the sandbox" == of(ran, "supabase_url")["origin"]
    assert ("7.0", "environment") == (of(ran, "stripe_rate")["value"], of(ran, "stripe_rate")["origin"])
    assert (True, None) == (of(ran, "database_write_url")["present"], of(ran, "database_write_url")["value"])
    assert 0 == ran.json["redacted"]
