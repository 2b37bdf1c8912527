"""What peakops and the sandbox's e-mail providers say to each other, against the published specifications."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openapi import Specification, places, specification
from recorder import Exchange, Recorder, template

from peakops.settings import Settings, WriteKeys
from peakops.sources.email import Email
from peakops.sources.email_writer import EmailWriter

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
JANE = "jane@smilecare.example"
LISTED = [{"email": JANE, "created": "-2h"}]
PARTS: dict[str, dict[str, Any]] = {
    "sendgrid": {
        "messages": [
            {"sg_message_id": f"sg-{status}", "to_email": JANE, "status": status, "created_at": "-2h"}
            for status in ("processed", "delivered", "deferred", "dropped", "bounced", "blocked")
        ],
        "suppressions": {
            **dict.fromkeys(("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes"), LISTED),
            "groups": [{"email": JANE, "group": "Cases"}],
        },
        "stats": [{"date": "-1d", "requests": 9, "bounces": 1}],
        "allowlist": ["smilecare.example"],
    },
    "resend": {
        "emails": [{"id": "re-1", "to": [JANE], "last_event": "bounced", "created_at": "-2h"}],
        "suppressions": [{"email": JANE, "origin": "bounce", "created_at": "-2h"}],
        "domains": [{"name": "peakdental.example"}, {"name": "old.example", "status": "failed"}],
    },
}
SINCE = NOW - timedelta(days=1)
ID = {"sendgrid": "sg-bounced", "resend": "re-1"}
Look = Callable[[Email, str], Any]
Write = Callable[[EmailWriter], Any]
Act = Callable[[Settings, WriteKeys], Any]
LOOKS: dict[str, Look] = {
    "suppressions": lambda client, _: client.suppressions(email=JANE),
    "messages": lambda client, _: client.messages(email=JANE, since=SINCE),
    "message": lambda client, provider: client.messages(email=None, since=SINCE, id=ID[provider]),
    "scopes": lambda client, _: client.scopes(),
    "domains": lambda client, _: client.domains(),
    "rates": lambda client, _: client.rates(since=SINCE, until=NOW),
    "quota": lambda client, _: client.quota(),
}
OF_SENDGRID: dict[str, Look] = {
    "tagged": lambda client, _: client.tagged(reference="peakops-1"),
    "unknown": lambda client, _: client.messages(email=None, since=SINCE, id="nothing"),
    "allowlist": lambda client, _: client.allowlist(),
}
STEP = {"plan": "plan", "key": "peakops-plan-1-0"}
MAIL = {"to": JANE, "subject": "Your case", "body": "<p>It is ready.</p>"}
WRITES: dict[str, Write] = {
    "send": lambda writer: writer.send(message=MAIL, reference="peakops-1", **STEP),
    "release": lambda writer: writer.release(address=JANE, kind="bounce", **STEP),
    "allow": lambda writer: writer.allow(address=JANE, **STEP),
}
GROUPS = {
    **{"suppression": "suppressions", "asm": "suppressions", "whitelabel": "domain_authentication"},
    **{each: each for each in ("logs", "scopes", "stats", "user", "mail_settings", "mail")},
}
"""Which of SendGrid's specifications has the paths that begin so."""


def looked(call: Look) -> Act:
    """A look, done with a provider's settings and the key that writes."""
    return lambda settings, _: call(Email(settings, deadline=time.monotonic() + 10), str(settings.email_provider))


def written(call: Write) -> Act:
    """A write, likewise."""
    return lambda settings, keys: call(EmailWriter(settings, keys, deadline=time.monotonic() + 20))


SAID = {
    **{f"{provider}-{name}": (provider, looked(call)) for provider in PARTS for name, call in LOOKS.items()},
    **{f"sendgrid-{name}": ("sendgrid", looked(call)) for name, call in OF_SENDGRID.items()},
    **{f"sendgrid-{name}": ("sendgrid", written(call)) for name, call in WRITES.items()},
    **{f"resend-{name}": ("resend", written(WRITES[name])) for name in ("send", "release")},
}


@pytest.fixture(scope="module")
def spec_of(specs: Path) -> Callable[[str, str], Specification]:
    """The specification that a provider's path is in; SendGrid has one for each group of paths."""

    def spec_of(provider: str, path: str) -> Specification:
        if provider == "resend":
            return specification(specs / "email" / "resend.yaml")
        return specification(specs / "email" / f"sendgrid_tsg_{GROUPS[path.split('/')[2]]}_v3.yaml")

    return spec_of


@pytest.fixture
def heard(load: Any) -> Callable[[str, Act], list[Exchange]]:
    """What is said to a provider while something is done."""

    def heard(provider: str, act: Act) -> list[Exchange]:
        world = {"says": "Mails.", "now": "2026-11-20T15:00:00Z", "email_provider": provider}
        box = load({**world, provider: PARTS[provider]})
        recorder, key = Recorder(box.vendor_url(provider)), getattr(box, f"{provider}_key")
        given = {f"{provider}_url": recorder.url, f"{provider}_api_key": key, "email_from": box.email_from}
        act(Settings(email_provider=provider, clock=NOW, **given), WriteKeys(**{f"{provider}_key": key}))
        recorder.shutdown()
        return recorder.heard

    return heard


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_is_in_the_specification(
    name: str, spec_of: Callable[[str, str], Specification], heard: Any
) -> None:
    """Each request's path, parameters and body, and the sandbox's answer."""
    provider, act = SAID[name]
    exchanges = heard(provider, act)

    assert exchanges
    for said in exchanges:
        spec = spec_of(provider, said.path)
        operation = (said.method, template(spec, said))
        assert {} == spec.query_errors(*operation, dict(said.values))
        if said.status < 300:
            assert str(said.status) in spec.responses(*operation)
        if said.status == 200:
            assert {} == places(spec.response_errors(*operation, said.answer))
        if said.body is not None:
            assert {} == places(spec.request_errors(*operation, said.body))


