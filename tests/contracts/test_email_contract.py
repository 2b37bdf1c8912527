"""What peakops and the sandbox's e-mail providers say to each other, against the published specifications."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openapi import Specification, places, specification
from recorder import Exchange, Recorder, template

from peakops.settings import Settings
from peakops.sources.email import Email

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
JANE = "jane@smilecare.example"
LISTED = [{"email": JANE, "created": "-2h"}]
PARTS: dict[str, dict[str, Any]] = {
    "sendgrid": {
        "messages": [
            {"sg_message_id": f"sg-{status}", "to_email": JANE, "status": status, "created_at": "-2h"}
            for status in ("processed", "delivered", "deferred", "dropped", "bounced", "blocked")
        ],
        "suppressions": dict.fromkeys(("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes"), LISTED),
    },
    "resend": {
        "emails": [{"id": "re-1", "to": [JANE], "last_event": "bounced", "created_at": "-2h"}],
        "suppressions": [{"email": JANE, "origin": "bounce", "created_at": "-2h"}],
    },
}
SINCE = NOW - timedelta(days=1)
ID = {"sendgrid": "sg-bounced", "resend": "re-1"}
CALLS: dict[str, Callable[[Email, str], Any]] = {
    "suppressions": lambda client, _: client.suppressions(email=JANE),
    "messages": lambda client, _: client.messages(email=JANE, since=SINCE),
    "message": lambda client, provider: client.messages(email=None, since=SINCE, id=ID[provider]),
    "scopes": lambda client, _: client.scopes(),
}
BOTH = pytest.mark.parametrize("provider", PARTS)


@pytest.fixture(scope="module")
def spec_of(specs: Path) -> Callable[[str, str], Specification]:
    """The specification that a provider's path is in; SendGrid has one for each group of paths."""

    def spec_of(provider: str, path: str) -> Specification:
        if provider == "resend":
            return specification(specs / "email" / "resend.yaml")
        group = {"suppression": "suppressions", "asm": "suppressions"}.get(path.split("/")[2], path.split("/")[2])
        return specification(specs / "email" / f"sendgrid_tsg_{group}_v3.yaml")

    return spec_of


@pytest.fixture
def heard(load: Any) -> Callable[[str, str], list[Exchange]]:
    """What is said when a provider's client makes a call."""

    def heard(provider: str, call: str) -> list[Exchange]:
        world = {"says": "Mails.", "now": "2026-11-20T15:00:00Z", "email_provider": provider}
        box = load({**world, provider: PARTS[provider]})
        recorder = Recorder(box.vendor_url(provider))
        given = {f"{provider}_url": recorder.url, f"{provider}_api_key": getattr(box, f"{provider}_key")}
        CALLS[call](Email(Settings(email_provider=provider, **given), deadline=time.monotonic() + 10), provider)
        recorder.shutdown()
        return recorder.heard

    return heard


@BOTH
@pytest.mark.parametrize("call", CALLS)
def test_what_is_said_is_in_the_specification(
    provider: str, call: str, spec_of: Callable[[str, str], Specification], heard: Any
) -> None:
    """Each request's path, parameters and body, and the sandbox's answer."""
    exchanges = heard(provider, call)

    assert exchanges
    for said in exchanges:
        spec = spec_of(provider, said.path)
        operation = (said.method, template(spec, said))
        assert set() == set(said.query) - spec.parameters(*operation)
        assert {} == places(spec.response_errors(*operation, said.answer))
        if said.body is not None:
            assert {} == places(spec.request_errors(*operation, said.body))


def test_a_search_that_must_be_refused_is(spec_of: Callable[[str, str], Specification], heard: Any) -> None:
    """SendGrid's search takes no more than 1000, and knows the fields that are asked by."""
    (said,) = heard("sendgrid", "messages")
    spec = spec_of("sendgrid", said.path)

    assert ["limit"] == list(places(spec.request_errors("POST", "/v3/logs", {**said.body, "limit": 1001})))
    assert ["query"] == list(places(spec.request_errors("POST", "/v3/logs", {"query": ["to_email"]})))
    described = spec.schemas["EmailLogsGetMessagesByFilterRequest"]["properties"]["query"]["description"]
    assert "to_email: `=`" in described
    assert "sg_message_id_created_at: `>`, `<`, `>=`, `<=`" in described


@pytest.mark.parametrize(
    ("provider", "path", "broken", "place"),
    [
        ("sendgrid", "/v3/logs", {"messages": [{}]}, "messages.0"),
        ("sendgrid", "/v3/suppression/blocks/{email}", [{"email": JANE}], "0"),
        ("sendgrid", "/v3/scopes", {"scopes": "mail.send"}, "scopes"),
        ("resend", "/emails/{email_id}", {"last_event": "lost"}, "last_event"),
        ("resend", "/suppressions/{suppression}", {"origin": "whim"}, "origin"),
    ],
)
def test_an_answer_of_another_shape_is_noticed(
    provider: str, path: str, broken: Any, place: str, spec_of: Callable[[str, str], Specification]
) -> None:
    """The contract is not blind."""
    spec = spec_of(provider, path)
    method = "POST" if path == "/v3/logs" else "GET"

    assert place in places(spec.response_errors(method, path, broken))


def test_an_address_without_a_global_suppression_is_an_empty_object(spec_of: Any) -> None:
    """So says the description of the operation; its schema asks for the address all the same."""
    path = "/v3/asm/suppressions/global/{email}"
    spec = spec_of("sendgrid", path)

    assert "an empty JSON object `{}` will be returned" in spec.document["paths"][path]["get"]["description"]
    assert spec.response_errors("GET", path, {})


def test_resends_words_for_a_suppression_are_all_known(spec_of: Any) -> None:
    """Each origin of the specification has a kind; a new one would be unreadable."""
    from peakops.sources.resend import ORIGINS

    spec = spec_of("resend", "/suppressions")
    assert spec.schemas["GetSuppressionResponseSuccess"]["properties"]["origin"]["enum"] == list(ORIGINS)
