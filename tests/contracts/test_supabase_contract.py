"""What peakops and the sandbox's Supabase say to each other, against the published specifications."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi import Specification, places, specification
from recorder import Exchange, Recorder, template

from peakops.settings import Settings
from peakops.sources.supabase import Supabase
from peakops.sources.supabase_writer import LINKS, SupabaseWriter

JANE, NEW = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
WORLD = {
    "says": "An account with everything, and one that is not confirmed.",
    "now": "2026-11-20T15:00:00Z",
    "tables": {
        "auth.users": [
            {
                "id": JANE,
                "email": "jane@smilecare.example",
                "email_confirmed_at": "-3d",
                "last_sign_in_at": "-1d",
                "banned_until": "+1d",
                "created_at": "-9d",
                "updated_at": "-1d",
                "raw_app_meta_data": {"provider": "email", "providers": ["email"]},
            },
            {
                "id": NEW,
                "email": "new@smilecare.example",
                "invited_at": "-2h",
                "confirmation_sent_at": "-2h",
                "created_at": "-1d",
                "updated_at": "-1d",
            },
        ],
        "auth.identities": [
            {
                "id": "00000000-0000-4000-8000-0000000000a1",
                "provider_id": JANE,
                "user_id": JANE,
                "provider": "email",
                "identity_data": {"sub": JANE, "email": "jane@smilecare.example"},
                "created_at": "-9d",
                "updated_at": "-9d",
            }
        ],
        "auth.mfa_factors": [
            {
                "id": "00000000-0000-4000-8000-0000000000f1",
                "user_id": JANE,
                "factor_type": "totp",
                "status": "verified",
                "created_at": "-2d",
                "updated_at": "-2d",
            }
        ],
    },
}
PREFIX = "/auth/v1"
"""What the gateway in front of Auth takes away; the specification does not know it."""
PLAN = {"plan": "p", "key": "k"}
THEN = "2026-11-20T13:00:00Z"

READS: dict[str, Callable[[Supabase], Any]] = {
    "health": lambda client: client.health(),
    "settings": lambda client: client.settings(),
    "user": lambda client: client.user(id=JANE),
    "users": lambda client: client.users(filter="jane"),
    "factors": lambda client: client.factors(user=JANE),
}
WRITES: dict[str, Callable[[SupabaseWriter], Any]] = {
    "resend": lambda writer: writer.resend(user=NEW, was_sent_at=THEN, **PLAN),
    "recover": lambda writer: writer.recover(user=JANE, was_sent_at="", **PLAN),
    "invite": lambda writer: writer.invite(user=NEW, was_sent_at=THEN, **PLAN),
    "unban": lambda writer: writer.unban(user=JANE, was_banned_until="2026-11-21T15:00:00Z", **PLAN),
    "ban": lambda writer: writer.ban(user=NEW, was_banned_until="", until="", **PLAN),
    "shut": lambda writer: writer.shut(user=NEW, **PLAN),
    "generate_link": lambda writer: writer.generate_link(type="recovery", email="jane@smilecare.example", **PLAN),
}

NOT_IN_QUERY = {("GET", "/admin/users"): {"filter"}}
"""Parameters that GoTrue v2.196 reads (internal/api/admin.go) and its specification does not name."""
NOT_IN_BODY = {("PUT", "/admin/users/{userId}"): {"ban_duration", "password"}}
"""Fields that GoTrue reads (internal/api/admin.go, AdminUserParams) and its specification does not name."""
NOT_IN_USER = {"invited_at"}
"""Fields of an account (internal/models/user.go) that the specification's UserSchema lacks and peakops reads."""
NOT_OF_LINK = {"invite"}
"""Types of a link (internal/api/mail.go) that the specification does not name."""
NOT_AT_ALL = {("POST", "/admin/users"), ("GET", "/admin/users/{userId}/passkeys")}
"""Operations of GoTrue's that the specification lacks; peakops uses neither."""
STATUSES_OF_ERRORS = {"code": "user_not_found", "message": "User not found"}
"""The error of API version 2024-01-01 (internal/api/errors.go); the specification has only the older one."""


@pytest.fixture(scope="module")
def spec(specs: Path) -> Specification:
    return specification(specs / "supabase" / "auth_openapi.yaml")


@pytest.fixture(scope="module")
def management(specs: Path) -> Specification:
    return specification(specs / "supabase" / "management_api_openapi.json")


