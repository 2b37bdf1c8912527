"""`peakops init`: what it writes, what it never overwrites, and how it asks."""

import json
import os
import pty
import stat
import subprocess
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peakops import sandbox
from peakops.render import schema
from peakops.settings import env_file, files_for, wrong
from peakops.settings.given import SECRETS, Given, variable

from .conftest import PEAKOPS, environment

VALIDATOR = jsonschema.Draft202012Validator(schema.of("init"))
KEY = "rk_test_hunter2hunter2"


@pytest.fixture
def init(peakops, tmp_path):
    """Run the command in a script, with a home of its own."""

    def run(*args, **env):
        ran = peakops(*args, "--json", home=tmp_path, **env)
        VALIDATOR.validate(ran.json)
        return ran

    return run


def written(home, environment="default"):
    folder = home / "config" / "peakops"
    return folder / "config.toml", folder / f"{environment}.env"


def test_a_script_gets_templates(init, tmp_path):
    """0: the files, readable by their owner alone, hold every setting with its description, and set nothing."""
    ran = init("init")
    config, env = written(tmp_path)
    contacts = config.with_name("contacts.toml")

    assert ("changed", 0) == (ran.json["status"], ran.code)
    assert [str(config), str(env), str(contacts)] == [each["path"] for each in ran.json["data"]["files"]]
    assert {0o600} == {stat.S_IMODE(each.stat().st_mode) for each in (config, env, contacts)}
    assert {} == tomllib.loads(contacts.read_text())
    assert {"env": {"default": {}}} == tomllib.loads(config.read_text())
    for name, field in Given.model_fields.items():
        text = (env if name in SECRETS else config).read_text()
        assert f"# {field.description}" in text
        assert (f"\n{variable(name)}=\n" if name in SECRETS else f"\n# {name} = ") in text


def test_the_templates_can_be_read(init, peakops, tmp_path):
    """The environment that was written is one; the next command that is named looks at it."""
    ran = init("--env", "staging", "init")
    config = peakops("--env", "staging", "config", "--json", home=tmp_path)

    assert 0 == config.code
    assert ["staging"] == config.json["data"]["environments"]
    assert [f"peakops --env-file {written(tmp_path, 'staging')[1]} doctor"] == ran.json["next"]


def test_people_are_told_where_and_what_next(peakops, tmp_path):
    """stderr says what was written, stdout what is to be typed next, with the environment."""
    ran = peakops("--env", "staging", "init", home=tmp_path)
    config, env = written(tmp_path, "staging")

    files = (config, env, config.with_name("contacts.toml"))

    assert [f"{each} was written." for each in files] == ran.err.splitlines()
    assert f"  peakops --env staging --env-file {env} doctor" == ran.out.splitlines()[-1]


