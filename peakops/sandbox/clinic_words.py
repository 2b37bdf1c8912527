"""The words, ids and times that the clinic is made of: invented names only, and the same at every run."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

Row = dict[str, Any]
Tables = dict[str, list[Row]]

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
SEED = 20261120

PRACTICES = (
    ("Smile Care", "smilecare", "America/New_York"),
    ("Harbor Dental", "harbordental", "America/New_York"),
    ("Cedar Hollow Dentistry", "cedarhollow", "America/Chicago"),
    ("Bright Mesa Dental", "brightmesa", "America/Denver"),
    ("Larkspur Family Dental", "larkspur", "America/Los_Angeles"),
    ("Quarry Street Dental", "quarrystreet", "America/New_York"),
    ("Tidewater Orthodontics", "tidewater", "America/New_York"),
    ("Juniper & Vale", "junipervale", "America/Chicago"),
    ("O'Dwyer Dental Arts", "odwyer", "America/New_York"),
    ("Pinecrest Smiles", "pinecrest", "America/Los_Angeles"),
    ("Old Mill Periodontics", "oldmill", "America/Chicago"),
    ("Zähne am Park", "zaehneampark", "America/Denver"),
)
_FIRST = """
    Mara Theo Inge Jonas Petra Silas Noor Edda Kofi Lena Bram Yuki Rosa Anselm Dita Omar Greta Milo Tamsin Ravi Oona
    Felix Aiko Hanne Luca Sanna Piers Wren Emeka Tilda
"""
_LAST = """
    Ellison Brandt Okonjo Varga Lindqvist Moreau Tanaka Castell Whitlow Ferreira Novak Ashdown Pellegrin Osei Hartwell
    Kimura Dahl Rourke Santangelo Vance Merriday Quill Abara Thorsen Lacey Ivers Montrose Beck Sorrel Yarrow
"""
_STREETS = "Alder Birch Clover Dogwood Elm Foxglove Granite Hawthorn Ivy Juniper Kestrel Linden"
FIRST, LAST, STREETS = _FIRST.split(), _LAST.split(), _STREETS.split()
CITIES = (
    ("Albany", "NY", "12207"),
    ("Dayton", "OH", "45402"),
    ("Boise", "ID", "83702"),
    ("Tampa", "FL", "33602"),
    ("Salem", "OR", "97301"),
    ("Peoria", "IL", "61602"),
)
CASE_TYPES = ("crown", "bridge", "denture", "veneer", "implant", "aligner", "night_guard")
BROWSERS = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_1) AppleWebKit/605.1.15 Version/19.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
)
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STEMS = {"pi": "pi_3Q", "ch": "ch_3Q", "re": "re_3Q", "dp": "dp_1Q", "evt": "evt_3Q", "we": "we_1Q", "cus": "cus_"}


def dice(part: str) -> Random:
    """The chance of one part of the clinic; parts do not disturb each other."""
    return Random(f"{SEED}:{part}")  # noqa: S311 - invented data, not secrets


def uid(kind: str, key: object) -> str:
    """The UUID of a row, the same at every run."""
    return str(uuid5(NAMESPACE_DNS, f"{kind}.{key}.peakdental.example"))


def stripe_id(prefix: str, key: object) -> str:
    """A Stripe id of the shape that Stripe gives, the same at every run."""
    number = int.from_bytes(sha256(f"{prefix}:{key}".encode()).digest()[:15])
    letters = []
    for _ in range(14 if prefix == "cus" else 20):
        number, rest = divmod(number, 62)
        letters.append(LETTERS[rest])
    return STEMS[prefix] + "".join(letters)


def canary(*kind: object) -> str:
    """A secret of that kind, the same at every run: whatever shows it, shows the word, which a test looks for."""
    return "_".join(("canary", *map(str, kind)))


def ago(hours: float) -> str:
    """The time that many hours before the clinic's present, as the portal writes it; negative hours lie ahead."""
    return f"{(NOW - timedelta(seconds=round(hours * 3600))).isoformat()[:19]}Z"


def unix_ago(hours: float) -> int:
    """The same time as Stripe writes it."""
    return int(NOW.timestamp()) - round(hours * 3600)


def day_ago(hours: float) -> str:
    """The date of that time."""
    return ago(hours)[:10]
