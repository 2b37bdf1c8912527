"""What the operator configured: from flags, environment, env file and config file, in this order."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from peakops.errors import NotConfigured

STRIPE_URL = "https://api.stripe.com"
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

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return "_live_" in (self.stripe_key or "")[:8]

    def missing(self, writers: Iterable[str]) -> str | None:
        """The setting that one of these writers lacks."""
        known = {
            "database": (self.database_url, "PEAKOPS_DATABASE_WRITE_URL"),
            "stripe": (self.stripe_key, "PEAKOPS_STRIPE_WRITE_KEY"),
        }
        return next((known[each][1] for each in writers if not known[each][0]), None)


def load(environment: str | None) -> Settings:
    """
    The settings of an environment, read and validated.

    Precedence: the environment's PEAKOPS_* variables (the env file's are among them by now), the profile of the
    config file, defaults.
    Raises NotConfigured when a value is malformed, a file is missing, or the environment is not a profile.
    """
    # pydantic takes a quarter of a second to import, and the sandbox needs none of it.
    from peakops.settings.given import read

    return read(environment, config_home() / "config.toml")


def sandbox_rate() -> float:
    """PEAKOPS_STRIPE_RATE for the sandbox, which needs no other setting. Raises NotConfigured."""
    given = os.environ.get("PEAKOPS_STRIPE_RATE") or str(STRIPE_RATE)
    if not (given.replace(".", "", 1).isdecimal() and 0 < float(given) <= 1000):
        raise NotConfigured("PEAKOPS_STRIPE_RATE: it must be a number of requests, from 0.1 to 1000.")
    return float(given)


def write_keys(environment: str | None) -> WriteKeys:
    """The credentials of an environment that write. Raises NotConfigured as `load` does."""
    from peakops.settings.given import read_write_keys

    return read_write_keys(environment, config_home() / "config.toml")


def apply_env_file(path: Path) -> None:
    """Let the PEAKOPS_ variables of an env file count, below those that are set. Raises NotConfigured."""
    from peakops.settings import env_file

    env_file.apply(path)


def config_home() -> Path:
    """Where config.toml lives."""
    return _home("XDG_CONFIG_HOME", ".config")


def state_home() -> Path:
    """Where journal and sandbox live."""
    return _home("XDG_STATE_HOME", ".local/state")


def _home(variable: str, otherwise: str) -> Path:
    base = os.environ.get(variable, "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / otherwise) / "peakops"
