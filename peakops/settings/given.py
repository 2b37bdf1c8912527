"""The settings as they are given, with pydantic-settings: where each may come from, and what it must look like."""

import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from peakops.errors import NotConfigured
from peakops.settings import STRIPE_RATE, STRIPE_URL, Settings, WriteKeys

SECRETS = ("database_url", "stripe_api_key", "database_write_url", "stripe_write_key")
"""Settings that may also come from a file: PEAKOPS_STRIPE_API_KEY_FILE names it."""


class Given(BaseSettings):
    """Every setting with its description; docs/settings.md and .env.example are checked against it."""

    model_config = SettingsConfigDict(env_prefix="PEAKOPS_", extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL URL of the portal, for a role that can read and bypasses row-level security."
    )
    database_url_file: Path | None = Field(None, description="A file that holds PEAKOPS_DATABASE_URL.")
    database_ca: Path | None = Field(
        None, description="CA certificate of the database; with it the server's name and certificate are verified."
    )
    stripe_api_key: SecretStr | None = Field(None, description="Stripe key, best a restricted one that only reads.")
    stripe_api_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_STRIPE_API_KEY.")
    database_write_url: SecretStr | None = Field(
        None, description="PostgreSQL URL for a role that may write; only a confirmed fix uses it."
    )
    database_write_url_file: Path | None = Field(None, description="A file that holds PEAKOPS_DATABASE_WRITE_URL.")
    stripe_write_key: SecretStr | None = Field(
        None, description="Stripe key that may write refunds and PaymentIntents; only a confirmed fix uses it."
    )
    stripe_write_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_STRIPE_WRITE_KEY.")
    refund_limit: int | None = Field(
        None, ge=0, description="The most that one run may refund, in minor units (12000 is 120.00 USD)."
    )
    stripe_url: str = Field(STRIPE_URL, description="Stripe's address; another one only for tests.")
    stripe_rate: float = Field(
        STRIPE_RATE, gt=0, le=1000, description="The most requests a second of a sweep; Stripe allows 25 for a list."
    )
    stripe_mode: Literal["live", "test"] | None = Field(
        None, description="The mode this environment must be in; a key of the other mode is refused."
    )

    @classmethod
    def settings_customise_sources(  # the name is pydantic's
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  (pydantic calls it with all of these)
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (likewise)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (likewise)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The profile of config.toml comes in as init values, and so below the environment."""
        return env_settings, init_settings

    @field_validator("database_url", "database_write_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in {"postgresql", "postgres"}:
            raise ValueError("it must begin with postgresql://")
        return value

    @field_validator("stripe_api_key", "stripe_write_key")
    @classmethod
    def _secret_key(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value() if value else "sk_test_"
        if not key.startswith(("sk_live_", "sk_test_", "rk_live_", "rk_test_")):
            kind = "a publishable key cannot read payments" if key.startswith("pk_") else "it is not a Stripe key"
            raise ValueError(f"{kind}; a key begins with rk_live_, rk_test_, sk_live_ or sk_test_")
        if not re.fullmatch(r"[A-Za-z0-9_]+", key):
            raise ValueError("it holds a character that no Stripe key has")
        return value

    @model_validator(mode="before")
    @classmethod
    def _files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in SECRETS:
            path = values.get(f"{name}_file")
            if path and values.get(name):
                raise ValueError(f"both {variable(name)} and {variable(name)}_FILE are set; keep one")
            if path:
                values[name] = _line(Path(path))
        return values

    @model_validator(mode="after")
    def _mode(self) -> "Given":
        keys = [_secret(each) or "" for each in (self.stripe_api_key, self.stripe_write_key)]
        modes = {key[3:7] for key in keys if key}
        if self.stripe_mode and modes - {self.stripe_mode}:
            raise ValueError(f"PEAKOPS_STRIPE_MODE is {self.stripe_mode}, but a Stripe key is of the other mode")
        if len(modes) > 1:
            raise ValueError("PEAKOPS_STRIPE_API_KEY and PEAKOPS_STRIPE_WRITE_KEY are of different modes")
        return self


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"PEAKOPS_{name.upper()}"


def read(environment: str | None, config: Path) -> Settings:
    """Read and validate. Raises NotConfigured, whose sentence names the setting and never its value."""
    name, given = _given(environment, config)
    return Settings(
        environment=name,
        database_url=_secret(given.database_url),
        database_ca=given.database_ca,
        stripe_api_key=_secret(given.stripe_api_key),
        stripe_url=given.stripe_url,
        stripe_rate=given.stripe_rate,
        refund_limit=given.refund_limit,
    )


def read_write_keys(environment: str | None, config: Path) -> WriteKeys:
    """The credentials that write. Raises NotConfigured as `read` does."""
    _, given = _given(environment, config)
    return WriteKeys(database_url=_secret(given.database_write_url), stripe_key=_secret(given.stripe_write_key))


def _given(environment: str | None, config: Path) -> tuple[str, Given]:
    name, profile = _profile(environment, config)
    try:
        return name, Given(**profile)
    except ValidationError as wrong:
        raise NotConfigured(_sentence(wrong), code="config.invalid", hint="See docs/settings.md.") from None
    except SettingsError as wrong:
        raise NotConfigured(f"The settings cannot be read: {wrong}.", code="config.invalid") from None


def _profile(environment: str | None, config: Path) -> tuple[str, dict[str, Any]]:
    """The values of config.toml for an environment: its top level, and over it the table [env.NAME]."""
    table = _toml(config)
    profiles = table.pop("env", {})
    name = environment or "default"
    if environment and name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise NotConfigured(
            f"There is no environment '{name}' in {config} (known: {known}).",
            code="config.no_environment",
            hint=f"Add a table [env.{name}] to it, or use --sandbox.",
        )
    values = {**table, **profiles.get(name, {})}
    if unknown := sorted(values.keys() - Given.model_fields.keys()):
        raise NotConfigured(f"{config} has an unknown setting '{unknown[0]}'.", code="config.invalid")
    if secret := sorted(values.keys() & set(SECRETS)):
        raise NotConfigured(
            f"{config} holds the secret '{secret[0]}' itself.",
            code="config.secret",
            hint=f"Put it into a file of its own and name that: {secret[0]}_file = '…'.",
        )
    return name, values


def _toml(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as wrong:
        raise NotConfigured(f"{config} cannot be read: {wrong}.", code="config.invalid") from None


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as wrong:
        raise ValueError(f"{path} cannot be read ({wrong.strerror})") from None


def _sentence(wrong: ValidationError) -> str:
    first = wrong.errors(include_input=False, include_url=False)[0]
    says = first["msg"].removeprefix("Value error, ").rstrip(".")
    where = variable(str(first["loc"][0])) if first["loc"] else "The settings"
    return f"{where}: {says}."
