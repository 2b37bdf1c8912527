"""The settings read and validated; what is wrong with one is said without its value."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_settings.exceptions import SettingsError

from peakops.errors import NotConfigured
from peakops.settings import Settings, WriteKeys, config_file
from peakops.settings.given import SECRETS, Given, variable
from peakops.settings.page_addresses import pages
from peakops.settings.sentences import sentence

TABLE = "Write it as JSON; docs/settings.md shows how."


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


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
        supabase_url=given.supabase_url.rstrip("/") if given.supabase_url else None,
        supabase_key=_secret(given.supabase_key),
        supabase_token=_secret(given.supabase_token),
        supabase_management_url=given.supabase_management_url,
        email_provider=given.email_provider,
        sendgrid_api_key=_secret(given.sendgrid_api_key),
        sendgrid_url=given.sendgrid_url,
        resend_api_key=_secret(given.resend_api_key),
        resend_url=given.resend_url,
        email_from=given.email_from,
        database_perf_url=_secret(given.database_perf_url),
        portal_url=given.portal_url.rstrip("/") if given.portal_url else None,
        portal_cookie=_secret(given.portal_cookie),
        vercel_token=_secret(given.vercel_token),
        vercel_project=given.vercel_project,
        vercel_team=given.vercel_team,
        vercel_url=given.vercel_url.rstrip("/"),
        salesforce_url=given.salesforce_url.rstrip("/") if given.salesforce_url else None,
        salesforce_flow=given.salesforce_flow,
        salesforce_login_url=given.salesforce_login_url,
        salesforce_consumer_key=given.salesforce_consumer_key,
        salesforce_consumer_secret=_secret(given.salesforce_consumer_secret),
        salesforce_username=given.salesforce_username,
        salesforce_private_key=_secret(given.salesforce_private_key),
        salesforce_password=_secret(given.salesforce_password),
        salesforce_security_token=_secret(given.salesforce_security_token),
        salesforce_version=given.salesforce_version,
        salesforce_external_id_field=given.salesforce_external_id_field,
        ups_url=given.ups_url.rstrip("/"),
        ups_client_id=given.ups_client_id,
        ups_client_secret=_secret(given.ups_client_secret),
        ups_shipper=given.ups_shipper,
        invitation_url=given.invitation_url,
        status_urls=given.status_urls,
        own_networks=given.own_networks,
        evidence_key=_secret(given.evidence_key),
        evidence_public_key=given.evidence_public_key,
        pseudonym_key=_secret(given.pseudonym_key),
        health_fields=given.health_fields,
        data_classes=given.data_classes,
        contacts=given.contacts or config.with_name("contacts.toml"),
        heartbeat_url=_secret(given.heartbeat_url),
        pages=pages(),
    )


def wrong(setting: str, value: str) -> str:
    """What is wrong with one setting's value, as a sentence that does not hold it; empty where nothing is."""
    try:
        Given.__pydantic_validator__.validate_assignment(Given.model_construct(), setting, value)
    except ValidationError as error:
        return sentence(error)
    return ""


def read_write_keys(environment: str | None, config: Path) -> WriteKeys:
    """The credentials that write. Raises NotConfigured as `read` does."""
    _, given = _given(environment, config)
    return WriteKeys(
        database_url=_secret(given.database_write_url),
        stripe_key=_secret(given.stripe_write_key),
        supabase_key=_secret(given.supabase_write_key),
        sendgrid_key=_secret(given.sendgrid_write_key),
        resend_key=_secret(given.resend_write_key),
        salesforce_consumer_key=given.salesforce_write_consumer_key,
        salesforce_consumer_secret=_secret(given.salesforce_write_consumer_secret),
        salesforce_username=given.salesforce_write_username,
        salesforce_private_key=_secret(given.salesforce_write_private_key),
        ups_client_id=given.ups_write_client_id,
        ups_client_secret=_secret(given.ups_write_client_secret),
        vercel_token=_secret(given.vercel_write_token),
    )


def _given(environment: str | None, config: Path) -> tuple[str, Given]:
    name, profile = _profile(environment, config)
    try:
        return name, Given(**profile)
    except ValidationError as wrong:
        raise NotConfigured(sentence(wrong), code="config.invalid", hint="See docs/settings.md.") from None
    except SettingsError as wrong:
        # Of all settings only a table is written as JSON; the message tells its field, and no value.
        named = re.search(r'field "(\w+)"', str(wrong))
        says = f"{variable(named[1]) if named else 'A setting'} is no JSON."
        raise NotConfigured(says, code="config.invalid", hint=TABLE) from None


def _profile(environment: str | None, config: Path) -> tuple[str, dict[str, Any]]:
    """The values of config.toml for an environment: its top level, and over it the table [env.NAME]."""
    name, file = config_file.chosen(environment, config)
    values = {key: each for _, table in reversed(file.layers(name)) for key, each in table.items()}
    if unknown := sorted(values.keys() - Given.model_fields.keys()):
        near = get_close_matches(unknown[0], [each for each in Given.model_fields if each not in SECRETS], n=1)
        raise NotConfigured(
            f"{config} has an unknown setting '{unknown[0]}'.",
            code="config.invalid",
            hint=f"{f'Write {near[0]}' if near else 'Remove it'}; docs/settings.md lists all that there are.",
        )
    if secret := sorted(values.keys() & set(SECRETS)):
        raise NotConfigured(
            f"{config} holds the secret '{secret[0]}' itself.",
            code="config.secret",
            hint=f"Put it into a file of its own and name that: {secret[0]}_file = '…'.",
        )
    return name, values
