"""What single settings must look like; each raises ValueError with the rest of the sentence, without the value."""

import base64
import binascii
import re
from email.utils import parseaddr
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from peakops.endpoints import is_safe, is_web

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
SHIPPER = ("name", "lines", "city", "state", "postal_code", "country", "phone")
"""What a label says of who ships."""
ENOUGH = 32
"""Characters of a key that nobody guesses: 128 bits even where it is written in hexadecimal."""
ED25519_PEM = re.compile(
    r"-----BEGIN PRIVATE KEY-----\s+MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/=\s]+-----END PRIVATE KEY-----\s*"
)
"""PKCS #8 begins alike for every Ed25519 key: its length, its version and its algorithm (RFC 8410, section 7)."""


def postgres(value: SecretStr | None) -> SecretStr | None:
    """An address of PostgreSQL."""
    if value and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("it must begin with postgresql://")
    return value


def stripe_key(value: SecretStr | None) -> SecretStr | None:
    """A key that Stripe's API takes from a server."""
    key = value.get_secret_value() if value else "sk_test_"
    if not key.startswith(("sk_live_", "sk_test_", "rk_live_", "rk_test_")):
        kind = "a publishable key cannot read payments" if key.startswith("pk_") else "it is not a Stripe key"
        raise ValueError(f"{kind}; a key begins with rk_live_, rk_test_, sk_live_ or sk_test_")
    if not re.fullmatch(r"[A-Za-z0-9_]+", key):
        raise ValueError("it holds a character that no Stripe key has")
    return value


def safe(value: str | dict[str, str] | None) -> str | dict[str, str] | None:
    """Keys, links that log in and vendors' words travel so that nobody reads or changes them."""
    urls = value.values() if isinstance(value, dict) else [value] if value else ()
    if not all(map(is_safe, urls)):
        raise ValueError("it must begin with https://, or with http:// for this machine alone")
    return value


def project(value: str | None) -> str | None:
    """A Supabase project, not one of its APIs."""
    if value and re.search(r"/(auth|rest)/v1", value):
        raise ValueError("it is the project's address alone, https://<ref>.supabase.co")
    return value


def org(value: str | None) -> str | None:
    """A Salesforce org by its My Domain: login.salesforce.com and test.salesforce.com are no org's own."""
    if value and (urlsplit(value).hostname or "").startswith(("login.", "test.")):
        raise ValueError("it is the org's My Domain, https://<domain>.my.salesforce.com")
    return value


def pem(value: SecretStr | None) -> SecretStr | None:
    """A key in PEM, whose line ends are often written as \\n where a variable has one line."""
    return SecretStr(value.get_secret_value().replace("\\n", "\n")) if value else value


def ups(value: str) -> str:
    """UPS's host, not one of its APIs: their paths are put behind it."""
    if urlsplit(value).path.rstrip("/").endswith("/api"):
        raise ValueError("it is UPS's address without /api, https://onlinetools.ups.com")
    return value


def with_token(value: str | None) -> str | None:
    """An address with a place for an invitation's token."""
    if value and "{token}" not in value:
        raise ValueError("it must be an address with {token} in it")
    return value


def sender(value: str | None) -> str | None:
    """One address that a mail may be from, with or without a name."""
    if value and (not EMAIL.fullmatch(parseaddr(value)[1]) or re.search(r"[\r\n]", value)):
        raise ValueError("it must be an address, or Name <address>")
    return value


def shipper(value: dict[str, Any]) -> dict[str, Any]:
    """All that a label says of who ships, or nothing."""
    if not value:
        return value
    lines = value.get("lines")
    texts = [value.get(name) for name in SHIPPER if name != "lines"] + (lines if isinstance(lines, list) else [])
    whole = set(value) == set(SHIPPER) and isinstance(lines, list) and 1 <= len(lines) <= 3
    if not whole or not all(isinstance(each, str) and each.strip() for each in texts):
        raise ValueError(f"it must have {', '.join(SHIPPER)}, each a text, and lines a list of one to three")
    if not re.fullmatch(r"[A-Z]{2}", value["country"]):
        raise ValueError("its country must be two capital letters, like US")
    return value


def networks(value: tuple[str, ...]) -> tuple[str, ...]:
    """Networks as CIDR, without bits that stand for one host."""
    for each in value:
        try:
            ip_network(each)
        except ValueError:
            raise ValueError("each must be a network like 203.0.113.0/24, without bits of a host") from None
    return value


def ed25519(value: SecretStr | None) -> SecretStr | None:
    """A private key in PEM, as `openssl genpkey -algorithm ed25519` writes it."""
    key = pem(value)
    if key and not ED25519_PEM.fullmatch(key.get_secret_value().strip()):
        raise ValueError("it must be a PEM private key as 'openssl genpkey -algorithm ed25519' makes it")
    return key


def ed25519_public(value: str | None) -> str | None:
    """A public key: PEM as `openssl pkey -pubout` writes it, or its 32 bytes in base64."""
    body = re.sub(r"-----[A-Z ]+-----|\s|\\n", "", value or "")
    try:
        size = len(base64.b64decode(body, validate=True))
    except binascii.Error:
        size = -1
    if value and size not in (32, 44):
        raise ValueError("it must be a PEM public key of Ed25519, or its 32 bytes in base64")
    return value


def long_enough(value: SecretStr | None) -> SecretStr | None:
    """A key that makes pseudonyms, and that nobody guesses."""
    if value and len(value.get_secret_value()) < ENOUGH:
        raise ValueError(f"it must have {ENOUGH} characters or more, as 'openssl rand -hex 32' makes them")
    return value


def heartbeat(value: SecretStr | None) -> SecretStr | None:
    """An address that is told by POST, and is a secret: whoever knows it can say that all is well."""
    url = value.get_secret_value() if value else "https://none"
    if not (is_web(url) and is_safe(url)):
        raise ValueError("it must begin with https://, or with http:// for this machine alone, and name no user")
    if "#" in url:
        raise ValueError("it must not have a part behind #, which is never sent")
    return value
