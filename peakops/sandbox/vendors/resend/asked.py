"""Reads what a request to Resend says: its JSON, and a mail that can be sent."""

import json
import re
from email.utils import parseaddr
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.resend.envelope import Refusal
from peakops.sandbox.wire import Request

ADDRESS = re.compile(r"[^@\s<>]+@[^@\s.<>]+(\.[^@\s.<>]+)+")
TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
MOST_RECIPIENTS = 50
MOST_TAGS = 75
FORM = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."
NO_TAG = "Tags should only contain ASCII letters, numbers, underscores, or dashes."
"""Resend's own sentences, as its public clients quote them."""


def document(request: Request) -> Object:
    """The JSON object that was sent. Raises Refusal."""
    try:
        found = json.loads(request.body)
    except ValueError as wrong:
        raise Refusal("validation_error", "The request body is not valid JSON.", 400) from wrong
    if not isinstance(found, dict):
        raise Refusal("validation_error", "The request body must be an object.", 400)
    return found


def mail(given: Object) -> Object:
    """A mail as Resend keeps it. Raises Refusal for the first thing that is wrong with it."""
    for name in ("from", "to", "subject"):
        if not given.get(name):
            raise Refusal("missing_required_field", f"Missing `{name}` field.")
    if not any(given.get(name) for name in ("html", "text", "template")):
        raise Refusal("missing_required_field", "Missing `html` or `text` field.")
    for name in ("from", "subject", "html", "text"):
        if not isinstance(given.get(name) or "", str):
            raise Refusal("validation_error", f"The `{name}` field must be a `string`.")
    addresses(given["from"], "from")
    return {
        "to": addresses(given["to"], "to"),
        "from": given["from"],
        "subject": given["subject"],
        "html": given.get("html") or "",
        "text": given.get("text") or "",
        "tags": tags(given.get("tags") or []),
        **{name: addresses(given[name], name) for name in ("cc", "bcc", "reply_to") if given.get(name)},
    }


def addresses(value: Any, field: str) -> list[str]:
    """One address or a list of them. Raises Refusal."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Refusal("validation_error", f"The `{field}` field must be a `string` or an array of `string`.")
    if len(found) > MOST_RECIPIENTS:
        raise Refusal("validation_error", f"The `{field}` field has more than {MOST_RECIPIENTS} items.")
    if not all(ADDRESS.fullmatch(plain(each)) for each in found):
        raise Refusal("validation_error", f"Invalid `{field}` field. {FORM}")
    return found


def plain(written: str) -> str:
    """The address in `Name <address>`, in small letters."""
    return (parseaddr(written)[1] or written).casefold()


def tags(value: Any) -> list[Object]:
    """A mail's tags. Raises Refusal."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Refusal("validation_error", "The `tags` field must be an array of objects.")
    if len(value) > MOST_TAGS:
        raise Refusal("validation_error", f"The `tags` field has more than {MOST_TAGS} items.")
    found = [{name: each.get(name) for name in ("name", "value")} for each in value]
    if not all(isinstance(word, str) and TAG.fullmatch(word) for each in found for word in each.values()):
        raise Refusal("validation_error", NO_TAG)
    return found
