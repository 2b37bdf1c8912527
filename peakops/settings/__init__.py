"""What the operator configured: from flags, environment, env file and config file, in this order."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from peakops.errors import NotConfigured
from peakops.settings.shapes import (
    CASE_FIELD,
    HEALTH_FIELDS,
    RESEND_URL,
    SALESFORCE_VERSION,
    SENDGRID_URL,
    STATUS_PAGES,
    STRIPE_RATE,
    STRIPE_URL,
    SUMMARY,
    SUPABASE_MANAGEMENT_URL,
    UPS_URL,
    VERCEL_URL,
    Settings,
    Told,
    WriteKeys,
)

__all__ = (
    "CASE_FIELD",
    "HEALTH_FIELDS",
    "RESEND_URL",
    "SALESFORCE_VERSION",
    "SENDGRID_URL",
    "STATUS_PAGES",
    "STRIPE_RATE",
    "STRIPE_URL",
    "SUMMARY",
    "SUPABASE_MANAGEMENT_URL",
    "UPS_URL",
    "VERCEL_URL",
    "Settings",
    "Told",
    "WriteKeys",
)


def load(environment: str | None) -> Settings:
    """
    The settings of an environment, read and validated.

    Precedence: the environment's PEAKOPS_* variables (the env file's are among them by now), the profile of the
    config file, defaults.
    Raises NotConfigured when a value is malformed, a file is missing, or the environment is not a profile.
    """
    # pydantic takes a quarter of a second to import, and the sandbox needs none of it.
    from peakops.settings.reading import read

    return read(environment, config_path())


def sandbox_rate() -> float:
    """PEAKOPS_STRIPE_RATE for the sandbox, which needs no other setting. Raises NotConfigured."""
    given = os.environ.get("PEAKOPS_STRIPE_RATE") or str(STRIPE_RATE)
    if not (given.replace(".", "", 1).isdecimal() and 0 < float(given) <= 1000):
        raise NotConfigured("PEAKOPS_STRIPE_RATE: it must be a number of requests, from 0.1 to 1000.")
    return float(given)


def write_keys(environment: str | None) -> WriteKeys:
    """The credentials of an environment that write. Raises NotConfigured as `load` does."""
    from peakops.settings.reading import read_write_keys

    return read_write_keys(environment, config_path())


def told(environment: str | None) -> tuple[Told, ...]:
    """Every setting of an environment, well formed or not. Raises NotConfigured where config.toml cannot be read."""
    from peakops.settings import origins

    return origins.told(environment, config_path())


def told_of(settings: Settings, keys: WriteKeys, origin: str) -> tuple[Told, ...]:
    """Every setting of an environment that configures itself, as the sandbox does: all come from `origin`."""
    from peakops.settings import origins

    return origins.told_of(settings, keys, origin)


def strangers(options: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Each PEAKOPS_ variable that is no setting and none of the `options`' twins, with the nearest that there is."""
    from peakops.settings import origins

    return origins.strangers(tuple(options))


def wrong(setting: str, value: str) -> str:
    """What is wrong with a value that somebody typed, as a sentence that does not hold it; empty where nothing is."""
    from peakops.settings import reading

    return reading.wrong(setting, value)


def files_for(environment: str, values: Mapping[str, str]) -> dict[Path, str]:
    """
    The commented files of an environment, by where they belong.

    They are config.toml, the environment's env file with the secrets, and contacts.toml, in this order.
    """
    from peakops.settings import templates

    return {
        config_path(): templates.config_file(environment, values),
        config_home() / f"{environment}.env": templates.env_file(environment, values),
        contacts_path(): templates.contacts_file(),
    }


def environments() -> tuple[str, ...]:
    """The environments that config.toml has tables of. Raises NotConfigured where it cannot be read."""
    from peakops.settings.config_file import read

    return tuple(sorted(read(config_path()).environments))


def apply_env_file(path: Path) -> None:
    """Let the PEAKOPS_ variables of an env file count, below those that are set. Raises NotConfigured."""
    from peakops.settings import env_file

    env_file.apply(path)


def origin(variable: str) -> str:
    """Where a variable that is set comes from: `environment`, or an env file by name."""
    from peakops.settings import env_file

    return env_file.origin(variable)


def page_variables() -> tuple[str, ...]:
    """The variables PEAKOPS_PAGE_… that are set, those that name a file among them."""
    from peakops.settings.page_addresses import PAGE

    return tuple(sorted(name for name, value in os.environ.items() if name.startswith(PAGE) and value))


def database_file(environment: str) -> str:
    """The file that holds the database's address, as it is named; empty where none is. Raises NotConfigured."""
    from peakops.settings.config_file import read

    given = os.environ.get("PEAKOPS_DATABASE_URL_FILE")
    tables = () if given else read(config_path()).layers(environment)
    return given or next((str(each["database_url_file"]) for _, each in tables if "database_url_file" in each), "")


def config_home() -> Path:
    """Where config.toml lives."""
    return _home("XDG_CONFIG_HOME", ".config")


def config_path() -> Path:
    """config.toml, whether it is there or not."""
    return config_home() / "config.toml"


def contacts_path() -> Path:
    """contacts.toml, where PEAKOPS_CONTACTS names no other, whether it is there or not."""
    return config_home() / "contacts.toml"


def state_home() -> Path:
    """Where journal and sandbox live."""
    return _home("XDG_STATE_HOME", ".local/state")


def cache_home() -> Path:
    """Where what can be had again is kept: the weather, and what completion offers."""
    return _home("XDG_CACHE_HOME", ".cache")


def _home(variable: str, otherwise: str) -> Path:
    base = os.environ.get(variable, "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / otherwise) / "peakops"
