"""What Salesforce says when it refuses, in the operator's words: its code by the playbook's table, its text never."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from peakops.errors import (
    Denied,
    Locked,
    NotConfigured,
    PeakopsError,
    RateLimited,
    Refused,
    Unauthenticated,
    Unreachable,
)
from peakops.playbook.codes import code_row
from peakops.sources.http_errors import Answer, Api, timed_out, translated, unreachable, unreadable

STATUS_PAGE = "https://status.salesforce.com"
KINDS: dict[str, type[PeakopsError]] = {
    "auth": Unauthenticated,
    "limit": RateLimited,
    "permission": Denied,
    "account": Refused,
    "validation": Refused,
    "duplicate_rule": Refused,
    "duplicate": Refused,
    "lock": Locked,
    "platform": Unreachable,
    "version": NotConfigured,
}
"""The error for each kind of the table; of others the HTTP status decides."""
VERBATIM = ("FIELD_CUSTOM_VALIDATION_EXCEPTION",)
"""Codes whose text is an admin's own rule, which nothing else tells; every other text may repeat what was sent."""
LONGEST_TEXT = 255
"""What Salesforce lets an admin write for a rule."""
SEVERAL = "Several cases of Salesforce have this external id."
APART = "See which they are: peakops case check. Have an admin merge them, and make the field unique."
UNNAMED = "Look the code up in Salesforce's API documentation, under status codes."


def api_for(setting: str) -> Api:
    """Salesforce's API, logged in to with what this setting holds."""
    return Api(
        source="salesforce",
        title="Salesforce",
        key=setting,
        address="PEAKOPS_SALESFORCE_URL",
        page=STATUS_PAGE,
        refusal=refusal,
    )


def code_of(answer: Answer) -> str:
    """
    The vendor's error code: of a call's list, of a record's errors, of a log-in; empty where there is none.

    The user's own page (userinfo) says it as bare text.
    """
    first: Any = next(iter(_errors(answer)), {})
    code = first.get("errorCode") or first.get("statusCode") or first.get("error")
    bare = answer.body if isinstance(answer.body, str) else ""
    said = code if isinstance(code, str) else bare
    return said if re.fullmatch(r"[A-Za-z]\w{1,79}", said, re.ASCII) else ""


def fields_of(answer: Answer) -> tuple[str, ...]:
    """The API names of the fields that an error is about."""
    named = (name for each in _errors(answer) for name in _listed(each.get("fields")))
    texts = (each for each in named if isinstance(each, str))
    return tuple(dict.fromkeys(each for each in texts if re.fullmatch(r"[A-Za-z]\w{0,79}", each, re.ASCII)))


def told(api: Api, answer: Answer) -> PeakopsError:
    """The error to raise for an answer that is no good one, under Salesforce's own code where it gives one."""
    error, code = translated(api, _named(answer)), code_of(answer)
    if code and error.code != f"salesforce.{code.lower()}":
        error.code, error.says = f"salesforce.{code.lower()}", f"{error.says.removesuffix('.')} ({code})."
    return error


def refusal(answer: Answer) -> PeakopsError | None:
    """The error for a code of Salesforce's; None where the HTTP status tells as much."""
    if answer.status == 300:
        return Refused(SEVERAL, code="salesforce.several_cases", hint=APART)
    code = code_of(answer)
    known = code_row("salesforce", code)
    kind = KINDS.get(known.get("kind", "")) or (Refused if answer.status == 400 else None)
    if not code or not kind:
        return None
    says = known.get("means") or f"Salesforce refused a request ({code})."
    fields = fields_of(answer)
    says += f" Fields: {', '.join(fields)}." if fields else ""
    says += f" The rule says: {_text(answer)}" if code in VERBATIM else ""
    return kind(says, code=f"salesforce.{code.lower()}", hint=known.get("do") or UNNAMED)


def _named(answer: Answer) -> Answer:
    """An answer under the name that Salesforce's support finds it by: the ErrorId of a failure of its own."""
    text = next((str(each.get("message", "")) for each in _errors(answer)), "")
    found = re.search(r"ErrorId[^:]{0,60}: (\d+-\d+(?: \(-?\d+\))?)", text)
    return replace(answer, headers={**answer.headers, "x-request-id": found[1]}) if found else answer


def of_transport(api: Api, wrong: requests.RequestException) -> PeakopsError:
    """The error for a request without an answer; `nothing_done` where it never left this machine."""
    reason = getattr(next(iter(wrong.args), None), "reason", None)
    if isinstance(wrong, requests.ConnectTimeout):
        error: PeakopsError = timed_out(api)
    elif isinstance(wrong, requests.Timeout):
        return timed_out(api)
    else:
        error = unreachable(api, str(wrong))
        # This is the name that requests knows it by.
        error.hint = error.hint.replace("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    never = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    unsent = isinstance(wrong, (*never, requests.exceptions.InvalidURL))
    error.nothing_done = unsent or isinstance(reason, NewConnectionError | ConnectTimeoutError)
    return error


@contextmanager
def reading(api: Api) -> Iterator[None]:
    """Raises Unreachable where an answer lacks what is read of it, or has it in another shape."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise unreadable(api, Answer(status=200), "it lacks what every such answer has") from wrong


def _errors(answer: Answer) -> list[Mapping[str, Any]]:
    """Its errors, whichever envelope they are in."""
    body = answer.body
    listed = _listed(body.get("errors")) or [body] if isinstance(body, Mapping) else _listed(body)
    return [each for each in listed if isinstance(each, Mapping)]


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _text(answer: Answer) -> str:
    text = next((str(each.get("message", "")) for each in _errors(answer)), "")
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:LONGEST_TEXT]
