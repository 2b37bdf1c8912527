"""Finds Auth's users in the world's tables, and writes them as the admin API does: never a token, never a hash."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from peakops.sandbox.times import written
from peakops.sandbox.vendors.supabase.asked import AUDIENCE, Asked
from peakops.sandbox.vendors.supabase.envelope import Refusal

if TYPE_CHECKING:
    from psycopg import Connection

Row = dict[str, Any]

ALWAYS = {
    "id": "id",
    "aud": "aud",
    "role": "role",
    "email": "email",
    "phone": "phone",
    "app_metadata": "raw_app_meta_data",
    "user_metadata": "raw_user_meta_data",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "is_anonymous": "is_anonymous",
}
"""Each field of a user that is always in the answer, and its column."""

IF_ANY = {
    "email_confirmed_at": "email_confirmed_at",
    "invited_at": "invited_at",
    "phone_confirmed_at": "phone_confirmed_at",
    "confirmation_sent_at": "confirmation_sent_at",
    "confirmed_at": "confirmed_at",
    "recovery_sent_at": "recovery_sent_at",
    "new_email": "email_change",
    "email_change_sent_at": "email_change_sent_at",
    "new_phone": "phone_change",
    "phone_change_sent_at": "phone_change_sent_at",
    "reauthentication_sent_at": "reauthentication_sent_at",
    "last_sign_in_at": "last_sign_in_at",
    "banned_until": "banned_until",
    "deleted_at": "deleted_at",
}
"""Each field that is left out while its column is empty."""

EMPTY = {"aud": AUDIENCE, "role": AUDIENCE, "email": "", "phone": ""}
"""What a world leaves out in a row of auth.users."""
NO_TIME = "0001-01-01T00:00:00Z"
"""How Go writes a time that is not set."""

USERS = f"select {', '.join([*ALWAYS.values(), *IF_ANY.values()])} from auth.users"  # noqa: S608 - our own names
AMONG = f"coalesce(aud, '{AUDIENCE}') = %(audience)s"
FACTORS = """
    select id, created_at, updated_at, status::text as status, coalesce(friendly_name, '') as friendly_name,
           factor_type::text as factor_type, coalesce(phone, '') as phone, last_challenged_at
      from auth.mfa_factors where user_id = %(user)s order by created_at, id"""
IDENTITIES = """
    select id as identity_id, provider_id as id, user_id, identity_data, provider, last_sign_in_at, created_at,
           updated_at, coalesce(email, '') as email
      from auth.identities where user_id = %(user)s order by created_at, id"""


def rows(connection: "Connection[Any]", statement: str, params: Row) -> list[Row]:
    """What a statement of our own gives, each row by its columns."""
    from psycopg.rows import dict_row

    return connection.cursor(row_factory=dict_row).execute(statement, params).fetchall()


def by_email(asked: Asked, email: str) -> Row | None:
    """The user whom mails, invitations and links are for: of the audience, and not one of single sign-on."""
    statement = f"{USERS} where lower(email) = %(email)s and {AMONG} and not is_sso_user"
    found = rows(asked.connection, statement, {"email": email, "audience": asked.audience})
    return found[0] if found else None


def by_id(asked: Asked, identifier: str) -> Row:
    """The user with this id, of whatever audience. Raises Refusal if there is none."""
    from uuid import UUID

    try:
        user = UUID(identifier)
    except ValueError as error:
        raise Refusal(404, "validation_failed", "user_id must be an UUID") from error
    found = rows(asked.connection, f"{USERS} where id = %(user)s", {"user": user})
    if not found:
        raise Refusal(404, "user_not_found")
    return found[0]


def factors(asked: Asked, user: Row) -> list[Row]:
    """The user's second factors, as the admin API shows them."""
    found = rows(asked.connection, FACTORS, {"user": user["id"]})
    return [{name: plain(value) for name, value in row.items()} for row in found]


def shown(asked: Asked, user: Row) -> Row:
    """A user as the admin API shows one."""
    answer: Row = {field: user[column] for field, column in ALWAYS.items()}
    for field in ("app_metadata", "user_metadata"):
        answer[field] = answer[field] or {}
    answer = {field: EMPTY.get(field) if value is None else plain(value) for field, value in answer.items()}
    for field in ("created_at", "updated_at"):
        answer[field] = answer[field] or NO_TIME
    answer |= {field: plain(user[column]) for field, column in IF_ANY.items() if user[column]}
    found = rows(asked.connection, IDENTITIES, {"user": user["id"]})
    answer["identities"] = [{name: plain(value) for name, value in row.items() if value is not None} for row in found]
    if second := factors(asked, user):
        answer["factors"] = second
    return answer


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, datetime):
        return written(value.replace(tzinfo=UTC) if value.tzinfo is None else value)
    return value if value is None or isinstance(value, bool | int | str | dict | list) else str(value)
