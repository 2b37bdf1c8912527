"""POST /composite: up to 25 requests in one, which counts as one; each has its own status inside."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from peakops.sandbox.vendors.salesforce.asked import Asked
from peakops.sandbox.vendors.salesforce.envelope import Refusal
from peakops.sandbox.wire import Answer, Request

MOST = 25

Answered = Callable[[Asked, Request], Answer]
"""Answers one request of the API for who has asked."""


def composite(asked: Asked, answered: Answered) -> Answer:
    """The answers in the order of the requests. The sandbox undoes nothing, so it refuses `allOrNone`."""
    import json

    body = asked.body()
    given = body.get("compositeRequest")
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise Refusal("JSON_PARSER_ERROR", "compositeRequest must be a list of requests")
    if len(given) > MOST:
        raise Refusal("LIMIT_EXCEEDED", f"The limit of {MOST} requests in a composite request is exceeded.")
    if body.get("allOrNone"):
        raise Refusal("INVALID_INPUT", "The sandbox does not play allOrNone; send it as false.")
    answers = []
    for each in given:
        parts = urlsplit(str(each.get("url", "")))
        request = Request(
            method=str(each.get("method", "GET")),
            path=unquote(parts.path),
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers={str(name).lower(): str(value) for name, value in (each.get("httpHeaders") or {}).items()},
            body=json.dumps(each.get("body")).encode(),
            now=asked.now,
        )
        answers.append(told(answered(asked, request), str(each.get("referenceId", ""))))
    return Answer(body={"compositeResponse": answers})


def told(answer: Answer, reference: str) -> dict[str, Any]:
    """One answer as it is put among the others."""
    headers = {name: value for name, value in answer.headers.items() if name == "Location"}
    return {
        "body": answer.body,
        "httpHeaders": headers,
        "httpStatusCode": answer.status,
        "referenceId": reference,
    }
