"""The JSON Schema of each command's envelope, made of the envelope's and of the command's `data`."""

import json
from functools import cache
from importlib import resources
from typing import Any

from peakops.errors import NotFound

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SHARED = {
    **dict.fromkeys(("sandbox.start", "sandbox.load", "sandbox.reset", "sandbox.clock"), "sandbox.status"),
    **dict.fromkeys(("payment.refund", "payment.cancel-hold", "payment.mark-paid", "setup"), "fix"),
    **dict.fromkeys(("user.resend-confirmation", "user.reset-password", "user.enable", "user.set-practice"), "fix"),
    **dict.fromkeys(("invitation.reissue", "invitation.revoke", "invitation.delete", "invitation.link"), "fix"),
    **dict.fromkeys(("shipping.retry", "shipping.recover", "shipping.void"), "fix"),
    **dict.fromkeys(("case.retry", "case.link"), "fix"),
    **dict.fromkeys(("security.contain", "security.release"), "fix"),
    **dict.fromkeys(("notify.resend", "notify.release", "notify.allow", "notify.enable"), "fix"),
    **dict.fromkeys(("security.block", "security.unblock", "security.limit", "security.restore"), "fix"),
    **dict.fromkeys(("incident.open", "incident.ack", "incident.severity", "incident.confirm"), "incident.note"),
    **dict.fromkeys(("incident.snooze", "incident.resolve", "incident.close"), "incident.note"),
    "incident.hold.lift": "incident.hold.place",
    "data.delete": "fix",
    "mute.end": "mute.add",
}
"""Commands whose data is that of another, or of all fixes."""
EXTENDED = {"perf.check": "perf.page"}
"""Commands whose data is that of another, and has more."""
OPEN = ("playbook.run",)
"""Commands whose data is that of the scenario that they were told, and has more."""
NO_COMMANDS = {"envelope", "fix", "kept"}
KEPT = ("kept", "replay")
"""What every command that has a guide may tell besides: why, and of which recording."""


def known() -> tuple[str, ...]:
    """The commands that have a schema."""
    files = (each.name for each in (resources.files(__package__) / "schemas").iterdir())
    names = {name.removesuffix(".json") for name in files if name.endswith(".json")} - NO_COMMANDS
    return tuple(sorted(each.replace(".", " ") for each in names | set(SHARED)))


def of(command: str) -> dict[str, Any]:
    """The schema of a command's envelope (2020-12). Raises NotFound where there is none."""
    if command not in known():
        raise NotFound(f"There is no schema of '{command}'.", hint="Run 'peakops schema' to see which there are.")
    name = command.replace(" ", ".")
    envelope = _read("envelope")
    own, more = _read(SHARED.get(name, name)), _read(EXTENDED[name]) if name in EXTENDED else {}
    besides = {key: each for part in KEPT for key, each in _read(part).items()} if "guide" in {**own, **more} else {}
    data = {"type": "object", "properties": {**own, **more, **besides}}
    properties = {
        **envelope["properties"],
        "schema": {"const": f"peakops/{name}/v1"},
        "command": {"const": command},
        "data": {**data, "additionalProperties": name in OPEN},
    }
    return {"$schema": DIALECT, "title": f"peakops {command}", **envelope, "properties": properties}


@cache
def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (resources.files(__package__) / "schemas" / f"{name}.json").read_text("utf-8")
    )
    return document
