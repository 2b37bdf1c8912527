"""What Auth does to its tables: columns of a user, one-time tokens, new accounts, and a note of each act."""

import hashlib
import json
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from peakops.sandbox.tables import quoted
from peakops.sandbox.vendors.supabase import people
from peakops.sandbox.vendors.supabase.asked import Asked
from peakops.sandbox.vendors.supabase.people import Row

NOBODY = UUID(int=0)
"""The instance of every account, and the actor's id where an admin key acts."""

LOG_TYPE = {
    "user_recovery_requested": "user",
    "user_confirmation_requested": "user",
    "user_modified": "user",
    "user_deleted": "team",
    "user_invited": "team",
    "factor_deleted": "factor",
}

COUNTER = "_drawn"
"""How many tokens and ids the world's Auth has drawn: they differ, and are the same each time a test is run."""


def drawn(asked: Asked, purpose: str) -> str:
    """A value that occurs once: 56 hexadecimal digits, as many as Auth's hashed tokens have."""
    number = asked.state[COUNTER] = asked.state.get(COUNTER, 0) + 1
    return hashlib.sha224(f"{purpose} {number} {asked.now.isoformat()}".encode()).hexdigest()


def token(asked: Asked, purpose: str) -> str:
    """A token or hash for a column; it begins with canary_, so that a test finds it wherever it should not be."""
    return f"canary_{drawn(asked, purpose)}"


def change(asked: Asked, user: Row, **columns: Any) -> None:
    """Set columns of a user, in the table and in the row at hand."""
    columns["updated_at"] = asked.now
    user |= columns
    values = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in columns.items()}
    names = ", ".join(f"{quoted(name)} = %({name})s" for name in columns)
    asked.connection.execute(
        f"update auth.users set {names} where id = %(user)s",  # noqa: S608 - our own names
        {**values, "user": user["id"]},
    )


def keep_token(asked: Asked, user: Row, kind: str, value: str, address: str) -> None:
    """Keep a one-time token; a user has one of each kind, so an earlier link of this kind is dead."""
    asked.connection.execute(
        "delete from auth.one_time_tokens where user_id = %s and token_type = %s", [user["id"], kind]
    )
    asked.connection.execute(
        "insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)"
        " values (%(id)s, %(user)s, %(kind)s, %(value)s, %(address)s, %(now)s, %(now)s)",
        {
            "id": uuid5(NAMESPACE_OID, value),
            "user": user["id"],
            "kind": kind,
            "value": value,
            "address": address,
            "now": asked.now.replace(tzinfo=None),
        },
    )


def forget_tokens(asked: Asked, user: Row) -> None:
    """Delete all of a user's one-time tokens."""
    asked.connection.execute("delete from auth.one_time_tokens where user_id = %s", [user["id"]])


def create(asked: Asked, email: str, password: str = "") -> Row:
    """A new account with an e-mail identity, not confirmed yet."""
    user = uuid5(NAMESPACE_OID, drawn(asked, email))
    asked.connection.execute(
        "insert into auth.users (instance_id, id, aud, role, email, encrypted_password, confirmation_token,"
        " recovery_token, email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, created_at,"
        " updated_at) values (%(nobody)s, %(user)s, %(aud)s, 'authenticated', %(email)s, %(password)s, '', '', '', '',"
        """ '{"provider": "email", "providers": ["email"]}', %(data)s, %(now)s, %(now)s)""",
        {
            "nobody": NOBODY,
            "user": user,
            "aud": asked.audience,
            "email": email,
            "password": token(asked, "password") if password else "",
            "data": json.dumps(asked.mapping("data")),
            "now": asked.now,
        },
    )
    add_identity(asked, user, email)
    return people.by_id(asked, str(user))


def add_identity(asked: Asked, user: UUID, email: str, verified: bool = False) -> None:
    """An identity of provider `email`: without one there is no login by password."""
    data = {"sub": str(user), "email": email, "email_verified": verified, "phone_verified": False}
    asked.connection.execute(
        "insert into auth.identities (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at,"
        " updated_at) values (%(id)s, %(sub)s, %(user)s, %(data)s, 'email', %(now)s, %(now)s, %(now)s)",
        {
            "id": uuid5(NAMESPACE_OID, drawn(asked, "identity")),
            "sub": str(user),
            "user": user,
            "data": json.dumps(data),
            "now": asked.now,
        },
    )


def audit(asked: Asked, action: str, actor: Row | None, traits: Row | None = None) -> None:
    """Note an act in auth.audit_log_entries. An admin key acts as nobody, under the name of its role."""
    payload: Row = {
        "action": action,
        "actor_id": str(actor["id"] if actor else NOBODY),
        "actor_username": (actor["email"] or actor["phone"] or "") if actor else "service_role",
        "actor_via_sso": False,
        "log_type": LOG_TYPE[action],
    }
    if actor and (name := (actor["raw_user_meta_data"] or {}).get("full_name")):
        payload["actor_name"] = name
    if traits:
        payload["traits"] = {key: str(value or "") for key, value in traits.items()}
    asked.connection.execute(
        "insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)"
        " values (%s, %s, %s, %s, '')",
        [NOBODY, uuid5(NAMESPACE_OID, drawn(asked, action)), json.dumps(payload), asked.now],
    )


def of_user(user: Row) -> Row:
    """The traits of an act that an admin key does to a user."""
    return {"user_id": user["id"], "user_email": user["email"], "user_phone": user["phone"]}
