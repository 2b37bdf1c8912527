"""The settings as they are given, with pydantic-settings: where each may come from, and what it must look like."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from peakops.settings import (
    CASE_FIELD,
    RESEND_URL,
    SALESFORCE_VERSION,
    SENDGRID_URL,
    STRIPE_RATE,
    STRIPE_URL,
    SUPABASE_MANAGEMENT_URL,
    UPS_URL,
    VERCEL_URL,
    checks,
)
from peakops.settings.given_guard import SECRETS as GUARDING_SECRETS
from peakops.settings.given_guard import Guarding
from peakops.settings.given_team import SECRETS as TEAMING_SECRETS
from peakops.settings.given_team import Teaming
from peakops.settings.secret_files import text_of

SECRETS = (
    *("database_url", "stripe_api_key", "database_write_url", "stripe_write_key"),
    *("supabase_key", "supabase_token", "supabase_write_key", "sendgrid_api_key", "resend_api_key"),
    *("salesforce_consumer_secret", "salesforce_private_key", "salesforce_password", "salesforce_security_token"),
    *("salesforce_write_consumer_secret", "salesforce_write_private_key"),
    *("ups_client_secret", "ups_write_client_secret"),
    *("sendgrid_write_key", "resend_write_key", "vercel_token", "portal_cookie", "database_perf_url"),
    *GUARDING_SECRETS,
    *TEAMING_SECRETS,
)
"""Settings that may also come from a file: PEAKOPS_STRIPE_API_KEY_FILE names it."""
ADDRESSES = (
    *("stripe_url", "supabase_url", "supabase_management_url", "sendgrid_url", "resend_url"),
    *("salesforce_url", "salesforce_login_url", "ups_url", "invitation_url", "status_urls"),
    *("vercel_url", "portal_url"),
)
"""Settings that are addresses of HTTP."""


class Given(Guarding, Teaming):
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
    sendgrid_write_key: SecretStr | None = Field(
        None, description="SendGrid key that sends, and changes suppressions; only a confirmed fix uses it."
    )
    sendgrid_write_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_SENDGRID_WRITE_KEY.")
    resend_write_key: SecretStr | None = Field(
        None, description="Resend key with full access; only a confirmed fix uses it."
    )
    resend_write_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_RESEND_WRITE_KEY.")
    email_from: str | None = Field(None, description="Who the portal's e-mail is from: an address or Name <address>.")
    database_perf_url: SecretStr | None = Field(
        None, description="PostgreSQL URL for peakops perf: a role with pg_monitor; PEAKOPS_DATABASE_URL by default."
    )
    database_perf_url_file: Path | None = Field(None, description="A file that holds PEAKOPS_DATABASE_PERF_URL.")
    portal_url: str | None = Field(None, description="Where the portal's pages are, without a path.")
    portal_cookie: SecretStr | None = Field(
        None,
        description="Cookie header of a person of tests, for pages behind the log-in; for the portal's host alone.",
    )
    portal_cookie_file: Path | None = Field(None, description="A file that holds PEAKOPS_PORTAL_COOKIE.")
    vercel_token: SecretStr | None = Field(
        None, description="Vercel token of the team; one of a single project cannot read Speed Insights."
    )
    vercel_token_file: Path | None = Field(None, description="A file that holds PEAKOPS_VERCEL_TOKEN.")
    vercel_project: str | None = Field(None, description="The portal's project at Vercel: prj_… or its name.")
    vercel_team: str | None = Field(None, description="The project's team at Vercel: team_… or its slug.")
    vercel_url: str = Field(VERCEL_URL, description="Vercel's address; another one only for tests.")
    salesforce_url: str | None = Field(
        None, description="The Salesforce org's My Domain, https://<domain>.my.salesforce.com."
    )
    salesforce_flow: Literal["client_credentials", "jwt", "password"] | None = Field(
        None, description="How to log in to Salesforce; without it, the first of these whose settings are there."
    )
    salesforce_login_url: str | None = Field(
        None, description="What a JWT is for, and where a password logs in: https://login.salesforce.com by default."
    )
    salesforce_consumer_key: str | None = Field(
        None, description="Consumer key of the External Client App that reads Salesforce."
    )
    salesforce_consumer_secret: SecretStr | None = Field(None, description="Its consumer secret (client credentials).")
    salesforce_consumer_secret_file: Path | None = Field(
        None, description="A file that holds PEAKOPS_SALESFORCE_CONSUMER_SECRET."
    )
    salesforce_username: str | None = Field(
        None, description="Who logs in to Salesforce, for a JWT or a password; client credentials need none."
    )
    salesforce_private_key: SecretStr | None = Field(
        None, description="PEM private key of the app's certificate, which signs the JWT."
    )
    salesforce_private_key_file: Path | None = Field(
        None, description="A file that holds PEAKOPS_SALESFORCE_PRIVATE_KEY."
    )
    salesforce_password: SecretStr | None = Field(
        None, description="Password of the SOAP log-in, which Salesforce ends on 2027-06-01; use an app instead."
    )
    salesforce_password_file: Path | None = Field(None, description="A file that holds PEAKOPS_SALESFORCE_PASSWORD.")
    salesforce_security_token: SecretStr | None = Field(None, description="Security token of the SOAP log-in.")
    salesforce_security_token_file: Path | None = Field(
        None, description="A file that holds PEAKOPS_SALESFORCE_SECURITY_TOKEN."
    )
    salesforce_version: str = Field(
        SALESFORCE_VERSION, pattern=r"^\d{2,3}\.0$", description="Version of Salesforce's API, like 62.0."
    )
    salesforce_external_id_field: str = Field(
        CASE_FIELD,
        pattern=r"^[A-Za-z]\w*$",
        description="Field of a Salesforce case that holds the portal's id of it: an External ID, and unique.",
    )
    salesforce_write_consumer_key: str | None = Field(
        None, description="Consumer key of the app that may make cases; only a confirmed fix uses it."
    )
    salesforce_write_consumer_secret: SecretStr | None = Field(None, description="Its consumer secret.")
    salesforce_write_consumer_secret_file: Path | None = Field(
        None, description="A file that holds PEAKOPS_SALESFORCE_WRITE_CONSUMER_SECRET."
    )
    salesforce_write_username: str | None = Field(
        None, description="Who makes cases, where that app logs in with a JWT instead of a secret."
    )
    salesforce_write_private_key: SecretStr | None = Field(None, description="PEM private key that signs that JWT.")
    salesforce_write_private_key_file: Path | None = Field(
        None, description="A file that holds PEAKOPS_SALESFORCE_WRITE_PRIVATE_KEY."
    )
    ups_url: str = Field(UPS_URL, description="UPS's address; https://wwwcie.ups.com is its test environment.")
    ups_client_id: str | None = Field(None, description="Client id of the UPS app that reads.")
    ups_client_secret: SecretStr | None = Field(None, description="Client secret of the UPS app that reads.")
    ups_client_secret_file: Path | None = Field(None, description="A file that holds PEAKOPS_UPS_CLIENT_SECRET.")
    ups_write_client_id: str | None = Field(
        None, description="Client id of the UPS app that makes and voids labels; only a confirmed fix uses it."
    )
    ups_write_client_secret: SecretStr | None = Field(None, description="Client secret of that app.")
    ups_write_client_secret_file: Path | None = Field(
        None, description="A file that holds PEAKOPS_UPS_WRITE_CLIENT_SECRET."
    )
    ups_shipper: dict[str, Any] = Field(
        default_factory=dict,
        description="Who ships, as JSON: name, lines, city, state, postal_code, country, phone, as on a label.",
    )
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

    _postgres = field_validator("database_url", "database_write_url", "database_perf_url")(checks.postgres)
    _stripe = field_validator("stripe_api_key", "stripe_write_key")(checks.stripe_key)
    _safe = field_validator(*ADDRESSES)(checks.safe)
    _project = field_validator("supabase_url")(checks.project)
    _org = field_validator("salesforce_url")(checks.org)
    _token = field_validator("invitation_url")(checks.with_token)
    _sender = field_validator("email_from")(checks.sender)
    _pem = field_validator("salesforce_private_key", "salesforce_write_private_key")(checks.pem)
    _ups = field_validator("ups_url")(checks.ups)
    _shipper = field_validator("ups_shipper")(checks.shipper)

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
        modes = {each.get_secret_value()[3:7] for each in (self.stripe_api_key, self.stripe_write_key) if each}
        if self.stripe_mode and modes - {self.stripe_mode}:
            raise ValueError(f"PEAKOPS_STRIPE_MODE is {self.stripe_mode}, but a Stripe key is of the other mode")
        if len(modes) > 1:
            raise ValueError("PEAKOPS_STRIPE_API_KEY and PEAKOPS_STRIPE_WRITE_KEY are of different modes")
        return self


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"PEAKOPS_{name.upper()}"
