"""The settings as files to be filled in: each with its description above it, as docs/settings.md tells it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from peakops.settings.given import SECRETS, Given, variable

PLAIN = re.compile(r"[\w:/.@+=,%-]*")
"""What an env file takes without quotes."""


def variables(settings: Iterable[str], values: Mapping[str, str]) -> Iterator[str]:
    """The lines of an env file: of each setting its description, and its variable with the value that is given."""
    for name in settings:
        secret = " Secret." if name in SECRETS else ""
        yield from ("", f"# {Given.model_fields[name].description}{secret}")
        yield f"{variable(name)}={_quoted(values.get(name, ''))}"


def env_file(environment: str, values: Mapping[str, str]) -> str:
    """The secrets of an environment; a variable that is empty counts as not set."""
    head = [
        f"# The secrets of peakops' environment '{environment}': for peakops --env-file, readable by its owner alone."
    ]
    head += ["# What a secret manager puts into a file of its own is named by PEAKOPS_…_FILE instead; see config.toml."]
    return "\n".join([*head, *variables(SECRETS, values)]) + "\n"


def config_file(environment: str, values: Mapping[str, str]) -> str:
    """The settings that are no secrets, as a table of config.toml; what has no value is a comment."""
    lines = [
        "# peakops: the settings that are no secrets. What stands above the first table counts for all environments."
    ]
    lines += ["", f"[env.{environment}]"]
    for name, field in Given.model_fields.items():
        if name not in SECRETS:
            default = field.get_default(call_default_factory=True)
            shown = _toml(values.get(name, "" if default is None else default))
            lines += ["", f"# {field.description}", f"{'' if name in values else '# '}{name} = {shown}"]
    return "\n".join(lines) + "\n"


def contacts_file() -> str:
    """The people, vendors and tiers of a team, all of it commented out."""
    return Path(__file__).with_name("contacts_template.toml").read_text("utf-8")


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    # A TOML string is written as JSON writes it.
    return json.dumps(value, ensure_ascii=False)


def _quoted(value: str) -> str:
    """A value as python-dotenv reads it back."""
    if PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