@pytest.fixture
def heard(load: Any) -> Iterator[Callable[[str], Exchange]]:
    """What is said when the client makes a call of the tables above: the request that the call is for."""
    box = load(WORLD)
    recorder = Recorder(box.vendor_url("supabase"))

    def heard(name: str) -> Exchange:
        deadline = time.monotonic() + 10
        if name in WRITES:
            WRITES[name](SupabaseWriter(box.supabase_key, url=recorder.url, deadline=deadline))
            return next(stripped(each) for each in recorder.heard if each.method != "GET")
        settings = Settings(supabase_url=recorder.url, supabase_key=box.supabase_key)
        READS[name](Supabase(settings, deadline=deadline))
        return stripped(recorder.heard[-1])

    yield heard
    recorder.shutdown()


def stripped(exchange: Exchange) -> Exchange:
    assert exchange.path.startswith(PREFIX)
    path = exchange.path.removeprefix(PREFIX)
    return Exchange(exchange.method, path, exchange.query, exchange.body, exchange.answer)


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_what_is_said_is_in_the_specification(name: str, spec: Specification, heard: Callable[[str], Exchange]) -> None:
    """The request's path, its parameters and its body, and the sandbox's answer; but for what is listed above."""
    said = heard(name)
    path = template(spec, said)
    operation = (said.method, path)

    assert NOT_IN_QUERY.get(operation, set()) == set(said.query) - spec.parameters(*operation)
    assert {} == places(spec.response_errors(*operation, said.answer))
    if said.body is not None:
        assert {} == places(spec.request_errors(*operation, said.body))
        unknown = NOT_IN_BODY.get(operation, set()) & set(said.body)
        assert unknown == set(said.body) - fields(spec, *operation)


def fields(spec: Specification, method: str, path: str) -> set[str]:
    """The names of the fields that an operation's body may have."""
    (content,) = spec.document["paths"][path][method.lower()]["requestBody"]["content"].values()
    name = content["schema"].get("$ref", "").rpartition("/")[2]
    return set((spec.schemas[name] if name else content["schema"])["properties"])


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("/recover", {}, ""),
        ("/recover", {"email": 7}, "email"),
        ("/resend", {"type": "invite", "email": "a@b.example"}, "type"),
        ("/invite", {"data": {}}, ""),
        ("/admin/generate_link", {"type": "recovery"}, ""),
        ("/admin/generate_link", {"type": "login", "email": "a@b.example"}, "type"),
    ],
)
def test_a_request_that_must_be_refused_is(path: str, body: dict[str, Any], place: str, spec: Specification) -> None:
    """The contract notices what is missing or has another type; there is no resending of an invitation."""
    assert [place] == list(places(spec.request_errors("POST", path, body)))


def test_an_account_of_another_shape_is_noticed(spec: Specification, heard: Callable[[str], Exchange]) -> None:
    """Each field of an account that peakops keeps is one that the specification types, but for those listed."""
    from peakops.sources.supabase_calls import TIMES

    account = heard("user").answer
    known = set(spec.schemas["UserSchema"]["properties"])

    assert NOT_IN_USER == {"id", "email", "role", "app_metadata", "identities", "is_anonymous", *TIMES} - known
    for name in ("id", "email", "banned_until", "identities"):
        broken = {**account, name: {"neither": "this"}}
        assert name in places(spec.response_errors("GET", "/admin/users/{userId}", broken))


def test_what_the_specification_lacks_is_what_is_listed(spec: Specification) -> None:
    """An entry that is not needed any more is taken off the lists above."""
    types = spec.document["paths"]["/admin/generate_link"]["post"]["requestBody"]["content"]["application/json"]
    known = {(method.upper(), path) for path, operations in spec.document["paths"].items() for method in operations}

    assert NOT_OF_LINK == set(LINKS) - set(types["schema"]["properties"]["type"]["enum"])
    assert set() == NOT_AT_ALL & known
    assert spec.errors("ErrorSchema", STATUSES_OF_ERRORS)
    assert [] == spec.errors("ErrorSchema", {"code": 404, "error_code": "user_not_found", "msg": "User not found"})


def test_the_limits_are_what_the_management_api_says(management: Specification, load: Any) -> None:
    """The path and the sandbox's whole answer; one without a limit is noticed."""
    from peakops.sources.supabase import DEFAULTS

    box = load(WORLD)
    recorder = Recorder(box.vendor_url("supabase"))
    settings = Settings(
        supabase_url=box.vendor_url("supabase"),
        supabase_key=box.supabase_key,
        supabase_token=box.supabase_token,
        supabase_management_url=recorder.url,
    )
    Supabase(settings, deadline=time.monotonic() + 10).limits()
    (said,) = recorder.heard
    recorder.shutdown()
    operation = (said.method, template(management, said))

    assert ("GET", "/v1/projects/{ref}/config/auth") == operation
    assert {} == places(management.response_errors(*operation, said.answer))
    for name in DEFAULTS:
        less = {key: value for key, value in said.answer.items() if key != name}
        assert management.response_errors(*operation, less)
