"""
A log of a portal, made up, with secrets planted in known places, and with what only looks like one.

It knows nothing of peakops: cards are made by their issuers' rules, tokens by their formats. `planted(seed)` gives the
text and the truth; `python tests/bench/planted_log.py FILE` writes one.
"""

import base64
import json
import random
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
PATHS = ("/api/cases", "/api/shipments", "/invoices", "/dashboard", "/api/users/me", "/login", "/api/files/download")
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
HEALTH = ("patient_name", "clinical_notes", "dob", "date_of_birth", "mrn", "diagnosis", "medical_history")
ISSUERS = (
    ("4", 16),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
    ("65", 16),
    ("3528", 16),
)


@dataclass
class Log:
    """Lines in the making, and what is planted in them."""

    chance: random.Random
    lines: list[str] = field(default_factory=list)
    truth: list[tuple[str, int]] = field(default_factory=list)
    """What was planted: its kind, and the number of its line."""

    def text(self) -> bytes:
        return ("\n".join(self.lines) + "\n").encode()

    def letters(self, count: int, of: str = LETTERS) -> str:
        return "".join(self.chance.choices(of, k=count))

    def digits(self, count: int) -> str:
        return self.letters(count, "0123456789")

    def card(self) -> str:
        """A number that its issuer could have given."""
        first, length = self.chance.choice(ISSUERS)
        body = first + self.digits(length - len(first) - 1)
        return body + str(-luhn(body + "0") % 10)

    def id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))


def any_seed() -> int:
    """A seed of this run's own."""
    return random.SystemRandom().getrandbits(32)


