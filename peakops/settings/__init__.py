"""What the operator configured: from flags, environment, env file and config file, in this order."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

STRIPE_URL = "https://api.stripe.com"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a command may need to know; secrets do not show in its repr."""

    environment: str = "default"
    database_url: str | None = field(default=None, repr=False)
    database_ca: Path | None = None
    stripe_api_key: str | None = field(default=None, repr=False)
    stripe_url: str = STRIPE_URL
    clock: datetime | None = None
    """Where the sandbox's clock stands; None is the real one."""

    def now(self) -> datetime:
        """The present, in UTC: what every query and judgement takes as now."""
        return self.clock or datetime.now(UTC)


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
