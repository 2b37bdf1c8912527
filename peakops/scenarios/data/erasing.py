"""The plan of an erasure, out of what was counted: what is deleted, emptied, pseudonymised and kept. Pure."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from peakops import playbook
from peakops.errors import Refused, UsageFault
from peakops.fix import Action
from peakops.redact import Door
from peakops.scenario import Facts, Row
from peakops.scenarios.data import looks, standing

SHARED = "Somebody else has an address of the person too: what that address alone names is left as it is."
MANY = 300_000
"""So many rows of the audit log take 4 to 10 s; the transaction may take 18."""
SLOW = (
    "{rows:,} rows of the audit log are to be changed in one transaction of at most 18 s: if that does not suffice,"
    " nothing is changed. Then have engineering apply the log's retention first; --delete-audit takes a tenth of it."
)
FINAL = "It cannot be brought back but from a backup."


def texts(**given: str | None) -> None:
    """Whether each of these texts is there and names nobody. Raises UsageFault for one that is not, else Refused."""
    for name, text in given.items():
        option = f"--{name.replace('_', '-')}"
        if not (text or "").strip():
            raise UsageFault(f"{option} is needed.", hint="Run 'peakops data delete --help'.")
        if Door().text(str(text)) != text:
            says = f"{option} holds what looks like an address, a number or a secret, and the log keeps it for years."
            raise Refused(says, hint="Name no person in it: a ticket's number is enough.", code="data.names_somebody")


def received_on(text: str | None) -> date | None:
    """The day on which a request came in. Raises UsageFault."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageFault(f"'{text}' is no day like 2026-11-02.", hint="Run 'peakops data delete --help'.") from None


def ready(facts: Facts) -> None:
    """Raises Refused where there is no key for pseudonyms, or no place for the log of deletions."""
    have = facts["readiness"]
    if not have["pseudonyms"]:
        hint = "Make one with 'openssl rand -hex 32', keep it outside the database, and set PEAKOPS_PSEUDONYM_KEY."
        raise Refused("There is no key for the pseudonym of an erased person.", hint=hint, code="data.no_pseudonym_key")
    if not have["schema"]:
        raise Refused("There is no place for the log of deletions.", hint="peakops setup", code="data.no_log")


def sure(facts: Facts) -> None:
    """Raises Refused where an address was typed that is not one person's: afterwards it would mean the other."""
    if facts["person"]["given"] and looks.shared(facts):
        says = "Somebody else has the same address: the person must be named by the id."
        raise Refused(says, hint=f"peakops data check {facts['person']['id']}", code="data.shared_address")


def transaction(facts: Facts, *, delete_audit: bool) -> list[Action]:
    """Everything in the portal's database, in the order in which it is done."""
    user = str(facts["person"]["id"])
    if not left(facts) and not any(facts["audit"][0].values()):
        return []
    return [*_log(facts, user, delete_audit), _person(facts, user), *_deleted(facts), *_cleared(facts)]


def left(facts: Facts) -> list[Row]:
    """What is held that the transaction takes away or clears; the audit log is counted by itself."""
    return [each for each in facts["holdings"] if _in_transaction(each)]


def committed(facts: Facts, request: str) -> bool:
    """Whether the transaction of this request is in the log of deletions, and nothing is left for another one."""
    known = any(each["request_id"] == request for each in facts["erased"])
    return known and not left(facts) and not any(facts["audit"][0].values())


def _log(facts: Facts, user: str, delete_audit: bool) -> list[Action]:
    """The portal's audit log: a pseudonym, or no row at all; what others' rows say of the person goes in any case."""
    own, mentions = (facts["audit"][0][name] for name in ("own", "mentions"))
    left = mentions if delete_audit else own + mentions
    actions = []
    if delete_audit and own:
        params = {"user": user, "rows": own}
        actions.append(_action("data/delete_audit", params, standing.AUDIT, looks.count(own), "deleted"))
    if left:
        params = {"user": user, "pseudonym": {"pseudonym": user}, "rows": left}
        becomes = "kept under a pseudonym; address, agent and details that name the person taken out"
        actions.append(
            _action("data/pseudonymise_audit", params, standing.AUDIT, looks.count(left), f"{becomes}. {_why(facts)}")
        )
    return actions


def _why(facts: Facts) -> str:
    policy = next((each for each in facts["references"] if each["table"] == standing.AUDIT), None)
    return f"{policy['ground']} Until: {policy['until']}." if policy and policy["ground"] else ""


def _person(facts: Facts, user: str) -> Action:
    """What the statement rests on: every reference, as it was read from the catalogue."""
    keys = ("table", "columns", "kind", "to", "to_columns", "effect", "clears", "key", "types", "keyed")
    references = [{key: each[key] for key in keys} for each in facts["references"] if _in_transaction(each)]
    params = {"user": user, "pseudonym": {"pseudonym": user}, "references": references}
    was = f"{len(references)} references to the person in {len({each['table'] for each in references})} tables"
    return _action("erasure/person", params, "live foreign keys", was, "counted once more: another number ends it")


def _in_transaction(each: Row) -> bool:
    return each["effect"] in ("delete", "null", "pseudonymise") and each["table"] != standing.AUDIT


