"""The clinic's practices and people: profiles, logins, sessions, invitations."""

from functools import cache
from random import Random

from peakops.sandbox.clinic_words import (
    BROWSERS,
    FIRST,
    LAST,
    PRACTICES,
    Row,
    Tables,
    ago,
    canary,
    dice,
    stripe_id,
    uid,
)
from peakops.sandbox.vendors.salesforce.ids import made

USERS = 60
PER_PRACTICE = 5
STAFF = 2
PREFERENCES = {
    "email": {"case_update": True, "invoice": True, "shipment": True},
    "in_app": {"case_update": True, "invoice": True, "shipment": True},
}
PEOPLE = {
    "banned": "member2@brightmesa.example",
    "unconfirmed": "member3@larkspur.example",
    "never_set_a_password": "member2@quarrystreet.example",
    "inactive": "member3@tidewater.example",
    "e-mail switched off": "member2@junipervale.example",
    "invitation expired": "new.hygienist@pinecrest.example",
    "invitation pending": "new.desk@oldmill.example",
}
"""Who shows what, by e-mail."""


@cache
def practice_id(index: int) -> str:
    """The id of the practice at that place of the list."""
    return uid("practice", PRACTICES[index][1])


def practices() -> list[Row]:
    """All practices, each with its customer at Stripe and its account in Salesforce."""
    return [
        {
            "id": practice_id(index),
            "name": name,
            "status": "suspended" if domain == "oldmill" else "active",
            "salesforce_account_id": made("Account", index + 1),
            "stripe_customer_id": stripe_id("cus", domain),
            "ups_account_number": "A1B2C3",
            "timezone": zone,
            "created_at": ago(24 * (700 - 31 * index)),
        }
        for index, (name, domain, zone) in enumerate(PRACTICES)
    ]


def customers() -> list[Row]:
    """The practices as Stripe knows them."""
    return [
        {
            "id": stripe_id("cus", domain),
            "name": name,
            "email": f"billing@{domain}.example",
            "created": 1735812000 + 86400 * index,
            "livemode": False,
            "metadata": {"practice_id": practice_id(index)},
        }
        for index, (name, domain, _) in enumerate(PRACTICES)
    ]


def people() -> Tables:
    """Sixty users with login and profile, their sessions and the invitations."""
    rng = dice("people")
    tables: Tables = {"users": [], "auth.users": [], "auth.identities": [], "auth.sessions": []}
    for number in range(USERS):
        staff = number >= USERS - STAFF
        place = number % PER_PRACTICE
        index = number // PER_PRACTICE
        box = ("owner", "billing", "member1", "member2", "member3")[place]
        email = f"staff{place - 2}@peakdental.example" if staff else f"{box}@{PRACTICES[index][1]}.example"
        role = "staff" if staff else ("owner", "admin", "member", "member", "member")[place]
        _person(tables, rng, number, email=email, role=role, practice=None if staff else practice_id(index))
    tables["invitations"] = _invitations(tables["users"], rng)
    return tables


def _person(tables: Tables, rng: Random, number: int, *, email: str, role: str, practice: str | None) -> None:
    user, since = uid("user", email), 24 * rng.uniform(60, 500)
    name = f"{FIRST[number % len(FIRST)]} {LAST[(number * 7 + 3) % len(LAST)]}"
    confirmed = email not in {PEOPLE["unconfirmed"], PEOPLE["never_set_a_password"]}
    if not confirmed:
        since = 50.0
    seen = rng.uniform(0.5, 200) if confirmed else None
    tables["users"].append(
        {
            "id": user,
            "email": email,
            "full_name": name,
            "phone": f"+1555010{number:04d}",
            "role": role,
            "practice_id": practice,
            "is_active": email != PEOPLE["inactive"],
            "notification_preferences": PREFERENCES
            if email != PEOPLE["e-mail switched off"]
            else PREFERENCES | {"email": {"case_update": False, "invoice": False, "shipment": False}},
            "created_at": ago(since),
        }
    )
    tables["auth.users"].append(
        {
            "id": user,
            "instance_id": "00000000-0000-0000-0000-000000000000",
            "aud": "authenticated",
            "role": "authenticated",
            "email": email,
            "encrypted_password": None
            if email == PEOPLE["never_set_a_password"]
            else f"$2a$10${canary('password', number)}",
            "email_confirmed_at": ago(since - 1) if confirmed else None,
            "invited_at": ago(since) if email == PEOPLE["never_set_a_password"] else None,
            "confirmation_sent_at": ago(since),
            "last_sign_in_at": ago(seen) if seen else None,
            "banned_until": "2027-11-01T00:00:00Z" if email == PEOPLE["banned"] else None,
            "raw_app_meta_data": {"provider": "email", "providers": ["email"]},
            "raw_user_meta_data": {"full_name": name},
            "created_at": ago(since),
            "updated_at": ago(seen or since),
        }
    )
    tables["auth.identities"].append(
        {
            "id": uid("identity", email),
            "provider_id": user,
            "user_id": user,
            "provider": "email",
            "identity_data": {"sub": user, "email": email, "email_verified": confirmed},
            "last_sign_in_at": ago(seen) if seen else None,
            "created_at": ago(since),
            "updated_at": ago(since),
        }
    )
    if seen and number % 2 == 0 and email != PEOPLE["banned"]:
        tables["auth.sessions"].append(
            {
                "id": uid("session", email),
                "user_id": user,
                "created_at": ago(seen),
                "updated_at": ago(seen / 2),
                "refreshed_at": ago(seen / 2),
                "aal": "aal1",
                "user_agent": rng.choice(BROWSERS),
                "refresh_token_hmac_key": canary("hmac", number),
                "ip": f"203.0.113.{number + 1}",
            }
        )


def _invitations(users: list[Row], rng: Random) -> list[Row]:
    rows = []
    for number in range(15):
        index = number % len(PRACTICES)
        kind = ("accepted", "pending", "expired", "revoked", "accepted")[number % 5]
        hours = {"accepted": 24 * 40, "pending": 60, "expired": 24 * 12, "revoked": 24 * 20}[kind] + 3 * number
        email = f"invited{number}@{PRACTICES[index][1]}.example"
        if number == 7:  # an expired one
            index, email = 9, PEOPLE["invitation expired"]
        if number == 6:  # a pending one
            index, email = 10, PEOPLE["invitation pending"]
        if kind == "accepted":
            email = users[index * PER_PRACTICE + 2]["email"]
        rows.append(
            {
                "id": uid("invitation", number),
                "email": email,
                "practice_id": practice_id(index),
                "role": "member",
                "status": kind,
                "token": canary("invitation", number),
                "invited_by": users[index * PER_PRACTICE]["id"],
                "provider_message_id": f"sg-invitation-{number:02d}",
                "expires_at": ago(hours - 24 * 7),
                "accepted_at": ago(hours - rng.uniform(1, 40)) if kind == "accepted" else None,
                "created_at": ago(hours),
            }
        )
    return rows