@pytest.mark.parametrize(
    ("look", "fields"),
    [
        (LOOKS["messages"], ("to_email: `=`", "sg_message_id_created_at: `>`, `<`, `>=`, `<=`")),
        (OF_SENDGRID["tagged"], ("categories: `IN`",)),
        (OF_SENDGRID["unknown"], ("sg_message_id: `=`",)),
    ],
)
def test_a_search_that_must_be_refused_is(
    look: Look, fields: tuple[str, ...], spec_of: Callable[[str, str], Specification], heard: Any
) -> None:
    """SendGrid's search takes no more than 1000, and knows the fields that are asked by."""
    said = heard("sendgrid", looked(look))[-1]
    spec = spec_of("sendgrid", said.path)

    assert ["limit"] == list(places(spec.request_errors("POST", "/v3/logs", {**said.body, "limit": 1001})))
    assert ["query"] == list(places(spec.request_errors("POST", "/v3/logs", {"query": ["to_email"]})))
    described = spec.schemas["EmailLogsGetMessagesByFilterRequest"]["properties"]["query"]["description"]
    for each in fields:
        assert each in described
        assert each.partition(":")[0] in said.body["query"]


ALLOWLIST = "/v3/mail_settings/address_whitelist"


@pytest.mark.parametrize(
    ("provider", "write", "path", "broken", "place"),
    [
        ("sendgrid", "send", "/v3/mail/send", {"from": {"name": "Peak"}}, "from"),
        ("sendgrid", "send", "/v3/mail/send", {"content": [{"type": "text/html"}]}, "content.0"),
        ("sendgrid", "send", "/v3/mail/send", {"categories": ["x" * 256]}, "categories.0"),
        ("sendgrid", "send", "/v3/mail/send", {"personalizations": [{}]}, "personalizations.0"),
        ("sendgrid", "allow", ALLOWLIST, {"list": JANE}, "list"),
        ("resend", "send", "/emails", {"subject": None}, "subject"),
        ("resend", "send", "/emails", {"tags": {"name": "peakops"}}, "tags"),
        ("resend", "send", "/emails", {"to": []}, "to"),
    ],
)
def test_a_write_that_must_be_refused_is(
    provider: str,
    write: str,
    path: str,
    broken: dict[str, Any],
    place: str,
    spec_of: Callable[[str, str], Specification],
    heard: Any,
) -> None:
    """What is sent, with one field that is not as the provider wants it."""
    exchanges = heard(provider, written(WRITES[write]))
    (said,) = (each for each in exchanges if each.path == path and each.method != "GET")
    spec = spec_of(provider, said.path)

    assert [place] == list(places(spec.request_errors(said.method, path, {**said.body, **broken})))


@pytest.mark.parametrize(
    ("provider", "path", "query", "place"),
    [
        ("sendgrid", "/v3/stats", {"start_date": "2026-11-20", "aggregated_by": "hour"}, "aggregated_by"),
        ("sendgrid", "/v3/whitelabel/domains", {"limit": "all"}, "limit"),
        ("sendgrid", "/v3/suppression/bounces/{email}", {"delete_all": "true"}, "delete_all"),
        ("resend", "/emails", {"limit": "101"}, "limit"),
        ("resend", "/emails", {"to": JANE}, "to"),
        ("resend", "/emails/metrics", {"metrics": "sent,lost"}, "metrics"),
        ("resend", "/domains", {"limit": "0"}, "limit"),
    ],
)
def test_a_query_that_must_be_refused_is(
    provider: str, path: str, query: dict[str, str], place: str, spec_of: Callable[[str, str], Specification]
) -> None:
    """A value that is none, and a parameter that there is not."""
    assert [place] == list(spec_of(provider, path).query_errors("GET", path, query))


def test_resends_key_of_a_mail_is_said(heard: Any, spec_of: Callable[[str, str], Specification]) -> None:
    """As the header of the specification, which takes 256 characters."""
    said = heard("resend", written(WRITES["send"]))[-1]
    parameters = spec_of("resend", "/emails").document["paths"]["/emails"]["post"]["parameters"]

    assert "idempotency-key" in said.headers
    assert [256] == [each["schema"]["maxLength"] for each in parameters if each["name"] == "Idempotency-Key"]


@pytest.mark.parametrize(
    ("provider", "path", "broken", "place"),
    [
        ("sendgrid", "/v3/logs", {"messages": [{}]}, "messages.0"),
        ("sendgrid", "/v3/suppression/blocks/{email}", [{"email": JANE}], "0"),
        ("sendgrid", "/v3/scopes", {"scopes": "mail.send"}, "scopes"),
        ("sendgrid", "/v3/whitelabel/domains", [{"domain": "a.example"}], "0"),
        ("sendgrid", "/v3/stats", [{"date": "2026-11-20"}], "0"),
        ("sendgrid", "/v3/user/credits", {"remain": "none"}, "remain"),
        ("sendgrid", ALLOWLIST, {"list": [1]}, "list.0"),
        ("sendgrid", "/v3/asm/suppressions/{email}", {"suppressions": [{}]}, "suppressions.0"),
        ("resend", "/emails/{email_id}", {"last_event": "lost"}, "last_event"),
        ("resend", "/emails/metrics", {"totals": {"sent": "many"}}, "totals.sent"),
        ("resend", "/domains/{domain_id}", {"status": "lost"}, "status"),
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
