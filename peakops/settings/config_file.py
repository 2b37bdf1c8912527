"""config.toml: the settings of its top level, and those of each environment."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peakops.errors import NotConfigured

NAME = "config.toml"
DEFAULT = "default"
"""What the environment is called where no --env names one."""
AWAY = "Let it be a file that you can read, or move it away; peakops init writes a new one."
REPAIR = "Write name = 'value', texts in quotation marks; peakops init --dry-run shows how it looks."


@dataclass(frozen=True, kw_only=True)
class ConfigFile:
    """What the file says; empty where there is none."""

    top: dict[str, Any] = field(default_factory=dict)
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The tables [env.NAME], by name."""

    def layers(self, environment: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        """What counts for an environment, by the name of its place: the environment's table outranks the top level."""
        return ((f"{NAME} [env.{environment}]", self.environments.get(environment, {})), (NAME, self.top))


def read(path: Path) -> ConfigFile:
    """The file's tables. Raises NotConfigured where it cannot be read."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return ConfigFile()
    except OSError as wrong:
        raise NotConfigured(f"{path} cannot be read: {wrong.strerror}.", code="config.invalid", hint=AWAY) from None
    except ValueError as wrong:
        # The parser's own words may hold what stands there.
        place = re.search(r"line \d+, column \d+", str(wrong))
        says = f"{path} cannot be read as TOML{f' ({place[0]})' if place else ''}."
        raise NotConfigured(says, code="config.invalid", hint=REPAIR) from None
    environments = table.pop("env", {})
    if not isinstance(environments, dict) or not all(isinstance(each, dict) for each in environments.values()):
        says = f"In {path}, 'env' is no table of environments."
        raise NotConfigured(says, code="config.invalid", hint="Write [env.staging], and its settings under it.")
    return ConfigFile(environments=environments, top=table)


def chosen(environment: str | None, path: Path) -> tuple[str, ConfigFile]:
    """The environment's name and the file. Raises NotConfigured for a name that is no table of the file."""
    file = read(path)
    if environment and environment not in file.environments:
        known = ", ".join(sorted(file.environments)) or "none"
        raise NotConfigured(
            f"There is no environment '{environment}' in {path} (known: {known}).",
            code="config.no_environment",
            hint=f"Add a table [env.{environment}] to it, or use --sandbox.",
        )
    return environment or DEFAULT, file
