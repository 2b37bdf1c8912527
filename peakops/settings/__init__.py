"""What the operator configured: from flags, environment, env file and config file, in this order."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from peakops.errors import NotConfigured

STRIPE_URL = "https://api.stripe.com"
SUPABASE_MANAGEMENT_URL = "https://api.supabase.com"
SENDGRID_URL = "https://api.sendgrid.com"
RESEND_URL = "https://api.resend.com"
STATUS_PAGES = {
    "stripe": "https://www.stripestatus.com",
    "supabase": "https://status.supabase.com",
    "vercel": "https://www.vercel-status.com",
    "sendgrid": "https://status.sendgrid.com",
    "resend": "https://resend-status.com",
}
SUMMARY = "/api/v2/summary.json"
"""Where Statuspage, which all of these vendors use, says what a program may read."""
STRIPE_RATE = 20.0
"""Requests a second of a sweep; Stripe allows 25 for each of its lists."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a command may need to know; secrets do not show in its repr."""

    environment: str = "default"
    database_url: str | None = field(default=None, repr=False)
    database_ca: Path | None = None
    stripe_api_key: str | None = field(default=None, repr=False)
    stripe_url: str = STRIPE_URL
    stripe_rate: float = STRIPE_RATE
    """The most requests a second that a sweep may make."""
    supabase_url: str | None = None
    """The project's address, https://<ref>.supabase.co, without a path."""
    supabase_key: str | None = field(default=None, repr=False)
    supabase_token: str | None = field(default=None, repr=False)
    """A token of the Management API, which knows the project's limits."""
    supabase_management_url: str = SUPABASE_MANAGEMENT_URL
    email_provider: str | None = None
    """Who sends the portal's e-mail: sendgrid or resend; None where none is configured."""
    sendgrid_api_key: str | None = field(default=None, repr=False)
    sendgrid_url: str = SENDGRID_URL
    resend_api_key: str | None = field(default=None, repr=False)
    resend_url: str = RESEND_URL
    invitation_url: str | None = None
    """The portal's page that accepts an invitation, with {token} in it."""
    status_urls: Mapping[str, str] = field(default_factory=dict)
    """The vendors' status pages where they are not at their usual addresses, by vendor."""
    clock: datetime | None = None
    """Where the sandbox's clock stands; None is the real one."""
    refund_limit: int | None = None
    """The most that one run may refund, in minor units of the currency; None is no limit."""

    def now(self) -> datetime:
        """The present, in UTC: what every query and judgement takes as now."""
        return self.clock or datetime.now(UTC)

    @property
    def production(self) -> bool:
        """Whether real money, or real people's data, is behind it: a live key, or an environment that is called so."""
        return "_live_" in (self.stripe_api_key or "")[:8] or self.environment.lower().startswith("prod")


@dataclass(frozen=True, kw_only=True)
class WriteKeys:
    """The credentials that change things: loaded when a plan is about to be applied, and nowhere else."""

    database_url: str | None = field(default=None, repr=False)
    stripe_key: str | None = field(default=None, repr=False)
    supabase_key: str | None = field(default=None, repr=False)

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return "_live_" in (self.stripe_key or "")[:8]

    def missing(self, writers: Iterable[str]) -> str | None:
        """The setting that one of these writers lacks."""
        known = {
            "database": (self.database_url, "PEAKOPS_DATABASE_WRITE_URL"),
            "stripe": (self.stripe_key, "PEAKOPS_STRIPE_WRITE_KEY"),
            "supabase": (self.supabase_key, "PEAKOPS_SUPABASE_WRITE_KEY"),
        }
        return next((known[each][1] for each in writers if not known[each][0]), None)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A setting as it may be shown, with where it comes from: of a secret only whether it is there."""

    setting: str
    """Its name in config.toml: stripe_api_key."""
    variable: str
    secret: bool
    present: bool
    """Whether there is a value, be it the default."""
    value: str | None = None
    """Always None for a secret; a value that is malformed may be a secret that stands in the wrong place."""
    origin: str = ""
    """environment, env file PATH, file PATH, config.toml, config.toml [env.NAME], default, sandbox; empty if absent."""
    exposed: bool = False
    """Of a secret, whether everybody on this machine can read the file that it comes from."""
    says: str = ""


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
    """The commented files of an environment, by where they belong: config.toml, and its env file with the secrets."""
    from peakops.settings import templates

    return {
        config_path(): templates.config_file(environment, values),
        config_home() / f"{environment}.env": templates.env_file(environment, values),
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


def state_home() -> Path:
    """Where journal and sandbox live."""
    return _home("XDG_STATE_HOME", ".local/state")


def cache_home() -> Path:
    """Where what can be had again is kept: the weather, and what completion offers."""
    return _home("XDG_CACHE_HOME", ".cache")


def _home(variable: str, otherwise: str) -> Path:
    base = os.environ.get(variable, "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / otherwise) / "peakops"
