"""The settings as they are given, with pydantic-settings: where each may come from, and what it must look like."""

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from peakops.endpoints import is_safe
from peakops.settings import RESEND_URL, SENDGRID_URL, STRIPE_RATE, STRIPE_URL, SUPABASE_MANAGEMENT_URL
from peakops.settings.secret_files import text_of

SECRETS = (
    *("database_url", "stripe_api_key", "database_write_url", "stripe_write_key"),
    *("supabase_key", "supabase_token", "supabase_write_key", "sendgrid_api_key", "resend_api_key"),
)
"""Settings that may also come from a file: PEAKOPS_STRIPE_API_KEY_FILE names it."""
ADDRESSES = (
    *("stripe_url", "supabase_url", "supabase_management_url", "sendgrid_url", "resend_url"),
    *("invitation_url", "status_urls"),
)
"""Settings that are addresses of HTTP."""


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
    supabase_url: str | None = Field(None, description="The Supabase project's address, https://<ref>.supabase.co.")
    supabase_key: SecretStr | None = Field(
        None, description="Supabase key for reading: publishable or secret, or the older anon or service_role key."
    )
    supabase_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_SUPABASE_KEY.")
    supabase_write_key: SecretStr | None = Field(
        None, description="Supabase secret key (sb_secret_… or service_role); only a confirmed fix uses it."
    )
    supabase_write_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_SUPABASE_WRITE_KEY.")
    supabase_token: SecretStr | None = Field(
        None, description="Token of Supabase's Management API (sbp_…), which knows the project's mail limits."
    )
    supabase_token_file: Path | None = Field(None, description="A file that holds PEAKOPS_SUPABASE_TOKEN.")
    supabase_management_url: str = Field(
        SUPABASE_MANAGEMENT_URL, description="The Management API's address; another one only for tests."
    )
    email_provider: Literal["sendgrid", "resend"] | None = Field(None, description="Who sends the portal's e-mail.")
    sendgrid_api_key: SecretStr | None = Field(None, description="SendGrid key that reads suppressions and messages.")
    sendgrid_api_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_SENDGRID_API_KEY.")
    sendgrid_url: str = Field(SENDGRID_URL, description="SendGrid's address; another one for its EU region, or tests.")
    resend_api_key: SecretStr | None = Field(None, description="Resend key with full access: others cannot read.")
    resend_api_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_RESEND_API_KEY.")
    resend_url: str = Field(RESEND_URL, description="Resend's address; another one only for tests.")
    invitation_url: str | None = Field(
        None, description="The portal's page that accepts an invitation, with {token} where the token belongs."
    )
    status_urls: dict[str, str] = Field(
        default_factory=dict, description="Other addresses of status pages, as JSON: vendor to summary.json."
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
        if value and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
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

    @field_validator(*ADDRESSES)
    @classmethod
    def _safe(cls, value: str | dict[str, str] | None) -> str | dict[str, str] | None:
        """Keys, links that log in and vendors' words travel so that nobody reads or changes them."""
        urls = value.values() if isinstance(value, dict) else [value] if value else ()
        if not all(map(is_safe, urls)):
            raise ValueError("it must begin with https://, or with http:// for this machine alone")
        return value

    @field_validator("supabase_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value and re.search(r"/(auth|rest)/v1", value):
            raise ValueError("it is the project's address alone, https://<ref>.supabase.co")
        return value

    @field_validator("invitation_url")
    @classmethod
    def _has_token(cls, value: str | None) -> str | None:
        if value and "{token}" not in value:
            raise ValueError("it must be an address with {token} in it")
        return value

    @model_validator(mode="before")
    @classmethod
    def _files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in SECRETS:
            path = values.get(f"{name}_file")
            if path and values.get(name):
                raise ValueError(f"both {variable(name)} and {variable(name)}_FILE are set; keep one")
            if isinstance(path, str | Path) and path:
                values[name] = text_of(f"{variable(name)}_FILE", Path(path))
        return values

    @model_validator(mode="after")
    def _mode(self) -> "Given":
        keys = [each.get_secret_value() for each in (self.stripe_api_key, self.stripe_write_key) if each]
        modes = {key[3:7] for key in keys}
        if self.stripe_mode and modes - {self.stripe_mode}:
            raise ValueError(f"PEAKOPS_STRIPE_MODE is {self.stripe_mode}, but a Stripe key is of the other mode")
        if len(modes) > 1:
            raise ValueError("PEAKOPS_STRIPE_API_KEY and PEAKOPS_STRIPE_WRITE_KEY are of different modes")
        return self


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"PEAKOPS_{name.upper()}"