def _deleted(facts: Facts) -> list[Action]:
    held = [each for each in facts["holdings"] if each["effect"] == "delete"]
    # The person's own row is what people look for last.
    ordered = sorted(held, key=lambda each: each["table"] == "public.users")
    return [
        _action(
            "erasure/delete",
            {"table": each["table"], "rows": each["rows"]},
            looks.columns(each),
            looks.count(each["rows"]),
            "deleted",
        )
        for each in ordered
    ]


def _cleared(facts: Facts) -> list[Action]:
    """One action a table, since a row that refers twice is changed once."""
    actions = []
    for table, (rows, each) in cleared(facts).items():
        because = f" {each['ground']} Until: {each['until']}." if each["ground"] else ""
        becomes = f"kept, without naming the person.{because}"
        params = {"table": table, "rows": rows}
        actions.append(_action("erasure/clear", params, looks.columns(each), looks.count(rows), becomes))
    return actions


def cleared(facts: Facts) -> dict[str, tuple[int, Row]]:
    """The tables whose rows stay without the person, each with how many."""
    found: dict[str, tuple[int, Row]] = {}
    for each in facts["holdings"]:
        if each["effect"] in ("null", "pseudonymise") and each["table"] != standing.AUDIT:
            found[each["table"]] = each["together"], each
    return found


def logged(
    facts: Facts, *, request: str, basis: str, how: str, received: date | None, practice: str | None, delete_audit: bool
) -> Action:
    """The line in the log of deletions, in the same transaction."""
    user = str(facts["person"]["id"])
    held = [*(each for each in facts["holdings"] if each["table"] != standing.AUDIT)]
    log, counts = facts["audit"][0], counted(held)
    counts[standing.AUDIT] = {"own": log["own"], "mentions": log["mentions"], "deleted": delete_audit}
    grounds = [*held, *(each for each in facts["references"] if each["table"] == standing.AUDIT and any(log.values()))]
    kept = {each["table"]: {"ground": each["ground"], "until": each["until"]} for each in grounds if each["ground"]}
    params: dict[str, Any] = {
        "request": request,
        "user": user,
        "practice": practice,
        "subject": {"hmac": user},
        "address": {"hmac": {"private": "address"}},
        "key": {"mark": "pseudonyms"},
        "tables": sorted({*counts}),
        "received": f"{received.isoformat()}T00:00:00Z" if received else None,
        "basis": basis,
        "identity": how,
        "counts": counts,
        "kept": kept,
    }
    target = f"log of deletions, request {request}"
    return _action("data/log_deletion", params, target, "no entry", "date, ground, counts, and a hash of the id")


def counted(held: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """How many rows of each table go which way; a row that is altered for two reasons counts once."""
    counts: dict[str, dict[str, Any]] = {}
    for each in held:
        of_table, known = counts.setdefault(each["table"], {}), each["together"] is None
        rows = each["rows"] if known else each["together"]
        before = of_table.get(each["effect"])
        of_table[each["effect"]] = before + rows if known and before is not None and rows is not None else rows
    return counts


def account(facts: Facts) -> list[Action]:
    """The account, last: Supabase Auth deletes it with all that hangs on it; nothing where there is none."""
    user = str(facts["person"]["id"])
    if not any(str(each["id"]) == user for each in facts["accounts"]):
        return []
    parts = [
        f"{each['table'].removeprefix('auth.')} {each['rows']}"
        for each in facts["holdings"]
        if each["effect"] == "auth"
    ]
    delete = Action(
        via="supabase",
        call="delete_user",
        params={"user": user},
        target="account of Supabase Auth",
        was=", ".join(parts) or "there",
        becomes="deleted for good, with sessions, identities and factors",
        final=FINAL,
    )
    return [delete]


def notes(facts: Facts, received: date | None) -> tuple[str, ...]:
    """What to know before it is confirmed: what stays, where else to look, and until when to answer."""
    kept = [
        f"Kept: {looks.columns(each)}, {looks.count(each['rows'])}. {each['ground']} Until: {each['until']}."
        for each in facts["holdings"]
        if each["effect"] == "keep"
    ]
    due = [f"Answer the person by {_month_after(received):%d %b %Y} (GDPR, article 12(3))."] if received else []
    named = [
        f"The person may stay named in {standing.named([each])}. {each['explained']}"
        for each in facts["residue"]
        if each["explained"]
    ]
    outside = [f"By hand: {each['place']}: {each['do']}" for each in playbook.words("data")["outside"].values()]
    shared = [SHARED] if looks.shared(facts) else []
    slow = [SLOW.format(rows=rows)] if (rows := sum(facts["audit"][0].values())) > MANY else []
    key = "Whoever has the key can tell who a pseudonym is: the rows stay personal data until it is destroyed."
    return (*due, *shared, *slow, *kept, *named, key, *outside)


def _month_after(day: date) -> date:
    """The same day of the next month, or its last one."""
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _action(call: str, params: dict[str, Any], target: str, was: str, becomes: str) -> Action:
    final = FINAL if call.split("/")[1] in ("delete", "clear", "delete_audit", "pseudonymise_audit") else ""
    return Action(
        via="database", call=call, params=params, target=target, was=was, becomes=becomes.strip(), final=final
    )