@pytest.fixture
def there(tmp_path):
    """Put config.toml there, or the env file; contacts.toml always."""

    def put(*texts, environment="default"):
        files = (*written(tmp_path, environment), written(tmp_path)[0].with_name("contacts.toml"))
        for file, text in zip(files, (*texts, "# mine as well"), strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                file.write_text(text)

    return put


@pytest.mark.parametrize("args", [(), ("--dry-run",)])
def test_nothing_is_overwritten(args, init, there, tmp_path):
    """64 where all files are there; they stay as they are."""
    there("# mine", "mine too")
    ran = init("init", *args)

    assert 64 == ran.code
    assert all(str(each) in ran.json["error"]["message"] for each in written(tmp_path))
    assert ["# mine", "mine too"] == [each.read_text() for each in written(tmp_path)]


def test_contacts_alone_are_written(init, there, tmp_path):
    """0: where config.toml and the env file are there, the file of contacts is written beside them."""
    there("[env.default]\n", "PEAKOPS_TIMEOUT=9s")
    contacts = written(tmp_path)[0].with_name("contacts.toml")
    contacts.unlink()
    ran = init("init")

    assert (0, [str(contacts)]) == (ran.code, [each["path"] for each in ran.json["data"]["files"]])
    assert "[people.on-call]" in contacts.read_text()


def test_a_further_environment_has_its_table_printed(init, peakops, there, tmp_path):
    """0: the env file alone is written; once the table is pasted, config.toml knows the environment too."""
    there("[env.production]\n", None)
    config, env = written(tmp_path, "staging")
    planned, ran = init("--env", "staging", "init", "--dry-run"), init("--env", "staging", "init")

    assert [(10, str(env)), (0, str(env))] == [
        (each.code, *(file["path"] for file in each.json["data"]["files"])) for each in (planned, ran)
    ]
    assert ("[env.production]\n", True) == (config.read_text(), env.exists())
    assert {"env": {"staging": {}}} == tomllib.loads(ran.json["data"]["table"])
    config.write_text(config.read_text() + ran.json["data"]["table"])
    told = peakops("--env", "staging", "config", "--json", home=tmp_path)
    assert (0, ["production", "staging"]) == (told.code, told.json["data"]["environments"])


def test_people_are_told_what_to_paste(peakops, there, tmp_path):
    """The table is on stdout, and under it the command that is to be typed then."""
    there("[env.production]\n", None)
    ran = peakops("--env", "staging", "init", home=tmp_path)
    config, env = written(tmp_path, "staging")

    assert f"{config} exists. Add this to it:" == ran.out.splitlines()[0]
    assert "[env.staging]" in ran.out.splitlines()
    assert f"  peakops --env staging --env-file {env} doctor" == ran.out.splitlines()[-1]


def test_what_is_missing_is_written(init, there, tmp_path):
    """Of an environment that config.toml knows the env file, without a table to paste; else config.toml alone."""
    there("[env.staging]\n", None, environment="staging")
    known = init("--env", "staging", "init")
    written(tmp_path)[0].unlink()
    there(None, "PEAKOPS_TIMEOUT=9s", environment="live")
    alone = init("--env", "live", "init")
    config, env = written(tmp_path, "live")

    assert [written(tmp_path, "staging")[1], config] == [
        Path(file["path"]) for each in (known, alone) for file in each.json["data"]["files"]
    ]
    assert "table" not in known.json["data"]
    assert ("PEAKOPS_TIMEOUT=9s", True) == (env.read_text(), "[env.live]" in config.read_text())


def test_a_folder_that_cannot_be_written_leaves_nothing(init, tmp_path):
    """65: where one file cannot be made, none is."""
    (tmp_path / "config").write_text("a file where the folder should be")

    assert 65 == init("init").code


def test_a_dry_run_shows_the_files(init, peakops, tmp_path):
    """10: the texts as they would be written, and nothing is."""
    ran, page = init("init", "--dry-run"), peakops("init", "-n", home=tmp_path)

    assert ("planned", 10) == (ran.json["status"], ran.code)
    assert "[env.default]" in ran.json["data"]["files"][0]["text"]
    assert "PEAKOPS_DATABASE_URL=" in page.out.splitlines()
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize(("args", "says"), [(("--sandbox",), "configures itself"), (("--env", "a b"), "cannot be")])
def test_what_needs_no_files_is_refused(args, says, init):
    """64: the sandbox, and a name that is none."""
    ran = init(*args, "init")

    assert 64 == ran.code
    assert says in ran.json["error"]["message"]


@settings(max_examples=100, deadline=None)
@given(*(st.text("ab${}'\"\\# =", min_size=1),) * 2)
def test_values_are_read_back_as_they_were_given(secret, address):
    """Quotes, dollars, braces, hashes, blanks and backslashes survive both files; nothing is put in for ${HOME}."""
    values = {"supabase_token": f"{secret}${{HOME}}{secret}", "resend_api_key": secret, "invitation_url": address}
    config, env, _ = files_for("x", values).values()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as here:
        here.setattr(os, "environ", {})
        (Path(folder) / "env").write_text(env)
        env_file.apply(Path(folder) / "env")
        read = dict(os.environ)

    assert {variable(name): values[name] for name in ("supabase_token", "resend_api_key")} == read
    assert {"invitation_url": address} == tomllib.loads(config)["env"]["x"]


def test_an_empty_variable_leaves_the_env_file_its_say(monkeypatch, tmp_path):
    """It counts as not set."""
    monkeypatch.setenv("PEAKOPS_OPERATOR", "")
    (tmp_path / "env").write_text("PEAKOPS_OPERATOR=anna\n")
    env_file.apply(tmp_path / "env")

    assert "anna" == os.environ["PEAKOPS_OPERATOR"]


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("database_url", "mysql://hunter2", "PEAKOPS_DATABASE_URL: it must begin with postgresql://."),
        ("database_url", "postgresql://hunter2", ""),
        ("email_provider", "hunter2", "PEAKOPS_EMAIL_PROVIDER: it must be 'sendgrid' or 'resend'."),
        ("stripe_api_key", "pk_live_hunter2", "a publishable key"),
    ],
)
def test_a_typed_value_is_checked_alone(setting, value, says):
    """What is wrong with one value, whatever the others are; the value is not in the sentence."""
    assert says in wrong(setting, value)
    assert bool(says) == bool(wrong(setting, value))
    assert "hunter2" not in wrong(setting, value)


