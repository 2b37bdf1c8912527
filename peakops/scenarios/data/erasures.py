"""The deletions that were made, out of the log in the database and of this station's journal. Pure."""

import shlex
from datetime import datetime
from typing import Any

from peakops.scenario import Answer, Facts, Look, Row

FIELDS = ("executed_at", "request", "subject", "basis", "identity", "operator", "known_by", "finished")
"""Of a line of the log; its `counts` and `kept` are with --json."""


def look_for(look: Look, since: datetime, until: datetime) -> tuple[Answer, Answer]:
    """The looks at both logs: the database's may have been restored away, the journal's is on this machine alone."""
    deletions = look.at("personal", "deletions", "deletions", since=since, until=until)
    return deletions, look.at("journal", "erasures", "erasures", since=since, until=until)


def lines(facts: Facts) -> list[dict[str, Any]]:
    """One line a request, newest first, with which of the logs know it."""
    told: dict[str, dict[str, Any]] = {}
    for each in facts["deletions"] if facts.known("deletions") else ():
        own = {name: each[name] for name in ("executed_at", "basis", "identity", "operator", "counts", "kept")}
        told[each["request_id"]] = {
            "request": each["request_id"],
            "subject": each["subject_hmac"],
            **own,
            "known_by": "database",
            "finished": True,
        }
    for each in journalled(facts):
        known = told.get(each["request"])
        if known:
            told[each["request"]] = {**known, "known_by": "both", "finished": each["finished"]}
            continue
        own = {
            name: each[name] for name in ("request", "executed_at", "basis", "identity", "operator", "counts", "kept")
        }
        told[each["request"]] = {**own, "subject": None, "known_by": "journal", "finished": each["finished"]}
    return sorted(told.values(), key=lambda each: (each["executed_at"], each["request"]), reverse=True)


def journalled(facts: Facts) -> list[Row]:
    """What this station's journal knows; of a request that was carried out twice, the last."""
    told = facts["erasures"] if facts.known("erasures") else ()
    return list({each["request"]: each for each in told if each["request"]}.values())


def again(id: str, line: Row) -> str:
    """The command that repeats an erasure under its request."""
    options = {"--request": line["request"], "--basis": line["basis"], "--identity-confirmed": line["identity"]}
    said = " ".join(f"{name} {shlex.quote(str(value or '…'))}" for name, value in options.items())
    return f"peakops data delete {id} {said}"
