"""Reads what a request to SendGrid says: its JSON, its numbers, and a mail with all that is wrong with it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from peakops.sandbox.vendors.objects import Object
from peakops.sandbox.vendors.sendgrid.envelope import Refusal, Refusals
from peakops.sandbox.wire import Request

ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
MOST_RECIPIENTS = 1000
RECIPIENTS = ("to", "cc", "bcc")
MOST_CATEGORIES = 10
LONGEST_CATEGORY = 255
NO_FROM = (
    "The from object must be provided for every email send. It is an object that requires the email parameter, but may "
    'also contain a name parameter.  e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", '
    '"name" : "Example Recipient"}.'
)
NO_PERSONALIZATION = "The personalizations field is required and must have at least one personalization."
NO_TO = (
    "The to array is required for all personalization objects, and must have at least one email object with a valid "
    "email address."
)
NO_SUBJECT = (
    "The subject is required. You can get around this requirement if you use a template with a subject defined or if "
    "every personalization has a subject defined."
)
NO_CONTENT = (
    "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined "
    "content block. We typically suggest both text/plain and text/html blocks are included, but only one block is "
    "required."
)
NO_ADDRESS = "Does not contain a valid address."
"""SendGrid's own sentences, as its public clients quote them."""

Fault = tuple[str, str]
"""A sentence, and the field that it is about."""


def document(request: Request) -> Object:
    """The JSON object that was sent. Raises Refusal."""
    try:
        found = json.loads(request.body)
    except ValueError as wrong:
        raise Refusal(400, "Bad Request: the body is no JSON") from wrong
    if not isinstance(found, dict):
        raise Refusal(400, "Bad Request: the body is no object")
    return found


def whole(request: Request, name: str, usual: int, *, least: int = 0, most: int) -> int:
    """A whole number of the query. Raises Refusal."""
    value = dict(request.query).get(name, str(usual))
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise Refusal(400, f"{name} must be between {least} and {most}", name)
    return int(value)


def mail(request: Request) -> Object:
    """A mail that can be sent. Raises Refusals with everything that is wrong with it."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refusal(415)
    given = document(request)
    faults = [*sender(given), *recipients(given), *subject(given), *content(given), *categories(given)]
    if faults:
        raise Refusals(faults)
    return given


def objects(value: Any) -> list[Object]:
    """The objects of a list; none where it is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def filled(value: Any) -> bool:
    """Whether it is a text of at least one character."""
    return isinstance(value, str) and bool(value)


def addressed(value: Any) -> bool:
    """Whether it is an object with an address in `email`."""
    email = value.get("email") if isinstance(value, dict) else None
    return isinstance(email, str) and ADDRESS.fullmatch(email) is not None


def sender(given: Object) -> Iterator[Fault]:
    """What is wrong with `from`."""
    value = given.get("from")
    if not isinstance(value, dict) or not filled(value.get("email")):
        yield NO_FROM, "from.email"
    elif not addressed(value):
        yield "The from email does not contain a valid address.", "from.email"


def recipients(given: Object) -> Iterator[Fault]:
    """What is wrong with `personalizations`."""
    envelopes = objects(given.get("personalizations"))
    if not envelopes:
        yield NO_PERSONALIZATION, "personalizations"
    for number, envelope in enumerate(envelopes):
        to = envelope.get("to")
        if not isinstance(to, list) or not 1 <= len(to) <= MOST_RECIPIENTS:
            yield NO_TO, f"personalizations.{number}.to"
            continue
        for name in RECIPIENTS:
            wrong = (at for at, each in enumerate(envelope.get(name) or []) if not addressed(each))
            yield from ((NO_ADDRESS, f"personalizations.{number}.{name}.{at}.email") for at in wrong)


def subject(given: Object) -> Iterator[Fault]:
    """What is wrong with `subject`; each envelope may have its own, and a template has one."""
    envelopes = objects(given.get("personalizations"))
    own = bool(envelopes) and all(filled(each.get("subject")) for each in envelopes)
    if not (filled(given.get("subject")) or own or filled(given.get("template_id"))):
        yield NO_SUBJECT, "subject"


def content(given: Object) -> Iterator[Fault]:
    """What is wrong with `content`."""
    blocks = objects(given.get("content"))
    if not blocks and not filled(given.get("template_id")):
        yield NO_CONTENT, "content"
    for number, block in enumerate(blocks):
        for name in ("type", "value"):
            if not filled(block.get(name)):
                says = f"The content {name} must be a string at least one character in length."
                yield says, f"content.{number}.{name}"


def categories(given: Object) -> Iterator[Fault]:
    """What is wrong with `categories`."""
    found = given.get("categories", [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        yield "Invalid type. Expected: array of strings.", "categories"
    elif len(found) > MOST_CATEGORIES:
        yield f"You may not have more than {MOST_CATEGORIES} categories.", "categories"
    elif len(set(found)) < len(found):
        yield "The categories must be unique.", "categories"
    else:
        says = f"A category name may not exceed {LONGEST_CATEGORY} characters."
        yield from ((says, f"categories.{at}") for at, each in enumerate(found) if len(each) > LONGEST_CATEGORY)
