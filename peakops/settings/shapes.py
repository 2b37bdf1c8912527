"""The settings as plain, frozen data, and the addresses and numbers that hold where nobody sets others."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

STRIPE_URL = "https://api.stripe.com"
SUPABASE_MANAGEMENT_URL = "https://api.supabase.com"
SENDGRID_URL = "https://api.sendgrid.com"
RESEND_URL = "https://api.resend.com"
VERCEL_URL = "https://api.vercel.com"
UPS_URL = "https://onlinetools.ups.com"
"""Production; UPS's test environment is https://wwwcie.ups.com."""
SALESFORCE_VERSION = "62.0"
"""Of Salesforce's API: 40 and older end with Summer '28, and SOAP log-ins are not taken from 65 on."""
CASE_FIELD = "Portal_Case_Id__c"
"""The field of a Salesforce case that holds the portal's own id of it: an External ID, and unique."""
STATUS_PAGES = {
    "stripe": "https://www.stripestatus.com",
    "supabase": "https://status.supabase.com",
    "vercel": "https://www.vercel-status.com",
    "sendgrid": "https://status.sendgrid.com",
    "resend": "https://resend-status.com",
}
SUMMARY = "/api/v2/summary.json"
"""Where Statuspage, which all of these vendors use, says what a program may read."""
HEALTH_FIELDS = (
    *("patient_name", "clinical_notes", "dob", "date_of_birth", "mrn", "medical_record_number"),
    *("diagnosis", "medical_history", "allergies", "medications"),
)
"""Fields that hold patient content: the portal's own, and what others call them; there is no public format of it."""
STRIPE_RATE = 20.0
"""Requests a second of a sweep; Stripe allows 25 for each of its lists."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a command may need to know; secrets do not show in its repr."""

    environment: str = "default"
    database_url: str | None = field(default=None, repr=False)
    database_ca: Path | None = None
    database_perf_url: str | None = field(default=None, repr=False)
    """For `peakops perf`: a role that sees statistics, and may explain as the portal's roles; None is database_url."""
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
    email_from: str | None = None
    """Who the portal's e-mail is from: an address, or Name <address>; its domain is the one that must be verified."""
    vercel_url: str = VERCEL_URL
    vercel_token: str | None = field(default=None, repr=False)
    vercel_project: str | None = None
    """The portal's project at Vercel: prj_…, or its name."""
    vercel_team: str | None = None
    """The team that the project belongs to: team_…, or its slug; None where it is a person's own."""
    portal_url: str | None = None
    """Where the portal's pages are, without a path: https://portal.example."""
    portal_cookie: str | None = field(default=None, repr=False)
    """A Cookie header of a person of tests, for pages behind the log-in; it is sent to the portal's host alone."""
    salesforce_url: str | None = None
    """The org's My Domain, https://<domain>.my.salesforce.com, without a path."""
    salesforce_flow: str | None = None
    """How to log in: client_credentials, jwt or password; None is the first of them that its settings are there for."""
    salesforce_login_url: str | None = None
    """What a JWT is for, and where a password logs in; None is https://login.salesforce.com."""
    salesforce_consumer_key: str | None = None
    salesforce_consumer_secret: str | None = field(default=None, repr=False)
    salesforce_username: str | None = None
    salesforce_private_key: str | None = field(default=None, repr=False)
    """PEM, of the certificate that the app knows: signs the JWT."""
    salesforce_password: str | None = field(default=None, repr=False)
    salesforce_security_token: str | None = field(default=None, repr=False)
    salesforce_version: str = SALESFORCE_VERSION
    salesforce_external_id_field: str = CASE_FIELD
    ups_url: str = UPS_URL
    ups_client_id: str | None = None
    ups_client_secret: str | None = field(default=None, repr=False)
    ups_shipper: Mapping[str, Any] = field(default_factory=dict)
    """Who ships, as a label says it: name, lines, city, state, postal_code, country, phone."""
    invitation_url: str | None = None
    """The portal's page that accepts an invitation, with {token} in it."""
    status_urls: Mapping[str, str] = field(default_factory=dict)
    """The vendors' status pages where they are not at their usual addresses, by vendor."""
    own_networks: tuple[str, ...] = ()
    """CIDRs that are never blocked."""
    evidence_key: str | None = field(default=None, repr=False)
    """PEM, Ed25519: seals evidence."""
    evidence_public_key: str | None = None
    """What a seal is held against: PEM, or the key's 32 bytes in base64."""
    pseudonym_key: str | None = field(default=None, repr=False)
    """What an erased person's id is turned into another with (HMAC)."""
    health_fields: tuple[str, ...] = HEALTH_FIELDS
    data_classes: Path | None = None
    """A TOML file that classifies tables beside those that peakops knows."""
    contacts: Path | None = None
    """The file of people, vendors and tiers."""
    heartbeat_url: str | None = field(default=None, repr=False)
    """What is told of each end of a sweep."""
    pages: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Where people are called, by the variable that holds the secret address: PEAKOPS_PAGE_ONCALL."""
    clock: datetime | None = None
    """Where the sandbox's clock stands; None is the real one."""
    clock_runs_since: float | None = None
    """When the sandbox's clock was there, on the monotonic clock, where it runs on; None where it stands."""
    refund_limit: int | None = None
    """The most that one run may refund, in minor units of the currency; None is no limit."""

    def now(self) -> datetime:
        """The present, in UTC: what every query and judgement takes as now."""
        if self.clock and self.clock_runs_since is not None:
            return self.clock + timedelta(seconds=time.monotonic() - self.clock_runs_since)
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
    sendgrid_key: str | None = field(default=None, repr=False)
    resend_key: str | None = field(default=None, repr=False)
    salesforce_consumer_key: str | None = None
    """Of the app that may write cases: with its secret, or with a user and the private key."""
    salesforce_consumer_secret: str | None = field(default=None, repr=False)
    salesforce_username: str | None = None
    salesforce_private_key: str | None = field(default=None, repr=False)
    ups_client_id: str | None = None
    ups_client_secret: str | None = field(default=None, repr=False)
    vercel_token: str | None = field(default=None, repr=False)

    @property
    def live(self) -> bool:
        """Whether the key moves real money."""
        return "_live_" in (self.stripe_key or "")[:8]

    def missing(self, writers: Iterable[str]) -> str | None:
        """The first setting that these writers lack, the database's before the vendors'."""
        known = {
            "database": (self.database_url, "PEAKOPS_DATABASE_WRITE_URL"),
            "stripe": (self.stripe_key, "PEAKOPS_STRIPE_WRITE_KEY"),
            "supabase": (self.supabase_key, "PEAKOPS_SUPABASE_WRITE_KEY"),
            "salesforce": (self._salesforce, "PEAKOPS_SALESFORCE_WRITE_CONSUMER_SECRET"),
            "sendgrid": (self.sendgrid_key, "PEAKOPS_SENDGRID_WRITE_KEY"),
            "resend": (self.resend_key, "PEAKOPS_RESEND_WRITE_KEY"),
            "ups": (self.ups_client_secret, "PEAKOPS_UPS_WRITE_CLIENT_SECRET"),
            "vercel": (self.vercel_token, "PEAKOPS_VERCEL_WRITE_TOKEN"),
        }
        wanted = set(writers)
        return next((setting for each, (value, setting) in known.items() if each in wanted and not value), None)

    @property
    def _salesforce(self) -> str | None:
        return self.salesforce_consumer_secret or self.salesforce_private_key


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
