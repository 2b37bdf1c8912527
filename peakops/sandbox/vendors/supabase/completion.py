"""Checks a world's `supabase` part; users and sessions are not in it, but in the tables of schema auth."""

from datetime import datetime
from typing import Any

from peakops.sandbox.refusals import listing, mapping, only, refuse, unknown
from peakops.sandbox.times import moment, written
from peakops.sandbox.vendors import RESOURCES
from peakops.sandbox.vendors.supabase.config import defaults
from peakops.sandbox.vendors.supabase.logs import ENGINES
from peakops.sandbox.wire import State

LOG_KEYS = ("timestamp", "source", "event_message", "attributes")


def complete(part: State, now: datetime) -> State:
    """The world's part, checked; the configuration's defaults are added when it is read, not here."""
    only(part, RESOURCES["supabase"], "supabase", "resource")
    config = mapping(part.get("config", {}), "supabase.config")
    only(config, defaults(), "supabase.config", "setting of Auth")
    for name, value in config.items():
        check_type(name, value)
    logs = listing(part.get("logs", []), "supabase.logs")
    if part.get("logs_engine", "clickhouse") not in ENGINES:
        unknown("supabase.logs_engine", "engine of logs", part["logs_engine"], ENGINES)
    only(mapping(part.get("project", {}), "supabase.project"), ("status",), "supabase.project")
    more: State = {name: part[name] for name in ("logs_engine", "project") if name in part}
    lines = [log_line(line, now, f"supabase.logs[{at}]") for at, line in enumerate(logs)]
    return {"config": config, "logs": lines, **more}


def check_type(name: str, value: Any) -> None:
    """Refuse a value of another kind than the default's; a setting without a default takes any."""
    usual = defaults()[name]
    if usual is not None and type(value) is not type(usual):
        kind = {bool: "true or false", int: "a whole number", str: "a string"}[type(usual)]
        refuse(f"supabase.config.{name}", f"must be {kind}.")


def log_line(given: Any, now: datetime, place: str) -> dict[str, Any]:
    """One line of the platform's logs, with its time made absolute."""
    line = dict(mapping(given, place))
    only(line, LOG_KEYS, place)
    at = moment(str(line.get("timestamp", "")), now)
    if at is None:
        refuse(f"{place}.timestamp", "must be a time: 2026-11-20T15:00:00Z, or -2h from the world's now.")
    line["timestamp"] = written(at)
    return {"source": "auth_logs", "event_message": "", "attributes": {}, **line}