def luhn(number: str) -> int:
    """The sum that is a multiple of ten where the last digit is right."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total


def _card(log: Log) -> str:
    number = log.card()
    if len(number) == 16 and log.chance.random() < 0.5:
        joint = log.chance.choice((" ", "-"))
        number = joint.join(number[at : at + 4] for at in range(0, 16, 4))
    elif len(number) == 15 and log.chance.random() < 0.5:
        number = f"{number[:4]} {number[4:10]} {number[10:]}"
    return log.chance.choice(
        (f"charge declined card={number}", f'{{"card_number": "{number}"}}', f"paid with {number}.")
    )


def _ssn(log: Log) -> str:
    area = log.chance.choice([each for each in range(1, 900) if each != 666])
    parts = f"{area:03d}", f"{log.chance.randrange(1, 100):02d}", f"{log.chance.randrange(1, 10_000):04d}"
    joined = "".join(parts)
    said = (
        f"guarantor {'-'.join(parts)} verified",
        f'{{"ssn": "{joined}"}}',
        f"SSN: {joined}",
        f"ssn={'-'.join(parts)}",
    )
    return log.chance.choice(said)


def _password(log: Log) -> str:
    word = log.letters(log.chance.randrange(6, 20))
    said = (
        f"login failed password={word} for user",
        json.dumps({"body": {"email": None, "password": f"{word} {word}!"}}),
        f"connecting to postgresql://portal:{word}@db.internal:5432/portal",
        json.dumps({"raw": json.dumps({"password": word})}),
        f"retry with passwd: {word}9",
    )
    return log.chance.choice(said)


def _hash(log: Log) -> str:
    salt, digest = log.letters(22), log.letters(43)
    said = (
        "$2b$12$" + log.letters(53, LETTERS + "./"),
        f"$argon2id$v=19$m=65536,t=3,p=4${salt}${digest}",
        f"pbkdf2_sha256$600000${salt}${digest}=",
        f"scrypt:32768:8:1${salt[:16]}${log.letters(128, '0123456789abcdef')}",
        f"$6$rounds=5000${salt[:16]}${log.letters(86)}",
    )
    return f'"encrypted_password":"{log.chance.choice(said)}"'


def _jwt(log: Log) -> str:
    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    token = (
        f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': log.id(), 'role': 'authenticated'})}.{log.letters(43)}"
    )
    return log.chance.choice(
        (f"authorization: Bearer {token}", f"session {token} refreshed", f'{{"access_token":"{token}"}}')
    )


def _key(log: Log) -> str:
    keys = (
        f"sk_live_51{log.letters(40)}",
        f"rk_live_51{log.letters(40)}",
        f"whsec_{log.letters(32)}",
        f"sb_secret_{log.letters(22)}_{log.letters(8)}",
        f"re_{log.letters(8)}_{log.letters(24)}",
        f"SG.{log.letters(22)}.{log.letters(43)}",
        f"sbp_{log.letters(40, '0123456789abcdef')}",
        f"AKIA{log.letters(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}",
    )
    return f"using {log.chance.choice(keys)} for the call"


def _private_key(log: Log) -> str:
    body = "\\n".join(log.letters(64) for _ in range(4))
    return f'{{"pem":"-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----"}}'


def _token(log: Log) -> str:
    word = log.letters(30)
    said = (
        f"GET /accept?token={word} 200",
        f"refresh_token: {word}7",
        f'{{"client_secret": "{word}"}}',
        f"x-api-key: {word}3",
    )
    return log.chance.choice(said)


def _health(log: Log) -> str:
    name = log.chance.choice(HEALTH)
    said = (
        json.dumps({"case": {name: "Pain at 36, crown planned", "status": "open"}}),
        json.dumps({"event": json.dumps({name: "allergic to latex"})}),
        f"save failed {name}=Bruxism status=open",
    )
    return log.chance.choice(said)


def _email(log: Log) -> str:
    name = f"{log.letters(6).lower()}.{log.letters(5).lower()}"
    return log.chance.choice(
        (f"mail to {name}@smile-{log.digits(3)}.example", f"/people?filter={name}%40x{log.digits(2)}.example")
    )


def _phone(log: Log) -> str:
    area, rest = f"{log.chance.randrange(2, 10)}{log.digits(2)}", log.digits(4)
    middle = f"{log.chance.randrange(2, 10)}{log.digits(2)}"
    forms = (
        f"({area}) {middle}-{rest}",
        f"{area}-{middle}-{rest}",
        f"+1 {area} {middle} {rest}",
        f"+1{area}{middle}{rest}",
        f"{area}.{middle}.{rest}",
    )
    return f"call back {log.chance.choice(forms)} today"


def _ip(log: Log) -> str:
    four = ".".join(str(log.chance.randrange(1, 255)) for _ in range(4))
    if four.startswith("127."):
        four = "203.0.113.9"
    six = f"2001:db8:{log.chance.randrange(4096):x}::{log.chance.randrange(1, 65536):x}"
    return log.chance.choice((f"from {four} port 443", f'{{"ip":"{six}"}}', f"client={four}"))


PLANTED: dict[str, Callable[[Log], str]] = {
    **{"card": _card, "ssn": _ssn, "password": _password, "password_hash": _hash, "jwt": _jwt, "key": _key},
    **{"private_key": _private_key, "token": _token, "health": _health, "email": _email, "phone": _phone, "ip": _ip},
}


def _decoy(log: Log) -> str:
    """What only looks like one, as it stands in logs of every kind."""
    chance = log.chance
    wrong = log.card()
    wrong = wrong[:-1] + str((int(wrong[-1]) + chance.randrange(1, 9)) % 10)
    area = chance.choice(("000", "666", str(chance.randrange(900, 1000))))
    decoys = (
        f"order {wrong} not a card",
        f'{{"id":"{log.id()}","sha256":"{log.letters(64, "0123456789abcdef")}"}}',
        f"tax {area}-{chance.randrange(1, 100):02d}-{chance.randrange(1, 10_000):04d} and 123-00-4567 and 123-45-0000",
        f"tracking 1Z{log.letters(16, 'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789')} and 9400{log.digits(18)}",
        f"GET /orders/{log.card()}/label 404",
        f"duration_ms={log.digits(3)} at={_millis(log)} ns={_millis(log)}{log.digits(6)}",
        f"node v20.11.{chance.randrange(30)} react@18.{chance.randrange(9)}.0 version 10.{chance.randrange(200)}.4.1",
        "password reset requested; password: must be at least 12 characters; password=[FILTERED]",
        '{"password":null,"token":"***","patient_name":null,"clinical_notes":""}',
        f'etag W/"{log.letters(12)}" trace_id={log.letters(32, "0123456789abcdef")} next_page_token={log.letters(20)}',
        f"image logo@2x.png git@github.com:org/repo.git mac 0a:1b:2c:3d:4e:{log.letters(2, 'abcdef')} at 12:34:56",
        f"payment::numeric std::vector pi_3{log.letters(20)} cus_{log.letters(14)} from ::1 and 127.0.0.1",
        "select patient_name, dob from cases where diagnosis = $1 and token_type is not null",
        f"0.{log.digits(16)} {log.digits(4)}-{log.digits(2)}-{log.digits(5)} sku {log.digits(12)}",
    )
    return chance.choice(decoys)


def _millis(log: Log) -> int:
    """A moment in milliseconds since 1970."""
    return log.chance.randrange(1_700_000_000_000, 1_790_000_000_000)


def _line(log: Log, said: str) -> str:
    """A line as one of three servers writes it."""
    chance = log.chance
    day, hour, minute = chance.randrange(1, 30), chance.randrange(24), chance.randrange(60)
    at = f"2026-11-{day:02d}T{hour:02d}:{minute:02d}:{log.letters(1, '012345')}{log.digits(1)}.{log.digits(3)}Z"
    kind = chance.random()
    if kind < 0.4:
        entry = {
            "timestamp": chance.randrange(1_700_000_000_000, 1_790_000_000_000),
            "level": "info",
            "requestId": log.id(),
        }
        more = {"path": chance.choice(PATHS), "statusCode": 200, "userAgent": AGENT}
        return json.dumps(entry)[:-1] + f', "message": "m" , "x": 1}} {said} ' + json.dumps(more)
    if kind < 0.7:
        return (
            f"{at} INFO portal[{log.digits(4)}]: {said} req={log.id()} path={chance.choice(PATHS)} ms={log.digits(3)}"
        )
    return f'- - [{at}] "GET {chance.choice(PATHS)}/{log.id()} HTTP/2" 200 {log.digits(4)} "-" "{AGENT}" {said}'


def planted(seed: int, *, size: int = 52_000_000, each: int = 118, decoys: float = 0.3) -> Log:
    """A log of about so many bytes, with so many of each kind, at places that the seed says."""
    log = Log(random.Random(seed))
    plain = [_line(log, "ok") for _ in range(400)]
    count = max(each * len(PLANTED) * 2, size // (sum(map(len, plain)) // len(plain) + 20))
    kinds = [kind for kind in PLANTED for _ in range(each)]
    places = dict(zip(log.chance.sample(range(count), len(kinds)), kinds, strict=True))
    for number in range(count):
        kind = places.get(number)
        if kind:
            log.lines.append(_line(log, PLANTED[kind](log)))
            log.truth.append((kind, number + 1))
        else:
            log.lines.append(_line(log, _decoy(log)) if log.chance.random() < decoys else log.chance.choice(plain))
    return log


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(planted(1).text())
