"""Where each setting comes from, and what may be shown of it; which variables are no setting at all."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from peakops.settings import Settings, Told, WriteKeys, config_file, env_file
from peakops.settings.page_addresses import PAGE
from peakops.settings.secret_files import is_open, origin_of

OUTSIDE = {
    "PEAKOPS_OPERATOR": "Who works here, for the journal and the audit log, instead of the system's user.",
    "PEAKOPS_PG_BIN": "The folder with the initdb and postgres that the sandbox runs, instead of those it finds.",
}
"""Variables that are neither a setting nor an option's twin."""
NO_SETTINGS = ("environment", "clock", "clock_runs_since", "pages")
"""Fields of Settings that nobody configures as such."""
MALFORMED = "(malformed)"
"""What is shown of a value that is none: it may be a secret that was put into the wrong setting."""
Place = tuple[str, Mapping[str, Any]]
"""Values by the setting's name, and the name of the place that they are in."""


def told(environment: str | None, config: Path) -> tuple[Told, ...]:
    """Every setting with its origin, as `peakops.settings.given` would take it, whether it is well formed or not."""
    from peakops.settings.given import SECRETS, Given

    name, file = config_file.chosen(environment, config)
    places: tuple[Place, ...] = (("", _variables()), *file.layers(name))
    found = []
    for setting, field in Given.model_fields.items():
        if setting.removesuffix("_file") in SECRETS and setting not in SECRETS:
            continue  # it is the origin of the secret that it holds
        value, origin, holder = _from(setting, places, secret=setting in SECRETS)
        default = field.get_default(call_default_factory=True)
        if not origin and default not in (None, {}):
            value, origin = default, "default"
        elif origin and setting not in SECRETS:
            value = _well_formed(setting, value, default)
        one = _told(setting, value, origin, secret=setting in SECRETS, says=field.description or "")
        found.append(replace(one, exposed=one.secret and is_open(holder or "")))
    return tuple(found)


def _well_formed(setting: str, value: Any, default: Any) -> Any:
    """The value as it is given, or that it is malformed; a table is written as JSON in the environment."""
    from peakops.settings.reading import wrong

    try:
        read = json.loads(value) if isinstance(default, Mapping) and isinstance(value, str) else value
    except ValueError:
        return MALFORMED
    return MALFORMED if wrong(setting, read) else value


def told_of(settings: Settings, keys: WriteKeys, origin: str) -> tuple[Told, ...]:
    """Every setting of Settings that were not configured but made, with their one origin."""
    values = {each.name: getattr(settings, each.name) for each in fields(Settings) if each.name not in NO_SETTINGS}
    values |= {_writing(each.name): getattr(keys, each.name) for each in fields(WriteKeys)}
    hidden = {each.name for each in fields(Settings) if not each.repr}
    hidden |= {_writing(each.name) for each in fields(WriteKeys) if not each.repr}
    plain, variables = Settings(), _variables()
    found = []
    for name, value in values.items():
        own = env_file.origin(_variable(name)) if name in variables and name == "stripe_rate" else origin
        made = own if value not in (None, getattr(plain, name, None)) else "default" if value else ""
        found.append(_told(name, value, made, secret=name in hidden))
    return tuple(found)


def _writing(field: str) -> str:
    """The setting of a credential that writes: stripe_key is stripe_write_key."""
    vendor, _, rest = field.partition("_")
    return f"{vendor}_write_{rest}"


def strangers(options: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The variables that nothing reads, and of each the one that was probably meant; empty where none is near."""
    ours = [each for each in sorted(os.environ) if each.upper().startswith(env_file.PREFIX)]
    suspects = [each for each in ours if each not in options and each not in OUTSIDE and not each.startswith(PAGE)]
    return tuple(_near(suspects, options)) if suspects else ()


def _near(suspects: list[str], options: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    from difflib import get_close_matches

    from peakops.settings.given import Given

    known = [_own(each) for each in (*map(_variable, Given.model_fields), *options, *OUTSIDE)]
    for each in suspects:
        if _own(each) not in known:
            near = get_close_matches(_own(each), known, n=1)
            yield each, f"{env_file.PREFIX}{near[0]}" if near else ""


def _own(variable: str) -> str:
    """A variable's name without what all of them begin with."""
    return variable.upper().removeprefix(env_file.PREFIX)


def _variables() -> dict[str, str]:
    """The PEAKOPS_ variables that are set, by the name of the setting that each would be."""
    prefix = env_file.PREFIX
    found = {key.upper(): value for key, value in os.environ.items() if value}
    return {key.removeprefix(prefix).lower(): value for key, value in found.items() if key.startswith(prefix)}


def _variable(setting: str) -> str:
    return f"{env_file.PREFIX}{setting.upper()}"


def _from(setting: str, places: tuple[Place, ...], *, secret: bool) -> tuple[Any, str, Path | str | None]:
    """The value and its origin in the first place that has it, and the file that holds it: its own, or the env file."""
    for place, values in places:
        if setting in values:
            variable = _variable(setting)
            return values[setting], place or env_file.origin(variable), None if place else env_file.file_of(variable)
        if secret and f"{setting}_file" in values:
            file = values[f"{setting}_file"]
            return "", origin_of(_variable(f"{setting}_file"), file), str(file)
    return None, "", None


def _told(setting: str, value: Any, origin: str, *, secret: bool, says: str = "") -> Told:
    shown = json.dumps(dict(value)) if isinstance(value, Mapping) else str(value)
    return Told(
        setting=setting,
        variable=_variable(setting),
        secret=secret,
        present=bool(origin),
        value=None if secret or not origin else shown,
        origin=origin,
        says=says,
    )
