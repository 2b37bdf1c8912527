"""The settings of the people who are called, and of what watches the watchers; given.py takes these along."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from peakops.settings import checks

SECRETS = ("heartbeat_url",)
"""Those that may also come from a file."""


class Teaming(BaseSettings):
    """What `peakops escalation` and `peakops sweep` need besides the vendors."""

    contacts: Path | None = Field(
        None, description="The file of people, vendors and tiers; contacts.toml beside config.toml if not given."
    )
    heartbeat_url: SecretStr | None = Field(
        None, description="Address that is told of each end of `peakops sweep`, as Healthchecks and its like expect it."
    )
    heartbeat_url_file: Path | None = Field(None, description="A file that holds PEAKOPS_HEARTBEAT_URL.")

    _heartbeat = field_validator("heartbeat_url")(checks.heartbeat)