def at_terminal(args, lines, home, **env):
    """Run a command with a terminal on which these lines are typed; gives the code, stdout, and what was shown."""
    main, side = pty.openpty()
    child = subprocess.Popen(
        [PEAKOPS, *args], stdin=side, stdout=subprocess.PIPE, stderr=side, env=environment(home, **env), text=True
    )
    os.close(side)
    shown = b""
    for line in lines:
        while not shown.endswith(b": "):
            shown += os.read(main, 4096)
        os.write(main, f"{line}\n".encode())
        shown += os.read(main, 1)
    out, _ = child.communicate(timeout=30)
    try:
        while more := os.read(main, 4096):
            shown += more
    except OSError:
        pass
    os.close(main)
    return child.returncode, out, shown.decode()


@pytest.fixture
def up(load, state, peakops):
    """A healthy sandbox, whose clock is the real one."""
    load({key: each for key, each in sandbox.named("paid").items() if key != "now"})
    assert 0 == peakops("--sandbox", "setup", "--confirm", "peakops", "--reason", "test").code
    return sandbox.ensure(state / "peakops")


def elsewhere(up):
    """Addresses that nobody is asked for: they lead to the sandbox."""
    pages = json.dumps(
        {name: f"{up.vendor_url('status')}/{name}/api/v2/summary.json" for name in ("stripe", "supabase", "vercel")}
    )
    return {"PEAKOPS_STRIPE_URL": up.vendor_url("stripe"), "PEAKOPS_STATUS_URLS": pages}


def flat(shown):
    """A terminal's lines as one."""
    return " ".join(shown.split())


def test_a_person_is_asked_and_the_answers_are_tested(up, tmp_path):
    """
    Secrets are not shown, a malformed answer is asked for again, and the doctor looks at what was written.

    A variable that is set is not looked at; that it outranks what was written, or collides with it, is said by name.
    """
    typed = [up.database_url, "pk_test_hunter2", KEY, "", "", ""]
    others = {"PEAKOPS_DATABASE_URL": "postgresql://127.0.0.1:1/other", "PEAKOPS_STRIPE_API_KEY_FILE": str(tmp_path)}
    code, out, shown = at_terminal(("--env", "staging", "init"), typed, tmp_path, **elsewhere(up), **others)
    config, env = written(tmp_path, "staging")

    assert (0, "OK  Ready  [ready]") == (code, out.splitlines()[0])
    assert "PEAKOPS_DATABASE_URL is set in the environment and outranks what was written" in flat(shown)
    assert "PEAKOPS_STRIPE_API_KEY_FILE is set in the environment and collides with what was written" in flat(shown)
    assert "a publishable key cannot read payments" in shown
    assert 2 == shown.count("PEAKOPS_STRIPE_API_KEY (empty: none): ")
    assert not [each for each in (KEY, up.database_url) if each in shown + out]
    assert f"PEAKOPS_STRIPE_API_KEY={KEY}\n" in env.read_text()
    assert {"env": {"staging": {}}} == tomllib.loads(config.read_text())
    assert f"  peakops --env staging --env-file {env} doctor" in out.splitlines()


def test_what_is_no_secret_is_shown_and_goes_into_the_config_file(up, tmp_path):
    """The provider's own key is asked for where one is named; the exit code is the doctor's."""
    typed = ["", KEY, "", "", "sendgrid", "SG.hunter2hunter2hunter2.hunter2hunter2hunter2"]
    where = {**elsewhere(up), "PEAKOPS_SENDGRID_URL": up.vendor_url("sendgrid")}
    code, out, shown = at_terminal(("init",), typed, tmp_path, **where)

    assert (2, "CRITICAL  The e-mail provider refuses the key  [email_key_refused]") == (code, out.splitlines()[0])
    assert "PEAKOPS_EMAIL_PROVIDER (empty: none): sendgrid" in shown
    assert {"env": {"default": {"email_provider": "sendgrid"}}} == tomllib.loads(written(tmp_path)[0].read_text())
    assert "hunter2" not in shown + out


@pytest.mark.parametrize(("key", "code"), [(b"\x03", 130), (b"\x04", 12), (b"postgresql://h/d\x04\x04", 12)])
def test_a_person_who_leaves_has_no_files(key, code, tmp_path):
    """The end of the input, or a key that interrupts, writes nothing."""
    main, side = pty.openpty()
    child = subprocess.Popen(
        ["setsid", "--ctty", PEAKOPS, "init"],
        stdin=side, stdout=subprocess.PIPE, stderr=side, env=environment(tmp_path), text=True,
    )  # fmt: skip
    os.close(side)
    while not os.read(main, 4096).endswith(b": "):
        pass
    os.write(main, key)
    child.communicate(timeout=10)
    os.close(main)

    assert code == child.returncode
    assert not (tmp_path / "config").exists()
