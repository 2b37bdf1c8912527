"""Logs with a story each: an attack of a hundred machines, a clinic behind one address, crawlers, a page that polls."""

import json
import random

START = 1_795_165_200_000
"""2026-11-20T09:00:00Z."""
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
)
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.0 Safari/605.1.15"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
YANDEX = "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)"


def row(client, status, at, path="/cases", agent="", method="GET", **more):
    """One request's row; it has an id of its own."""
    proxy = {"clientIp": client, "statusCode": status, "path": path, "userAgent": [agent], "method": method}
    made = {"source": "edge", "timestamp": at, "proxy": {**proxy, **more.pop("proxy", {})}, **more}
    return {"requestId": f"iad1::{client}-{at}-{len(path)}", **made}


def guessing(clients, each, agent="python-requests/2.32.3", seed=1):
    """Every client posts to the log-in, and is turned away."""
    chance = random.Random(seed)
    return [
        row(
            client,
            chance.choice((401, 429, 429)),
            START + chance.randrange(3_600_000),
            "/api/auth/login",
            agent,
            "POST",
        )
        for client in clients
        for _ in range(each)
    ]


def attack_24():
    """180 addresses of a /24."""
    return guessing([f"198.51.100.{number}" for number in range(20, 200)], 12)


def attack_48():
    """300 addresses of a /48, rotating."""
    chance = random.Random(2)
    return guessing([f"2001:db8:bad:{chance.randrange(65536):x}::{number:x}" for number in range(1, 301)], 6, seed=2)


def office(client="203.0.113.40", limited=0.12, rule=None):
    """A clinic of fourteen people behind one address: pages with their styles, some held back at nine o'clock."""
    chance = random.Random(3)
    agents = [WINDOWS.format(each) for each in range(130, 142)] + [MAC.format(each) for each in (17, 18)]
    rows = [
        row(client, 200, START + 1000 * number, "/api/auth/callback", agents[number % 14], "POST")
        for number in range(14)
    ]
    for number in range(1800):
        status = 429 if chance.random() < limited else 200
        path = chance.choice(("/cases", f"/cases/{number}", "/api/cases", "/invoices", "/_next/static/app.js"))
        by = {"proxy": {"wafAction": "rate_limit", "wafRuleId": rule}} if rule and status == 429 else {}
        rows.append(
            row(client, status, START + number * 1500 + chance.randrange(1400), path, chance.choice(agents), **by)
        )
    return rows


def crawl(client, agent, seed=4):
    """A crawler goes through pages and is held back at times."""
    chance = random.Random(seed)
    return [
        row(
            client,
            chance.choice((200, 200, 200, 429)),
            START + number * 4000 + chance.randrange(3000),
            f"/help/{number}",
            agent,
        )
        for number in range(200)
    ]


def polling(client="192.0.2.77"):
    """A page asks for its notifications every two seconds, whatever it is answered."""
    chance = random.Random(5)
    return [
        row(
            client,
            429 if number % 3 else 200,
            START + number * 2000 + chance.randrange(-60, 60),
            "/api/notifications",
            WINDOWS.format(141),
        )
        for number in range(900)
    ]


STORIES = {
    "198.51.100.0/24": (attack_24, "attack"),
    "2001:db8:bad::/48": (attack_48, "attack"),
    "203.0.113.0/24": (office, "legitimate_heavy"),
    "66.249.66.0/24": (lambda: crawl("66.249.66.1", GOOGLEBOT), "crawler"),
    "185.220.101.0/24": (lambda: crawl("185.220.101.5", GOOGLEBOT), "attack"),
    "100.43.90.0/24": (lambda: crawl("100.43.90.3", YANDEX), "crawler"),
    "192.0.2.0/24": (polling, "client_bug"),
}
"""By network: the story, and what must be thought of it."""


def lines(rows):
    """As a drain writes them, in the order of time."""
    return [json.dumps(each).encode() for each in sorted(rows, key=lambda each: each["timestamp"])]


def everything():
    """All stories at once."""
    return [each for story, _ in STORIES.values() for each in story()]


def some():
    """A few, for a page that is read: an attack of twenty, the clinic, a verified crawler, the page that polls."""
    attackers = guessing([f"198.51.100.{number}" for number in range(20, 40)], 40)
    return [*attackers, *office(), *crawl("66.249.66.1", GOOGLEBOT), *polling()]
