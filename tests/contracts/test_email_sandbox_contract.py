"""What the sandbox's e-mail providers answer, and what they refuse, against the published specifications."""

import http.client
import json
from pathlib import Path
from typing import Any

import pytest
from openapi import Specification, places, specification

from peakops.sandbox.state import Sandbox

JANE = "jane@smilecare.example"
FROM = "portal@peakdental.example"
LISTED = [{"email": JANE, "created": "-2h"}]
PARTS: dict[str, dict[str, Any]] = {
    "sendgrid": {
        "messages": [{"sg_message_id": "sg-1", "to_email": JANE, "status": "bounced", "categories": ["peakops-1"]}],
        "suppressions": {
            **dict.fromkeys(("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes"), LISTED),
            "groups": [{"email": JANE, "group": "Cases"}],
        },
        "allowlist": ["smilecare.example"],
        "stats": [{"date": "-1d", "requests": 100, "bounces": 3}],
        "domains": [{"domain": "peakdental.example"}, {"domain": "a.example", "dns": {"dkim1": {"valid": False}}}],
    },
    "resend": {
        "emails": [{"id": "re-1", "to": [JANE], "last_event": "bounced", "tags": [{"name": "a", "value": "b"}]}],
        "suppressions": [{"email": JANE, "origin": "bounce"}],
        "domains": [{"id": "d-1", "name": "peakdental.example"}],
        "metrics": {"bounce_rate": 5.2},
        "logs": [{"id": "0d6a3b1e-5f0a-4a0e-9d5e-3c1f0f9f6a11"}],
    },
}
LETTER: dict[str, Any] = {
    "personalizations": [{"to": [{"email": JANE}]}],
    "from": {"email": FROM},
    "subject": "Your case has arrived",
    "content": [{"type": "text/plain", "value": "It is here."}],
    "categories": ["peakops-1"],
}
NOTE: dict[str, Any] = {"from": FROM, "to": [JANE], "subject": "Your case has arrived", "html": "<p>It is here.</p>"}
SENDGRID = {
    "suppressions": (
        *(("GET", f"/v3/suppression/{name}/{{email}}") for name in ("bounces", "blocks", "spam_reports")),
        *(("GET", f"/v3/suppression/{name}") for name in ("bounces", "blocks", "invalid_emails", "unsubscribes")),
        ("GET", "/v3/suppression/invalid_emails/{email}"),
        ("GET", "/v3/suppression/bounces/classifications"),
        ("GET", "/v3/asm/suppressions/global/{email}"),
        ("GET", "/v3/asm/suppressions/{email}"),
    ),
    "logs": (("GET", "/v3/logs/{sg_message_id}"),),
    "mail_settings": (("GET", "/v3/mail_settings/address_whitelist"), ("PATCH", "/v3/mail_settings/address_whitelist")),
    "stats": (("GET", "/v3/stats"),),
    "domain_authentication": (
        ("GET", "/v3/whitelabel/domains"),
        ("GET", "/v3/whitelabel/domains/{domain_id}"),
        ("POST", "/v3/whitelabel/domains/{id}/validate"),
    ),
    "user": (("GET", "/v3/user/credits"),),
    "scopes": (("GET", "/v3/scopes"),),
}
"""By specification: the operations that the sandbox plays."""

RESEND = (
    *(("GET", path) for path in ("/emails", "/emails/metrics", "/suppressions", "/domains", "/logs")),
    *(("GET", path) for path in ("/emails/{email_id}", "/suppressions/{suppression}", "/domains/{domain_id}")),
    ("GET", "/logs/{log_id}"),
    ("POST", "/emails"),
    ("POST", "/domains/{domain_id}/verify"),
    ("DELETE", "/suppressions/{suppression}"),
)
FILLED = {
    "{email}": JANE,
    "{sg_message_id}": "sg-1",
    "{domain_id}": {"sendgrid": "1002", "resend": "d-1"},
    "{id}": "1002",
    "{email_id}": "re-1",
    "{suppression}": JANE,
    "{log_id}": "0d6a3b1e-5f0a-4a0e-9d5e-3c1f0f9f6a11",
}
BODIES = {"/v3/mail_settings/address_whitelist": {"list": [JANE]}, "/emails": NOTE}
QUERIES = {"/v3/stats": "?start_date=2026-11-18", "/emails/metrics": "?dimensions=period"}
OPERATIONS = [
    *(("sendgrid", f"sendgrid_tsg_{group}_v3", *way) for group, ways in SENDGRID.items() for way in ways),
    *(("resend", "resend", *way) for way in RESEND),
]


