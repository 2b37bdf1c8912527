"""The settings of security and of people's data; the other settings are in given.py, which takes these along."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from peakops.settings import HEALTH_FIELDS, checks

SECRETS = ("vercel_write_token", "evidence_key", "pseudonym_key")
"""Those that may also come from a file."""


class Guarding(BaseSettings):
    """What `peakops security` and `peakops data` need besides the vendors."""

    vercel_write_token: SecretStr | None = Field(
        None, description="Vercel token that may change the firewall; only a confirmed fix uses it."
    )
    vercel_write_token_file: Path | None = Field(None, description="A file that holds PEAKOPS_VERCEL_WRITE_TOKEN.")
    own_networks: tuple[str, ...] = Field(
        (), description="Networks that are never blocked, as JSON: the office, the VPN, monitoring, each as CIDR."
    )
    evidence_key: SecretStr | None = Field(
        None, description="PEM private key (Ed25519) that seals evidence; without it, evidence is not sealed."
    )
    evidence_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_EVIDENCE_KEY.")
    evidence_public_key: str | None = Field(
        None, description="PEM public key that seals are held against, or its 32 bytes in base64."
    )
    pseudonym_key: SecretStr | None = Field(
        None,
        description="At least 32 characters: names erased people, so that their log stays readable without them.",
    )
    pseudonym_key_file: Path | None = Field(None, description="A file that holds PEAKOPS_PSEUDONYM_KEY.")
    health_fields: tuple[str, ...] = Field(
        HEALTH_FIELDS, description="Names of fields that hold patient content, as JSON, for peakops data scan."
    )
    data_classes: Path | None = Field(
        None, description="A TOML file that classifies the tables which peakops does not know, for peakops data."
    )

    _networks = field_validator("own_networks")(checks.networks)
    _signing = field_validator("evidence_key")(checks.ed25519)
    _verifying = field_validator("evidence_public_key")(checks.ed25519_public)
    _long = field_validator("pseudonym_key")(checks.long_enough)
