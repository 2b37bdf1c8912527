"""Checks a whole world before anything is touched: what it says, its rows, its vendors and its faults."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from peakops.errors import BadInput
from peakops.sandbox import database_faults, faults, rows, times
from peakops.sandbox.catalogue import Catalogue
from peakops.sandbox.refusals import listing, mapping, only, refuse, unknown
from peakops.sandbox.vendors import MODULES, RESOURCES
from peakops.sandbox.wire import State, Vendor

PLAIN = ("world", "says", "now", "email_provider", "tables", "faults")
EMAIL_PROVIDERS = ("sendgrid", "resend")
STRIPE_KEYS = {"test": "rk_test_sandbox0000000000000000", "live": "rk_live_sandbox0000000000000000"}


@dataclass
class World:
    """A checked world: what the sandbox holds, apart from the rows, which are in the database."""

    name: str
    says: str
    now: datetime | None
    email_provider: str | None
    vendors: dict[str, State]
    faults: list[faults.Fault]
    database_faults: list[dict[str, Any]]
    since: float | None = None
    """Since when its clock runs on from `now`, in Unix seconds; None where it stands."""

    @property
    def time(self) -> datetime:
        """What time it is in this world."""
        return times.reached(self.now, self.since) or datetime.now(UTC)

    @property
    def stripe_key(self) -> str:
        """The key that the world's Stripe account expects."""
        return STRIPE_KEYS[self.vendors.get("stripe", {}).get("key", "test")]

    def written(self) -> dict[str, Any]:
        """As a world document, without the tables, and without a vendor's private keys (`_idempotency`)."""
        document: dict[str, Any] = {"world": self.name, "says": self.says}
        if self.now is not None:
            document["now"] = times.written(self.time)
        if self.email_provider is not None:
            document["email_provider"] = self.email_provider
        for name, part in self.vendors.items():
            document[name] = {key: value for key, value in part.items() if not key.startswith("_")}
        struck = [fault.written() for fault in self.faults]
        if struck or self.database_faults:
            document["faults"] = [*struck, *self.database_faults]
        return document


def check(
    document: object, catalogue: Catalogue, find: Callable[[str], Vendor | None]
) -> tuple[World, list[rows.Rows]]:
    """The world of a document and its rows, parents first. Raises BadInput with the place of what does not fit."""
    top = mapping(document, "the world")
    only(top, (*PLAIN, *MODULES), "")
    now = check_now(top.get("now"))
    world = World(
        name=check_text(top, "world"),
        says=check_text(top, "says"),
        now=now,
        email_provider=check_email_provider(top),
        vendors={},
        faults=[],
        database_faults=[],
    )
    filled = rows.check(top.get("tables", {}), catalogue, world.time)
    for name in MODULES:
        vendor = find(name)
        if name in top or vendor is not None:
            world.vendors[name] = check_vendor(name, mapping(top.get(name, {}), name), vendor, world.time)
    check_faults(world, listing(top.get("faults", []), "faults"), catalogue, find)
    return world, filled


def check_text(top: dict[str, Any], key: str) -> str:
    """A string, or nothing."""
    value = top.get(key, "")
    return value if isinstance(value, str) else refuse(key, "must be a string.")


def check_now(value: object) -> datetime | None:
    """The time at which the world's clock stands; None for the real clock."""
    if value is None:
        return None
    try:
        now = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        now = None
    if now is None or now.tzinfo is None:
        refuse("now", "must be a time with its zone: 2026-11-20T15:00:00Z.")
    return now.astimezone(UTC)


def check_email_provider(top: dict[str, Any]) -> str | None:
    """The provider that the portal sends with: the one that is named, or the only one that the world has a part of."""
    value = top.get("email_provider")
    if value is not None and value not in EMAIL_PROVIDERS:
        unknown("email_provider", "email provider", value, EMAIL_PROVIDERS)
    present = [name for name in EMAIL_PROVIDERS if name in top]
    if value is None and len(present) == 1:
        return present[0]
    return None if value is None else str(value)


def check_vendor(name: str, part: dict[str, Any], vendor: Vendor | None, now: datetime) -> State:
    """A vendor's part, completed by the vendor; one that is not written yet keeps what the world says."""
    if name == "stripe" and part.get("key", "test") not in STRIPE_KEYS:
        unknown("stripe.key", "kind of key", part["key"], STRIPE_KEYS)
    if vendor is None:
        only(part, RESOURCES.get(name, part), name, "resource")
        return part
    try:
        return vendor.complete(part, now)
    except BadInput:
        raise
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise BadInput(f"{name}: {error!r} when the vendor read it.", code="world.invalid", source="sandbox") from error


def check_faults(world: World, entries: list[Any], catalogue: Catalogue, find: Callable[[str], Vendor | None]) -> None:
    """All faults, the database's apart."""
    for index, entry in enumerate(entries):
        place = f"faults[{index}]"
        fault = dict(mapping(entry, place))
        name = fault.get("vendor")
        if name == "database":
            world.database_faults.append(database_faults.check(fault, place, catalogue))
        elif name in MODULES:
            world.faults.append(faults.check(fault, place, find(str(name))))
        else:
            unknown(f"{place}.vendor", "vendor", name, ("database", *MODULES))
