"""What Supabase Auth keeps of the clinic's people besides account and session: links that are out, second factors."""

from peakops.sandbox.clinic_words import Row, Tables, ago, canary, uid

PENDING: dict[str, tuple[tuple[str, ...], Row]] = {
    "member3@larkspur.example": (("confirmation_token",), {}),
    "billing@cedarhollow.example": (("recovery_token",), {"recovery_sent_at": ago(3)}),
    "member1@tidewater.example": (
        ("email_change_token_new", "email_change_token_current"),
        {"email_change": "front.desk@tidewater.example", "email_change_sent_at": ago(5)},
    ),
    "owner@odwyer.example": (
        ("phone_change_token",),
        {"phone_change": "15550104455", "phone_change_sent_at": ago(30)},
    ),
    "owner@junipervale.example": (("reauthentication_token",), {"reauthentication_sent_at": ago(0.1)}),
}
"""Who has a link or a code out, by e-mail: the columns that hold it, and what the account says beside it."""
SECOND_FACTOR = "staff1@peakdental.example"
"""Who has a second factor, and passed it at the last log-in."""


def auth(users: list[Row], sessions: list[Row]) -> Tables:
    """The rows of the other tables of Supabase Auth; accounts and sessions are told of them, as Supabase does."""
    accounts = {row["email"]: row for row in users}
    return {
        "auth.one_time_tokens": [
            _sent(accounts[email], kind, beside) for email, (kinds, beside) in PENDING.items() for kind in kinds
        ],
        "auth.mfa_factors": [_factor(accounts[SECOND_FACTOR], sessions)],
        "auth.refresh_tokens": [_refresh(number, row) for number, row in enumerate(sessions)],
        "auth.flow_state": [_flow(accounts[SECOND_FACTOR])],
    }


def _sent(account: Row, kind: str, beside: Row) -> Row:
    """A link or code that is out, in the account and in the table of all of them, as Supabase keeps it."""
    account.update(beside)
    account[kind] = canary(kind)
    sent = next((value for key, value in beside.items() if key.endswith("_sent_at")), account["confirmation_sent_at"])
    return {
        "id": uid("one-time token", kind),
        "user_id": account["id"],
        "token_type": kind,
        "token_hash": account[kind],
        "relates_to": account["email"],
        "created_at": sent,
        "updated_at": sent,
    }


def _factor(account: Row, sessions: list[Row]) -> Row:
    session = next(row for row in sessions if row["user_id"] == account["id"])
    factor = uid("factor", account["email"])
    session |= {"aal": "aal2", "factor_id": factor}
    return {
        "id": factor,
        "user_id": account["id"],
        "friendly_name": "phone",
        "factor_type": "totp",
        "status": "verified",
        "secret": canary("totp"),
        "last_challenged_at": session["created_at"],
        "created_at": account["created_at"],
        "updated_at": session["created_at"],
    }


def _refresh(number: int, session: Row) -> Row:
    return {
        "token": canary("refresh", number),
        "parent": canary("parent", number),
        "user_id": session["user_id"],
        "revoked": False,
        "session_id": session["id"],
        "created_at": session["created_at"],
        "updated_at": session["updated_at"],
    }


def _flow(account: Row) -> Row:
    """A log-in by a provider that was begun and not ended."""
    return {
        "id": uid("flow", account["email"]),
        "user_id": account["id"],
        "auth_code": canary("auth", "code"),
        "code_challenge_method": "s256",
        "code_challenge": canary("code", "challenge"),
        "provider_type": "google",
        "provider_access_token": canary("provider", "access"),
        "provider_refresh_token": canary("provider", "refresh"),
        "invite_token": canary("invite"),
        "authentication_method": "oauth",
        "created_at": ago(2),
        "updated_at": ago(2),
    }
