"""The clinic's notifications and its audit log, and the e-mails as SendGrid has them."""

from random import Random

from peakops.sandbox.clinic_people import PEOPLE
from peakops.sandbox.clinic_words import BROWSERS, Row, ago, dice, uid

NOTIFICATIONS = 300
AUDIT_ROWS = 1500
DAYS = 30
BOUNCED = "member1@pinecrest.example"
RARELY = 6
"""One log-in of so many fails in the ordinary way; more would look like an attack on the network that all share."""
STRANGER = "198.51.100.77"
"""The address that many failed logins come from."""
EXPORTER = "member1@cedarhollow.example"
"""The user who exports records at night from an address that nobody else uses."""
SUBJECTS = {
    "case_update": "A case has a new status",
    "invoice": "An invoice is ready",
    "shipment": "A parcel is on its way",
    "refund": "A refund is on its way",
    "security": "A new device signed in",
}


def notifications(users: list[Row]) -> tuple[list[Row], Row]:
    """What the portal told its users, and SendGrid's part of it."""
    rng = dice("notifications")
    rows: list[Row] = []
    messages: list[Row] = []
    for number in range(NOTIFICATIONS):
        user = rng.choice(users[:58])
        kind, hours = rng.choice(tuple(SUBJECTS)), rng.uniform(0.3, 24 * DAYS)
        mail = rng.random() < 0.7 and user["email"] != PEOPLE["e-mail switched off"]
        bounced = mail and user["email"] == BOUNCED
        key = f"sg-message-{number:04d}"
        read = not mail and rng.random() < 0.6
        rows.append(
            {
                "id": uid("notification", number),
                "practice_id": user["practice_id"],
                "user_id": user["id"],
                "type": kind,
                "channel": "email" if mail else "in_app",
                "subject": SUBJECTS[kind],
                "provider": "sendgrid" if mail else None,
                "provider_message_id": key if mail else None,
                "status": "failed" if bounced else "read" if read else "sent",
                "error": "550 5.1.1 mailbox does not exist" if bounced else None,
                "read_at": ago(hours * 0.8) if read else None,
                "created_at": ago(hours),
            }
        )
        if mail:
            messages.append(_message(key, user["email"], SUBJECTS[kind], ago(hours), bounced=bounced))
    rows[0] |= {"channel": "email", "status": "queued", "provider": None, "provider_message_id": None, "read_at": None}
    messages = [message for message in messages if message["sg_message_id"] != "sg-message-0000"]
    suppressed = {"email": BOUNCED, "reason": "550 5.1.1 mailbox does not exist", "created": ago(24 * DAYS)}
    empty: dict[str, list[Row]] = {name: [] for name in ("blocks", "spam_reports", "invalid_emails", "unsubscribes")}
    return rows, {"messages": messages, "suppressions": {"bounces": [suppressed], **empty}, "stats": []}


def _message(key: str, email: str, subject: str, at: str, *, bounced: bool) -> Row:
    return {
        "sg_message_id": key,
        "to_email": email,
        "from_email": "portal@peakdental.example",
        "subject": subject,
        "status": "bounced" if bounced else "delivered",
        "reason": "550 5.1.1 mailbox does not exist" if bounced else None,
        "created_at": at,
    }


def audit(users: list[Row], accounts: list[Row], cases: list[Row], shipments: list[Row]) -> list[Row]:
    """Thirty days of the audit log, oldest first: the work that the other tables show, logins and views."""
    rng = dice("audit")
    by_id = {user["id"]: (user, place) for place, user in enumerate(users)}
    oldest = ago(24 * DAYS)
    rows = [row for case in cases if case["created_at"] >= oldest for row in _of_case(case, by_id)]
    rows += [row for parcel in shipments if parcel["created_at"] >= oldest for row in _of_shipment(parcel)]
    rows += _last_logins(users, accounts, oldest)
    rows += _troubles(users)
    own = _by_practice(cases)
    awake = [place for place, user in enumerate(users) if user["is_active"]]
    while len(rows) < AUDIT_ROWS:
        place = rng.choice(awake)
        action = rng.choice(("auth.login", "records.viewed", "records.viewed", "records.viewed", "auth.login_failed"))
        if action == "auth.login_failed" and len(rows) % RARELY:
            action = "auth.login"
        own_cases = own.get(users[place]["practice_id"]) or cases
        thing = own_cases[cases.index(rng.choice(cases)) % len(own_cases)]
        view = action == "records.viewed"
        rows.append(
            _entry(users[place], place, action, rng.uniform(0.1, 24 * DAYS), rng)
            | ({"resource_type": "case", "resource_id": thing["id"]} if view else {})
        )
    return sorted(rows, key=lambda row: str(row["created_at"]))


