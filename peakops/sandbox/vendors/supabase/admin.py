"""The admin API: users by page or by id, what is changed in one, and second factors."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from peakops.sandbox.vendors.supabase import durations, people
from peakops.sandbox.vendors.supabase.asked import Asked
from peakops.sandbox.vendors.supabase.changes import add_identity, audit, change, forget_tokens, of_user, token
from peakops.sandbox.vendors.supabase.envelope import Refusal
from peakops.sandbox.vendors.supabase.people import Row
from peakops.sandbox.wire import Answer

PER_PAGE = 50
NOT_PLAYED = ("phone", "phone_confirm", "password_hash")
TOKENS = (
    *("confirmation_token", "recovery_token", "email_change_token_current", "email_change_token_new"),
    *("phone_change_token", "reauthentication_token"),
)
SENT = (
    *("confirmation_sent_at", "recovery_sent_at", "email_change_sent_at", "phone_change_sent_at"),
    "reauthentication_sent_at",
)
ORDERS = {"": "desc", "created_at": "asc", "created_at asc": "asc", "created_at desc": "desc"}
FILTER = "(email like %(like)s or raw_user_meta_data ->> 'full_name' ilike %(like)s)"


def list_users(asked: Asked) -> Answer:
    """GET /admin/users: a page of the audience's users, newest first, with how many there are."""
    query = dict(asked.request.query)
    page, size = number(query, "page", 1), number(query, "per_page", PER_PAGE)
    order = ORDERS.get(query.get("sort", ""))
    if order is None:
        raise Refusal(400, "validation_failed", f"Bad Sort Parameters: bad sort field {query['sort']!r}")
    where = f"{people.AMONG} and {FILTER}" if query.get("filter") else people.AMONG
    params = {"audience": asked.audience, "like": f"%{query.get('filter')}%", "n": size, "skip": (page - 1) * size}
    total = people.rows(asked.connection, f"select count(*) as n from auth.users where {where}", params)[0]["n"]  # noqa: S608
    statement = f"{people.USERS} where {where} order by created_at {order}, id limit %(n)s offset %(skip)s"
    users = [people.shown(asked, user) for user in people.rows(asked.connection, statement, params)]
    return Answer(
        body={"users": users, "aud": asked.audience},
        headers={"X-Total-Count": str(total), "Link": link(query, page, -(-total // size))},
    )


def number(query: dict[str, str], name: str, default: int) -> int:
    """A page or its size, 1 or more."""
    value = query.get(name) or str(default)
    if not (value.isascii() and value.isdecimal()):
        says = f'Bad Pagination Parameters: strconv.ParseUint: parsing "{value}": invalid syntax'
        raise Refusal(400, "validation_failed", says)
    return max(1, int(value))


def link(query: dict[str, str], page: int, pages: int) -> str:
    """The links to the next and the last page; their path is Auth's own, which does not know the gateway's /auth/v1."""
    places = {"next": page + 1} if page < pages else {}
    return ", ".join(
        f'</admin/users?{urlencode(sorted({**query, "page": str(to)}.items()))}>; rel="{rel}"'
        for rel, to in {**places, "last": pages}.items()
    )


def get_user(asked: Asked, identifier: str) -> Answer:
    """GET /admin/users/{id}."""
    return Answer(body=people.shown(asked, people.by_id(asked, identifier)))


def update_user(asked: Asked, identifier: str) -> Answer:
    """PUT /admin/users/{id}: what the body names. A ban ends no session; a new password ends all."""
    user = people.by_id(asked, identifier)
    email = asked.email() if asked.text("email") else ""
    span = ban(asked.text("ban_duration"))
    password = asked.body.get("password")
    if password is not None:
        check_password(asked, asked.text("password"))
    for name in NOT_PLAYED:
        if asked.body.get(name):
            raise Refusal(501, "unexpected_failure", f"The sandbox's Auth does not change {name}.")
    if role := asked.text("role").strip():
        change(asked, user, role=role)
    if asked.body.get("email_confirm"):
        confirm(asked, user)
    if password is not None:
        set_password(asked, user)
    if email:
        set_email(asked, user, email)
    for name, column in (("app_metadata", "raw_app_meta_data"), ("user_metadata", "raw_user_meta_data")):
        if asked.mapping(name):
            change(asked, user, **{column: merged(user[column], asked.mapping(name))})
    if span is not None:
        change(asked, user, banned_until=asked.now + span if span else None)
    audit(asked, "user_modified", None, of_user(user))
    return Answer(body=people.shown(asked, people.by_id(asked, identifier)))


def ban(text: str) -> timedelta | None:
    """How long a ban lasts; none at all ends it, and None leaves it as it is."""
    if not text:
        return None
    try:
        return timedelta() if text == "none" else durations.parsed(text)
    except ValueError as error:
        raise Refusal(400, "validation_failed", f"invalid format for ban duration: {error}") from error


def merged(old: Row | None, new: Row) -> Row:
    """Metadata with what the caller gives; null takes a key away."""
    return {key: value for key, value in {**(old or {}), **new}.items() if value is not None}


def confirm(asked: Asked, user: Row) -> None:
    """Take the address for confirmed."""
    data = merged(user["raw_user_meta_data"], {"email_verified": True})
    change(asked, user, confirmation_token="", email_confirmed_at=asked.now, raw_user_meta_data=data)
    forget_tokens(asked, user)


def check_password(asked: Asked, password: str) -> None:
    """Refuse a password that is too short."""
    least = asked.config["password_min_length"]
    if len(password) < least:
        message = f"Password should be at least {least} characters."
        raise Refusal(422, "weak_password", message, weak_password={"reasons": ["length"]})


def set_password(asked: Asked, user: Row) -> None:
    """A new password: every session and every link of before it is dead."""
    cleared = {**dict.fromkeys(TOKENS, ""), **dict.fromkeys(SENT)}
    change(asked, user, encrypted_password=token(asked, "password"), **cleared)
    forget_tokens(asked, user)
    asked.connection.execute("delete from auth.sessions where user_id = %s", [user["id"]])


def set_email(asked: Asked, user: Row, email: str) -> None:
    """A new address, in the account and in its identity; one that has no e-mail identity gets one."""
    confirmed = bool(asked.body.get("email_confirm"))
    found = people.rows(
        asked.connection,
        "update auth.identities set identity_data = identity_data || jsonb_build_object('email', %(email)s::text,"
        " 'email_verified', %(confirmed)s::boolean), updated_at = %(now)s"
        " where user_id = %(user)s and provider = 'email' returning id",
        {"email": email, "confirmed": confirmed, "now": asked.now, "user": user["id"]},
    )
    if not found:
        add_identity(asked, user["id"], email, verified=confirmed)
    change(asked, user, email=email)


def list_factors(asked: Asked, identifier: str) -> Answer:
    """GET /admin/users/{id}/factors."""
    return Answer(body=people.factors(asked, people.by_id(asked, identifier)))


def delete_factor(asked: Asked, identifier: str, factor: str) -> Answer:
    """DELETE /admin/users/{id}/factors/{id}: its sessions go on, with the password alone (aal1)."""
    user = people.by_id(asked, identifier)
    try:
        wanted = str(UUID(factor))
    except ValueError as error:
        raise Refusal(404, "validation_failed", "factor_id must be an UUID") from error
    found = next((each for each in people.factors(asked, user) if each["id"] == wanted), None)
    if found is None:
        raise Refusal(404, "mfa_factor_not_found", "Factor not found")
    audit(asked, "factor_deleted", user, {"user_id": user["id"], "factor_id": wanted})
    asked.connection.execute(
        "update auth.sessions set aal = 'aal1', factor_id = null where user_id = %s and factor_id = %s",
        [user["id"], wanted],
    )
    asked.connection.execute("delete from auth.mfa_factors where id = %s", [wanted])
    return Answer(body=found)
