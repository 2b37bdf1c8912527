"""
`notify sweep` at scale: `python tests/bench/notifications.py`, or as a part of `nox -s bench`.

50,000 made-up notifications of a day with SendGrid's log of their mails, 4,000 suppressed addresses of others, and 500
planted faults. Exit 1 if a target is missed.
"""

import random
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from backlog import NOW, Row, sweep
from promises import Kept, alone, any_seed, found_all, load, verdicts

NOTIFICATIONS, FAULTS, PEOPLE, SUPPRESSED = 50_000, 500, 5_000, 4_000
PAGE, LIST_PAGE = 1000, 500
BESIDE = 15
"""Requests beside the pages: one more for each list, the domains, the credits, and spans that were too long."""
KINDS = ("send_failed", "not_sent", "bounced", "dropped", "deferred", "suppressed_complaint")


def measure(home: Path, env: Mapping[str, str], count: int = NOTIFICATIONS, seed: int | None = None) -> list[Kept]:
    """Load the notifications and hold the command to its promises."""
    seed = any_seed() if seed is None else seed
    print(f"\nA day of {count:,} notifications, seed {seed}")
    planted = _load(home, env, count, seed)
    swept = sweep(env, home, ("notify", "sweep"), "sendgrid")
    # A span holds at least half a page, or the one before it was too long.
    allowed = 3 * -(-count // PAGE) + -(-SUPPRESSED // LIST_PAGE) + BESIDE
    print(f"{swept.requests} requests, {swept.statements} statements")
    return [
        # The played SendGrid looks through all of its log for each answer, which takes most of the time.
        Kept(
            "the whole run, every notification judged", f"{swept.whole_s:.0f} s", "within 120 s", swept.whole_s <= 120
        ),
        Kept("SQL statements, all of them", str(swept.statements), "10 or fewer", swept.statements <= 10),
        Kept(
            "requests to SendGrid, all of them",
            str(swept.requests),
            f"{allowed} or fewer: three for {PAGE:,} mails, one for {LIST_PAGE} addresses, and {BESIDE}",
            swept.requests <= allowed,
        ),
        Kept("peak memory of the whole run", f"{swept.peak_mb} MB", "under 200 MB", swept.peak_mb < 200),
        *found_all(verdicts(swept.lines), planted, len(KINDS)),
    ]


class Day:
    """The notifications of a day, and what became of them."""

    def __init__(self, count: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.tables: dict[str, list[Row]] = {"practices": [], "users": [], "notifications": []}
        self.mails: list[Row] = []
        self.planted: dict[str, str] = {}
        self.complained: list[Row] = []
        self.tables["practices"].append({"id": _id(1, 0), "name": "Practice 0"})
        for number in range(PEOPLE):
            self._person(number)
        wrong = set(self.chance.sample(range(count), min(FAULTS, count // 20)))
        for number in range(count):
            self._notification(number, self.chance.choice(KINDS) if number in wrong else "")

    def _person(self, number: int) -> str:
        made = {"id": _id(2, number), "email": f"person{number}@practice.example", "practice_id": _id(1, 0)}
        self.tables["users"].append(made)
        return str(made["email"])

    def _notification(self, number: int, fault: str) -> None:
        at = NOW - timedelta(seconds=self.chance.uniform(600, 86_000))
        # Whoever complained had one mail alone: every other one would be suppressed as well.
        who = PEOPLE + number if fault == "suppressed_complaint" else self.chance.randrange(PEOPLE)
        email = self._person(who) if who >= PEOPLE else f"person{who}@practice.example"
        failed = {"send_failed": "failed", "not_sent": "queued"}.get(fault)
        self.tables["notifications"].append(
            {
                "id": _id(3, number),
                "user_id": _id(2, who),
                "practice_id": _id(1, 0),
                "type": "case_update",
                "provider": None if failed else "sendgrid",
                "provider_message_id": None if failed else f"m-{number:08d}",
                "status": failed or "sent",
                "error": "validation_error" if fault == "send_failed" else None,
                "created_at": at.isoformat(),
            }
        )
        if fault:
            self.planted[_id(3, number)] = fault
        if not failed:
            self._mail(number, email, fault if fault in ("bounced", "dropped", "deferred") else "delivered")
        if fault == "suppressed_complaint":
            self.complained.append({"email": email, "created": "-9d"})

    def _mail(self, number: int, email: str, status: str) -> None:
        at = self.tables["notifications"][-1]["created_at"]
        mail: Row = {"sg_message_id": f"m-{number:08d}.recvd", "to_email": email, "status": status, "created_at": at}
        if status != "delivered":
            mail["reason"] = "552 5.2.2 Mailbox full"
        self.mails.append(mail)

    def world(self) -> Row:
        listed = [{"email": f"gone{number}@x.example", "created": "-9d", "reason": "x"} for number in range(SUPPRESSED)]
        suppressions = {"bounces": listed, "spam_reports": self.complained}
        return {
            "world": "notifications",
            "says": f"{len(self.tables['notifications'])} notifications, {len(self.planted)} of them with a fault.",
            "now": NOW.isoformat(),
            "email_provider": "sendgrid",
            "tables": self.tables,
            "sendgrid": {"messages": self.mails, "suppressions": suppressions},
        }


def _id(kind: int, number: int) -> str:
    return f"0b8d{kind:04d}-0000-4000-8000-{number:012d}"


def _load(home: Path, env: Mapping[str, str], count: int, seed: int) -> dict[str, str]:
    made = Day(count, seed)
    load(home / "notifications.json", made.world(), env, Counter(made.planted.values()))
    return made.planted


if __name__ == "__main__":
    sys.exit(alone(__doc__, "notifications", NOTIFICATIONS, measure))