@pytest.fixture
def ask(load: Any) -> Any:
    """Asks a provider of the sandbox: status and body."""

    def ask(provider: str, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        world = {"says": "Mails.", "now": "2026-11-20T15:00:00Z", "email_provider": provider}
        box = load({**world, provider: PARTS[provider]})
        connection = http.client.HTTPConnection(box.http.removeprefix("http://"), timeout=10)
        bearer = key or getattr(Sandbox, f"{provider}_key")
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        connection.request(method, f"/{provider}{path}", sent, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    return ask


@pytest.fixture(scope="module")
def spec_of(specs: Path) -> Any:
    """A specification by its file's name."""
    return lambda name: specification(specs / "email" / f"{name}.yaml")


@pytest.mark.parametrize(("provider", "name", "method", "path"), OPERATIONS)
def test_an_answer_is_in_the_specification(
    provider: str, name: str, method: str, path: str, spec_of: Any, ask: Any
) -> None:
    """Each operation that the sandbox plays, of a world in which there is something to tell."""
    spec: Specification = spec_of(name)
    asked = path
    for placeholder, value in FILLED.items():
        asked = asked.replace(placeholder, value if isinstance(value, str) else value[provider])
    body = BODIES.get(path) if method in ("POST", "PATCH") else None
    if body is not None:
        assert {} == places(spec.request_errors(method, path, body))
    query = QUERIES.get(path, "")
    assert {each.partition("=")[0] for each in query.lstrip("?").split("&") if each} <= spec.parameters(method, path)

    status, answer = ask(provider, method, f"{asked}{query}", body)

    assert 200 == status
    assert {} == places(spec.response_errors(method, path, answer))
    assert answer not in ({}, [], {"suppressions": []}, {"result": []})


@pytest.mark.parametrize(
    ("provider", "name", "path", "body", "status"),
    [("sendgrid", "sendgrid_tsg_mail_v3", "/v3/mail/send", LETTER, "202"),
     ("resend", "resend", "/suppressions", {"email": "a@b.example"}, "201")],
)  # fmt: skip
def test_a_write_that_answers_otherwise(
    provider: str, name: str, path: str, body: Any, status: str, spec_of: Any, ask: Any
) -> None:
    """The status is the specification's: SendGrid's has no body, Resend's is that of its schema."""
    spec: Specification = spec_of(name)
    bare = "content" not in spec.document["paths"][path]["post"]["responses"][status]
    assert {} == places(spec.request_errors("POST", path, body))

    got, answer = ask(provider, "POST", path, body)

    assert (status, bare) == (str(got), answer is None)
    assert bare or {} == places(spec.response_errors("POST", path, answer, status))


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [("/v3/mail/send", {}, None, 400), ("/v3/mail/send", {**LETTER, "from": {"email": "a@b.example"}}, None, 403),
     ("/v3/mail/send", LETTER, "SG.other", 401)],
)  # fmt: skip
def test_a_refusal_of_sendgrids_is_its_error(
    path: str, body: Any, key: str | None, status: int, spec_of: Any, ask: Any
) -> None:
    """With the status that the operation has, and the shape of its error."""
    spec: Specification = spec_of("sendgrid_tsg_mail_v3")
    assert str(status) in spec.document["paths"][path]["post"]["responses"]

    got, answer = ask("sendgrid", "POST", path, body, key)

    assert status == got
    assert {} == places(spec.errors("ErrorResponse", answer))
    assert all(each["message"] for each in answer["errors"])


@pytest.mark.parametrize(
    ("broken", "place"),
    [({"to": []}, "to"), ({"to": [JANE] * 51}, "to"), ({"subject": None}, "subject"), ({"html": 3}, "html")],
)
def test_resend_refuses_what_its_specification_does(broken: Any, place: str, spec_of: Any, ask: Any) -> None:
    """A mail that the schema does not have is refused, by the field that is at fault."""
    spec: Specification = spec_of("resend")
    body = {**NOTE, **broken}
    assert place in "".join(places(spec.request_errors("POST", "/emails", body)))

    status, answer = ask("resend", "POST", "/emails", body)

    assert (422, True) == (status, f"`{place}`" in answer["message"])


def test_every_list_of_errors_of_resends_is_played(spec_of: Any, ask: Any) -> None:
    """Its specification has no errors at all; so the sandbox's are from its documentation, with three fields."""
    spec: Specification = spec_of("resend")
    assert all(
        set(map(str, operation["responses"])) <= {"200", "201", "202"}
        for path in spec.document["paths"].values()
        for operation in path.values()
    )
    status, answer = ask("resend", "GET", "/emails/none")
    assert (404, ["message", "name", "statusCode"]) == (status, sorted(answer))