def _last_logins(users: list[Row], accounts: list[Row], oldest: str) -> list[Row]:
    """The log-ins that Supabase Auth knows as the last, as the portal noted them."""
    rng, seen = dice("last logins"), {account["id"]: account["last_sign_in_at"] for account in accounts}
    return [
        _entry(user, place, "auth.login", 0, rng) | {"created_at": seen[user["id"]]}
        for place, user in enumerate(users)
        if (seen.get(user["id"]) or "") >= oldest
    ]


def _by_practice(cases: list[Row]) -> dict[str, list[Row]]:
    """Each practice's cases: people read those of their own."""
    own: dict[str, list[Row]] = {}
    for case in cases:
        own.setdefault(case["practice_id"], []).append(case)
    return own


def _entry(user: Row, place: int, action: str, hours: float, rng: Random) -> Row:
    return {
        "user_id": user["id"],
        "practice_id": user["practice_id"],
        "action": action,
        "resource_type": None,
        "resource_id": None,
        "details": {},
        "ip_address": f"203.0.113.{place + 1}",
        "user_agent": rng.choice(BROWSERS),
        "created_at": ago(hours),
    }


def _plain(action: str, kind: str, thing: Row, user: str | None, at: str) -> Row:
    return {
        "user_id": user,
        "practice_id": thing["practice_id"],
        "action": action,
        "resource_type": kind,
        "resource_id": thing["id"],
        "details": {},
        "ip_address": None,
        "user_agent": None,
        "created_at": at,
    }


def _of_case(case: Row, by_id: dict[str, tuple[Row, int]]) -> list[Row]:
    if case["status"] == "draft":
        return []
    _, place = by_id[case["submitted_by"]]
    made = _plain("case.created", "case", case, case["submitted_by"], case["created_at"])
    made |= {"ip_address": f"203.0.113.{place + 1}", "user_agent": BROWSERS[place % len(BROWSERS)]}
    if case["sync_error"]:
        failed = _plain("case.sync_failed", "case", case, None, case["sync_attempted_at"])
        return [made, failed | {"details": {"error": case["sync_error"]}}]
    if case["salesforce_case_id"]:
        return [made, _plain("case.synced", "case", case, None, case["sync_attempted_at"])]
    return [made]


def _of_shipment(parcel: Row) -> list[Row]:
    asked = _plain("shipping.label_requested", "shipment", parcel, None, parcel["created_at"])
    if parcel["error"]:
        failed = _plain("shipping.label_failed", "shipment", parcel, None, parcel["attempted_at"])
        return [asked, failed | {"details": {"error": parcel["error"]}}]
    if parcel["tracking_number"]:
        return [asked, _plain("shipping.label_created", "shipment", parcel, None, parcel["attempted_at"])]
    return [asked]


def _troubles(users: list[Row]) -> list[Row]:
    """A password guesser, and an account that exports a practice's records at night."""
    rng = dice("troubles")
    people = {user["email"]: (user, place) for place, user in enumerate(users)}
    rows = []
    for number in range(40):
        user, place = people[PEOPLE["banned"]] if number % 2 else (users[number % 20], number % 20)
        row = _entry(user, place, "auth.login_failed", 31 + number / 60, rng)
        rows.append(row | {"ip_address": STRANGER, "user_agent": "python-requests/2.32"})
    user, place = people[EXPORTER]
    night = {"ip_address": "192.0.2.45", "user_agent": BROWSERS[1]}
    rows.append(_entry(user, place, "auth.login", 12.2, rng) | night)
    for number in range(25):
        row = _entry(user, place, "records.exported", 12 - number / 20, rng) | night | {"details": {"rows": 40}}
        rows.append(row | {"resource_type": "case", "resource_id": uid("case", 60 + number)})
    boss, place = people["owner@harbordental.example"]
    changed, _ = people["member1@harbordental.example"]
    role = _entry(boss, place, "user.role_changed", 70, rng)
    rows.append(
        role | {"resource_type": "user", "resource_id": changed["id"], "details": {"from": "member", "to": "admin"}}
    )
    return rows
